import { z } from "@hono/zod-openapi";
import { TRIGGER_NAMES } from "../core/profile.js";

const texts = z.array(z.string()).readonly();
const seconds = z.int().nonnegative().nullable();

/** Which events enter a stage, in the words of `leadtime.yml`; what is not there was not narrowed. */
const trigger = z.object({
  on: z.enum(TRIGGER_NAMES),
  status: texts.optional(),
  category: z.enum(["to-do", "in-progress", "done"]).optional(),
  field: z.string().optional(),
  to: texts.optional(),
  time: z.enum(["authored", "committed"]).optional(),
  drafts: z.boolean().optional(),
  labels: texts.optional(),
  comments: z.boolean().optional(),
  branches: texts.optional(),
  workflows: texts.optional(),
  checks: texts.optional(),
  conclusion: z.enum(["success", "any"]).optional(),
  /** `production`: as GitHub marks environments, or by the usual names. */
  environments: z.union([texts, z.literal("production")]).optional(),
  prereleases: z.boolean().optional(),
  type: z.string().optional(),
  pick: z.enum(["first", "last"]),
});

/** The login of the account; null before any account is known. */
const owner = z.string().nullable().openapi({ example: "acme" });

const profile = z.object({
  owner,
  name: z.string().openapi({ example: "delivery" }),
  /** The repository whose own it is; null: the account's, the operator's, or built in. */
  repository: z.string().nullable().openapi({ example: "acme/web" }),
  builtIn: z.boolean(),
  description: z.string(),
  start: z.union([trigger, z.object({ on: z.literal("first-stage") })]),
  calculation: z.enum(["wall-clock", "entry-to-entry"]),
  overall: z.enum(["sum-of-stages", "of-totals"]),
  statistic: z.enum(["mean", "median"]),
  absentStages: z.enum(["leave-out", "zero"]),
  stages: z.array(trigger.extend({ name: z.string(), idealSeconds: seconds, acceptableSeconds: seconds })),
});

const orgUnit = z.object({
  owner,
  name: z.string().openapi({ example: "payments" }),
  /** Globs of `owner/repository`. */
  repositories: texts,
  /** Keys of ticket projects. */
  projects: texts,
  /** Null: it only groups. */
  profile: z.string().nullable(),
});

/** What is configured, as the API answers it: docs/api.md. */
export const profilesSchema = z.object({ profiles: z.array(profile) }).openapi("Profiles");
export const orgUnitsSchema = z.object({ orgUnits: z.array(orgUnit) }).openapi("OrgUnits");

export type TriggerJson = z.infer<typeof trigger>;
export type ProfileJson = z.infer<typeof profile>;
export type OrgUnitJson = z.infer<typeof orgUnit>;
