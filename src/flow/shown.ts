import { Unavailable } from "../core/failure.js";
import type { LeadTime, MeasuredItem, PullRequestHead, TicketHead } from "../core/measurement.js";
import { sourceControlPart } from "../core/profile.js";
import { commitOf, type Owner, pullRequestOf, type Ref, refKind } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { Queries } from "../ports.js";
import { ANOTHER_REPOSITORY, type CommentInput, type CommentTable } from "../render/comment.js";
import { unreadableReason } from "./assemble.js";
import { isForEverybody } from "./for-everybody.js";
import type { Gathering, RepositoryState } from "./gather.js";
import { usualTimes } from "./usual.js";
import { isSeenFrom } from "./visibility.js";

export interface Subject {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly pullRequest: Ref;
  readonly publicUrl: string | null;
}

/**
 * What is to be told of a pull request, and to whom. `now`: what is usual is looked at up to then, where it is not merged.
 * Throws `Unavailable` while what was measured is older than what holds.
 */
export async function showing(setting: Setting, publicUrl: string | null, now: Instant): Promise<CommentInput> {
  const { queries, gathering, item, head, state, hidden } = setting;
  const { comment } = state.configuration;
  const shown = hidden ? [{ item, ticket: null }] : await shownItems(queries, gathering.owner, item);
  const tables = await Promise.all(shown.map((one) => tableOf(setting, one, head.mergedAt ?? now)));
  const told = tables.flatMap(({ leadTime, open }) => (open ? leadTime.notes : []));
  return {
    pullRequest: head,
    tables,
    audience: { public: hidden, tickets: comment.tickets, ratings: comment.ratings },
    publicUrl,
    notes: hidden ? [] : (await missing(gathering, item)).filter((reason) => !told.some((note) => note.includes(reason))),
  };
}

/** A pull request as it is, where it is, and who reads there. */
export interface Setting {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly item: MeasuredItem;
  /** The pull request, with its repository as it is now. */
  readonly head: PullRequestHead;
  readonly state: RepositoryState;
  /** Whether everybody reads it, and may not be told of tickets. */
  readonly hidden: boolean;
  /** The profile that is shown. */
  readonly profile: string;
  /** The name of the one that somebody chose for this pull request. */
  readonly chosen: string | null;
}

/** Whether nothing may be told of tickets here. */
export const isSecretive = ({ hidden, state }: Setting): boolean => hidden || state.configuration.comment.tickets === "hidden";

/** Null while there is nothing to tell of. Throws `Unavailable` while what was measured is older than what holds now. */
export async function settingOf({ queries, gathering, pullRequest }: Omit<Subject, "publicUrl">): Promise<Setting | null> {
  const item = await queries.item(gathering.owner, pullRequest);
  const [measured] = item?.pullRequests ?? [];
  const state = measured && (await gathering.repository(measured.repository));
  if (!item || !measured || !state) return null;
  const { described, configuration } = state;
  const head = { ...measured, visibility: described.visibility, repositoryName: described.name };
  const hidden = isForEverybody(state);
  if (!hidden && !gathering.jira && item.tickets.length > 0) throw outdated(item);
  const chosen = (await gathering.pullRequest(pullRequest))?.profile ?? null;
  const own = gathering.ownProfile(configuration, chosen).profile;
  return { queries, gathering, item, head, state, hidden, chosen, profile: (hidden ? sourceControlPart(own) : own).name };
}

const outdated = ({ ref }: MeasuredItem) => new Unavailable(`${ref} has yet to be measured by what holds now`);

interface ShownItem {
  readonly item: MeasuredItem;
  readonly ticket: TicketHead | null;
}

/** The items of its tickets; without any, its own. */
async function shownItems(queries: Queries, owner: Owner, item: MeasuredItem): Promise<ShownItem[]> {
  const tickets = await Promise.all(
    item.tickets.map(async (ticket) => ({ ticket, item: await queries.item(owner, ticket.ref) })),
  );
  const known = tickets.flatMap(({ ticket, item: of }): ShownItem[] => (of ? [{ ticket, item: of }] : []));
  return known.length > 0 ? known : [{ item, ticket: null }];
}

async function tableOf(
  { queries, gathering, head, state, hidden, profile }: Setting,
  { item, ticket }: ShownItem,
  until: Instant,
): Promise<CommentTable> {
  const leadTime = shownLeadTime(item, profile, hidden);
  const usual = await usualTimes(queries, {
    owner: gathering.owner,
    repository: head.repository,
    item,
    profile: leadTime.profile,
    until,
    baseline: state.configuration.comment.baseline,
  });
  return { item, leadTime, ticket, usual, ...(await namesFor(head, item, gathering)) };
}

/** A pull request falls back to another profile of its own; a ticket's others may be those of repositories unseen here. */
export function shownLeadTime(item: MeasuredItem, profile: string, hidden: boolean): LeadTime {
  const fallback = hidden || item.kind === "ticket" ? undefined : item.leadTimes[0];
  const leadTime = item.leadTimes.find((one) => one.profile === profile) ?? fallback;
  if (!leadTime) throw outdated(item);
  return leadTime;
}

/** What may be told here of the pull requests and commits that an item is made of, by how visible their repositories are now. */
async function namesFor(
  here: PullRequestHead,
  item: MeasuredItem,
  gathering: Gathering,
): Promise<Pick<CommentTable, "open" | "others">> {
  const parts = new Set([...item.pullRequests.map(({ ref }) => ref), ...item.links.map(({ from }) => from)]);
  const named = await Promise.all([...parts].map(async (ref) => [ref, await nameOf(ref, here, gathering)] as const));
  const names = new Map(named);
  return {
    open: named.every(([, name]) => name !== ANOTHER_REPOSITORY),
    others: (ref) => (ref === here.ref ? null : (names.get(ref) ?? ANOTHER_REPOSITORY)),
  };
}

/** As it may be named here: of the same account, and no less visible. */
async function nameOf(part: Ref, here: PullRequestHead, gathering: Gathering): Promise<string> {
  const { repository } = refKind(part) === "commit" ? commitOf(part) : pullRequestOf(part);
  const described = (await gathering.repository(repository))?.described;
  if (!described || !isSeenFrom(here, described)) return ANOTHER_REPOSITORY;
  const { number } = pullRequestOf(part);
  return repository === here.repository ? `#${number}` : `${described.name}#${number}`;
}

/** What could not be read of the tickets that it names. */
async function missing(gathering: Gathering, item: MeasuredItem): Promise<string[]> {
  if (gathering.policy.jira.configured && !gathering.jira) return [];
  const held = item.links.filter(({ refusal }) => refusal === null);
  const named = await Promise.all(held.map(({ key }) => gathering.ticket(key)));
  const unread = named.filter(({ ticket, unreadable }) => unreadable !== null || ticket === null);
  return [...new Set(unread.map((one) => unreadableReason(gathering, one)))];
}
