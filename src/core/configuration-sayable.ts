import { resolveConfiguration } from "./configuration.js";
import { readWritten } from "./configuration-check.js";
import { filesOf } from "./configuration-extends.js";
import { stageOf } from "./configuration-profiles.js";
import { type Profile, plainName, type Stage } from "./profile.js";

/** A profile as it may be shown to people who may not read the files below the one that a repository proposes. */
export interface SayableProfile {
  readonly profile: Profile;
  /** Whether it is all of it; else only stages of it. */
  readonly whole: boolean;
}

/**
 * Shows a profile as far as it follows from the repository's file alone and the built-in profiles: whoever guesses the name of
 * another profile and extends it must not be shown that one.
 */
export function sayableUnder(content: unknown, repository: string): (profile: Profile) => SayableProfile {
  const { profiles } = resolveConfiguration({ repository: content }, repository);
  return (profile) => {
    const name = plainName(profile.name);
    const alone = profiles.get(name);
    if (alone && same(alone, profile)) return { profile, whole: true };
    const sayable = new Set([...(alone?.stages ?? []), ...writtenStages(content, name)].map(asText));
    return { profile: { ...profile, stages: profile.stages.filter((stage) => sayable.has(asText(stage))) }, whole: false };
  };
}

const asText = (stage: Stage): string => JSON.stringify(stage);
const same = (one: Profile, other: Profile): boolean => JSON.stringify(one) === JSON.stringify(other);

const writtenStages = (content: unknown, name: string): Stage[] =>
  filesOf(content).flatMap((file) => {
    const { stages = [], insert = [] } = readWritten(file).written.profiles?.[name] ?? {};
    return [...stages, ...insert].map(stageOf);
  });
