import { type LayerName, readWritten } from "./configuration-check.js";
import { filesOf } from "./configuration-extends.js";
import { BUILT_IN_PROFILES, type Profiles, withProfiles } from "./configuration-profiles.js";
import type { WrittenConfiguration } from "./configuration-schema.js";
import type { KeySource } from "./correlation.js";
import { DORA, type Dora, withDora } from "./dora.js";
import type { OrgUnit } from "./org-unit.js";
import { overlaid } from "./overlaid.js";
import type { Profile } from "./profile.js";
import { DAY, type Milliseconds, milliseconds } from "./time.js";
import { WORKING_TIME, type WorkingTime } from "./working-time.js";

export { checkConfiguration, type LayerName, type Place } from "./configuration-check.js";
export type { LocatedProblem, Position, Problem } from "./configuration-problem.js";

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
  /** Null: ratings count all time. */
  readonly workingTime: WorkingTime | null;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly orgUnits: readonly OrgUnit[];
  /** What holds where the profile has no `dora` of its own (`doraUnder`). */
  readonly dora: Dora;
  /** Repositories (`owner/repo`) in which tickets may be shown although everybody can read them. */
  readonly publicTickets: readonly string[];
}

/** The layers as they are kept, lowest first; undefined or null: no such file. */
export type Layers = { readonly [Layer in LayerName]?: unknown };

/** Merges the layers, key by key: lists are replaced, profiles and org units by name. What is not good in a layer leaves it out whole. */
export function resolveConfiguration(layers: Layers, repository: string): Configuration {
  const deployment = goodFiles(layers.deployment, "deployment");
  const organisation = goodFiles(layers.organisation, "organisation");
  const own = goodFiles(layers.repository, "repository");
  const shared = [...deployment, ...organisation];
  const all = [...shared, ...own];
  return {
    profile: last(all, "profile") ?? null,
    ticketKeys: ticketKeysOf(all),
    comment: { ...COMMENT, ...overlaid(all.map(({ comment }) => comment)) },
    bots: last(all, "bots") ?? [],
    workingTime: all.some(({ workingTime }) => workingTime)
      ? { ...WORKING_TIME, ...overlaid(all.map(({ workingTime }) => workingTime)) }
      : null,
    profiles: profilesOf(own, profilesOf(shared), `${repository}:`),
    orgUnits: orgUnitsOf(shared),
    dora: withDora(DORA, overlaid(shared.map(({ dora }) => dora))),
    publicTickets: last(deployment, "publicTickets") ?? [],
  };
}

const COMMENT: Configuration["comment"] = {
  enabled: true,
  tickets: "full",
  ratings: true,
  requireTicket: false,
  baseline: milliseconds(90 * DAY),
};

/** What holds for DORA's four keys under a profile: its own settings stand over the organisation's. */
export const doraUnder = ({ dora }: Pick<Configuration, "dora">, profile: Profile): Dora => withDora(dora, profile.dora ?? {});

/** The profiles that a file, as it is kept, and those that it extends define, by name. */
export const definedProfiles = (content: unknown): readonly string[] => [
  ...new Set(filesOf(content).flatMap((file) => Object.keys(readWritten(file).written.profiles ?? {}))),
];

/** The files of a layer, those that it extends first; none when one of them is not good. */
function goodFiles(content: unknown, layer: LayerName): readonly WrittenConfiguration[] {
  const files = filesOf(content);
  const read = files.map((file, index) => readWritten(file, index === files.length - 1 ? { layer } : {}));
  return read.every(({ problems }) => problems.length === 0) ? read.map(({ written }) => written) : [];
}

const last = <Key extends "profile" | "bots" | "publicTickets">(
  files: readonly WrittenConfiguration[],
  key: Key,
): WrittenConfiguration[Key] => files.findLast((file) => file[key] !== undefined)?.[key];

function ticketKeysOf(files: readonly WrittenConfiguration[]): Configuration["ticketKeys"] {
  const { projects, from } = overlaid(files.map(({ ticketKeys }) => ticketKeys));
  return { projects: projects ? upperCase(projects) : null, from: from ?? ["branch", "title", "commits"] };
}

const upperCase = (keys: readonly string[]): ReadonlySet<string> => new Set(keys.map((key) => key.toUpperCase()));

/** A profile that a repository defines is its own: `owner/repo:name` in reports; by its plain name at home. */
const profilesOf = (files: readonly WrittenConfiguration[], below: Profiles = BUILT_IN_PROFILES, prefix = ""): Profiles =>
  files.reduce((profiles, file) => withProfiles(profiles, file.profiles, prefix), below);

function orgUnitsOf(files: readonly WrittenConfiguration[]): readonly OrgUnit[] {
  const units = new Map(files.flatMap(({ orgUnits = {} }) => Object.entries(orgUnits)));
  return [...units].map(([name, { repositories = [], projects = [], profile = null }]) => ({
    ...{ name, repositories, profile },
    projects: upperCase(projects),
  }));
}
