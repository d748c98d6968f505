import { byTime, type Entry, type EntryOf, shown } from "./entry.js";
import { type Event, type EventOf, only } from "./event.js";
import { sameName } from "./glob.js";
import type { MergeCommit, PullRequest } from "./pull-request.js";
import type { Ref } from "./ref.js";
import type { Ticket } from "./ticket.js";
import type { Instant } from "./time.js";

/** What is timed: a ticket with everything linked to it, or a pull request (with its tickets, for profiles that begin there). */
export interface WorkItem {
  readonly ref: Ref;
  readonly kind: "ticket" | "pull-request";
  readonly tickets: readonly Ticket[];
  /** Those that are changes: reverts and backports enter no stage. */
  readonly pullRequests: readonly PullRequest[];
  readonly mergeCommits: readonly MergeCommit[];
  /** Everything that may enter a stage: unique, ordered by (time, kind, id). */
  readonly entries: readonly Entry[];
  /** Merged before the repository was watched: where it was deployed then cannot be known. */
  readonly mergedUnwatched: boolean;
  /** Why tickets that are named cannot be told of, in words. */
  readonly unreadable: readonly string[];
}

/** Puts an item's entries in their order; one that came twice counts once. What several pull requests share goes by theirs. */
export function timeline(entries: readonly Entry[]): Entry[] {
  const unique = new Map(entries.map((entry) => [`${entry.type} ${entry.id} ${entry.pullRequest ?? ""}`, entry]));
  return [...unique.values()].sort((a, b) => byTime(a, b) || ((a.pullRequest ?? "") < (b.pullRequest ?? "") ? -1 : 1));
}

/** What CI said of a merge commit: runs for pushes and merge groups that were neither cancelled nor skipped, suites, statuses. */
export function ciEntries(events: readonly Event[], merge: MergeCommit): Entry[] {
  return only(events, "ci.completed")
    .filter(({ source, trigger }) => source !== "run" || trigger === "push" || trigger === "merge_group")
    .filter(({ conclusion }) => conclusion !== "cancelled" && conclusion !== "skipped")
    .map((event) => ({
      ...shown(event, merge.pullRequest),
      type: "ci.completed",
      source: event.source,
      name: event.name,
      conclusion: event.conclusion,
      commit: merge.sha,
    }));
}

export const apiEntries = (events: readonly Event[], pullRequest: Ref | null): Entry[] =>
  only(events, "api-event").map((event) => ({
    ...shown(event, pullRequest),
    type: "api-event",
    eventType: event.eventType,
    note: event.eventType,
  }));

/** Those that were posted for one of these commits, by its whole name or by the beginning of it. */
export const postedFor = (events: readonly Event[], shas: readonly string[]): Event[] =>
  only(events, "api-event").filter(({ sha }) => sha !== undefined && shas.some((one) => one.toLowerCase().startsWith(sha)));

/** A commit pushed straight to the default branch: first commit and merge commit in one. */
export function straightCommit({ commit, at, id, url, repository }: EventOf<"commit.pushed">): {
  merge: MergeCommit[];
  entries: Entry[];
} {
  const entry: Entry = {
    type: "commit.created",
    id,
    at: commit.authoredAt,
    committedAt: commit.committedAt,
    precision: "exact",
    url: commit.url ?? url ?? null,
    actor: commit.author?.login ?? null,
    pullRequest: null,
    note: "pushed straight to the default branch",
  };
  return { merge: repository ? [{ repository, sha: commit.sha, at, pullRequest: null }] : [], entries: [entry] };
}

/** The finishing event: a pull request's merge, a ticket's first Done. */
export function finishedAt({ kind, entries, pullRequests }: WorkItem): Instant | null {
  if (kind === "pull-request") return pullRequests[0]?.merge?.at ?? null;
  return entries.find(isDone)?.at ?? null;
}

/** `category: done` is entered by a status of that category, and when the resolution is set. */
export const isDone = (entry: Entry): boolean =>
  (entry.type === "ticket.status" && entry.category === "done") || (isResolution(entry) && entry.to !== null);

const isResolution = (entry: Entry): entry is EntryOf<"ticket.field"> =>
  entry.type === "ticket.field" && sameName(entry.field, "resolution");

/** Closed without merge, or done with a resolution that means nothing was done. */
export function isAbandoned({ kind, tickets, pullRequests }: WorkItem, resolutions: readonly string[]): boolean {
  if (kind === "pull-request") return pullRequests[0]?.described.state === "closed";
  const [ticket] = tickets;
  return ticket !== undefined && resolvedAs(ticket).some((name) => resolutions.some((one) => sameName(one, name)));
}

/** Jira tells the present resolution in the reader's language, its history in that of the site: either name counts. */
function resolvedAs({ described: { resolution }, entries }: Ticket): string[] {
  if (resolution === null) return [];
  const set = entries.flatMap((entry) => (isResolution(entry) && entry.to !== null ? [entry.to] : [])).at(-1);
  return set === undefined ? [resolution] : [resolution, set];
}
