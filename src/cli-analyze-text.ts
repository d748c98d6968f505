import type { Analysis } from "./analysis/analysis.js";
import { type MonthFigures, monthsOf, ticketFigures, waitingOf } from "./analysis/figures.js";
import { counted, limitsOf } from "./analysis/limits.js";
import * as words from "./analysis/words.js";
import { table } from "./cli-table.js";
import { formatMinute } from "./core/time.js";
import { clean } from "./render/markdown.js";

const MOST_MONTHS = 12;
const MOST_MISSES = 5;
const BAR = 20;

/** The analysis for a terminal. Nothing from the repository moves the cursor or forges a line. */
export function analysisText(analysis: Analysis): string {
  const { clone, commits, changes } = analysis;
  const head = `${clean(clone.name, 200)} · ${clean(clone.branch, 200)} at ${clone.head.slice(0, 7)} · ${counted(commits, "commit")}, ${counted(clone.tags.length, "tag")} read`;
  const found = changes.length === 0 ? [] : [...figures(analysis), ...trend(analysis), ...slowest(analysis)];
  return [
    head,
    words.changesWords(analysis),
    ...found,
    "",
    "What these figures do not tell",
    ...listed(limitsOf(analysis)),
  ].join("\n");
}

const listed = (lines: readonly string[]): string[] => lines.map((line) => `  · ${line}`);

function figures(analysis: Analysis): string[] {
  const waiting = waitingOf(analysis);
  const oldest = waiting[0];
  const misses = analysis.nearMisses
    .slice(0, MOST_MISSES)
    .map(({ reason, count, keys }) => `${count}× ${reason}: ${keys.join(", ")}`);
  return [
    ...["", ...table(words.STAGE_HEAD, words.stageRows(analysis)), ""],
    words.ticketWords(ticketFigures(analysis.changes)),
    ...listed(misses),
    ...(oldest
      ? [
          `${counted(waiting.length, "merge waits", "merges wait")} for a tag, the oldest since ${formatMinute(oldest.mergedAt)}`,
        ]
      : []),
  ];
}

function trend({ changes, clone }: Analysis): string[] {
  const months = monthsOf(changes, clone);
  const shown = months.slice(-MOST_MONTHS);
  const longest = Math.max(...shown.map(medianOf));
  const rows = shown.map((month) => {
    const bar = "█".repeat(longest === 0 ? 0 : Math.round((BAR * medianOf(month)) / longest));
    const medians = month.stages.map(({ statistics }) => words.durationWords(statistics?.median));
    return [month.month, String(month.changes), words.shareWords(month.withTicket, month.changes), ...medians, bar];
  });
  const earlier =
    months.length > shown.length ? [`  (the last ${shown.length} of ${months.length} months; --json has all)`] : [];
  return ["", ...table(["MONTH", "MERGED", "TICKETS", "TO MERGE", "TO TAG", "MEDIAN, TOGETHER"], rows), ...earlier];
}

const medianOf = ({ total }: MonthFigures): number => total.sumOfStages?.median ?? 0;

function slowest({ slowest: found }: Analysis): string[] {
  const lines = found.flatMap(({ change, commits }) => [
    `  ${words.totalWords(change).padEnd(8)}  ${words.titleWords(change)}`,
    `            ${words.courseWords(change)}`,
    ...commits.slice(0, words.MOST_COMMITS).map((commit) => `              ${words.commitWords(commit)}`),
    ...[words.moreCommits(commits.length) ?? []].flat().map((more) => `              ${more}`),
  ]);
  return lines.length === 0 ? [] : ["", "Slowest, from the first commit on", ...lines];
}
