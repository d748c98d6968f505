import { type CloneCommit, subjectOf } from "../core/clone.js";
import type { Rating } from "../core/measurement.js";
import type { Statistics } from "../core/statistics.js";
import { formatDuration, formatMinute, type Instant, milliseconds } from "../core/time.js";
import { clean } from "../render/markdown.js";
import { ratingWords } from "../render/words.js";
import type { Analysis } from "./analysis.js";
import type { Change } from "./change.js";
import { leadTimeFigures, stageTime, type TicketFigures, totalTime } from "./figures.js";
import { counted } from "./limits.js";

/** What the terminal and the page say alike: plain text on one line each. */

const DASH = "–";
const LONGEST = 90;

export const durationWords = (figure: number | null | undefined): string =>
  figure === null || figure === undefined ? DASH : formatDuration(milliseconds(figure));

export const dayWords = (at: Instant): string => formatMinute(at).slice(0, 10);
export const shareWords = (part: number, whole: number): string =>
  whole === 0 ? DASH : `${Math.round((100 * part) / whole)} %`;

export const STAGE_HEAD = ["STAGE", "COUNT", "MEAN", "MEDIAN", "P75", "P90", "P95", "RATING"];

/** A row for each stage and for both totals. */
export function stageRows({ changes, clone }: Analysis): string[][] {
  const { stages, total } = leadTimeFigures(changes, clone);
  return [
    ...stages.map(({ name, statistics, rating }) => figureRow(STAGE_WORDS[name] ?? name, statistics, rating)),
    figureRow("Total (sum of stages)", total.sumOfStages && { count: null, ...total.sumOfStages }, null),
    figureRow("Total (of totals)", total.ofTotals, null),
  ];
}
const STAGE_WORDS: Readonly<Record<string, string>> = { Merge: "First commit → merge", Release: "Merge → first tag" };

type Figures = Omit<Statistics, "count"> & { readonly count: number | null };

const figureRow = (name: string, figures: Figures | null, rating: Rating | null): string[] => [
  name,
  figures ? String(figures.count ?? "") : "0",
  ...[figures?.mean, figures?.median, figures?.p75, figures?.p90, figures?.p95].map(durationWords),
  rating ? ratingWords(rating) : "",
];

/** `312 pull requests (298 merged, 14 squashed), merged 2024-01-02 to 2026-11-20`. */
export function changesWords({ changes, since }: Analysis): string {
  const ways = { merge: "by merge commits", squash: "squashed", rebase: "rebased" } as const;
  const counts = (["merge", "squash", "rebase"] as const)
    .map((way) => ({ way, count: changes.filter((change) => change.way === way).length }))
    .filter(({ count }) => count > 0)
    .map(({ way, count }) => `${count} ${ways[way]}`);
  const [latest, earliest] = [changes[0], changes.at(-1)];
  if (!latest || !earliest) return `No pull request was found${since === null ? "" : ` since ${dayWords(since)}`}.`;
  const between = `merged ${dayWords(earliest.mergedAt)} to ${dayWords(latest.mergedAt)}`;
  return `${counted(changes.length, "pull request")} (${counts.join(", ")}), ${between}`;
}

export function ticketWords({ changes, withTicket, sources, projects }: TicketFigures): string {
  const where = Object.entries(sources).map(([source, count]) => `${count} in ${SOURCE_WORDS[source]}`);
  const named = projects.slice(0, 5).map((one) => `${one.project} ${one.changes}`);
  const rest = projects.length > 5 ? ` and ${projects.length - 5} more` : "";
  const detail = withTicket === 0 ? "" : `: ${where.join(", ")}; ${named.join(", ")}${rest}`;
  return `${withTicket} of ${counted(changes, "pull request")} (${shareWords(withTicket, changes)}) name a ticket${detail}`;
}
const SOURCE_WORDS: Readonly<Record<string, string>> = { branch: "branch names", title: "titles", commits: "commit messages" };

export const titleWords = ({ number, title }: Change): string => `#${number} ${clean(title, LONGEST)}`;

/** `5d 2h to the merge on 2024-05-06, 3d more to v1.2.0`. */
export function courseWords(change: Change): string {
  const release = change.tag
    ? `${durationWords(stageTime(change, "Release"))} more to ${clean(change.tag.name, LONGEST)}`
    : "no tag contains it yet";
  return `${durationWords(stageTime(change, "Merge"))} to the merge on ${dayWords(change.mergedAt)}, ${release}`;
}

export const totalWords = (change: Change): string => durationWords(totalTime(change));

/** `1a2b3c4 2024-05-06 10:00 Fix the login`. */
export const commitWords = ({ sha, authoredAt, message }: CloneCommit): string =>
  `${sha.slice(0, 7)} ${formatMinute(authoredAt)} ${clean(subjectOf(message), LONGEST)}`;

/** How many commits of a slow change are shown. */
export const MOST_COMMITS = 5;
export const moreCommits = (count: number): string | null =>
  count > MOST_COMMITS ? `and ${counted(count - MOST_COMMITS, "later commit")}` : null;
