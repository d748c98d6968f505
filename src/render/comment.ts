import type { PullRequestHead } from "../core/measurement.js";
import type { Instant } from "../core/time.js";
import { type Audience, type CommentTable, type ToldTable, toldTables } from "./audience.js";
import { censor } from "./censor.js";
import { evidenceList } from "./evidence.js";
import { gantt } from "./gantt.js";
import { code, folded, html, link, safeUrl, text } from "./markdown.js";
import type { Room } from "./room.js";
import { originMarkdown, sentences, stageTable } from "./stage-table.js";
import { waiting } from "./waiting.js";
import { headline } from "./words.js";

export type { Audience, CommentTable } from "./audience.js";
export { ANOTHER_REPOSITORY } from "./audience.js";

/** The first line of our comment: by it and its author it is found again. */
export const MARKER = "<!-- leadtime:pull-request -->";
/** GitHub takes 65,536; the rest is for what people and mail add. */
export const MAX_COMMENT = 60_000;

export interface CommentInput {
  readonly pullRequest: PullRequestHead;
  /** The first stands open, four more are folded, the rest is counted. */
  readonly tables: readonly CommentTable[];
  readonly audience: Audience;
  /** Where people reach the app; linked when https. */
  readonly publicUrl: string | null;
  /** What is missing, in words. */
  readonly notes: readonly string[];
}

interface Budget extends Room {
  readonly tables: number;
  readonly picture: boolean;
  readonly evidence: boolean;
}

const WHOLE: Budget = { tables: 5, picture: true, evidence: true, rows: 200, letters: 200 };
const BARE: Budget = { ...WHOLE, picture: false, evidence: false };
/** What is said, from all to little: first the picture goes, then the evidence, then further tables; cells are cut last. */
const BUDGETS: readonly Budget[] = [
  WHOLE,
  { ...WHOLE, picture: false },
  ...[5, 4, 3, 2, 1].map((tables) => ({ ...BARE, tables })),
  { ...BARE, tables: 1, letters: 40 },
];
const LEAST: Budget = { ...BARE, tables: 1, letters: 20, rows: 60 };

/** The comment on a pull request (docs/comment.md): GitHub Markdown of at most 60,000 characters, from the events alone. */
export function renderComment(input: CommentInput): string {
  const end = input.tables.length > 0 ? "\n" : "";
  return `${MARKER}\n${renderBreakdown(input, MAX_COMMENT - MARKER.length - 2)}${end}`;
}

/**
 * The same without what it is found again by, in so many characters. `now`: for whoever asks at a time; what is under way
 * then says how long it has waited.
 */
export function renderBreakdown(input: CommentInput, max: number, now: Instant | null = null): string {
  const told = toldTables(input.tables, input);
  for (const budget of BUDGETS) {
    const body = compose({ ...input, now }, told, budget);
    if (body.length <= max) return body;
  }
  return compose({ ...input, now }, told, LEAST);
}

interface Composing extends CommentInput {
  readonly now: Instant | null;
}

function compose(input: Composing, told: readonly ToldTable[], budget: Budget): string {
  const [first, ...others] = told;
  if (!first) return ["### Lead time not measured", ...noteList(missing(input), [], budget)].join("\n\n");
  const shown = others.slice(0, budget.tables - 1);
  const blocks = [
    headingOf(first),
    ...tableBlocks(first, missing(input), budget, input.now),
    ...shown.map((table) => folded(summaryOf(table), tableBlocks(table, [], budget, input.now).join("\n\n"))),
    ...rest(others.length - shown.length),
    ...dashboard(input.publicUrl),
  ];
  return blocks.join("\n\n");
}

export const headingOf = (table: ToldTable): string => `### ${[headline(table.leadTime), ...ticketLink(table)].join(" · ")}`;

function tableBlocks(table: ToldTable, missingNotes: readonly string[], budget: Budget, now: Instant | null): string[] {
  const { ticket, leadTime, origin } = table;
  const title = ticket ? text(ticket.title, budget.letters) : "";
  const picture = budget.picture ? gantt(leadTime) : null;
  const evidence = budget.evidence ? evidenceList(leadTime, (proof) => originMarkdown(origin(proof)), budget) : "";
  return [
    ...(title ? [title] : []),
    ...(now === null ? [] : waiting(table, now)),
    stageTable(table, budget),
    sentences(table, budget),
    ...noteList(missingNotes, leadTime.notes, budget),
    ...(picture ? [folded("Timeline", picture)] : []),
    ...(evidence ? [folded("Evidence", evidence)] : []),
  ];
}

const MAX_NOTES = 20;

function noteList(missingNotes: readonly string[], others: readonly string[], { letters }: Room): string[] {
  const told = others.filter((note) => !missingNotes.includes(note));
  const marked = [...missingNotes.map((note) => ["⚠️", note] as const), ...told.map((note) => ["ℹ️", note] as const)];
  const list = marked.map(([mark, note]) => `- ${mark} ${text(note, letters) || "–"}`);
  const rest = list.splice(MAX_NOTES).length;
  if (rest > 0) list.push(`- And ${rest} more.`);
  return list.length > 0 ? [list.join("\n")] : [];
}

/** What is missing, as far as this audience may know. */
function missing({ notes, audience, tables }: CommentInput): string[] {
  const words = censor(audience, tables);
  return notes.flatMap((note) => words(note) ?? []);
}

const MAX_KEY = 40;

const ticketLink = ({ ticket }: ToldTable): string[] => {
  if (!ticket) return [];
  return [safeUrl(ticket.url) ? link(text(ticket.key, MAX_KEY), ticket.url) : code(ticket.key, MAX_KEY)];
};

const summaryOf = ({ ticket, leadTime }: ToldTable): string =>
  [headline(leadTime), ...(ticket ? [`<code>${html(ticket.key, MAX_KEY)}</code>`] : [])].join(" · ");

const rest = (count: number): string[] =>
  count > 0 ? [`${count} more ${count === 1 ? "ticket is" : "tickets are"} linked and not shown.`] : [];

const dashboard = (publicUrl: string | null): string[] => {
  const linked = publicUrl?.startsWith("https:") ? link("Dashboard", publicUrl) : "Dashboard";
  return linked === "Dashboard" ? [] : [`<sub>${linked}</sub>`];
};
