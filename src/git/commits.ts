import type { CloneCommit } from "../core/clone.js";
import { type Instant, instant } from "../core/time.js";

/** The arguments of `git rev-list` under which it writes what `readCommits` reads. */
export const COMMITS_FORMAT = ["--parents", "--header", "--encoding=UTF-8"];

/** More of a commit is passed over: its head and the message's first 2,000 characters are within. */
const LONGEST_RECORD = 128 * 1024;
const LONGEST_MESSAGE = 2000;
/** Before the message's letters are counted: no letter has more bytes, and each line is indented by four. */
const MOST_BYTES = LONGEST_MESSAGE * 8;

/** The commits of each piece that git wrote. What is not part of a whole commit yet waits; memory stays flat. */
export async function* readCommits(chunks: AsyncIterable<Buffer>): AsyncGenerator<CloneCommit[]> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const commits: CloneCommit[] = [];
    let from = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      const last = chunk.subarray(from, end);
      commits.push(parseCommit(length === 0 ? last : Buffer.concat([...begun, last])));
      [begun, length, from] = [[], 0, end + 1];
    }
    const rest = chunk.subarray(from);
    if (rest.length > 0 && length < LONGEST_RECORD) begun.push(rest);
    length += rest.length;
    yield commits;
  }
}

/** A commit as `git rev-list --header --parents` writes it: its names on a line, its head, an empty line, its message indented. */
export function parseCommit(record: Buffer): CloneCommit {
  const behindHead = record.indexOf("\n\n");
  const headEnd = behindHead < 0 ? record.length : behindHead;
  const head = record.toString("utf8", 0, headEnd);
  const [sha = "", ...parents] = head.slice(0, head.indexOf("\n")).split(" ");
  const written = lineOf(head, "\nauthor ");
  const writtenAt = timeIn(written);
  const committedAt = timeIn(lineOf(head, "\ncommitter ")) ?? writtenAt ?? instant(0);
  return {
    sha,
    parents,
    cut: writtenParents(head) > parents.length,
    authoredAt: writtenAt ?? committedAt,
    committedAt,
    // GitHub's bots have the mark in their names, and in their addresses.
    author: { login: written.slice(0, Math.max(0, written.indexOf("<"))).trim(), bot: written.includes("[bot]") },
    message: messageOf(record.toString("utf8", headEnd + 2, headEnd + 2 + MOST_BYTES)),
  };
}

const messageOf = (indented: string): string =>
  indented
    .replaceAll("\n    ", "\n")
    .slice(4, LONGEST_MESSAGE + 4)
    .trimEnd();

function writtenParents(head: string): number {
  let count = 0;
  for (let at = head.indexOf("\nparent "); at >= 0; at = head.indexOf("\nparent ", at + 1)) count++;
  return count;
}

/** `Ann Example <ann@example.com> 1714989000 +0200`. */
function lineOf(head: string, field: string): string {
  const begin = head.indexOf(field) + field.length;
  const end = head.indexOf("\n", begin);
  return head.slice(begin, end < 0 ? head.length : end);
}

const timeIn = (line: string): Instant | null => secondsIn(line.slice(line.lastIndexOf(">") + 1));

/** The end of the year 9999: what is later was never meant, and no calendar shows it. */
const LATEST = 253_402_300_799;

export function secondsIn(text: string): Instant | null {
  const seconds = Number.parseInt(text, 10);
  return seconds >= 0 && seconds <= LATEST ? instant(seconds * 1000) : null;
}
