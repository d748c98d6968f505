import { z } from "zod";
import { expecting } from "./configuration-issue.js";
import { pick, stageName, startTriggers, triggerWith } from "./configuration-trigger-schema.js";
import {
  bounds,
  duration,
  globs,
  hours,
  key,
  name,
  names,
  projectKey,
  repository,
  repositoryGlob,
  share,
  text,
  timeZone,
} from "./configuration-values.js";
import { FAILURE_SIGNS } from "./dora.js";
import type { Trigger } from "./profile.js";
import { WEEKDAYS } from "./working-time.js";

/** What people write in `leadtime.yml`: docs/configuration.md. Strict: an unknown key is a mistake. */

const stageFields = {
  name: stageName,
  pick,
  ideal: key(duration, "A lead time up to this is good."),
  acceptable: key(duration, "A lead time up to this is acceptable; a longer one is slow."),
};
const stage = triggerWith(stageFields);
const insertion = triggerWith({
  ...stageFields,
  after: key(name, "The stage it is put in behind. Without it: in the place of the stage of its name, else first."),
});
/** `start: first-stage`, or `start: { on: first-stage }`, or a trigger with its options. */
const start = z.union(
  [
    z.literal("first-stage"),
    z.discriminatedUnion("on", [
      z.strictObject({ on: z.literal("first-stage").describe("When the first stage is entered.") }),
      ...startTriggers({ pick }),
    ]),
  ],
  expecting("first-stage or a mapping such as { on: ticket.created }"),
);

const DURATIONS = "[1d, 7d, 30d]";
const bands = z.strictObject({
  leadTimeForChanges: key(bounds(duration, DURATIONS), "The median of the lead times for changes.", ["1d", "7d", "30d"]),
  deploymentFrequency: key(bounds(duration, DURATIONS), "The time between two deployments.", ["1d", "7d", "30d"]),
  changeFailureRate: key(bounds(share, "[0.15, 0.30, 0.45]"), "The share of deployments that failed.", [0.15, 0.3, 0.45]),
  meanTimeToRestore: key(bounds(duration, "[1h, 1d, 7d]"), "The mean time to restore.", ["1h", "1d", "7d"]),
});
const dora = z.strictObject({
  production: key(
    globs,
    "Globs of the environments that are production. Without them: as GitHub marks them, or production, prod and prod-*.",
  ),
  failedBy: key(z.array(z.enum(FAILURE_SIGNS)).min(1).max(5), "What shows that a deployment failed.", [
    "rollback",
    "revert",
    "hotfix",
    "incident",
  ]),
  hotfix: key(
    z.strictObject({
      labels: key(names, "Labels of pull requests that mend a failure.", ["hotfix"]),
      branches: key(globs, "Globs of the branches that such pull requests come from.", ["hotfix/*"]),
    }),
    "Which pull requests mend a failure.",
  ),
  incident: key(
    z.strictObject({
      types: key(names, "Types of tickets that are incidents.", ["Incident"]),
      labels: key(names, "Labels of tickets that are incidents.", ["incident"]),
    }),
    "Which tickets are incidents.",
  ),
  abandonedResolutions: key(z.array(text).max(100), "Resolutions of tickets that were given up.", [
    "Duplicate",
    "Won't Do",
    "Won't Fix",
    "Cannot Reproduce",
  ]),
  bands: key(bands, "Where elite, high and medium end: three ascending bounds each."),
});

const profile = z.strictObject({
  description: key(z.string().max(500), "What it measures, in a few words."),
  extends: key(name, "The profile that this one is a copy of, but for what it says itself."),
  without: key(z.array(name).min(1).max(100), "Of the stages of the extended profile, those to leave out."),
  insert: key(z.array(insertion).max(50), "Stages to put in between those of the extended profile."),
  issueSystem: key(z.literal("jira"), "Where the tickets are.", "jira"),
  start: key(start, "The event that starts the clock."),
  calculation: key(
    z.enum(["wall-clock", "entry-to-entry"]),
    "How an event before its predecessor counts: it takes no time, or it also sets the clock back.",
    "wall-clock",
  ),
  overall: key(z.enum(["sum-of-stages", "of-totals"]), "Which total reports put first.", "sum-of-stages"),
  statistic: key(z.enum(["mean", "median"]), "Which figure reports put first.", "median"),
  absentStages: key(z.enum(["leave-out", "zero"]), "Whether skipped stages count as 0.", "leave-out"),
  dora: key(dora, "What holds under this profile, over `dora` of the organisation."),
  stages: key(z.array(stage).min(1).max(50), "All the stages, in order. Needed where nothing is extended."),
});

const orgUnit = z.strictObject({
  repositories: key(z.array(repositoryGlob).min(1).max(100), "Globs of its repositories, as owner/repository."),
  projects: key(z.array(projectKey).min(1).max(100), "Keys of its ticket projects."),
  profile: key(name, "The profile that its work is measured under, besides that of the repository."),
});

const workingTime = z.strictObject({
  days: key(z.array(z.enum(WEEKDAYS)).min(1).max(7), "The days that count.", ["mon", "tue", "wed", "thu", "fri"]),
  hours: key(hours, "The hours that count.", "00:00-24:00"),
  timeZone: key(timeZone, "The time zone, as the IANA list names it.", "UTC"),
});

const ticketKeys = z.strictObject({
  projects: key(z.array(projectKey).max(1000), "The ticket projects. Without them: those that Jira lists."),
  from: key(z.array(z.enum(["branch", "title", "commits"])).max(3), "Where keys are looked for; the first with any counts.", [
    "branch",
    "title",
    "commits",
  ]),
});
const comment = z.strictObject({
  enabled: key(z.boolean(), "Whether pull requests get a comment.", true),
  tickets: key(z.enum(["full", "key", "hidden"]), "What of tickets is shown: key and title, the key, nothing.", "full"),
  ratings: key(z.boolean(), "Whether ratings are shown.", true),
  requireTicket: key(z.boolean(), "Whether pull requests without a ticket get none.", false),
  baseline: key(duration, "How far back the usual lead time looks.", "90d"),
});

const EXTENDS = "a repository such as settings or acme/settings, and a path if need be: acme/settings:.github/other.yml";
/** As Probot's other apps have it. */
const extended = z
  .string(expecting(EXTENDS))
  .regex(/^(?:[A-Za-z\d](?:[A-Za-z\d]|-(?=[A-Za-z\d])){0,38}\/)?[-.\w]+(?::[-./\w]+\.ya?ml)?$/, expecting(EXTENDS))
  .meta({ title: "repository, and a path" });

/** A mapping of at most so many names to what they stand for. */
const named = <Schema extends z.ZodType>(of: Schema, most: number) =>
  z
    .record(name.regex(/^[^:]*$/, expecting("a name without a colon")), of)
    .superRefine((given, context) => {
      const found = Object.keys(given).length;
      if (found <= most) return;
      context.addIssue({ code: "custom", message: `at most ${most} entries`, params: { found: String(found) } });
    })
    .meta({ maxProperties: most });

export const writtenConfiguration = z
  .strictObject({
    profile: key(name, "The profile of this repository. Without it: ticket-to-release with Jira, else pull-request."),
    ticketKeys: key(ticketKeys, "How pull requests name their tickets."),
    comment: key(comment, "The comment on pull requests."),
    bots: key(z.array(text).max(200), "Accounts that are no people, besides those that GitHub says are bots.", []),
    profiles: key(named(profile, 100), "Profiles of your own, by name."),
    dora: key(dora, "What deployments, failures and incidents are. Not in a single repository."),
    _extends: key(
      z.union([extended, z.array(extended).min(1).max(5)], expecting(EXTENDS)),
      "Files that this one is laid over, the later over the earlier: of this repository, of the account's .github, or of public ones.",
    ),
    workingTime: key(workingTime, "When people work. Ratings, and only ratings, count this time alone."),
    orgUnits: key(named(orgUnit, 1000), "Named sets of repositories and ticket projects. Not in a single repository."),
    publicTickets: key(
      z.array(repository).max(1000),
      "Public repositories in which tickets may be shown. Only in the operator's file (LEADTIME_CONFIG).",
      [],
    ),
  })
  .meta({ title: "leadtime.yml", description: "Configuration of leadtime: .github/leadtime.yml" });

export type WrittenConfiguration = z.infer<typeof writtenConfiguration>;
export type WrittenProfile = z.infer<typeof profile>;
export type WrittenStage = z.infer<typeof stage>;
export type WrittenInsertion = z.infer<typeof insertion>;
export type WrittenStart = z.infer<typeof start>;

/** The trigger of a written stage or start, without its other fields. */
export function triggerOf(written: WrittenStage | Exclude<WrittenStart, "first-stage" | { on: "first-stage" }>): Trigger {
  const notTrigger = new Set(["name", "pick", "ideal", "acceptable", "after"]);
  const fields = Object.entries(written).filter(([key, value]) => !notTrigger.has(key) && value !== undefined);
  return Object.fromEntries(fields) as Trigger; // the schema is the trigger's, field by field
}
