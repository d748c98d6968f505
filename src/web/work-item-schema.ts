import { z } from "@hono/zod-openapi";
import { TRIGGER_NAMES } from "../core/profile.js";

const time = z.string().openapi({ format: "date-time", example: "2024-05-06T10:00:00Z" });
const seconds = z.int().nonnegative();
const rating = z.enum(["good", "acceptable", "slow"]).nullable();
const pullRequest = z.string().nullable().openapi({ example: "acme/web#7" });
/** Present where the time is known to the day only. */
const precision = z.literal("day").optional();

const link = z.object({
  /** Null when its name is not known here. */
  pullRequest: pullRequest.optional(),
  /** Instead of the pull request, for a commit that was pushed straight. */
  commit: z.string().optional(),
  /** Of a pull request's links. */
  ticket: z.string().optional().openapi({ example: "PROP-1460" }),
  source: z.enum(["branch", "title", "commits", "command"]),
  matched: z.string(),
});

const evidence = z.object({
  event: z.enum(TRIGGER_NAMES),
  at: time,
  url: z.string().nullable(),
  precision,
  pullRequest: pullRequest.optional(),
  note: z.string().optional(),
});

const stage = z.object({ name: z.string(), rating, idealSeconds: seconds.nullable(), acceptableSeconds: seconds.nullable() });
/** `workingSeconds`: what of the lead time is rated, where ratings count working time alone. */
const entered = { enteredAt: time, leadTimeSeconds: seconds, workingSeconds: seconds.optional(), evidence };
const stages = z.discriminatedUnion("state", [
  stage.extend({ state: z.literal("reached"), ...entered }),
  stage.extend({ state: z.literal("out-of-order"), ...entered }),
  /** `leadTimeSeconds` is 0 where the profile counts absent stages as zero. */
  stage.extend({ state: z.literal("skipped"), reason: z.string(), leadTimeSeconds: z.literal(0).optional() }),
  /** `ageSeconds`: of the first pending stage. */
  stage.extend({ state: z.literal("pending"), reason: z.string(), ageSeconds: seconds.optional() }),
]);

const leadTime = z.object({
  profile: z.string(),
  calculation: z.enum(["wall-clock", "entry-to-entry"]),
  status: z.enum(["not-started", "in-progress", "complete", "abandoned"]),
  startedAt: time.nullable(),
  totalSeconds: seconds.nullable(),
  rating,
  slowestStage: z.string().nullable(),
  stages: z.array(stages),
  notes: z.array(z.string()),
});

/** A work item as the API answers it: docs/api.md. */
export const workItemSchema = z
  .object({
    item: z.string().openapi({ example: "PROP-1460" }),
    kind: z.enum(["ticket", "pull-request"]),
    url: z.string().nullable(),
    title: z.string(),
    type: z.string().nullable(),
    finished: z.boolean(),
    timeInStatus: z.array(z.object({ status: z.string(), seconds })).nullable(),
    links: z.array(link),
    nearMisses: z.array(link.extend({ reason: z.string() })),
    leadTimes: z.array(leadTime),
    events: z.array(
      z.object({ type: z.string(), at: time, url: z.string().nullable(), actor: z.string().nullable(), precision }),
    ),
  })
  .openapi("WorkItem");

export type WorkItem = z.infer<typeof workItemSchema>;

export const errorSchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      fields: z.array(z.object({ field: z.string(), message: z.string() })),
    }),
  })
  .openapi("Error");
