import { Refused, Unavailable } from "../core/failure.js";
import type { LeadTime, MeasuredItem, PullRequestHead, TicketHead } from "../core/measurement.js";
import { sourceControlPart } from "../core/profile.js";
import { commitOf, type Owner, pullRequestOf, type Ref, refKind } from "../core/ref.js";
import type { CommentRecord, Discussion, Queries, Repository } from "../ports.js";
import { ANOTHER_REPOSITORY, type CommentTable, MARKER, renderComment } from "../render/comment.js";
import { unreadableReason } from "./assemble.js";
import { isForEverybody } from "./for-everybody.js";
import type { Gathering, RepositoryState } from "./gather.js";
import { usualTimes } from "./usual.js";
import { isSeenFrom } from "./visibility.js";

interface Subject {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly pullRequest: Ref;
  readonly publicUrl: string | null;
}

/**
 * The text of the comment as it should stand; null when there should be none (docs/comment.md). Who may read it is decided by
 * what holds now. Throws `Unavailable` while what was measured is older than that.
 */
export async function composeComment({ queries, gathering, pullRequest, publicUrl }: Subject): Promise<string | null> {
  const setting = await settingOf(queries, gathering, pullRequest);
  if (!setting) return null;
  const { item, head, state, hidden } = setting;
  // Where everybody reads, one that stands may have been written when nobody else did: it is kept safe whatever else is so.
  if (!(await deserves(setting)) && !(hidden && (await stands(queries, gathering.owner, pullRequest)))) return null;
  const { comment } = state.configuration;
  const shown = hidden ? [{ item, ticket: null }] : await shownItems(queries, gathering.owner, item);
  const tables = await Promise.all(shown.map((one) => tableOf(setting, one)));
  const told = tables.flatMap(({ leadTime, open }) => (open ? leadTime.notes : []));
  return renderComment({
    pullRequest: head,
    tables,
    audience: { public: hidden, tickets: comment.tickets, ratings: comment.ratings },
    publicUrl,
    notes: hidden ? [] : (await missing(gathering, item)).filter((reason) => !told.some((note) => note.includes(reason))),
  });
}

interface Setting {
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
}

async function settingOf(queries: Queries, gathering: Gathering, pullRequest: Ref): Promise<Setting | null> {
  const item = await queries.item(gathering.owner, pullRequest);
  const [measured] = item?.pullRequests ?? [];
  const state = measured && (await gathering.repository(measured.repository));
  if (!item || !measured || !state) return null;
  const { described, configuration } = state;
  const head = { ...measured, visibility: described.visibility, repositoryName: described.name };
  const hidden = isForEverybody(state);
  if (!hidden && !gathering.jira && item.tickets.length > 0) throw outdated(item);
  const own = gathering.ownProfile(configuration).profile;
  return { queries, gathering, item, head, state, hidden, profile: (hidden ? sourceControlPart(own) : own).name };
}

const outdated = ({ ref }: MeasuredItem) => new Unavailable(`${ref} has yet to be measured by what holds now`);

const stands = async (queries: Queries, owner: Owner, pullRequest: Ref): Promise<boolean> =>
  ((await queries.comment(owner, pullRequest))?.body ?? null) !== null;

/** Merged where the profile's merge stage counts it; no bot's own work; and whatever the configuration asks. */
async function deserves({ gathering, item, state, hidden, profile }: Setting): Promise<boolean> {
  const pullRequest = await gathering.pullRequest(item.ref);
  const { enabled, requireTicket } = state.configuration.comment;
  // That there is a comment must not tell everybody which tickets Jira has: there it goes by what the pull request names.
  const withTicket = hidden ? item.links.some(({ refusal }) => refusal === null) : item.tickets.length > 0;
  if (!enabled || !pullRequest || (requireTicket && !withTicket)) return false;
  if (pullRequest.bot && !withTicket && !pullRequest.described.assigned) return false;
  const judged = hidden ? [shownLeadTime(item, profile, hidden), ...item.leadTimes.filter(isBuiltIn)] : item.leadTimes;
  const stages = judged.map(mergeStages).find((all) => all.length > 0) ?? [];
  return stages.some((stage) => "enteredAt" in stage);
}

const isBuiltIn = ({ profile }: LeadTime): boolean => profile === "pull-request";

const mergeStages = ({ stages }: LeadTime) => stages.filter(({ on }) => on === "pull-request.merged");

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
): Promise<CommentTable> {
  if (head.mergedAt === null) throw new TypeError(`${item.ref} is merged, or has no comment`);
  const leadTime = shownLeadTime(item, profile, hidden);
  const usual = await usualTimes(queries, {
    owner: gathering.owner,
    repository: head.repository,
    item,
    profile: leadTime.profile,
    mergedAt: head.mergedAt,
    baseline: state.configuration.comment.baseline,
  });
  return { item, leadTime, ticket, usual, ...(await namesFor(head, item, gathering)) };
}

/** A pull request falls back to another profile of its own; a ticket's others may be those of repositories unseen here. */
function shownLeadTime(item: MeasuredItem, profile: string, hidden: boolean): LeadTime {
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

export interface Upsert {
  readonly discussion: Discussion;
  readonly repository: Repository;
  readonly number: number;
  readonly record: CommentRecord;
  readonly body: string;
  /** Whether it still is ours alone to create one. */
  readonly mayCreate: () => boolean;
}

/**
 * Makes the one comment say this. Found by its stored id, else by marker and author, since we may have been stopped
 * between creating it and noting it. Deleted by a person: it stays so.
 */
export async function upsertComment(wanted: Upsert): Promise<CommentRecord> {
  const { discussion, repository, number, record, body, mayCreate } = wanted;
  try {
    const known = record.comment ?? (await discussion.find(repository, number, MARKER));
    if (known !== undefined) await discussion.update(repository, known, body);
    else if (!mayCreate()) throw new Unavailable("looking for our comment took so long that another process may create it");
    return { state: "kept", body, comment: known ?? (await discussion.create(repository, number, body)) };
  } catch (error) {
    if (error instanceof Refused && error.reason !== "unauthorized") return refused(error, wanted);
    throw error;
  }
}

/** What a refusal means for the comment. Throws it when it may pass. */
async function refused(error: Refused, { discussion, repository, number, record }: Upsert): Promise<CommentRecord> {
  const standing = await discussion.standing(repository, number);
  const there = standing === "open" || standing === "locked";
  if (there && error.reason === "missing" && record.comment !== null) return { ...record, state: "deleted" };
  if (standing === "locked" || standing === "gone") return { ...record, state: "ended" };
  // A permission is missing, the repository is archived, or the App was taken off it.
  throw error;
}
