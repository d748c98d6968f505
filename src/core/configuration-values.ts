import { z } from "zod";
import { expecting } from "./configuration-issue.js";
import { inWords } from "./configuration-problem.js";
import { LONGEST_BETWEEN_STARS } from "./glob.js";
import { globsInstead, LONGEST_GLOB, looksLikeExpression } from "./glob-mistake.js";
import { type Milliseconds, parseDuration } from "./time.js";
import { type Hours, isTimeZone, parseHours } from "./working-time.js";

/** A key that may be left out: what editors say of it, and what holds without it. */
export const key = <Schema extends z.ZodType>(schema: Schema, description: string, preset?: unknown) =>
  schema.optional().meta({ description, ...(preset === undefined ? {} : { default: preset }) });

const DURATION = "a duration such as 30m, 8h, 1d or 2w";
export const duration = z
  .string(expecting(DURATION))
  .transform((text, context): Milliseconds => {
    const parsed = parseDuration(text);
    if (parsed === undefined) context.addIssue({ code: "custom", message: DURATION });
    return parsed ?? z.NEVER;
  })
  .meta({
    title: "duration",
    pattern: String.raw`^\s*\d{1,6}(\.\d{1,3})?[wdhms](\s+\d{1,6}(\.\d{1,3})?[wdhms])*\s*$`,
    examples: ["8h", "1d", "1d 12h"],
  });

export const name = z.string().trim().min(1).max(80);
export const text = z.string().min(1).max(255);
export const names = z.array(text).min(1).max(100);

const NO_EXPRESSION = "a glob (* is any text, ? any one character)";

const LITERALLY = '; where a character is meant as it stands, write "?" in its place';

/** Why this is no glob of ours, or undefined. Text between two stars is bounded, so that matching stays linear. */
function globMistake(glob: string): { readonly expected: string; readonly found: string } | undefined {
  if (glob.length > LONGEST_GLOB) return { expected: `at most ${LONGEST_GLOB} characters`, found: String(glob.length) };
  if (looksLikeExpression(glob)) {
    const instead = globsInstead(glob).map((one) => JSON.stringify(one));
    const advice = instead.length > 0 ? `; write ${instead.join(", ")}` : "";
    return { expected: NO_EXPRESSION, found: `${inWords(glob)}, which looks like a regular expression${advice}${LITERALLY}` };
  }
  const between = glob.split("*").slice(1, -1);
  const longest = Math.max(0, ...between.map(({ length }) => length));
  if (longest <= LONGEST_BETWEEN_STARS) return undefined;
  return { expected: `at most ${LONGEST_BETWEEN_STARS} characters between two "*"`, found: String(longest) };
}

const anyGlob = z
  .string()
  .min(1)
  .superRefine((written, context) => {
    const mistake = globMistake(written);
    if (mistake) context.addIssue({ code: "custom", message: mistake.expected, params: { found: mistake.found } });
  });
const OF_GLOB = { maxLength: LONGEST_GLOB };
export const glob = anyGlob.meta({ title: "glob", ...OF_GLOB });
export const globs = z.array(glob).min(1).max(100);

const IN_TWO = /^[^/\s]+\/[^/\s]+$/;
export const projectKey = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{1,9}$/, expecting("a project key such as PROP"))
  .meta({ title: "project key" });
export const repository = z.string().regex(IN_TWO, expecting("owner/repository")).meta({ title: "owner/repository" });
export const repositoryGlob = anyGlob
  .regex(IN_TWO, expecting("a glob of owner/repository such as acme/payments-*"))
  .meta({ title: "glob of owner/repository", ...OF_GLOB });

const HOURS = "hours such as 09:00-18:00, the end behind the beginning";
export const hours = z
  .string(expecting(HOURS))
  .transform((written, context): Hours => {
    const parsed = parseHours(written);
    if (!parsed) context.addIssue({ code: "custom", message: HOURS });
    return parsed ?? z.NEVER;
  })
  .meta({ title: "hours", pattern: String.raw`^\d{2}:\d{2}\s?-\s?\d{2}:\d{2}$`, examples: ["09:00-18:00"] });

export const timeZone = z
  .string()
  .superRefine((written, context) => {
    if (isTimeZone(written)) return;
    const params = { names: ["UTC", ...Intl.supportedValuesOf("timeZone")] };
    context.addIssue({ code: "custom", message: "a time zone such as Europe/Berlin or UTC", params });
  })
  .meta({ title: "time zone" });

/** Three of a kind, each more than the one before it. */
export const bounds = <Schema extends z.ZodType<number, unknown>>(bound: Schema, such: string) =>
  z.tuple([bound, bound, bound], expecting(`three ascending bounds such as ${such}`)).superRefine((given, context) => {
    const index = given.findIndex((one, at) => (one ?? 0) <= (given[at - 1] ?? -1));
    if (index >= 0) context.addIssue({ code: "custom", path: [index], message: "more than the bound before it" });
  });

const SHARE = "a share of 1, such as 0.15";
export const share = z.number(expecting(SHARE)).gt(0, expecting(SHARE)).lte(1, expecting(SHARE)).meta({ title: "share" });
