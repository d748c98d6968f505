import { type CloneCommit, subjectOf } from "../core/clone.js";

/** What the message of a commit on the branch says of the pull request that it merged. */
export interface Named {
  readonly number: number;
  readonly title: string;
  /** Where the message names it; else empty. */
  readonly branch: string;
}

type Reader = (subject: string, message: string) => Named | undefined;

/** What code hosts write when they merge, and when they squash. */
const READERS: readonly Reader[] = [github, bitbucketServer, bitbucketCloud, azure, gitlab, squashed];

/** Undefined when it names none: it was pushed straight, or git was not told. */
export function namedIn(message: string): Named | undefined {
  const subject = subjectOf(message);
  for (const read of READERS) {
    const named = read(subject, message);
    if (named) return named;
  }
  return undefined;
}

/** `Merge pull request #12 from acme/feature/login`, and the title below. The owner is no part of the branch. */
function github(subject: string, message: string): Named | undefined {
  const match = subject.startsWith("Merge pull request #") ? /^Merge pull request #(\d{1,9}) from (\S+)$/.exec(subject) : null;
  if (!match) return undefined;
  const [, number, from = ""] = match;
  return { number: Number(number), title: titleBelow(message) || subject, branch: from.slice(from.indexOf("/") + 1) };
}

/** `Merge pull request #12 in PROJ/web from feature/login to main`. */
function bitbucketServer(subject: string, message: string): Named | undefined {
  const match = subject.startsWith("Merge pull request #")
    ? /^Merge pull request #(\d{1,9}) in \S+ from (\S+) to \S+$/.exec(subject)
    : null;
  return match ? { number: Number(match[1]), title: titleBelow(message) || subject, branch: match[2] ?? "" } : undefined;
}

/** `Merged in feature/login (pull request #12)`; squashed `Log in (pull request #12)`. */
function bitbucketCloud(subject: string, message: string): Named | undefined {
  const named = numberedAtEnd(subject, / \(pull request #(\d{1,9})\)$/);
  const branch = named && /^Merged in (\S+)$/.exec(named.title)?.[1];
  return branch ? { ...named, title: titleBelow(message) || named.title, branch } : named;
}

/** `Merged PR 12: Log in`. */
function azure(subject: string): Named | undefined {
  const match = subject.startsWith("Merged PR ") ? /^Merged PR (\d{1,9}): (.+)$/.exec(subject) : null;
  return match ? { number: Number(match[1]), title: match[2] ?? "", branch: "" } : undefined;
}

/** `See merge request acme/web!12` below `Merge branch 'feature/login' into 'main'`, or below the title of what was squashed. */
function gitlab(subject: string, message: string): Named | undefined {
  const match = message.includes("See merge request ") ? /^See merge request \S*!(\d{1,9})\s*$/m.exec(message) : null;
  if (!match) return undefined;
  const branch = /^Merge branch '([^']+)'/.exec(subject)?.[1];
  return { number: Number(match[1]), title: branch ? titleBelow(message) || subject : subject, branch: branch ?? "" };
}

/** `Log in (#12)`. */
function squashed(subject: string): Named | undefined {
  return numberedAtEnd(subject, / \(#(\d{1,9})\)$/);
}

function numberedAtEnd(subject: string, number: RegExp): Named | undefined {
  const match = subject.endsWith(")") ? number.exec(subject) : null;
  const title = subject.slice(0, match?.index).trim();
  return match && title ? { number: Number(match[1]), title, branch: "" } : undefined;
}

/** The first line below the subject that says something. */
const titleBelow = (message: string): string => subjectOf(message.trimStart().slice(subjectOf(message).length));

/** How it came into the branch, as far as its commits show. */
export type Way = "merge" | "squash" | "rebase";

/** `line`: its commits on the branch's own line, latest first. A squash leaves one with one parent; a rebase several, all of them named. */
export function wayOf([latest, ...others]: readonly CloneCommit[]): Way {
  if ((latest?.parents.length ?? 0) > 1) return "merge";
  return others.length > 0 ? "rebase" : "squash";
}
