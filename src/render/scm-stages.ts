import { rateTotal, slowestOf, timeTo, totalOf } from "../core/lead-time.js";
import type { LeadTime, StageTime } from "../core/measurement.js";
import type { TriggerName } from "../core/profile.js";
import type { Instant } from "../core/time.js";
import { evidenceOf } from "./words.js";

/** Whether only the issue tracker knows of it. */
export const ofTicket = (on: TriggerName): boolean => on.startsWith("ticket.");
/** What is posted by API may be about a ticket. */
const ofSourceControl = (on: TriggerName): boolean => !ofTicket(on) && on !== "api-event";

type Entered = Extract<StageTime, { readonly enteredAt: Instant }>;
const isEntered = (stage: StageTime | undefined): stage is Entered => stage !== undefined && "enteredAt" in stage;

/**
 * The lead time without what only the issue tracker knows. Unchanged when it uses source control alone; else measured
 * anew from the entries that stay, since the time to reach a stage tells when the ticket entered the one before.
 */
export function scmOnly(leadTime: LeadTime): LeadTime {
  const stages = leadTime.stages.filter(isScm);
  const told = leadTime.start && ofSourceControl(leadTime.start.event) ? leadTime.start : null;
  if (stages.length === leadTime.stages.length && told === leadTime.start) return leadTime;
  const start = told ?? stages.find(isEntered)?.evidence ?? null;
  const startedAt = start?.at ?? null;
  const measured = remeasure(stages, startedAt, leadTime);
  return { ...leadTime, ...summary(measured, leadTime), start, startedAt, stages: measured };
}

const isScm = (stage: StageTime): boolean => ofSourceControl(stage.on) && ofSourceControl(evidenceOf(stage)?.event ?? stage.on);

function remeasure(
  stages: readonly StageTime[],
  startedAt: Instant | null,
  { calculation, workingTime }: LeadTime,
): StageTime[] {
  const last = stages.findLastIndex(isEntered);
  let clock = startedAt;
  return stages.map((stage, index) => {
    if (!isEntered(stage)) return index < last ? skipped(stage) : pending(stage, index === last + 1 ? clock : null);
    const before: Instant = clock ?? stage.enteredAt;
    clock = calculation === "wall-clock" && before > stage.enteredAt ? clock : stage.enteredAt;
    const state = stage.enteredAt < before ? "out-of-order" : "reached";
    return { ...stage, state, ...timeTo(stage.enteredAt, before, { limits: stage.limits, workingTime }) };
  });
}

type Absent = Exclude<StageTime, Entered>;
const skipped = ({ name, on, limits, reason, leadTime }: Absent): StageTime => ({
  ...{ name, on, limits, reason, leadTime },
  state: "skipped",
});
const pending = ({ name, on, limits, reason }: Absent, since: Instant | null): StageTime => ({
  ...{ name, on, limits, reason, since },
  state: "pending",
  leadTime: null,
});

function summary(
  stages: readonly StageTime[],
  before: LeadTime,
): Pick<LeadTime, "status" | "total" | "rating" | "slowestStage"> {
  const started = stages.some(isEntered);
  const progress = isEntered(stages.at(-1)) ? "complete" : started ? "in-progress" : "not-started";
  return {
    status: before.status === "abandoned" ? before.status : progress,
    total: started ? totalOf(stages) : null,
    rating: rateTotal(stages),
    slowestStage: slowestOf(stages),
  };
}
