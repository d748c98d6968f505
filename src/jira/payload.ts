import { z } from "zod";
import type { Actor } from "../core/event.js";
import { Unreadable } from "../core/failure.js";
import { instant, parseInstant } from "../core/time.js";

// What Jira sends, in webhooks and in REST answers alike: only what we read. Everything else may change.

/** What came instead, without its content: messages end in logs. */
const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** Jira sends ids as text or as numbers. */
const id = z
  .union([z.string().min(1), z.int()], { error: ({ input }) => `expected an id, received ${kindOf(input)}` })
  .transform(String);

const time = z
  .unknown()
  .optional()
  .transform((value, context) => {
    const at = parseInstant(value);
    if (at !== undefined) return at;
    const came = typeof value === "string" ? "other text" : kindOf(value);
    context.addIssue({ code: "custom", message: `expected a time such as 2024-05-06T10:00:00.000+0800, received ${came}` });
    return z.NEVER;
  });

/** A webhook's own time: milliseconds since the epoch. */
export const timestamp = z.int().positive().transform(instant);

/** Somebody who acted; undefined when Jira does not name them. */
const person = z
  .object({ displayName: z.string().min(1).optional(), accountType: z.string().optional() })
  .nullish()
  .transform((value): Actor | undefined =>
    value?.displayName === undefined ? undefined : { login: value.displayName, bot: value.accountType === "app" },
  );

const version = z.object({
  id,
  name: z.string(),
  released: z.boolean().optional(),
  releaseDate: z.string().nullish(),
});

const status = z.object({
  id,
  name: z.string(),
  statusCategory: z.object({ key: z.string() }).nullish(),
});

export const issueShape = z.object({
  id,
  key: z.string().min(1),
  fields: z.object({
    summary: z.string(),
    created: time,
    updated: time.optional(),
    creator: person,
    status,
    issuetype: z.object({ name: z.string(), subtask: z.boolean().optional(), hierarchyLevel: z.int().nullish() }),
    project: z.object({ key: z.string() }),
    resolution: z.object({ name: z.string() }).nullish(),
    fixVersions: z.array(version).nullish(),
    labels: z.array(z.string()).nullish(),
  }),
});

const change = z
  .object({
    field: z.string(),
    fieldtype: z.string().optional(),
    from: z.unknown().optional(),
    fromString: z.unknown().optional(),
    to: z.unknown().optional(),
    toString: z.unknown().optional(),
  })
  .transform((item) => ({
    field: item.field,
    custom: item.fieldtype === "custom",
    from: { id: filled(item.from), name: filled(item.fromString) },
    to: { id: filled(item.to), name: filled(item.toString) },
  }));

/** `toString` may be absent and is then the function of `Object.prototype`; what is empty is none. */
function filled(value: unknown): string | undefined {
  const isText = typeof value === "string" || typeof value === "number";
  return isText && value !== "" ? String(value) : undefined;
}

/** One entry of a changelog, as REST answers it. */
export const historyShape = z.object({ id, created: time, author: person, items: z.array(change) });

export const issueDeliveryShape = z.object({
  timestamp,
  user: person,
  issue: issueShape,
  changelog: z.object({ id, items: z.array(change) }).optional(),
});

export const deletionShape = z.object({ timestamp, user: person, issue: z.object({ id, key: z.string().min(1) }) });

export const versionDeliveryShape = z.object({ timestamp, version });

/** A page of a list; without `isLast` it is the last one when `total` is reached. */
export const pageShape = z.object({
  values: z.array(z.unknown()),
  isLast: z.boolean().optional(),
  total: z.int().optional(),
});

export const statusesShape = z.array(status);
export const projectShape = z.object({ key: z.string() });
/** An issue of Data Center with its changelog, which is always whole there. */
export const expandedShape = z.object({ changelog: z.object({ histories: z.array(z.unknown()), total: z.int().optional() }) });

export type Issue = z.output<typeof issueShape>;
export type Change = z.output<typeof change>;
export type JiraStatus = z.output<typeof status>;
export type JiraVersion = z.output<typeof version>;

/** Reads `value`; throws `Unreadable` that names every field that is not as expected, by its path. */
export function parse<Shape extends z.ZodType>(shape: Shape, value: unknown, what: string): z.output<Shape> {
  const { success, data, error } = shape.safeParse(value);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join(".") || "(whole)"}: ${message}`);
  throw new Unreadable(`${what} cannot be read: ${problems.join("; ")}`);
}
