import type { Clone } from "../core/clone.js";
import { rate } from "../core/lead-time.js";
import type { Rating } from "../core/measurement.js";
import { type Statistics, statisticsOf } from "../core/statistics.js";
import { type Instant, milliseconds } from "../core/time.js";
import type { Analysis } from "./analysis.js";
import type { Change } from "./change.js";
import { gitProfile } from "./profile.js";

/** The figures are in milliseconds. */
export interface StageFigures {
  readonly name: string;
  readonly statistics: Statistics | null;
  /** Of the median. */
  readonly rating: Rating | null;
}

export interface Totals {
  /** Null when no stage was reached. */
  readonly sumOfStages: Omit<Statistics, "count"> | null;
  readonly ofTotals: Statistics | null;
}

export interface LeadTimeFigures {
  readonly stages: readonly StageFigures[];
  readonly total: Totals;
}

/** The lead time that a stage has where it was entered. */
export function stageTime({ stages }: Change, name: string): number | null {
  const stage = stages.find((one) => one.name === name);
  return stage?.state === "reached" || stage?.state === "out-of-order" ? stage.leadTime : null;
}

/** The total from the first commit on; null where git does not tell when work began. */
export const totalTime = ({ startedAt, stages }: Change): number | null =>
  startedAt === null ? null : stages.reduce((total, { leadTime }) => total + (leadTime ?? 0), 0);

const hasTicket = ({ tickets }: Change): boolean => tickets.length > 0;

export function leadTimeFigures(changes: readonly Change[], clone: Clone): LeadTimeFigures {
  const stages = gitProfile(clone).stages.map(({ name, ...limits }): StageFigures => {
    const statistics = statisticsOf(told(changes, (change) => stageTime(change, name))) ?? null;
    return { name, statistics, rating: statistics && rate(milliseconds(statistics.median), limits) };
  });
  return { stages, total: { sumOfStages: summed(stages), ofTotals: statisticsOf(told(changes, totalTime)) ?? null } };
}

function told(changes: readonly Change[], figure: (change: Change) => number | null): number[] {
  const figures: number[] = [];
  for (const change of changes) {
    const one = figure(change);
    if (one !== null) figures.push(one);
  }
  return figures;
}

const FIGURES = ["mean", "median", "p75", "p90", "p95"] as const;

function summed(stages: readonly StageFigures[]): Totals["sumOfStages"] {
  const counted = stages.flatMap(({ statistics }) => statistics ?? []);
  if (counted.length === 0) return null;
  const sum = (figure: (typeof FIGURES)[number]) => counted.reduce((total, statistics) => total + statistics[figure], 0);
  return { mean: sum("mean"), median: sum("median"), p75: sum("p75"), p90: sum("p90"), p95: sum("p95") };
}

export interface MonthFigures extends LeadTimeFigures {
  /** `2024-05`, in UTC. */
  readonly month: string;
  readonly changes: number;
  readonly withTicket: number;
}

/** Every month from the first merge to the last, those without any too, earliest first. */
export function monthsOf(changes: readonly Change[], clone: Clone): MonthFigures[] {
  const months = groupedBy(changes, ({ mergedAt }) => monthAt(mergedAt));
  const [first, last] = [changes.at(-1)?.mergedAt, changes[0]?.mergedAt];
  return monthsBetween(first, last).map((month) => {
    const merged = months.get(month) ?? [];
    return { month, changes: merged.length, withTicket: merged.filter(hasTicket).length, ...leadTimeFigures(merged, clone) };
  });
}

function groupedBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): ReadonlyMap<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

const monthAt = (at: Instant): string => new Date(at).toISOString().slice(0, 7);

/** Clocks that are wrong must not make centuries of empty months. */
const MOST_MONTHS = 1200;

function monthsBetween(first: Instant | undefined, last: Instant | undefined): string[] {
  if (first === undefined || last === undefined) return [];
  const months: string[] = [];
  const day = new Date(last);
  day.setUTCDate(1);
  for (; months.length < MOST_MONTHS && day.toISOString().slice(0, 7) >= monthAt(first); day.setUTCMonth(day.getUTCMonth() - 1))
    months.unshift(day.toISOString().slice(0, 7));
  return months;
}

export interface TicketFigures {
  readonly changes: number;
  readonly withTicket: number;
  /** Of 1; null when there are no changes. */
  readonly share: number | null;
  readonly sources: Readonly<Record<"branch" | "title" | "commits", number>>;
  /** How many changes name a ticket of them, the most named first. */
  readonly projects: readonly { readonly project: string; readonly changes: number }[];
}

export function ticketFigures(changes: readonly Change[]): TicketFigures {
  const sources = { branch: 0, title: 0, commits: 0, command: 0 };
  const projects = new Map<string, number>();
  let withTicket = 0;
  for (const { tickets, ticketSource } of changes) {
    if (ticketSource === null) continue;
    withTicket++;
    sources[ticketSource]++;
    for (const project of new Set(tickets.map(projectOf))) projects.set(project, (projects.get(project) ?? 0) + 1);
  }
  const { branch, title, commits } = sources;
  return {
    changes: changes.length,
    withTicket,
    share: changes.length === 0 ? null : withTicket / changes.length,
    sources: { branch, title, commits },
    projects: [...projects]
      .map(([project, count]) => ({ project, changes: count }))
      .sort((a, b) => b.changes - a.changes || (a.project < b.project ? -1 : 1)),
  };
}

const projectOf = (key: string): string => key.slice(0, key.lastIndexOf("-"));

/** Those that no tag contains yet, longest waiting first. */
export const waitingOf = ({ changes, clone }: Analysis): Change[] =>
  clone.tags.length === 0 ? [] : changes.filter(({ tag }) => tag === null).sort((a, b) => a.mergedAt - b.mergedAt);
