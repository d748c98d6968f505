import { limitsOf, rate } from "./lead-time.js";
import type { Rating } from "./measurement.js";
import type { Limits, Profile } from "./profile.js";
import type { Ref } from "./ref.js";
import { median, type Statistics, statisticsOf, sum } from "./statistics.js";
import { type Milliseconds, milliseconds } from "./time.js";

/** A stage's lead time of one item. */
export interface StageOfItem {
  readonly item: Ref;
  readonly stage: string;
  readonly leadTime: Milliseconds;
  /** What of it is rated. */
  readonly ratedTime: Milliseconds;
}

export interface StageFigures {
  readonly name: string;
  readonly limits: Limits;
  /** Undefined: no item entered it. */
  readonly figures: Statistics | undefined;
  /** That of the median; where ratings count working time alone, of the median working time. */
  readonly rating: Rating | null;
}

/** A repository's lead times by stage, under one profile. */
export interface StageReport {
  readonly items: number;
  readonly stages: readonly StageFigures[];
  /** The sums of the stages' figures; null without any. */
  readonly sumOfStages: { readonly median: Milliseconds; readonly p90: Milliseconds } | null;
  /** Over the items' own totals. */
  readonly ofTotals: Statistics | undefined;
}

/** All stages of the profile, in its order, whether anything entered them or not. */
export function stageReport(times: readonly StageOfItem[], { stages }: Profile): StageReport {
  const byStage = grouped(times, ({ stage }) => stage);
  const figures = stages.map((stage): StageFigures => {
    const limits = limitsOf(stage);
    const own = byStage.get(stage.name) ?? [];
    const rated = median(own.map(({ ratedTime }) => ratedTime));
    const rating = rated === undefined ? null : rate(milliseconds(rated), limits);
    return { name: stage.name, limits, figures: statisticsOf(own.map(timeOf)), rating };
  });
  const totals = [...grouped(times, ({ item }) => item).values()].map((own) => sum(own.map(timeOf)));
  const known = figures.flatMap(({ figures: of }) => of ?? []);
  const summed = (which: "median" | "p90") => milliseconds(sum(known.map((of) => of[which])));
  return {
    items: totals.length,
    stages: figures,
    sumOfStages: known.length > 0 ? { median: summed("median"), p90: summed("p90") } : null,
    ofTotals: statisticsOf(totals),
  };
}

const timeOf = ({ leadTime }: StageOfItem): Milliseconds => leadTime;

function grouped(times: readonly StageOfItem[], by: (of: StageOfItem) => string): Map<string, StageOfItem[]> {
  const groups = new Map<string, StageOfItem[]>();
  for (const one of times) {
    const group = groups.get(by(one));
    if (group) group.push(one);
    else groups.set(by(one), [one]);
  }
  return groups;
}
