import type { Owner, Ref } from "./ref.js";
import type { Instant } from "./time.js";

/** A time that is only known to the day is stored as that day's first moment in UTC. */
export type Precision = "exact" | "day";
export interface Actor {
  readonly login: string;
  readonly bot: boolean;
}

interface Observed {
  /** From the fact, never from the delivery: the same fact seen twice has the same id. */
  readonly id: string;
  readonly ref: Ref;
  /** When it happened. For a state: its `updated_at`. */
  readonly at: Instant;
  readonly precision: Precision;
  /** The version of the reader that saw it; a mended reader's observation replaces an older one's. */
  readonly reader: number;
  /** As of when it is said, of a state that was read on purpose and of a release. Settles which of two with one time holds. */
  readonly readAt?: Instant;
  /** The repository it belongs to, for whatever happens in one. */
  readonly repository?: Ref;
  readonly url?: string;
  readonly actor?: Actor;
}

export type StatusCategory = "to-do" | "in-progress" | "done";
export interface Status {
  readonly id: string;
  readonly name: string;
}
export interface FixVersion {
  readonly id: string;
  readonly name: string;
}
export interface CommitFacts {
  readonly sha: string;
  readonly authoredAt: Instant;
  readonly committedAt: Instant;
  readonly parents: number;
  /** The message's first 2,000 characters: where ticket keys are looked for. */
  readonly message: string;
  readonly author?: Actor;
  readonly url?: string;
}

interface DeploymentFacts {
  readonly sha: string;
  readonly environment: string;
  /** As GitHub marks it. */
  readonly production: boolean;
  /** A preview that goes away again: it carries nothing. */
  readonly transient: boolean;
}

type Of<Type extends string, Data = unknown> = Observed & { readonly type: Type } & Data;

/** The ticket's life, as Jira tells it. */
export type TicketEvent =
  | Of<"ticket.created">
  | Of<
      "ticket.status",
      { readonly status: Status; readonly from?: Status; readonly migrated: boolean; readonly initial: boolean }
    >
  /** `to` is null when the field was emptied; values over 255 characters are not kept. `formerKey`: where the ticket was moved. */
  | Of<"ticket.field", { readonly field: string; readonly to: string | null; readonly formerKey?: string }>
  | Of<"ticket.deleted">
  | Of<
      "ticket.described",
      {
        readonly key: string;
        readonly title: string;
        readonly issueType: string;
        /** 0 a standard issue, -1 a sub-task, 1 and up an epic. */
        readonly level: number;
        readonly project: string;
        readonly status: Status;
        readonly resolution: string | null;
        readonly fixVersions: readonly FixVersion[];
        readonly labels: readonly string[];
      }
    >
  /** The whole changelog was read, up to `at`. */
  | Of<"ticket.history">
  /** The key was looked up in vain. `since`: the first failure of this row of failures. */
  | Of<
      "ticket.unreadable",
      { readonly key: string; readonly reason: "unknown" | "refused" | "unavailable"; readonly since: Instant }
    >
  | Of<"version.released">
  | Of<"version.unreleased">
  | Of<"version.described", { readonly name: string; readonly released: boolean }>
  /** First read wins, and is then kept. */
  | Of<"status.category", { readonly category: StatusCategory | null }>
  | Of<"site.projects", { readonly keys: readonly string[] }>;

export type PullRequestEvent =
  | Of<
      "pull-request.described",
      {
        readonly number: number;
        readonly title: string;
        readonly branch: string;
        readonly base: string;
        readonly head: string;
        readonly author: Actor;
        readonly draft: boolean;
        readonly state: "open" | "closed" | "merged";
        readonly mergeCommit: string | null;
        readonly labels: readonly string[];
        /** Whether a person (not a bot) is assigned. */
        readonly assigned: boolean;
      }
    >
  | Of<"pull-request.opened">
  /** Became a draft, or was opened as one (then at its opening). */
  | Of<"pull-request.drafted">
  | Of<"pull-request.ready">
  | Of<"pull-request.labeled", { readonly label: string }>
  /** A submitted review that approves nothing. */
  | Of<"pull-request.reviewed", { readonly review: string }>
  | Of<"pull-request.approved", { readonly review: string }>
  | Of<"pull-request.dismissed", { readonly review: string }>
  /** A comment in the conversation or on the code; there as part of a review. `command`: it begins with `/`. */
  | Of<"pull-request.commented", { readonly command: boolean; readonly review?: string }>
  | Of<"pull-request.merged", { readonly mergeCommit: string; readonly base: string }>
  | Of<"pull-request.closed">
  | Of<"pull-request.reopened">
  | Of<"pull-request.deleted">
  | Of<"pull-request.linked", { readonly key: string }>
  | Of<"pull-request.unlinked", { readonly key: string }>
  /** Somebody chose the profile that it is measured under. */
  | Of<"pull-request.profiled", { readonly profile: string }>
  /** The commits GitHub lists for one head of the pull request, oldest first; at most 250. `at`: when that head was known. */
  | Of<"pull-request.commits", { readonly head: string; readonly commits: readonly CommitFacts[] }>;

export type RepositoryEvent =
  | Of<
      "repository.described",
      {
        readonly name: string;
        readonly visibility: "public" | "private" | "internal";
        readonly defaultBranch: string;
        readonly archived: boolean;
        readonly deleted: boolean;
      }
    >
  /** Since when this repository has been watched: the earliest event a delivery notified us of. */
  | Of<"repository.watched">
  /** What a configuration file says: of this repository, or of the whole account. Only good ones are stored. */
  | Of<
      "configuration.read",
      { readonly layer: "repository" | "organisation"; readonly content: unknown; readonly sha: string | null }
    >
  | Of<
      "account.described",
      { readonly login: string; readonly installation: string | null; readonly state: "installed" | "suspended" | "deleted" }
    >
  /** Commits pushed straight to the default branch. */
  | Of<"commit.pushed", { readonly commit: CommitFacts; readonly branch: string }>
  /** The pull requests (numbers) that brought a pushed commit; none: it was pushed straight. */
  | Of<"commit.traced", { readonly pullRequests: readonly number[] }>
  /** `ahead`: the commits of `head` that `base` lacks. Facts of git's graph: they never change. */
  | Of<
      "commits.compared",
      {
        readonly base: string;
        readonly head: string;
        readonly status: "ahead" | "behind" | "identical" | "diverged" | "unknown";
        readonly ahead: readonly string[];
      }
    >;

export type DeliveryStageEvent =
  | Of<
      "ci.completed",
      {
        readonly source: "run" | "suite" | "status";
        readonly name: string;
        /** `success`, `failure`, `cancelled`, `skipped` …, as GitHub says. */
        readonly conclusion: string;
        /** Of a run: what started it (`push`, `merge_group`, `schedule` …). */
        readonly trigger: string | null;
        readonly startedAt: Instant | null;
      }
    >
  | Of<"deployment.succeeded", DeploymentFacts>
  | Of<"deployment.failed", DeploymentFacts>
  /** The earliest deployment or release of its lane (`core/containment.ts`) in the repository. */
  | Of<"lane.begun", { readonly lane: string; readonly carrier: Ref }>
  | Of<"release.published", { readonly tag: string; readonly prerelease: boolean; readonly name: string }>
  | Of<"release.deleted">
  | Of<"release.resolved", { readonly sha: string }>
  /** `sha`: the commit it was posted for, in lower case and perhaps abbreviated; of a ticket `ref` names the key. */
  | Of<"api-event", { readonly eventType: string; readonly sha?: string }>;

/** Everything the product knows: facts, and states that carry the time of their last change. */
export type Event = TicketEvent | PullRequestEvent | RepositoryEvent | DeliveryStageEvent;
export type EventType = Event["type"];
export type EventOf<Type extends EventType> = Extract<Event, { readonly type: Type }>;
/** An event with the account it is stored under. */
export type OwnedEvent = Event & { readonly owner: Owner };

/** States: the observation with the latest stamp holds. Every other type is a fact: the earliest holds. */
const STATES: ReadonlySet<EventType> = new Set<EventType>([
  "ticket.described",
  "ticket.history",
  "ticket.unreadable",
  "version.described",
  "site.projects",
  "pull-request.described",
  "pull-request.commits",
  "repository.described",
  "configuration.read",
  "account.described",
]);
export const isState = (type: EventType): boolean => STATES.has(type);

/** What is looked for in a whole repository: the store keeps it findable there. */
export const SOUGHT_IN_REPOSITORIES = [
  "pull-request.merged",
  "commit.pushed",
  "release.published",
  "release.resolved",
  "release.deleted",
] as const satisfies readonly EventType[];
export type SoughtInRepository = (typeof SOUGHT_IN_REPOSITORIES)[number];

/** What is said of the first of many, or first seen and then kept: a newer reader that sees a later one changes nothing. */
const BEGINNINGS: ReadonlySet<EventType> = new Set<EventType>(["repository.watched", "lane.begun", "status.category"]);

/**
 * Which of two observations of one event holds: the greater rank, compared number by number.
 * Facts: the newer reader, then the finer precision, then the earlier time. Beginnings: the earlier time.
 * States: the latest stamp, then the newer reader, then the latest read; of an account first the latest installation.
 * A release: when it was published is a fact; its tag and kind are as they were said last. On a tie the one that tells more.
 */
export const rank = (event: Event): readonly [number, number, number, number] => [...standing(event), told(event)];

function standing(event: Event): readonly [number, number, number] {
  const { type, at, reader } = event;
  if (type === "account.described") return [Number(event.installation), at, reader];
  if (type === "release.published") return [reader, -at, event.readAt ?? 0];
  if (isState(type)) return [at, reader, event.readAt ?? 0];
  if (BEGINNINGS.has(type)) return [-at, reader, 0];
  return [reader, event.precision === "exact" ? 1 : 0, -at];
}

const told = (event: Event): number => Object.values(event).filter((value) => value !== undefined).length;

/** Merges two observations of one event; the same result in either order. */
export function merge<E extends Event>(one: E, other: E): E {
  const difference = compareRanks(one, other);
  if (difference !== 0) return difference > 0 ? one : other;
  return JSON.stringify(one) >= JSON.stringify(other) ? one : other;
}

/** Positive when the one ranks above the other. */
export function compareRanks(one: Event, other: Event): number {
  const [first, second, third] = standing(one);
  const against = standing(other);
  return first - against[0] || second - against[1] || third - against[2] || told(one) - told(other);
}

/** The events of one type, in their order. */
export const only = <Type extends EventType>(events: readonly Event[], type: Type): EventOf<Type>[] =>
  events.filter((event): event is EventOf<Type> => event.type === type);

/** The state that holds: the latest of its kind, in whatever order they come. */
export const latest = <Type extends EventType>(events: readonly Event[], type: Type): EventOf<Type> | undefined =>
  only(events, type).reduce<EventOf<Type> | undefined>(
    (one, other) => (one ? merge<EventOf<Type>>(one, other) : other),
    undefined,
  );
