import type { Event } from "./core/event.js";
import type { Owner, Ref } from "./core/ref.js";

// The ports of the outside world. Everybody imports them from `ports.ts`.

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
