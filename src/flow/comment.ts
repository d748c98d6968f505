import { Refused, Unavailable } from "../core/failure.js";
import type { LeadTime } from "../core/measurement.js";
import { type Owner, pullRequestOf, type Ref } from "../core/ref.js";
import type { Clock, CommentRecord, Discussion, Queries, Repository, Store } from "../ports.js";
import { MARKER, renderComment } from "../render/comment.js";
import type { Gathering } from "./gather.js";
import { mayCreateFrom } from "./may-create.js";
import type { Pace } from "./pace.js";
import { repositoryNow } from "./repository-now.js";
import { type Setting, type Subject, settingOf, showing, shownLeadTime } from "./shown.js";

/**
 * The text of the comment as it should stand; null when there should be none (docs/comment.md). Who may read it is decided by
 * what holds now. Throws `Unavailable` while what was measured is older than that.
 */
export async function composeComment(subject: Subject): Promise<string | null> {
  const setting = await settingOf(subject);
  if (!setting) return null;
  const { queries, gathering, hidden, head } = setting;
  // Where everybody reads, one that stands may have been written when nobody else did: it is kept safe whatever else is so.
  if (!(await deserves(setting)) && !(hidden && (await stands(queries, gathering.owner, head.ref)))) return null;
  if (head.mergedAt === null) throw new TypeError(`${head.ref} is merged, or has no comment`);
  return renderComment(await showing(setting, subject.publicUrl, head.mergedAt));
}

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

interface CommentParts {
  readonly store: Store;
  readonly discussion: Discussion;
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly pace: Pace;
}

/** Makes the comment say what it should, if there should be one. */
export async function keepComment(gathering: Gathering, pullRequest: Ref, parts: CommentParts): Promise<void> {
  const { owner } = gathering;
  const { store, discussion, publicUrl, clock, pace } = parts;
  const mayCreate = mayCreateFrom(clock);
  const record = await store.comment(owner, pullRequest);
  if (record?.state !== "kept") return;
  const body = await composeComment({ queries: store, gathering, pullRequest, publicUrl });
  if (body === null || body === record.body) return;
  const { repository: ref, number } = pullRequestOf(pullRequest);
  const repository = await repositoryNow(store, owner, ref);
  pace.wrote(record.comment === null ? "say" : "edit", owner, clock.now());
  const kept = await upsertComment({ discussion, repository, number, record, body, mayCreate });
  await store.transaction((tx) => tx.saveComment(owner, pullRequest, kept));
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
