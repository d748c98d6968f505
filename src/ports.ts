import type { CommentRecord, Effect, Lane } from "./core/effect.js";
import type { Event, EventOf, SoughtInRepository } from "./core/event.js";
import type { Link, StoredLink } from "./core/link.js";
import type { MeasuredItem } from "./core/measurement.js";
import type { AnswerRecord } from "./core/question.js";
import type { Owner, Ref } from "./core/ref.js";
import type { StageOfItem } from "./core/stage-report.js";
import type { Account } from "./core/tenancy.js";
import type { Instant } from "./core/time.js";
import type { Token } from "./core/token.js";

export type * from "./outside.js";
export type { Account, CommentRecord };

export interface Clock {
  now(): Instant;
}

/** The structured log. Fields are ids, counts and reasons; never payloads or secrets. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `api`: events that were posted to us. */
export type SourceName = "github" | "jira" | "api";

/** A webhook request as it came in: the body is the signed bytes, unparsed. Of posted events, what was accepted of them. */
export interface Delivery {
  readonly source: SourceName;
  readonly id: string;
  /** GitHub's event name; empty for Jira, whose body says it. */
  readonly event: string;
  readonly receivedAt: Instant;
  readonly body: Uint8Array;
}

export interface Reading {
  readonly owner: Owner;
  readonly events: readonly Event[];
  /** The id of the one event of `events` that the delivery notifies of, if any; the rest came along. */
  readonly notifies: string | null;
  /** What should be read because payloads lack it. */
  readonly wants: readonly Effect[];
}

/** Where deliveries come from. Pure. Throws `Unreadable`; null for a delivery that does not concern us. */
export interface Source {
  readonly name: SourceName;
  read(delivery: Delivery): Reading | null;
}

export type DeliveryKey = Pick<Delivery, "source" | "id">;

export type Outcome =
  | { readonly state: "done" }
  | {
      readonly state: "later";
      readonly retryAt: Instant;
      readonly reason: string;
      /** Of an effect: whether it was asked of us to come no sooner, which holds for all of its owner. */
      readonly alone?: boolean;
    }
  | { readonly state: "parked"; readonly reason: string };

export type Dropped = { readonly count: number; readonly next: number | null };

export interface SettledDelivery {
  readonly delivery: DeliveryKey;
  readonly outcome: Outcome;
}

export interface ClaimedDelivery extends Omit<Delivery, "body"> {
  readonly attempts: number;
  /** The signed bytes. Throws `Unreadable` when what is stored is damaged. */
  body(): Promise<Uint8Array>;
}

export interface ClaimedEffect {
  readonly owner: Owner;
  readonly effect: Effect;
  readonly attempts: number;
  /** When it first was wanted and not yet carried out. */
  readonly wantedAt: Instant;
  /** Settling is void if it was wanted again meanwhile: then it stays. */
  readonly generation: number;
}

export interface Dirty {
  readonly owner: Owner;
  readonly ref: Ref;
}

/** `follow`: something changed, and the items that it matters to are to be found. `measure`: they are to be measured. */
export type DirtyStep = "follow" | "measure";

export interface TakenDirty extends Dirty {
  readonly step: DirtyStep;
  /** How often it could not be followed, or measured. */
  readonly attempts: number;
}

/** An item that is another than before; null: there was, or is, none. */
export interface ChangedItem {
  readonly ref: Ref;
  readonly before: MeasuredItem | null;
  readonly item: MeasuredItem | null;
}

/** `repositories`: `acme/web`. `checks`: of check suites of other apps, and of commit statuses. */
export interface NamesSeen {
  readonly repositories: readonly string[];
  readonly environments: readonly string[];
  readonly workflows: readonly string[];
  readonly checks: readonly string[];
}

export interface Queries {
  /** All events about these refs, ordered by (at, id). */
  events(owner: Owner, refs: readonly Ref[]): Promise<Event[]>;
  /** Of the events with these ids, those that are known. */
  known(owner: Owner, ids: readonly string[]): Promise<Event[]>;
  /** Events of these types in a repository, ordered by (at, id). */
  repositoryEvents<Type extends SoughtInRepository>(
    owner: Owner,
    repository: Ref,
    types: readonly Type[],
  ): Promise<EventOf<Type>[]>;
  /** What stands before and after a deployment in its lane. */
  neighbours(owner: Owner, of: EventOf<"deployment.succeeded">): Promise<EventOf<"deployment.succeeded">[]>;
  /** The newest holder of a name (`core/relation.ts`), or undefined. */
  resolve(owner: Owner, alias: string): Promise<Ref | undefined>;
  /** All names a ref ever had. */
  aliases(owner: Owner, ref: Ref): Promise<string[]>;
  /** The refs that these are part of (`core/relation.ts`), in order. */
  wholes(owner: Owner, parts: readonly Ref[]): Promise<Ref[]>;
  /** The shas known to contain this one, itself included (git's graph). */
  heads(owner: Owner, repository: Ref, sha: string): Promise<string[]>;
  /** Of the shas, those known to be contained in `head`. */
  contained(owner: Owner, repository: Ref, head: string): Promise<string[]>;
  /** The earliest in `[from, until]` of the merges and pushed commits that `head` is not known to contain; not one of `without`. */
  earliestMerge(query: {
    readonly owner: Owner;
    readonly repository: Ref;
    readonly head: string;
    readonly from: Instant;
    readonly until: Instant;
    readonly without: readonly string[];
  }): Promise<string | undefined>;
  linksFrom(owner: Owner, from: readonly Ref[]): Promise<StoredLink[]>;
  /** Links and near misses that name one of the keys, whatever their case. */
  linksTo(owner: Owner, keys: readonly string[]): Promise<StoredLink[]>;
  item(owner: Owner, ref: Ref): Promise<MeasuredItem | undefined>;
  accounts(): Promise<Account[]>;
  comment(owner: Owner, pullRequest: Ref): Promise<CommentRecord | undefined>;
  /** Our answers on a pull request, finished or not. */
  answers(owner: Owner, pullRequest: Ref): Promise<AnswerRecord[]>;
  /** Of the pull requests, those with an answer that may say what not everybody may read. */
  toldAnswers(owner: Owner, pullRequests: readonly Ref[]): Promise<Ref[]>;
  /** Of the pull requests, those whose comment is kept. */
  keptComments(owner: Owner, pullRequests: readonly Ref[]): Promise<Ref[]>;
  /**
   * Lead times by stage, of the items of that kind with a pull request of the repository merged in `[from, to)`,
   * each item once, under the profile, for stages entered before `to`; of the newest 1,000 such merges. Leaves out the item
   * that is named, and what is abandoned under the profile.
   */
  stageTimes(query: {
    readonly owner: Owner;
    readonly kind: MeasuredItem["kind"];
    readonly repository: Ref;
    readonly profile: string;
    readonly from: Instant;
    readonly to: Instant;
    readonly without: Ref | null;
  }): Promise<StageOfItem[]>;
  /** Pull requests of the repository whose comment is kept, merged in `(after, until]`. */
  commentedPullRequests(owner: Owner, repository: Ref, after: Instant, until: Instant): Promise<Ref[]>;
  /** Names that came up in what is stored of an account, or of one of its repositories. */
  namesSeen(owner: Owner, repository: Ref | null): Promise<NamesSeen>;
  /** The names of the statuses that tickets are or were in. */
  statusesSeen(): Promise<string[]>;
  /** What is kept under a name (`remember`), or undefined. */
  remembered(name: string): Promise<string | undefined>;
  /** How many deliveries are parked, and when the oldest that waits came in; null: none waits. */
  backlog(): Promise<{ readonly parked: number; readonly waitingSince: Instant | null }>;
  /** Refs of all measured and measurable things of one kind under an owner, or of its repositories; of commits those that name a ticket, or nearly. */
  subjects(owner: Owner, kind: "pull-request" | "ticket" | "commit" | "repository", repository?: Ref): Promise<Ref[]>;
  /** Items finished since, the newest first; of a repository those with a pull request of it. */
  finishedSince(owner: Owner, since: Instant, repository?: Ref): Promise<Ref[]>;
}

export interface Transaction extends Queries {
  /** Runs the work; on an error its writes, and only its, are undone, and the error is thrown on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  /** Until the end of the transaction no other holds these; call with all at once. */
  lock(owner: Owner, refs: readonly Ref[]): Promise<void>;

  /**
   * Claims deliveries that are due, live before backfill, oldest first: at most `limit`, and about 16 MB of bodies. When more
   * are due, a fifth of them are the newest. They stay claimed until the transaction ends.
   */
  claimDeliveries(limit: number, now: Instant): Promise<ClaimedDelivery[]>;
  settleDeliveries(settled: readonly SettledDelivery[]): Promise<void>;

  /** Parked deliveries are due again, as if they were new: these, or all of them. Returns those that were parked. */
  retryDeliveries(which: readonly DeliveryKey[] | "all"): Promise<DeliveryKey[]>;
  /**
   * Goes through deliveries in the order in which they came in, at most `limit` of them after a position, and drops those that
   * were done with and came in before an instant. Returns the position to go on from; null: what follows is younger.
   */
  dropDeliveries(after: number, before: Instant, limit: number): Promise<Dropped>;

  /** Merges observations into the stored events, with their names, parts and containments. Returns the events that are new or changed in more than their stamp. */
  append(owner: Owner, events: readonly Event[]): Promise<Event[]>;
  /** These changed: pull requests and tickets are to be measured, whatever else it is to be followed first. */
  markDirty(owner: Owner, refs: readonly Ref[]): Promise<void>;
  /** These are to be measured. What is measured in mass waits for all that is live. */
  markItems(owner: Owner, refs: readonly Ref[], lane: "live" | "mass"): Promise<void>;
  /**
   * Takes what is due of a step, live before mass, oldest first, each once; it is gone when the transaction commits.
   * `newest`: what is live, as it was marked last.
   */
  takeDirty(step: DirtyStep, limit: number, now: Instant, order?: "oldest" | "newest"): Promise<TakenDirty[]>;
  /** Puts back what failed, until then; null: until it changes again. */
  putOff(taken: TakenDirty, retryAt: Instant | null): Promise<void>;
  /** Replaces all links from each of these pull requests or commits. */
  saveLinks(owner: Owner, linked: readonly { readonly from: Ref; readonly links: readonly Link[] }[]): Promise<void>;
  /** Keeps items with their stage times, and removes those that are null. Returns those that are others than before. */
  saveItems(owner: Owner, items: readonly Pick<ChangedItem, "ref" | "item">[]): Promise<ChangedItem[]>;

  want(owner: Owner, effects: readonly Effect[], now: Instant): Promise<void>;
  /**
   * Claims effects of one lane that are due, those that failed least first, then those that are due the longest; none of the
   * owners in `except`, nor of those that are to be left alone within the hour; leased until `until`, so that no other claims
   * them. A saying
   * waits for the reads of its account, and of what all accounts share, that were wanted no later and never tried; for the
   * tracker, which may hang, two seconds at most.
   */
  claimEffects(claim: {
    readonly lane: Lane;
    readonly limit: number;
    readonly now: Instant;
    readonly until: Instant;
    readonly except?: readonly Owner[];
  }): Promise<ClaimedEffect[]>;
  settleEffect(claimed: ClaimedEffect, outcome: Outcome): Promise<void>;
  /** Whatever was refused or failed for an owner is due: what kept it from being carried out may be over. What was told to wait still waits. */
  resume(owner: Owner, now: Instant): Promise<void>;
  saveComment(owner: Owner, pullRequest: Ref, record: CommentRecord): Promise<void>;
  saveAnswer(owner: Owner, pullRequest: Ref, record: AnswerRecord): Promise<void>;
  /** From now on a comment is kept on these pull requests. Returns those of which nothing was recorded before. */
  keepComments(owner: Owner, pullRequests: readonly Ref[]): Promise<Ref[]>;
  /** Keeps a value under a name. Returns whether it is another than before. */
  remember(name: string, value: string): Promise<boolean>;
}

/** API tokens, as far as they are used. */
export interface Tokens {
  /** The token with that id, revoked or not, and the SHA-256 of its text. */
  token(id: string): Promise<{ readonly token: Token; readonly hash: Uint8Array } | undefined>;
  /** Whether there is any, or was. */
  anyToken(): Promise<boolean>;
  tokenUsed(id: string, at: Instant): Promise<void>;
}

export interface Store extends Queries {
  readonly tokens: Tokens;
  /** Stores deliveries durably, together. For each: true when new, false when its id was known. */
  accept(deliveries: readonly Delivery[]): Promise<boolean[]>;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Ends the leases of a process that was stopped, where only one process at a time uses the database; else they run out.
   * `saidBy`: until then what it was saying may still come to be said.
   */
  forgetLeases(saidBy: Instant): Promise<void>;
  /** Rejects with the reason when the database cannot be read or written to, or its migrations are not done. */
  ready(): Promise<void>;
  /** Calls the listener about once a second while the disk is full: what may go should go now. */
  whileFull(listener: () => void): void;
  close(): Promise<void>;
}
