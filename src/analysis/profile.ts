import type { Clone } from "../core/clone.js";
import { BUILT_IN, type Profile, type Stage } from "../core/profile.js";
import { milliseconds } from "../core/time.js";

const limitsIn = (name: string, stages: (stage: Stage) => boolean): { readonly ideal: number; readonly acceptable: number } => {
  const meant = BUILT_IN.find((profile) => profile.name === name)?.stages.filter(stages) ?? [];
  const total = (limit: "ideal" | "acceptable") => meant.reduce((sum, stage) => sum + (stage[limit] ?? 0), 0);
  return { ideal: total("ideal"), acceptable: total("acceptable") };
};

const stage = (name: string, trigger: Stage["trigger"], { ideal, acceptable }: ReturnType<typeof limitsIn>): Stage => ({
  name,
  trigger,
  pick: "first",
  ideal: milliseconds(ideal),
  acceptable: milliseconds(acceptable),
});

/** All that git tells of a pull request. From the first commit to the merge it has as long as the four stages of `pull-request` together. */
export function gitProfile({ branch, defaultBranch }: Pick<Clone, "branch" | "defaultBranch">): Profile {
  const merged: Stage["trigger"] = { on: "pull-request.merged", ...(branch === defaultBranch ? {} : { branches: [branch] }) };
  return {
    name: "git",
    description: "What git alone tells of a pull request: first commit, merge, the first tag that contains it",
    start: { trigger: { on: "commit.created" }, pick: "first" },
    stages: [
      stage(
        "Merge",
        merged,
        limitsIn("pull-request", () => true),
      ),
      stage(
        "Release",
        { on: "release.published" },
        limitsIn("ticket-to-release", ({ trigger }) => trigger.on === "ticket.released"),
      ),
    ],
    calculation: "wall-clock",
    overall: "sum-of-stages",
    statistic: "median",
    absentStages: "leave-out",
  };
}

/** The same from the merge on, where git does not tell when work began. */
export function fromMerge(profile: Profile): Profile {
  const [merge, ...stages] = profile.stages;
  return { ...profile, start: merge ? { trigger: merge.trigger, pick: "last" } : profile.start, stages };
}
