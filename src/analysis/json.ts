import { type CloneCommit, subjectOf } from "../core/clone.js";
import type { Statistics } from "../core/statistics.js";
import { formatInstant, type Instant, milliseconds, toSeconds } from "../core/time.js";
import type { Analysis } from "./analysis.js";
import type { Change } from "./change.js";
import { type LeadTimeFigures, leadTimeFigures, monthsOf, ticketFigures, totalTime, waitingOf } from "./figures.js";
import { limitsOf } from "./limits.js";

/** As JSON: the report in the shape of the API's, and what is behind it. Durations are whole seconds, times ISO 8601. */
export function analysisJson(analysis: Analysis) {
  const { clone, since, now, commits, changes, slowest, leftOut, straight, nearMisses } = analysis;
  const waiting = waitingOf(analysis);
  return {
    report: "pr-lead-time-by-stage",
    profile: "git",
    repository: {
      name: clone.name,
      url: clone.url,
      branch: clone.branch,
      head: clone.head,
      shallow: clone.shallow,
      commits,
      tags: clone.tags.length,
    },
    from: time(since ?? changes.at(-1)?.mergedAt),
    to: formatInstant(now),
    items: changes.length,
    overall: "sum-of-stages",
    ...figuresJson(leadTimeFigures(changes, clone)),
    tickets: { ...ticketFigures(changes), nearMisses },
    slowest: slowest.map((slow) => ({ ...changeJson(slow.change), commits: slow.commits.map(commitJson) })),
    trend: monthsOf(changes, clone).map(({ month, changes: merged, withTicket, ...figures }) => ({
      ...{ month, items: merged, withTicket },
      ...figuresJson(figures),
    })),
    unreleased: { count: waiting.length, oldestMergedAt: time(waiting[0]?.mergedAt) },
    leftOut,
    withoutPullRequest: straight,
    pullRequests: changes.map(changeJson),
    limits: limitsOf(analysis),
  };
}

const time = (at: Instant | undefined): string | null => (at === undefined ? null : formatInstant(at));
const seconds = (figure: number | null): number | null => (figure === null ? null : toSeconds(milliseconds(figure)));

const figuresJson = ({ stages, total }: LeadTimeFigures) => ({
  stages: stages.map(({ name, statistics, rating }) => ({
    ...{ name, count: statistics?.count ?? 0 },
    ...statisticsJson(statistics),
    rating,
  })),
  total: {
    sumOfStages: statisticsJson(total.sumOfStages),
    ofTotals: { count: total.ofTotals?.count ?? 0, ...statisticsJson(total.ofTotals) },
  },
});

const statisticsJson = (statistics: Omit<Statistics, "count"> | null) => ({
  meanSeconds: seconds(statistics?.mean ?? null),
  medianSeconds: seconds(statistics?.median ?? null),
  p75Seconds: seconds(statistics?.p75 ?? null),
  p90Seconds: seconds(statistics?.p90 ?? null),
  p95Seconds: seconds(statistics?.p95 ?? null),
});

const changeJson = (change: Change) => ({
  number: change.number,
  title: change.title,
  branch: change.branch || null,
  way: change.way,
  mergeCommit: change.mergeCommit,
  commitCount: change.commits,
  startedAt: time(change.startedAt ?? undefined),
  mergedAt: formatInstant(change.mergedAt),
  tag: change.tag?.name ?? null,
  taggedAt: time(change.tag?.at),
  tickets: change.tickets,
  totalSeconds: seconds(totalTime(change)),
  rating: change.rating,
  stages: change.stages.map(({ name, state, leadTime, rating, reason }) => ({
    ...{ name, state, leadTimeSeconds: seconds(leadTime), rating },
    ...(reason === null ? {} : { reason }),
  })),
});

const commitJson = ({ sha, authoredAt, committedAt, message }: CloneCommit) => ({
  sha,
  authoredAt: formatInstant(authoredAt),
  committedAt: formatInstant(committedAt),
  subject: subjectOf(message),
});
