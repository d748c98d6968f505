import { type Relation, relationOf } from "./correlation.js";
import { byTime, type Entry, type EntryOf, shown } from "./entry.js";
import { type Actor, type CommitFacts, type Event, type EventOf, latest, only } from "./event.js";
import { matchesAny, sameName } from "./glob.js";
import { commitRef, type Ref, refId } from "./ref.js";
import { DAY, type Instant, instant } from "./time.js";

/** An author date this long before the opening belongs to a commit that was copied. */
const COPIED = 90 * DAY;

/** A commit that stands for a change on its target branch: what CI, deployments and releases are about. */
export interface MergeCommit {
  readonly repository: Ref;
  readonly sha: string;
  readonly at: Instant;
  /** The pull request that it merged; null: it was pushed straight. */
  readonly pullRequest: Ref | null;
}

/** A pull request as its events tell it. */
export interface PullRequest {
  readonly ref: Ref;
  readonly repository: EventOf<"repository.described">;
  readonly described: EventOf<"pull-request.described">;
  readonly relation: Relation;
  readonly openedAt: Instant;
  /** When it first was ready for review; null: it still is a draft. */
  readonly readyAt: Instant | null;
  readonly merge: MergeCommit | null;
  /** Null while they have not been read. */
  readonly commits: readonly CommitFacts[] | null;
  readonly bot: boolean;
  /** The profile that somebody chose for it last, by name; null: nobody did. */
  readonly profile: string | null;
  readonly entries: readonly Entry[];
}

export interface PullRequestRules {
  /** Globs of accounts that are no people, besides those that say so. */
  readonly bots: readonly string[];
}

/** Reads a pull request from its events and its repository's state. Null when it is not described, or was deleted. */
export function readPullRequest(
  events: readonly Event[],
  repository: EventOf<"repository.described">,
  rules: PullRequestRules,
): PullRequest | null {
  const described = latest(events, "pull-request.described");
  const opened = only(events, "pull-request.opened")[0];
  if (!described || !opened || only(events, "pull-request.deleted").length > 0) return null;
  const commits = listedCommits(events, described.head);
  const readyAt = firstReady(events, opened.at, described.draft);
  const context = { events, described, readyAt, rules, pullRequest: described.ref };
  const merged = only(events, "pull-request.merged")[0];
  return {
    ref: described.ref,
    repository,
    described,
    relation: relationOf({
      branch: described.branch,
      title: described.title,
      base: described.base,
      defaultBranch: repository.defaultBranch,
      commits: commits?.map(({ message }) => message) ?? [],
    }),
    openedAt: opened.at,
    readyAt,
    merge: merged ? { repository: repository.ref, sha: merged.mergeCommit, at: merged.at, pullRequest: described.ref } : null,
    commits,
    bot: isBot(described.author, rules),
    profile: only(events, "pull-request.profiled").sort(byTime).at(-1)?.profile ?? null,
    entries: [
      { type: "pull-request.opened" as const, readyAt, ...shown(opened, described.ref) },
      ...(commits ?? []).filter(({ parents }) => parents < 2).map((commit) => commitEntry(commit, opened, described)),
      ...labelEntries(events, described.ref),
      ...reactions(context),
      ...only(events, "pull-request.merged").map((event) => mergeEntry(event, repository.defaultBranch)),
    ].sort(byTime),
  };
}

export const isBot = (actor: Actor, { bots }: PullRequestRules): boolean =>
  actor.bot || /\[bot\]$/i.test(actor.login) || matchesAny(bots, actor.login);

/** The list read for the present head; else, while that has not been read, the latest there is. */
function listedCommits(events: readonly Event[], head: string): readonly CommitFacts[] | null {
  const lists = only(events, "pull-request.commits");
  return (lists.find((list) => list.head === head) ?? latest(lists, "pull-request.commits"))?.commits ?? null;
}

/** Opened as a draft when it was seen to be, when the first change it made was to become ready, or is to. */
function firstReady(events: readonly Event[], openedAt: Instant, isDraft: boolean): Instant | null {
  const changes = [...only(events, "pull-request.drafted"), ...only(events, "pull-request.ready")].sort(byTime);
  const first = changes[0];
  const openedAsDraft = first === undefined ? isDraft : first.type === "pull-request.ready" || first.at <= openedAt;
  if (!openedAsDraft) return openedAt;
  return changes.find(({ type }) => type === "pull-request.ready")?.at ?? null;
}

type Dates = Pick<CommitFacts, "authoredAt" | "committedAt">;
const isCopied = ({ authoredAt }: Dates, openedAt: Instant): boolean => authoredAt < openedAt - COPIED;

/** When a commit was made for a pull request: by its author date, if that is not another change's. */
export const madeAt = (commit: Dates, openedAt: Instant): Instant =>
  isCopied(commit, openedAt) ? commit.committedAt : commit.authoredAt;

function commitEntry(
  commit: CommitFacts,
  opened: EventOf<"pull-request.opened">,
  { ref, repository }: EventOf<"pull-request.described">,
): EntryOf<"commit.created"> {
  const copied = isCopied(commit, opened.at);
  return {
    type: "commit.created",
    id: commitRef(refId(repository ?? ref), commit.sha),
    at: madeAt(commit, opened.at),
    committedAt: commit.committedAt,
    precision: "exact",
    url: commit.url ?? null,
    actor: commit.author?.login ?? null,
    pullRequest: ref,
    note: copied ? "its author date is more than 90 days before the opening: the committer date counts" : null,
  };
}

const labelEntries = (events: readonly Event[], pullRequest: Ref): EntryOf<"pull-request.labeled">[] =>
  only(events, "pull-request.labeled").map((event) => ({
    ...shown(event, pullRequest),
    type: "pull-request.labeled",
    label: event.label,
  }));

const mergeEntry = (event: EventOf<"pull-request.merged">, defaultBranch: string): EntryOf<"pull-request.merged"> => ({
  type: "pull-request.merged",
  base: event.base,
  onDefaultBranch: event.base === defaultBranch,
  ...shown(event, event.ref),
});

interface ReactionContext {
  readonly events: readonly Event[];
  readonly described: EventOf<"pull-request.described">;
  readonly readyAt: Instant | null;
  readonly rules: PullRequestRules;
  readonly pullRequest: Ref;
}

/** What other people said of it once it was ready: reviews, approvals that stand, comments that are no commands. */
function reactions({ events, described, readyAt, rules, pullRequest }: ReactionContext): Entry[] {
  // Its comments are as old as their drafts: others see them when the review is submitted, which counts itself.
  const submitted = new Set(
    [...only(events, "pull-request.reviewed"), ...only(events, "pull-request.approved")].map(({ review }) => review),
  );
  const dismissed = new Set(only(events, "pull-request.dismissed").map(({ review }) => review));
  const mergedAt = only(events, "pull-request.merged")[0]?.at ?? instant(Number.POSITIVE_INFINITY);
  const counts = ({ at, actor }: Event) =>
    readyAt !== null &&
    at >= readyAt &&
    actor !== undefined &&
    !isBot(actor, rules) &&
    !sameName(actor.login, described.author.login);
  const reviewed = (event: Event, comment: boolean): Entry => ({
    ...shown(event, pullRequest),
    type: "pull-request.reviewed",
    comment,
  });
  const approvals = only(events, "pull-request.approved").filter(counts);
  return [
    ...[...only(events, "pull-request.reviewed").filter(counts), ...approvals].map((event) => reviewed(event, false)),
    ...only(events, "pull-request.commented")
      .filter((event) => counts(event) && !event.command && !(event.review && submitted.has(event.review)))
      .map((event) => reviewed(event, true)),
    ...approvals
      .filter(({ at, review }) => at <= mergedAt && !dismissed.has(review))
      .map((event): Entry => ({ ...shown(event, pullRequest), type: "pull-request.approved" })),
  ];
}
