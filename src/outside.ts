import type { Check } from "./core/check.js";
import type { LocatedProblem, Problem } from "./core/configuration-problem.js";
import type { Event } from "./core/event.js";
import type { Permission, Person } from "./core/question.js";
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

/** What a commit says in the place of the configuration file. */
export interface Proposal {
  /** Whether there is a file. */
  readonly there: boolean;
  /** As it is kept, with what it extends in it; null when there is none, or it is not good. */
  readonly content: unknown;
  /** What the file says by itself. */
  readonly own: unknown;
  readonly problems: readonly LocatedProblem[];
  /** Where something stands in the file. */
  readonly locate: (problem: Problem) => LocatedProblem;
}

export interface ProposalPlace {
  readonly layer: "repository" | "organisation";
  /** What the organisation's file says, which is below a repository's; left out: that is not known. */
  readonly organisation?: unknown;
  /** Whether everybody reads what is said of it. */
  readonly public: boolean;
}

/** Reads of configuration files as commits have them. They throw `Unavailable` or `Refused`. */
export interface Proposals {
  /** Whether a pull request touches the configuration file; of its branch it is told the base's name and the head. */
  touched(repository: Repository, number: number, branch: { readonly base: string; readonly head: string }): Promise<boolean>;
  /** Whether the file is another on two commits. */
  differs(repository: Repository, before: string, sha: string): Promise<boolean>;
  read(repository: Repository, sha: string, place: ProposalPlace): Promise<Proposal>;
}

/** Our check runs. They throw `Unavailable` or `Refused`. */
export interface Checks {
  /** Makes our one check run on the commit say this; asked for again, it changes nothing. False: we may not. */
  put(repository: Repository, sha: string, check: Check): Promise<boolean>;
}

/** `gone`: deleted. `hidden`: nor is its repository shown to us, which may change. */
export type Standing = "open" | "locked" | "gone" | "hidden";

/** 👀, 🚀, 😕. */
export type Reaction = "eyes" | "rocket" | "confused";

/** Our comments, and those that ask something of us. They throw `Unavailable` or `Refused`. */
export interface Discussion {
  /** The id of the comment that our App wrote and that begins with the marker. */
  find(repository: Repository, number: number, marker: string): Promise<string | undefined>;
  /** Returns the new comment's id. */
  create(repository: Repository, number: number, body: string): Promise<string>;
  update(repository: Repository, comment: string, body: string): Promise<void>;
  /** How the pull request's conversation stands to us. */
  standing(repository: Repository, number: number): Promise<Standing>;
  /** Puts our reaction on a comment; one that is there stays. */
  react(repository: Repository, comment: string, reaction: Reaction): Promise<void>;
  /** What somebody may do in the repository now. */
  permission(repository: Repository, person: Person): Promise<Permission>;
}

/** Reads of the issue tracker. They throw `Unavailable` or `Refused`. */
export interface Tracker {
  /** The ticket with its whole history, its versions and the categories of its statuses. */
  ticket(key: string): Promise<Event[]>;
  projects(): Promise<Event[]>;
}
