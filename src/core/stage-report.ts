import { rate } from "./lead-time.js";
import type { Rating } from "./measurement.js";
import type { Limits, Profile } from "./profile.js";
import type { Ref } from "./ref.js";
import { type Statistics, statisticsOf, sum } from "./statistics.js";
import { type Milliseconds, milliseconds } from "./time.js";

/** A stage's lead time of one item. */
export interface StageOfItem {
  readonly item: Ref;
  readonly stage: string;
  readonly leadTime: Milliseconds;
}

export interface StageFigures {
  readonly name: string;
  readonly limits: Limits;
  /** Undefined: no item entered it. */
  readonly figures: Statistics | undefined;
  /** That of the median. */
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
  const figures = stages.map(({ name, ideal, acceptable }): StageFigures => {
    const limits = { ...(ideal === undefined ? {} : { ideal }), ...(acceptable === undefined ? {} : { acceptable }) };
    const of = statisticsOf(byStage.get(name) ?? []);
    return { name, limits, figures: of, rating: of ? rate(milliseconds(of.median), limits) : null };
  });
  const totals = [...grouped(times, ({ item }) => item).values()].map(sum);
  const known = figures.flatMap(({ figures: of }) => of ?? []);
  const summed = (which: "median" | "p90") => milliseconds(sum(known.map((of) => of[which])));
  return {
    items: totals.length,
    stages: figures,
    sumOfStages: known.length > 0 ? { median: summed("median"), p90: summed("p90") } : null,
    ofTotals: statisticsOf(totals),
  };
}

function grouped(times: readonly StageOfItem[], by: (of: StageOfItem) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const one of times) {
    const group = groups.get(by(one));
    if (group) group.push(one.leadTime);
    else groups.set(by(one), [one.leadTime]);
  }
  return groups;
}
