import { z } from "zod";
import { expected, expecting } from "./configuration-problem.js";
import type { Trigger } from "./profile.js";
import { parseDuration } from "./time.js";

/** What people write in `leadtime.yml`: docs/configuration.md. Strict: an unknown key is a mistake. */
const DURATION = "a duration such as 30m, 8h, 1d or 2w";
const duration = z.string(expecting(DURATION)).transform((text, context) => {
  const parsed = parseDuration(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: expected(DURATION, text) });
  return z.NEVER;
});
const name = z.string().trim().min(1).max(80);
const text = z.string().min(1).max(255);
const names = z.array(text).min(1).max(100);
const pick = z.enum(["first", "last"]);
const conclusion = z.enum(["success", "any"]);
const category = z.enum(["to-do", "in-progress", "done"]);

const on = <Kind extends string, Options extends z.ZodRawShape, Fields extends z.ZodRawShape>(
  kind: Kind,
  options: Options,
  fields: Fields,
) => z.strictObject({ on: z.literal(kind), ...options, ...fields });

/** The triggers that a clock may start with. */
const startTriggers = <Fields extends z.ZodRawShape>(fields: Fields) =>
  [
    on("ticket.created", {}, fields),
    on("commit.created", { time: z.enum(["authored", "committed"]).optional() }, fields),
    on("pull-request.opened", { drafts: z.boolean().optional() }, fields),
    on("deployment.succeeded", { environments: names.optional() }, fields),
    on("api-event", { type: text }, fields),
  ] as const;

/** Every trigger with its narrowing options and the fields of what it stands in. */
const triggerWith = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z.discriminatedUnion("on", [
    ...startTriggers(fields),
    on("ticket.status", { status: names.optional(), category: category.optional() }, fields),
    on("ticket.field", { field: text, to: names.optional() }, fields),
    on("pull-request.labeled", { labels: names.optional() }, fields),
    on("pull-request.reviewed", { comments: z.boolean().optional() }, fields),
    on("pull-request.approved", {}, fields),
    on("pull-request.merged", { branches: names.optional() }, fields),
    on("ci.completed", { workflows: names.optional(), checks: names.optional(), conclusion: conclusion.optional() }, fields),
    on("release.published", { prereleases: z.boolean().optional() }, fields),
    on("ticket.released", {}, fields),
  ]);

const stageFields = { name, pick: pick.optional(), ideal: duration.optional(), acceptable: duration.optional() };
const stage = triggerWith(stageFields);
/** `start: first-stage`, or `start: { on: first-stage }`, or a trigger with its options. */
const start = z.union([
  z.literal("first-stage"),
  z.discriminatedUnion("on", [z.strictObject({ on: z.literal("first-stage") }), ...startTriggers({ pick: pick.optional() })]),
]);

/** Part of the format, and without effect for now: a file that has it is no mistake. */
const notYet = z.unknown().optional();

const profile = z.strictObject({
  description: z.string().max(500).optional(),
  extends: name.optional(),
  /** Of the stages that it extends: those to leave out, and those to put in behind another. */
  without: names.optional(),
  insert: z
    .array(triggerWith({ ...stageFields, after: name }))
    .max(50)
    .optional(),
  issueSystem: z.literal("jira").optional(),
  start: start.optional(),
  calculation: z.enum(["wall-clock", "entry-to-entry"]).optional(),
  overall: z.enum(["sum-of-stages", "of-totals"]).optional(),
  statistic: z.enum(["mean", "median"]).optional(),
  absentStages: z.enum(["leave-out", "zero"]).optional(),
  stages: z.array(stage).min(1).max(50).optional(),
});

export const writtenConfiguration = z.strictObject({
  profile: name.optional(),
  ticketKeys: z
    .strictObject({
      projects: z.array(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{1,9}$/, expecting("a project key such as PROP"))).optional(),
      from: z.array(z.enum(["branch", "title", "commits"])).optional(),
    })
    .optional(),
  comment: z
    .strictObject({
      enabled: z.boolean().optional(),
      tickets: z.enum(["full", "key", "hidden"]).optional(),
      ratings: z.boolean().optional(),
      requireTicket: z.boolean().optional(),
      baseline: duration.optional(),
    })
    .optional(),
  bots: z.array(text).max(200).optional(),
  profiles: z.record(name.regex(/^[^:]*$/, expecting("a name without a colon")), profile).optional(),
  dora: z
    .strictObject({
      production: names.optional(),
      abandonedResolutions: z.array(text).optional(),
      ...{ failedBy: notYet, hotfix: notYet, incident: notYet, bands: notYet },
    })
    .optional(),
  ...{ _extends: notYet, workingTime: notYet, orgUnits: notYet },
  publicTickets: z.array(z.string().regex(/^[^/\s]+\/[^/\s]+$/, expecting("owner/repository"))).optional(),
});

export type WrittenConfiguration = z.infer<typeof writtenConfiguration>;
export type WrittenProfile = z.infer<typeof profile>;
export type WrittenStage = z.infer<typeof stage>;
export type WrittenInsertion = NonNullable<WrittenProfile["insert"]>[number];
export type WrittenStart = z.infer<typeof start>;

/** The trigger of a written stage or start, without its other fields. */
export function triggerOf(written: WrittenStage | Exclude<WrittenStart, "first-stage" | { on: "first-stage" }>): Trigger {
  const notTrigger = new Set(["name", "pick", "ideal", "acceptable", "after"]);
  const fields = Object.entries(written).filter(([key, value]) => !notTrigger.has(key) && value !== undefined);
  return Object.fromEntries(fields) as Trigger; // the schema is the trigger's, field by field
}
