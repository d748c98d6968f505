import { readWritten } from "./configuration-check.js";
import {
  triggerOf,
  type WrittenConfiguration,
  type WrittenInsertion,
  type WrittenProfile,
  type WrittenStage,
} from "./configuration-schema.js";
import type { KeySource } from "./correlation.js";
import { sameName } from "./glob.js";
import { BUILT_IN, defaultPick, type Profile, type Stage, type Start } from "./profile.js";
import { DAY, type Milliseconds, milliseconds } from "./time.js";

export { checkConfiguration } from "./configuration-check.js";
export type { Problem } from "./configuration-problem.js";

/** What holds for a repository, all layers merged. */
export interface Configuration {
  /** The repository's profile by name; null: by default. */
  readonly profile: string | null;
  readonly ticketKeys: { readonly projects: ReadonlySet<string> | null; readonly from: readonly KeySource[] };
  readonly comment: {
    readonly enabled: boolean;
    readonly tickets: "full" | "key" | "hidden";
    readonly ratings: boolean;
    readonly requireTicket: boolean;
    readonly baseline: Milliseconds;
  };
  readonly bots: readonly string[];
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Globs of the environments that are production; null: as GitHub marks them, or by the usual names. */
  readonly production: readonly string[] | null;
  readonly abandonedResolutions: readonly string[];
  /** Repositories (`owner/repo`) in which tickets may be shown although everybody can read them. */
  readonly publicTickets: readonly string[];
}

/** The layers as read from files, lowest first; undefined or null: no such file. */
export interface Layers {
  readonly deployment?: unknown;
  readonly organisation?: unknown;
  readonly repository?: unknown;
}

/** Merges the layers, key by key: lists are replaced, profiles by name. What is not good in a layer leaves it out whole. */
export function resolveConfiguration(layers: Layers, repository: string): Configuration {
  const deployment = readWritten(layers.deployment).written;
  const organisation = readWritten(layers.organisation).written;
  const own = readWritten(layers.repository).written;
  const all = [deployment, organisation, own];
  const ticketKeys = overlaid(all.map((layer) => layer.ticketKeys));
  const comment = overlaid(all.map((layer) => layer.comment));
  const dora = overlaid([deployment.dora, organisation.dora]);
  return {
    profile: own.profile ?? organisation.profile ?? deployment.profile ?? null,
    ticketKeys: { projects: projectSet(ticketKeys.projects), from: ticketKeys.from ?? ["branch", "title", "commits"] },
    comment: {
      enabled: comment.enabled ?? true,
      tickets: comment.tickets ?? "full",
      ratings: comment.ratings ?? true,
      requireTicket: comment.requireTicket ?? false,
      baseline: comment.baseline ?? milliseconds(90 * DAY),
    },
    bots: own.bots ?? organisation.bots ?? deployment.bots ?? [],
    profiles: profilesOf(all, repository),
    production: dora.production ?? null,
    abandonedResolutions: dora.abandonedResolutions ?? ["Duplicate", "Won't Do", "Won't Fix", "Cannot Reproduce"],
    publicTickets: deployment.publicTickets ?? [],
  };
}

/** The parts of one kind in all layers, the higher ones' keys over the lower ones'. */
const overlaid = <Part extends object>(parts: readonly (Part | undefined)[]): Partial<Part> => Object.assign({}, ...parts);

const projectSet = (projects: readonly string[] | undefined): ReadonlySet<string> | null =>
  projects ? new Set(projects.map((project) => project.toUpperCase())) : null;

/** A profile that a repository defines is its own: `owner/repo:name` in reports; by its plain name at home. */
function profilesOf(layers: readonly WrittenConfiguration[], repository: string): ReadonlyMap<string, Profile> {
  const profiles = new Map(BUILT_IN.map((profile) => [profile.name, profile]));
  for (const [index, layer] of layers.entries()) {
    const prefix = index === layers.length - 1 ? `${repository}:` : "";
    const waiting = new Map(Object.entries(layer.profiles ?? {}));
    for (const name of waiting.keys()) define(name, { waiting, profiles, prefix });
  }
  return profiles;
}

interface Defining {
  /** Those of this layer that are not defined yet; one that is being defined is not in it, which ends circles. */
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
  defining.profiles.set(name, {
    name: `${defining.prefix}${name}`,
    description: profile.description ?? base?.description ?? "",
    start,
    stages,
    calculation: profile.calculation ?? base?.calculation ?? "wall-clock",
    overall: profile.overall ?? base?.overall ?? "sum-of-stages",
    statistic: profile.statistic ?? base?.statistic ?? "median",
    absentStages: profile.absentStages ?? base?.absentStages ?? "leave-out",
  });
}

/** The stages without those that are left out, and with those that are put in behind another; behind none that is known: at the end. */
function edited(
  stages: readonly Stage[] | undefined,
  { without = [], insert = [] }: WrittenProfile,
): readonly Stage[] | undefined {
  const kept = stages?.filter(({ name }) => !without.some((out) => sameName(out, name)));
  for (const insertion of kept ? insert : []) {
    const index = kept?.findIndex(({ name }) => sameName(name, insertion.after)) ?? -1;
    kept?.splice(index < 0 ? kept.length : index + 1, 0, stageOf(insertion));
  }
  return kept;
}

function startOf({ start }: WrittenProfile): Start | undefined {
  if (start === undefined || start === "first-stage") return start;
  if (start.on === "first-stage") return "first-stage";
  return { trigger: triggerOf(start), pick: start.pick ?? "first" };
}

function stageOf(of: WrittenStage | WrittenInsertion): Stage {
  const trigger = triggerOf(of);
  return {
    name: of.name,
    trigger,
    pick: of.pick ?? defaultPick(trigger),
    ...(of.ideal === undefined ? {} : { ideal: of.ideal }),
    ...(of.acceptable === undefined ? {} : { acceptable: of.acceptable }),
  };
}
