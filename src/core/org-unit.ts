import { matchesAny } from "./glob.js";

/** A named set of repositories and ticket projects, and the profile that they are measured under besides their own. */
export interface OrgUnit {
  readonly name: string;
  /** Globs of `owner/repository`. */
  readonly repositories: readonly string[];
  /** Keys of ticket projects, in upper case. */
  readonly projects: ReadonlySet<string>;
  /** Null: it only groups. */
  readonly profile: string | null;
}

/** The units that a repository (`acme/web`) belongs to. */
export const unitsOfRepository = (units: readonly OrgUnit[], repository: string): readonly OrgUnit[] =>
  units.filter(({ repositories }) => matchesAny(repositories, repository));

/** The units that a ticket project (`PROP`) belongs to. */
export const unitsOfProject = (units: readonly OrgUnit[], project: string): readonly OrgUnit[] =>
  units.filter(({ projects }) => projects.has(project.toUpperCase()));
