import { plainName } from "../core/profile.js";
import type { StageFigures, StageReport } from "../core/stage-report.js";
import { formatDuration, formatMinute, HOUR, type Instant, type Milliseconds, milliseconds } from "../core/time.js";
import { clean, row, text } from "./markdown.js";
import { named } from "./profile-words.js";
import { limitsWords, RATING_MARKS } from "./words.js";

export interface ReportInput {
  readonly report: StageReport;
  readonly profile: string;
  /** What is counted: tickets, or pull requests. */
  readonly kind: "ticket" | "pull-request";
  readonly days: number;
  readonly until: Instant;
  readonly ratings: boolean;
  /** Whether these count working time alone. */
  readonly worked: boolean;
}

const MAX_NAME = 60;
const MAX_LABEL = 30;
const MOST_STAGES = 60;
const MOST_BARS = 20;
const HEADER = ["|    | Stage | Count | Median | 90 of 100 within | Ideal / acceptable |", "|----|---|---|---|---|---|"];

/** A repository's lead time by stage: figures with their counts, never of one person, and a chart of the medians. */
export function renderReport({ report, profile, kind, days, until, ratings, worked }: ReportInput): string {
  const counted = `${report.items} ${kind === "ticket" ? "ticket" : "pull request"}${report.items === 1 ? "" : "s"}`;
  const what = kind === "ticket" ? "with a pull request merged" : "merged";
  const heading = `### Lead time by stage · last ${days} days`;
  const about = `${counted} ${what} here in the ${days} days before ${formatMinute(until)} (UTC), under the profile ${named(plainName(profile))}.`;
  if (report.items === 0) return [heading, about].join("\n\n");
  const stages = report.stages.slice(0, MOST_STAGES);
  const rest = report.stages.length - stages.length;
  const rows = [...stages.map((stage) => stageRow(stage, ratings)), ...totalRows(report)];
  const chart = chartOf(stages);
  return [
    ...[heading, ratings && worked ? `${about} Ratings count working time alone.` : about],
    [...HEADER, ...rows, ...(rest > 0 ? ["", `And ${rest} more stages.`] : [])].join("\n"),
    ...(chart ? [chart] : []),
  ].join("\n\n");
}

const time = (value: number): string => formatDuration(milliseconds(value));

function stageRow({ name, limits, figures, rating }: StageFigures, ratings: boolean): string {
  const mark = ratings && rating ? RATING_MARKS[rating] : " ";
  const shown = figures ? [String(figures.count), time(figures.median), time(figures.p90)] : ["0", "–", "–"];
  return row([mark, text(name, MAX_NAME), ...shown, limitsWords(limits)]);
}

function totalRows({ sumOfStages, ofTotals }: StageReport): string[] {
  if (!sumOfStages || !ofTotals) return [];
  const count = String(ofTotals.count);
  return [
    row([" ", "**Sum of the stages**", " ", time(sumOfStages.median), time(sumOfStages.p90), " "]),
    row([" ", "**Whole items**", count, time(ofTotals.median), time(ofTotals.p90), " "]),
  ];
}

/** The medians as a bar chart, in hours or days. Mermaid reads quoted labels; of names only letters, digits and a few marks stay. */
function chartOf(stages: readonly StageFigures[]): string | null {
  const bars = stages.flatMap(({ name, figures }) => (figures ? [{ name, median: milliseconds(figures.median) }] : []));
  if (bars.length === 0) return null;
  const shown = bars.slice(0, MOST_BARS);
  const unit = unitOf(shown.map(({ median }) => median));
  const labels = shown.map(({ name }, index) => `"${label(name) || `Stage ${index + 1}`}"`);
  return [
    "```mermaid",
    "xychart-beta horizontal",
    `    title "Median, in ${unit.name}"`,
    `    x-axis [${labels.join(", ")}]`,
    `    y-axis 0 --> ${ceiling(shown.map(({ median }) => median / unit.size))}`,
    `    bar [${shown.map(({ median }) => (median / unit.size).toFixed(2)).join(", ")}]`,
    "```",
  ].join("\n");
}

const label = (name: string): string => clean(name.replace(/[^\p{L}\p{M}\p{N} ()/._-]/gu, " "), MAX_LABEL);
const unitOf = (times: readonly Milliseconds[]) =>
  Math.max(...times) >= 72 * HOUR ? { name: "days", size: 24 * HOUR } : { name: "hours", size: HOUR };
const ceiling = (values: readonly number[]): number => Math.max(1, Math.ceil(Math.max(...values)));
