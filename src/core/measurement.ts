import type { Actor, EventType, Precision } from "./event.js";
import type { StoredLink } from "./link.js";
import type { Limits, Profile, TriggerName } from "./profile.js";
import type { Ref } from "./ref.js";
import type { Instant, Milliseconds } from "./time.js";
import type { WorkingTime } from "./working-time.js";

export type Rating = "good" | "acceptable" | "slow";

/** The event that proves a stage entry or the start. */
export interface Evidence {
  readonly event: TriggerName;
  readonly id: string;
  readonly at: Instant;
  readonly precision: Precision;
  readonly url: string | null;
  readonly actor: string | null;
  /** The pull request that it belongs to, if any. */
  readonly pullRequest: Ref | null;
  /** What a reader should know of it, in words: a correction made, a workflow left out. */
  readonly note: string | null;
}

/**
 * A reason without any word from a repository, for where one of them may not be told of. Missing in what older releases
 * stored: then nothing may be told.
 */
type PlainReason = string;

/** A stage of one item, in exactly one of four states: docs/lead-time.md. */
export type StageTime = { readonly name: string; readonly on: TriggerName; readonly limits: Limits } & (
  | {
      readonly state: "reached" | "out-of-order";
      readonly enteredAt: Instant;
      readonly leadTime: Milliseconds;
      /** What of the lead time is working time, which alone is rated; missing where all time counts. */
      readonly workingTime?: Milliseconds;
      readonly rating: Rating | null;
      readonly evidence: Evidence;
    }
  | {
      /** `leadTime` is 0 where absent stages count as zero, else null. */
      readonly state: "skipped";
      readonly leadTime: Milliseconds | null;
      readonly reason: string;
      readonly plainReason?: PlainReason;
    }
  | {
      readonly state: "pending";
      readonly leadTime: null;
      readonly reason: string;
      readonly plainReason?: PlainReason;
      /** What the first pending stage's age counts from; null for the others. */
      readonly since: Instant | null;
    }
);

export type ItemStatus = "not-started" | "in-progress" | "complete" | "abandoned";

/** An item's lead times under one profile. */
export interface LeadTime {
  readonly profile: string;
  readonly calculation: Profile["calculation"];
  readonly status: ItemStatus;
  readonly startedAt: Instant | null;
  readonly start: Evidence | null;
  /** The sum of the stages' lead times; null when not started. */
  readonly total: Milliseconds | null;
  readonly rating: Rating | null;
  /** Which time is working time, where ratings count that alone. */
  readonly workingTime?: WorkingTime;
  readonly slowestStage: string | null;
  readonly stages: readonly StageTime[];
  /** Why another profile than the repository's own is used, and the like, in words. */
  readonly notes: readonly string[];
  /** The same of org units that asked for it; missing: nothing. Comments show what is the repository's own, and not these. */
  readonly unitNotes?: readonly string[];
}

/** An event as shown: of an item's timeline. */
export interface ShownEvent {
  readonly type: EventType | TriggerName;
  readonly id: string;
  readonly at: Instant;
  readonly precision: Precision;
  readonly url: string | null;
  readonly actor: string | null;
}

export interface TicketHead {
  readonly ref: Ref;
  readonly key: string;
  readonly title: string;
  readonly url: string | null;
}

/** A pull request as others name it. */
export interface PullRequestHead {
  readonly ref: Ref;
  readonly repository: Ref;
  /** `acme/web`. */
  readonly repositoryName: string;
  readonly visibility: "public" | "private" | "internal";
  readonly number: number;
  readonly title: string;
  readonly url: string | null;
  readonly author: Actor;
  readonly mergedAt: Instant | null;
}

/** A work item, measured: what is stored, served and shown. The lead times are a projection of the events. */
export interface MeasuredItem {
  readonly ref: Ref;
  readonly kind: "ticket" | "pull-request";
  /** `PROP-1460` or `acme/web#7`. */
  readonly name: string;
  readonly title: string;
  /** The type; null for a pull request. */
  readonly type: string | null;
  readonly url: string | null;
  /** Under every profile; what counts as given up may be another thing under each. */
  readonly abandoned: boolean;
  /** The finishing event's time: a pull request's merge, a ticket's first Done. */
  readonly finishedAt: Instant | null;
  /** Null while the ticket's history is unread, and for pull requests without a ticket. Seconds are rounded at the edge. */
  readonly timeInStatus:
    | readonly { readonly status: string; readonly duration: Milliseconds | null; readonly since: Instant | null }[]
    | null;
  readonly tickets: readonly TicketHead[];
  readonly pullRequests: readonly PullRequestHead[];
  readonly links: readonly StoredLink[];
  /** The first is the repository's own. */
  readonly leadTimes: readonly LeadTime[];
  readonly events: readonly ShownEvent[];
}
