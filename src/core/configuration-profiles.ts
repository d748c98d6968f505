import type { WrittenConfiguration, WrittenInsertion, WrittenProfile, WrittenStage } from "./configuration-schema.js";
import { triggerOf } from "./configuration-schema.js";
import { sameName } from "./glob.js";
import { overlaid } from "./overlaid.js";
import { BUILT_IN, defaultPick, type Profile, type Stage, type Start } from "./profile.js";

export type Profiles = ReadonlyMap<string, Profile>;
export type WrittenProfiles = NonNullable<WrittenConfiguration["profiles"]>;

export const BUILT_IN_PROFILES: Profiles = new Map(BUILT_IN.map((profile) => [profile.name, profile]));

/** The profiles below with those of one more file over them. `prefix`: what stands before their names elsewhere. */
export function withProfiles(below: Profiles, written: WrittenProfiles = {}, prefix = ""): Profiles {
  const profiles = new Map(below);
  const waiting = new Map(Object.entries(written));
  for (const name of waiting.keys()) define(name, { waiting, profiles, prefix });
  return profiles;
}

interface Defining {
  /** Those of this file that are not defined yet; one that is being defined is not in it, which ends circles. */
  readonly waiting: Map<string, WrittenProfile>;
  readonly profiles: Map<string, Profile>;
  readonly prefix: string;
}

function define(name: string, defining: Defining): void {
  const profile = defining.waiting.get(name);
  if (!profile) return;
  defining.waiting.delete(name);
  if (profile.extends !== undefined) define(profile.extends, defining);
  const base = profile.extends === undefined ? undefined : defining.profiles.get(profile.extends);
  const stages = edited(profile.stages?.map(stageOf) ?? base?.stages, profile);
  const start = startOf(profile) ?? base?.start;
  if (!stages || !start) return;
  const dora = profile.dora || base?.dora ? overlaid([base?.dora, profile.dora]) : undefined;
  defining.profiles.set(name, {
    name: `${defining.prefix}${name}`,
    description: profile.description ?? base?.description ?? "",
    start,
    stages,
    calculation: profile.calculation ?? base?.calculation ?? "wall-clock",
    overall: profile.overall ?? base?.overall ?? "sum-of-stages",
    statistic: profile.statistic ?? base?.statistic ?? "median",
    absentStages: profile.absentStages ?? base?.absentStages ?? "leave-out",
    ...(dora ? { dora } : {}),
  });
}

/** The stages without those that are left out, and with those that are put in. */
function edited(
  stages: readonly Stage[] | undefined,
  { without = [], insert = [] }: WrittenProfile,
): readonly Stage[] | undefined {
  const kept = stages?.filter(({ name }) => !without.some((out) => sameName(out, name)));
  let first = 0;
  for (const insertion of kept ? insert : []) {
    const { after } = insertion;
    const at = kept?.findIndex(({ name }) => sameName(name, after ?? insertion.name)) ?? -1;
    if (after !== undefined) kept?.splice(at < 0 ? kept.length : at + 1, 0, stageOf(insertion));
    else if (at < 0) kept?.splice(first++, 0, stageOf(insertion));
    else kept?.splice(at, 1, stageOf(insertion));
  }
  return kept;
}

function startOf({ start }: WrittenProfile): Start | undefined {
  if (start === undefined || start === "first-stage") return start;
  if (start.on === "first-stage") return "first-stage";
  return { trigger: triggerOf(start), pick: start.pick ?? "first" };
}

export function stageOf(of: WrittenStage | WrittenInsertion): Stage {
  const trigger = triggerOf(of);
  return {
    name: of.name,
    trigger,
    pick: of.pick ?? defaultPick(trigger),
    ...(of.ideal === undefined ? {} : { ideal: of.ideal }),
    ...(of.acceptable === undefined ? {} : { acceptable: of.acceptable }),
  };
}
