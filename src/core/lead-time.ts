import type { Entry } from "./entry.js";
import type { Evidence, ItemStatus, LeadTime, Rating, StageTime } from "./measurement.js";
import type { Limits, Pick, Profile, Stage, Trigger } from "./profile.js";
import { type Reasons, reasonsFor } from "./reason.js";
import { type Instant, type Milliseconds, milliseconds } from "./time.js";
import { candidates } from "./trigger.js";
import { isAbandoned, type WorkItem } from "./work-item.js";
import { type WorkingTime, workingBetween } from "./working-time.js";

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
  return rate(milliseconds(stages.reduce((total, stage) => total + ratedTime(stage), 0)), { ideal, acceptable });
}

/** What of a lead time is rated, in milliseconds. That of the total is the sum of these: it is rated against limits that were summed as well. */
export const ratedTime = (stage: StageTime): number => ("workingTime" in stage ? stage.workingTime : stage.leadTime) ?? 0;

/** The lead time from the clock to an entry, and its rating: of what of it is working time, where that alone counts. */
export function timeTo(
  at: Instant,
  clock: Instant,
  { limits, workingTime }: { readonly limits: Limits; readonly workingTime: WorkingTime | null | undefined },
): { readonly leadTime: Milliseconds; readonly workingTime?: Milliseconds; readonly rating: Rating | null } {
  const leadTime = milliseconds(Math.max(0, at - clock));
  if (!workingTime) return { leadTime, rating: rate(leadTime, limits) };
  const worked = workingBetween(clock, at, workingTime);
  return { leadTime, workingTime: worked, rating: rate(worked, limits) };
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

/** What holds for a profile where an item is measured under it. */
export interface Rules {
  /** Null: ratings count all time. */
  readonly workingTime?: WorkingTime | null;
  /** Globs of the environments that are production; null: as GitHub marks them, or by the usual names. */
  readonly production?: readonly string[] | null;
  /** Of tickets that were given up. */
  readonly abandonedResolutions?: readonly string[];
}

/**
 * The lead time of each stage: from the previous stage's entry to its own (docs/lead-time.md, after the published
 * entry-to-entry rule). The same item gives the same result, whatever the order in which its events arrived.
 */
export function measure(item: WorkItem, profile: Profile, notes: readonly string[] = [], rules: Rules = {}): LeadTime {
  const leadTime = { ...timed(item, profile, rules), notes };
  return isAbandoned(item, rules.abandonedResolutions ?? []) ? { ...leadTime, status: "abandoned" } : leadTime;
}

type Timed = Omit<LeadTime, "notes">;

function timed(item: WorkItem, profile: Profile, { production = null, workingTime = null }: Rules): Timed {
  const picked = ({ trigger, pick }: Picking) => pickEntry(candidates(trigger, item, production), pick);
  const entries = profile.stages.map(picked);
  const start = profile.start === "first-stage" ? entries[0] : picked(profile.start);
  if (!start) return notStarted(item, profile, entries);
  const { stages, clock } = walk(entries, { item, profile, workingTime, startedAt: start.at });
  const aged = withAge(stages, clock);
  return {
    profile: profile.name,
    calculation: profile.calculation,
    status: statusOf(entries),
    startedAt: start.at,
    start: evidenceOf(start),
    total: totalOf(stages),
    rating: rateTotal(stages),
    ...(workingTime ? { workingTime } : {}),
    slowestStage: slowestOf(stages),
    stages: aged,
  };
}

interface Picking {
  readonly trigger: Trigger;
  readonly pick: Pick;
}

function pickEntry(entries: readonly Entry[], pick: Pick): Entry | undefined {
  let picked: Entry | undefined;
  for (const entry of entries) {
    if (!picked || (pick === "first" ? entry.at < picked.at : entry.at >= picked.at)) picked = entry;
  }
  return picked;
}

interface Walk {
  readonly item: WorkItem;
  readonly profile: Profile;
  readonly workingTime: WorkingTime | null;
  readonly startedAt: Instant;
}

function walk(entries: readonly (Entry | undefined)[], { item, profile, workingTime, startedAt }: Walk) {
  let clock = startedAt;
  const stages = profile.stages.map((stage, index): StageTime => {
    const entry = entries[index];
    const overtaker = profile.stages.find((_, later) => later > index && entries[later] !== undefined);
    if (!entry) return absent({ stage, item, profile, overtaker: overtaker?.name ?? null });
    const reached = reachedStage(stage, entry, { clock, workingTime });
    clock = profile.calculation === "entry-to-entry" || entry.at > clock ? entry.at : clock;
    return reached;
  });
  return { stages, clock };
}

interface Clock {
  readonly clock: Instant;
  readonly workingTime: WorkingTime | null;
}

function reachedStage(stage: Stage, entry: Entry, { clock, workingTime }: Clock): StageTime {
  const limits = limitsOf(stage);
  return {
    name: stage.name,
    on: stage.trigger.on,
    limits,
    state: entry.at < clock ? "out-of-order" : "reached",
    enteredAt: entry.at,
    ...timeTo(entry.at, clock, { limits, workingTime }),
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
function notStarted(item: WorkItem, profile: Profile, entries: readonly (Entry | undefined)[]): Timed {
  const start = profile.start === "first-stage" ? profile.stages[0] : profile.start;
  const reasons = notStartedSince(start ? reasonsFor(start.trigger, item, null) : NO_STAGE);
  const stages = profile.stages.map((stage, index) => {
    const pending = absent({ stage, item, profile, overtaker: null });
    return entries[index] ? { ...pending, ...reasons } : pending;
  });
  const { name, calculation } = profile;
  const nothing = { startedAt: null, start: null, total: null, rating: null, slowestStage: null };
  return { profile: name, calculation, status: "not-started", ...nothing, stages };
}

const NO_STAGE: Reasons = { reason: "there is no stage", plainReason: "there is no stage" };

const notStartedSince = ({ reason, plainReason }: Reasons): Reasons => ({
  reason: `the clock has not started: ${reason}`,
  plainReason: `the clock has not started: ${plainReason}`,
});

export function limitsOf({ ideal, acceptable }: Limits): Limits {
  if (ideal !== undefined && acceptable !== undefined) return { ideal, acceptable };
  return { ...(ideal === undefined ? {} : { ideal }), ...(acceptable === undefined ? {} : { acceptable }) };
}

export const evidenceOf = ({ type, id, at, precision, url, actor, pullRequest, note }: Entry): Evidence => ({
  event: type,
  id,
  at,
  precision,
  url,
  actor,
  pullRequest,
  note,
});
