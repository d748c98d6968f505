import type { Link, LinkSource } from "../core/link.js";
import { toldTables } from "./audience.js";
import { type CommentInput, headingOf } from "./comment.js";
import { evidenceList } from "./evidence.js";
import { code, text } from "./markdown.js";
import type { Room } from "./room.js";
import { originMarkdown, sentences } from "./stage-table.js";

const ROOMS: readonly Room[] = [
  { rows: 200, letters: 200 },
  { rows: 60, letters: 60 },
];
const LEAST: Room = { rows: 20, letters: 20 };
/** More tickets than in the comment are not explained. */
const MOST_TABLES = 5;
const MOST_LINKS = 20;
const MAX_KEY = 40;

/** The event behind each stage and those that were not picked; and why tickets are linked, where they may be told of. */
export function renderExplanation(input: CommentInput, links: readonly Link[], max: number): string {
  for (const room of ROOMS) {
    const body = compose(input, links, room);
    if (body.length <= max) return body;
  }
  return compose(input, links, LEAST);
}

function compose(input: CommentInput, links: readonly Link[], room: Room): string {
  const tables = toldTables(input.tables, input).slice(0, MOST_TABLES);
  const blocks = tables.flatMap((table) => [
    headingOf(table),
    sentences(table, room),
    evidenceList(table.leadTime, (proof) => originMarkdown(table.origin(proof)), room, table.choices),
  ]);
  return [...blocks, ...linksBlock(input, links, room)].join("\n\n");
}

function linksBlock({ audience }: CommentInput, links: readonly Link[], { letters }: Room): string[] {
  if (audience.public || audience.tickets === "hidden") return [];
  if (links.length === 0)
    return ["#### Tickets", "Nothing in the branch name, the title and the commit messages looks like a ticket key."];
  const linkedFirst = [...links].sort((one, other) => Number(one.refusal !== null) - Number(other.refusal !== null));
  const lines = linkedFirst.slice(0, MOST_LINKS).map((one) => `- ${linkLine(one, letters)}`);
  const rest = links.length - lines.length;
  return ["#### Tickets", [...lines, ...(rest > 0 ? [`- And ${rest} more.`] : [])].join("\n")];
}

function linkLine({ key, source, matched, refusal }: Link, letters: number): string {
  const found = `${WHERE[source]} ${code(matched, letters)}`;
  const name = code(key, MAX_KEY) || "–";
  return refusal === null ? `${name} is linked: ${found}` : `${name} is not linked: ${text(refusal, letters)} · ${found}`;
}

const WHERE: Readonly<Record<LinkSource, string>> = {
  branch: "in the branch name",
  title: "in the title",
  commits: "in a commit message,",
  command: "by command of",
};
