import type { Actor } from "./event.js";
import type { Instant } from "./time.js";

/** What a local git clone tells, as it is read and as it is analysed (docs/analyze.md). */

export interface CloneCommit {
  /** In full: 40 or 64 letters. */
  readonly sha: string;
  readonly parents: readonly string[];
  /** Whether the clone lacks a parent: it is shallow, and begins here. */
  readonly cut: boolean;
  readonly authoredAt: Instant;
  readonly committedAt: Instant;
  /** As git names them: there are no accounts in git. */
  readonly author: Actor;
  /** The message's first 2,000 characters. */
  readonly message: string;
}

export interface CloneTag {
  readonly name: string;
  /** The commit that it names, through however many tags. */
  readonly sha: string;
  /** When it was made; of a tag that does not say, when its commit was. */
  readonly at: Instant;
}

export interface Clone {
  /** `acme/web`, by the remote `origin`; else the folder's name. */
  readonly name: string;
  /** Where its pages are, when `origin` is at GitHub: `https://github.com/acme/web`. */
  readonly url: string | null;
  readonly branch: string;
  /** The branch that the clone's changes usually go to: a change of another one may be a backport. */
  readonly defaultBranch: string;
  /** The branch's latest commit. */
  readonly head: string;
  readonly shallow: boolean;
  /** By time, then by name. */
  readonly tags: readonly CloneTag[];
}

/** The first line of a message. */
export function subjectOf(message: string): string {
  const text = message.trimStart();
  const end = text.indexOf("\n");
  return (end < 0 ? text : text.slice(0, end)).trimEnd();
}
