import type { Entry } from "./entry.js";
import type { Evidence, ItemStatus, LeadTime, Rating, StageTime } from "./measurement.js";
import type { Limits, Pick, Profile, Stage, Trigger } from "./profile.js";
import { type Reasons, reasonsFor } from "./reason.js";
import { type Instant, type Milliseconds, milliseconds } from "./time.js";
import { candidates } from "./trigger.js";
import type { WorkItem } from "./work-item.js";

/** `good` up to the ideal, `acceptable` up to the acceptable time, else `slow`; none without both limits (docs/lead-time.md). */
export function rate(duration: Milliseconds, { ideal, acceptable }: Limits): Rating | null {
  if (ideal === undefined || acceptable === undefined) return null;
  if (duration <= ideal) return "good";
  return duration <= acceptable ? "acceptable" : "slow";
}

/** The total against the sums of the limits of the stages that have a lead time and limits. */
export function rateTotal(stages: readonly StageTime[]): Rating | null {
  const limited = stages.flatMap(({ leadTime, limits: { ideal, acceptable } }) =>
    leadTime === null || ideal === undefined || acceptable === undefined ? [] : [{ ideal, acceptable }],
  );
  if (limited.length === 0) return null;
  const ideal = milliseconds(limited.reduce((total, limits) => total + limits.ideal, 0));
  const acceptable = milliseconds(limited.reduce((total, limits) => total + limits.acceptable, 0));
  return rate(totalOf(stages), { ideal, acceptable });
}

export const totalOf = (stages: readonly StageTime[]): Milliseconds =>
  milliseconds(stages.reduce((total, { leadTime }) => total + (leadTime ?? 0), 0));

/** The stage with the largest lead time; on a tie the earlier; null when none has any. */
export function slowestOf(stages: readonly StageTime[]): string | null {
  const timed = stages.filter(({ state, leadTime }) => (state === "reached" || state === "out-of-order") && leadTime !== null);
  const slowest = timed.reduce<StageTime | undefined>(
    (one, other) => (one && (one.leadTime ?? 0) >= (other.leadTime ?? 0) ? one : other),
    undefined,
  );
  return slowest?.name ?? null;
}

/**
 * The lead time of each stage: from the previous stage's entry to its own (docs/lead-time.md, after the published
 * entry-to-entry rule). The same item gives the same result, whatever the order in which its events arrived.
 */
export function measure(item: WorkItem, profile: Profile, notes: readonly string[] = []): LeadTime {
  const entries = profile.stages.map(({ trigger, pick }) => pickEntry(trigger, pick, item));
  const start = profile.start === "first-stage" ? entries[0] : pickEntry(profile.start.trigger, profile.start.pick, item);
  if (!start) return notStarted(item, profile, { entries, notes });
  const { stages, clock } = walk(entries, { item, profile, startedAt: start.at });
  const aged = withAge(stages, clock);
  return {
    profile: profile.name,
    calculation: profile.calculation,
    status: statusOf(entries),
    startedAt: start.at,
    start: evidenceOf(start),
    total: totalOf(stages),
    rating: rateTotal(stages),
    slowestStage: slowestOf(stages),
    stages: aged,
    notes,
  };
}

function pickEntry(trigger: Trigger, pick: Pick, item: WorkItem): Entry | undefined {
  const found = [...candidates(trigger, item)].sort((a, b) => a.at - b.at);
  return pick === "first" ? found[0] : found.at(-1);
}

interface Walk {
  readonly item: WorkItem;
  readonly profile: Profile;
  readonly startedAt: Instant;
}

function walk(entries: readonly (Entry | undefined)[], { item, profile, startedAt }: Walk) {
  let clock = startedAt;
  const stages = profile.stages.map((stage, index): StageTime => {
    const entry = entries[index];
    const overtaker = profile.stages.find((_, later) => later > index && entries[later] !== undefined);
    if (!entry) return absent({ stage, item, profile, overtaker: overtaker?.name ?? null });
    const reached = reachedStage(stage, entry, clock);
    clock = profile.calculation === "entry-to-entry" || entry.at > clock ? entry.at : clock;
    return reached;
  });
  return { stages, clock };
}

function reachedStage({ name, trigger, ...stage }: Stage, entry: Entry, clock: Instant): StageTime {
  const leadTime = milliseconds(Math.max(0, entry.at - clock));
  const limits = limitsOf(stage);
  return {
    name,
    on: trigger.on,
    limits,
    state: entry.at < clock ? "out-of-order" : "reached",
    enteredAt: entry.at,
    leadTime,
    rating: rate(leadTime, limits),
    evidence: evidenceOf(entry),
  };
}

interface Absent {
  readonly stage: Stage;
  readonly item: WorkItem;
  readonly profile: Profile;
  /** The next stage that was entered: this one was skipped. Null: it is pending. */
  readonly overtaker: string | null;
}

function absent({ stage, item, profile, overtaker }: Absent): StageTime {
  const head = {
    name: stage.name,
    on: stage.trigger.on,
    limits: limitsOf(stage),
    ...reasonsFor(stage.trigger, item, overtaker),
  };
  if (overtaker === null) return { ...head, state: "pending", leadTime: null, since: null };
  return { ...head, state: "skipped", leadTime: profile.absentStages === "zero" ? milliseconds(0) : null };
}

/** The first pending stage waits since the clock last moved. */
function withAge(stages: readonly StageTime[], clock: Instant): StageTime[] {
  const waiting = stages.findIndex(({ state }) => state === "pending");
  return stages.map((stage, index) => (index === waiting && stage.state === "pending" ? { ...stage, since: clock } : stage));
}

const statusOf = (entries: readonly (Entry | undefined)[]): ItemStatus =>
  entries.at(-1) === undefined ? "in-progress" : "complete";

/** Nothing is measured: a stage that was entered nevertheless waits for what the clock waits for. */
function notStarted(
  item: WorkItem,
  profile: Profile,
  { entries, notes }: { readonly entries: readonly (Entry | undefined)[]; readonly notes: readonly string[] },
): LeadTime {
  const start = profile.start === "first-stage" ? profile.stages[0] : profile.start;
  const reasons = notStartedSince(start ? reasonsFor(start.trigger, item, null) : NO_STAGE);
  const stages = profile.stages.map((stage, index) => {
    const pending = absent({ stage, item, profile, overtaker: null });
    return entries[index] ? { ...pending, ...reasons } : pending;
  });
  const { name, calculation } = profile;
  const nothing = { startedAt: null, start: null, total: null, rating: null, slowestStage: null };
  return { profile: name, calculation, status: "not-started", ...nothing, stages, notes };
}

const NO_STAGE: Reasons = { reason: "there is no stage", plainReason: "there is no stage" };

const notStartedSince = ({ reason, plainReason }: Reasons): Reasons => ({
  reason: `the clock has not started: ${reason}`,
  plainReason: `the clock has not started: ${plainReason}`,
});

const limitsOf = ({ ideal, acceptable }: Limits): Limits => ({
  ...(ideal === undefined ? {} : { ideal }),
  ...(acceptable === undefined ? {} : { acceptable }),
});

const evidenceOf = ({ type, id, at, precision, url, actor, pullRequest, note }: Entry): Evidence => ({
  event: type,
  id,
  at,
  precision,
  url,
  actor,
  pullRequest,
  note,
});
