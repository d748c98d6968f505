import { Refused, Unavailable } from "../core/failure.js";
import type { LeadTime, MeasuredItem, PullRequestHead, TicketHead } from "../core/measurement.js";
import { sourceControlPart } from "../core/profile.js";
import type { Owner, Ref } from "../core/ref.js";
import type { CommentRecord, Discussion, Queries, Repository } from "../ports.js";
import { type CommentTable, MARKER, renderComment } from "../render/comment.js";
import { unreadableReason } from "./assemble.js";
import type { Gathering, RepositoryState } from "./gather.js";
import { usualTimes } from "./usual.js";

interface Subject {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly pullRequest: Ref;
  readonly publicUrl: string | null;
}

/** The text of the comment as it should stand; null when there should be none (`INTERFACES` §4). */
export async function composeComment({ queries, gathering, pullRequest, publicUrl }: Subject): Promise<string | null> {
  const item = await queries.item(gathering.owner, pullRequest);
  const [head] = item?.pullRequests ?? [];
  const state = head && (await gathering.repository(head.repository));
  if (!item || !head || !state || !(await deserves(gathering, item, state))) return null;
  const { comment, publicTickets } = state.configuration;
  const hidden =
    head.visibility === "public" && !publicTickets.some((name) => name.toLowerCase() === head.repositoryName.toLowerCase());
  const shown = hidden ? [{ item, ticket: null }] : await shownItems(queries, gathering.owner, item);
  const profile = hidden ? sourceControlPart(gathering.ownProfile(state.configuration).profile).name : null;
  const setting = { queries, gathering, head, state };
  const tables = await Promise.all(shown.map((one) => tableOf(setting, { ...one, profile })));
  const told = tables.flatMap(({ leadTime }) => leadTime.notes);
  return renderComment({
    pullRequest: head,
    tables,
    audience: { public: hidden, tickets: comment.tickets, ratings: comment.ratings },
    publicUrl,
    notes: hidden ? [] : (await missing(gathering, item)).filter((reason) => !told.some((note) => note.includes(reason))),
  });
}

/** Merged where the profile's merge stage counts it; no bot's own work; and whatever the configuration asks. */
async function deserves(gathering: Gathering, item: MeasuredItem, { configuration }: RepositoryState): Promise<boolean> {
  const pullRequest = await gathering.pullRequest(item.ref);
  const { enabled, requireTicket } = configuration.comment;
  const withTicket = item.tickets.length > 0;
  if (!enabled || !pullRequest || (requireTicket && !withTicket)) return false;
  if (pullRequest.bot && !withTicket && !pullRequest.described.assigned) return false;
  const stages = item.leadTimes.map(mergeStages).find((all) => all.length > 0) ?? [];
  return stages.some((stage) => "enteredAt" in stage);
}

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

interface Setting {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly head: PullRequestHead;
  readonly state: RepositoryState;
}

async function tableOf(
  { queries, gathering, head, state }: Setting,
  { item, ticket, profile }: ShownItem & { readonly profile: string | null },
): Promise<CommentTable> {
  const name = profile ?? gathering.ownProfile(state.configuration).profile.name;
  const leadTime = item.leadTimes.find((one) => one.profile === name) ?? item.leadTimes[0];
  if (!leadTime || head.mergedAt === null) throw new TypeError(`${item.name} is merged and measured, or has no comment`);
  const usual = await usualTimes(queries, {
    owner: gathering.owner,
    repository: head.repository,
    item,
    profile: leadTime.profile,
    mergedAt: head.mergedAt,
    baseline: state.configuration.comment.baseline,
  });
  return { item, leadTime, ticket, usual, others: (ref) => nameOf(ref, head, item) };
}

const OPENNESS = { public: 2, internal: 1, private: 0 } as const;

/** Another pull request as it may be named here: of the same account, and no less visible. Null for this one. */
function nameOf(ref: Ref, here: PullRequestHead, item: MeasuredItem): string | null {
  if (ref === here.ref) return null;
  const other = item.pullRequests.find((one) => one.ref === ref);
  if (!other || OPENNESS[other.visibility] < OPENNESS[here.visibility]) return "another repository";
  return other.repository === here.repository ? `#${other.number}` : `${other.repositoryName}#${other.number}`;
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
 * between creating it and noting it. Text that would not change is not sent. Deleted by a person: it stays so.
 */
export async function upsertComment({
  discussion,
  repository,
  number,
  record,
  body,
  mayCreate,
}: Upsert): Promise<CommentRecord> {
  if (record.body === body) return record;
  try {
    const known = record.comment ?? (await discussion.find(repository, number, MARKER));
    if (known !== undefined) await discussion.update(repository, known, body);
    else if (!mayCreate()) throw new Unavailable("looking for our comment took so long that another process may create it");
    return { state: "kept", body, comment: known ?? (await discussion.create(repository, number, body)) };
  } catch (error) {
    if (!(error instanceof Refused) || error.reason === "unauthorized") throw error;
    if (error.reason === "missing" && record.comment !== null) return { ...record, state: "deleted" };
    // Refused although it is open: a permission is missing, or the repository is archived. That may change.
    if (error.reason === "forbidden" && (await discussion.isOpen(repository, number))) throw error;
    return { ...record, state: "ended" };
  }
}
