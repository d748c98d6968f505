import type { Effect, Lane } from "./core/effect.js";
import type { Event, EventOf, EventType } from "./core/event.js";
import type { Link, StoredLink } from "./core/link.js";
import type { MeasuredItem } from "./core/measurement.js";
import type { Owner, Ref } from "./core/ref.js";
import type { Instant, Milliseconds } from "./core/time.js";

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

export type SourceName = "github" | "jira";

/** A webhook request as it came in: the body is the signed bytes, unparsed. */
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

export type Outcome =
  | { readonly state: "done" }
  | { readonly state: "later"; readonly retryAt: Instant; readonly reason: string }
  | { readonly state: "parked"; readonly reason: string };

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

export interface TakenDirty extends Dirty {
  /** How often it could not be measured. */
  readonly attempts: number;
}

/** An account as stored, from its latest `account.described`. */
export interface Account {
  readonly owner: Owner;
  readonly login: string;
  readonly installation: string | null;
  readonly state: "installed" | "suspended" | "deleted";
}

/** What we know of our comment on a pull request. */
export interface CommentRecord {
  /** GitHub's id of it; null until created. */
  readonly comment: string | null;
  /** `kept`: kept current. `deleted`: by a person. `ended`: locked or gone. */
  readonly state: "kept" | "deleted" | "ended";
  /** The text last sent; null before. */
  readonly body: string | null;
}

export interface Queries {
  /** All events about these refs, ordered by (at, id). */
  events(owner: Owner, refs: readonly Ref[]): Promise<Event[]>;
  /** Events of these types in a repository, ordered by (at, id). */
  repositoryEvents<Type extends EventType>(owner: Owner, repository: Ref, types: readonly Type[]): Promise<EventOf<Type>[]>;
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
  /**
   * Lead times by stage, of the items of that kind with a pull request of the repository merged in `[from, to)`,
   * each item once, under the profile, for stages entered before `to`; of the newest 1,000 such merges. Leaves out one item and abandoned ones.
   */
  stageTimes(query: {
    readonly owner: Owner;
    readonly kind: MeasuredItem["kind"];
    readonly repository: Ref;
    readonly profile: string;
    readonly from: Instant;
    readonly to: Instant;
    readonly without: Ref;
  }): Promise<{ readonly stage: string; readonly leadTime: Milliseconds }[]>;
  /** Pull requests of the repository whose comment is kept, merged in `(after, until]`. */
  commentedPullRequests(owner: Owner, repository: Ref, after: Instant, until: Instant): Promise<Ref[]>;
  /** Refs of all measured and measurable things of one kind under an owner; of commits those that name a ticket, or nearly. */
  subjects(owner: Owner, kind: "pull-request" | "ticket" | "commit", repository?: Ref): Promise<Ref[]>;
}

export interface Transaction extends Queries {
  /** Runs the work; on an error its writes, and only its, are undone, and the error is thrown on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
  /** Until the end of the transaction no other holds these; call with all at once. */
  lock(owner: Owner, refs: readonly Ref[]): Promise<void>;

  /**
   * Claims deliveries that are due, live before backfill, oldest first: at most `limit`, and about 16 MB of bodies.
   * They stay claimed until the transaction ends.
   */
  claimDeliveries(limit: number, now: Instant): Promise<ClaimedDelivery[]>;
  settleDelivery(delivery: Pick<Delivery, "source" | "id">, outcome: Outcome): Promise<void>;

  /** Merges observations into the stored events, with their names, parts and containments. Returns the events that are new or changed in more than their stamp. */
  append(owner: Owner, events: readonly Event[]): Promise<Event[]>;
  /** What is measured in mass waits for all that is live. */
  markDirty(owner: Owner, refs: readonly Ref[], lane?: "live" | "mass"): Promise<void>;
  /** Takes dirty refs that are due, live ones first, oldest first, each once; they are gone when the transaction commits. */
  takeDirty(limit: number, now: Instant): Promise<TakenDirty[]>;
  /** Puts back what could not be measured, until then; null: until it changes again. */
  putOff(taken: TakenDirty, retryAt: Instant | null): Promise<void>;
  /** Replaces all links from a pull request or commit. */
  saveLinks(from: Dirty, links: readonly Link[]): Promise<void>;
  /** Upserts the item with its stage times. Returns whether it is another than before. */
  saveItem(owner: Owner, item: MeasuredItem): Promise<boolean>;
  /** Returns whether there was one. */
  removeItem(owner: Owner, ref: Ref): Promise<boolean>;

  want(owner: Owner, effects: readonly Effect[], now: Instant): Promise<void>;
  /**
   * Claims effects of one lane that are due, those that failed least first, then those that are due the longest; none of the
   * owners in `except`; leased until `until`, so that no other claims them. A saying
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
  /** Whatever was refused or failed for an owner is due: what kept it from being carried out may be over. */
  resume(owner: Owner, now: Instant): Promise<void>;
  saveComment(owner: Owner, pullRequest: Ref, record: CommentRecord): Promise<void>;
  /** Keeps a value under a name. Returns whether it is another than before. */
  remember(name: string, value: string): Promise<boolean>;
}

export interface Store extends Queries {
  /** Stores deliveries durably, together. For each: true when new, false when its id was known. */
  accept(deliveries: readonly Delivery[]): Promise<boolean[]>;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Ends the leases of a process that was stopped, where only one process at a time uses the database; else they run out. */
  forgetLeases(): Promise<void>;
  /** Rejects with the reason when the database does not answer or its migrations are not done. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A repository as it is now: what an adapter needs to talk about it. */
export interface Repository {
  readonly owner: Owner;
  readonly ref: Ref;
  /** `acme/web`. */
  readonly name: string;
  readonly defaultBranch: string;
  readonly installation: string;
}

/** Reads of the code host that payloads cannot answer. They throw `Unavailable` or `Refused`. */
export interface CodeHost {
  pullRequest(repository: Repository, number: number): Promise<Event[]>;
  commits(repository: Repository, number: number, head: string): Promise<Event[]>;
  trace(repository: Repository, sha: string): Promise<Event[]>;
  compare(repository: Repository, base: string, head: string): Promise<Event[]>;
  release(repository: Repository, release: Ref, tag: string): Promise<Event[]>;
  /** The repository's and its account's configuration files, as far as they are readable and good. */
  configuration(repository: Repository): Promise<Event[]>;
}

/** `gone`: deleted. `hidden`: nor is its repository shown to us, which may change. */
export type Standing = "open" | "locked" | "gone" | "hidden";

/** Our comments. They throw `Unavailable` or `Refused`. */
export interface Discussion {
  /** The id of the comment that our App wrote and that begins with the marker. */
  find(repository: Repository, number: number, marker: string): Promise<string | undefined>;
  /** Returns the new comment's id. */
  create(repository: Repository, number: number, body: string): Promise<string>;
  update(repository: Repository, comment: string, body: string): Promise<void>;
  /** How the pull request's conversation stands to us. */
  standing(repository: Repository, number: number): Promise<Standing>;
}

/** Reads of the issue tracker. They throw `Unavailable` or `Refused`. */
export interface Tracker {
  /** The ticket with its whole history, its versions and the categories of its statuses. */
  ticket(key: string): Promise<Event[]>;
  projects(): Promise<Event[]>;
}
