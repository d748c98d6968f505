import { z } from "zod";
import type { Actor } from "../core/event.js";
import { Unreadable } from "../core/failure.js";
import { type Instant, instant, parseInstant, SECOND } from "../core/time.js";

// What GitHub sends, in webhooks and in REST answers alike: only what we read. Everything else may change.

/** What came instead, without its content: messages end in logs. */
const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
const wanted =
  (what: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `expected ${what}, received ${typeof input === "string" ? "other text" : kindOf(input)}`;

/** Numeric ids, as text: they may exceed 2^53, and then come quoted (`readLongIntegers`) or as `bigint` (Octokit). */
export const id = z
  .union([z.int().positive(), z.bigint().positive(), z.string().regex(/^[1-9]\d*$/)], { error: wanted("an id") })
  .transform(String);

export const sha = z
  .string({ error: wanted("a commit's sha") })
  .regex(/^[0-9a-f]{40,64}$/i, { error: wanted("a commit's sha") })
  .toLowerCase();

/** GitHub writes times as ISO 8601; pushes and installations also as seconds since the epoch. */
const toInstant = (value: unknown): Instant | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value < 1e11
    ? instant(value * SECOND)
    : parseInstant(value);

export const time = z
  .unknown()
  .optional()
  .transform((value, context): Instant => {
    const at = toInstant(value);
    if (at !== undefined) return at;
    context.addIssue({ code: "custom", message: wanted("a time such as 2024-05-06T10:00:00Z")({ input: value }) });
    return z.NEVER;
  });
/** A time that some committer's machine made up: unusable ones are left out, for nobody else should suffer from them. */
export const claimedTime = z.unknown().optional().transform(toInstant);

const account = z.object({ login: z.string(), type: z.string().nullish() });
const toActor = ({ login, type }: z.output<typeof account>): Actor => ({
  login,
  bot: type === "Bot" || login.endsWith("[bot]"),
});

/** Who did it; GitHub shows the accounts that are gone as `ghost`. */
export const author = account.nullish().transform((value): Actor => (value ? toActor(value) : { login: "ghost", bot: false }));
export const sender = account.nullish().transform((value): Actor | undefined => (value ? toActor(value) : undefined));

/** An address that somebody else chose: shown only when it is https. */
export const safeUrl = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" && value.startsWith("https://") ? value : undefined));

/** The first 2,000 characters; a character that is cut in two goes. */
export const message = z.string().transform((text) => text.slice(0, 2000).replace(/[\ud800-\udbff]$/, ""));

/** Reads `value`; throws `Unreadable` that names every field that is not as expected, by its path. */
export function parse<Shape extends z.ZodType>(shape: Shape, value: unknown, what: string): z.output<Shape> {
  const { success, data, error } = shape.safeParse(value);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join(".") || "(whole)"}: ${message}`);
  throw new Unreadable(`${what} cannot be read: ${problems.join("; ")}`);
}

const decoder = new TextDecoder();

/** Parses a JSON body, with or without byte order mark. Integers beyond 2^53 are unsafe ones then. Throws `Unreadable`. */
export function readJson(body: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    throw new Unreadable(`${what} cannot be read: expected JSON, received ${body.length} bytes of something else`);
  }
}

/**
 * A JSON body that was parsed before, its integers beyond 2^53 as text, digit by digit; undefined when it can hold none.
 * To look for them takes as long as to parse it, and hardly any has one.
 */
export function readLongIntegers(body: Uint8Array): unknown {
  const text = decoder.decode(body);
  return /\d{16}/.test(text) ? JSON.parse(quoteLongIntegers(text)) : undefined;
}

/** Token by token, so that numbers inside of strings stay, and no string is too long for the pattern. */
function quoteLongIntegers(text: string): string {
  let inString = false;
  return text.replace(/"|\\.|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/gs, (token) => {
    if (token === '"') inString = !inString;
    const long = !inString && token.length >= 16 && !Number.isSafeInteger(Number(token));
    return long ? `"${token}"` : token;
  });
}
