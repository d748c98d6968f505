import { z } from "zod";
import { either, fieldOf, inWords, type Problem, problem, type Steps } from "./configuration-problem.js";

type Issue = z.core.$ZodIssue;

/** For a schema that knows better than its type what it expects. */
export const expecting = (what: string) => ({ error: () => what });

/** Handed to each parse: what a schema does not say itself is put into words here. */
export const UNSAID = { error: () => "" };

/** Of a file of nothing but mistakes, no more are told. */
export const MOST = 200;

/** Each issue with its place, at most `MOST`; an unknown key each by itself, a union by what its content was meant to be. */
export const problemsOf = (issues: readonly Issue[], content: unknown, schema: z.ZodType): Problem[] =>
  issues
    .slice(0, MOST)
    .flatMap((issue) => describe(issue, { content, schema }))
    .slice(0, MOST);

interface Read {
  readonly content: unknown;
  readonly schema: z.ZodType;
}

function describe(issue: Issue, read: Read): Problem[] {
  const steps = stepsOf(issue.path);
  const found: unknown = steps.reduce(fieldOf, read.content);
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(issue.keys, steps, keysAt(read.schema, steps, read.content));
    case "invalid_union":
      return ofUnion(issue, found, read);
    case "invalid_value": {
      const names = issue.values.map(String);
      return [problem(steps, { expected: issue.message || either(names), found: inWords(found), name: found, names })];
    }
    case "invalid_key": {
      const expected = issue.issues.find(({ message }) => message !== "")?.message ?? "a name of 1 to 80 characters";
      return [problem(steps, { marks: "key", expected, found: inWords(steps.at(-1)) })];
    }
    case "invalid_type":
      return [problem(steps, { expected: issue.message || (TYPES[issue.expected] ?? issue.expected), found: inWords(found) })];
    case "too_small":
      return [problem(steps, { expected: issue.message || LEAST[issue.origin] || "more", found: inWords(found) })];
    case "too_big": {
      const most = `at most ${issue.maximum} ${issue.origin === "array" ? "entries" : "characters"}`;
      return [
        problem(
          steps,
          issue.message ? { expected: issue.message, found: inWords(found) } : { expected: most, found: sizeOf(found) },
        ),
      ];
    }
    case "custom":
      return [
        problem(steps, { expected: issue.message, found: foundIn(issue.params) ?? inWords(found), ...namesIn(issue, found) }),
      ];
    case "invalid_format":
    case "invalid_element":
    case "not_multiple_of":
      return [problem(steps, { expected: issue.message, found: inWords(found) })];
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  boolean: "true or false",
};
const LEAST: Readonly<Record<string, string>> = { array: "at least one entry", string: "a text" };

/** A custom check may say in its `params` what it found, and among which names it looked. */
const foundIn = (params: Readonly<Record<string, unknown>> | undefined): string | undefined =>
  typeof params?.found === "string" ? params.found : undefined;
function namesIn({ params }: { readonly params?: Readonly<Record<string, unknown>> | undefined }, found: unknown) {
  const names = params?.names;
  return Array.isArray(names) ? { name: found, names: names.filter((name) => typeof name === "string") } : {};
}

/** Of a union by a discriminator, its names; else the option that was meant, or what the union itself expects. */
function ofUnion(issue: Extract<Issue, { code: "invalid_union" }>, found: unknown, read: Read): Problem[] {
  const steps = stepsOf(issue.path);
  const options = fieldOf(issue, "options");
  if (Array.isArray(options)) {
    const names = options.map(String);
    return [problem(steps, { expected: either(names), found: inWords(found), name: found, names })];
  }
  const meant = issue.errors.find((errors) => errors.some(isWithin));
  if (!meant) return [problem(steps, { expected: issue.message, found: inWords(found) })];
  return meant.flatMap((one) => describe({ ...one, path: [...issue.path, ...one.path] }, read));
}

/** Whether the content is of the right kind, and something in it is wrong. */
const isWithin = ({ path, code }: Issue): boolean => path.length > 0 || (code !== "invalid_type" && code !== "invalid_value");

const unknownKeys = (keys: readonly string[], steps: Steps, valid: readonly string[]): Problem[] =>
  keys.slice(0, MOST).map((key) =>
    problem([...steps, key], {
      kind: "unknown key",
      marks: "key",
      expected: `one of ${valid.join(", ")}`,
      found: `"${key.slice(0, 40)}"`,
      name: key,
      names: valid,
    }),
  );

/** The keys that are valid in the mapping at this place. */
function keysAt(schema: unknown, steps: Steps, content: unknown): readonly string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), steps, content);
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => keysAt(option, steps, content)).find((keys) => keys.length > 0) ?? [];
  }
  const [head, ...rest] = steps;
  if (head !== undefined) return isMeant(schema, content) ? keysAt(partOf(schema, head), rest, fieldOf(content, head)) : [];
  return schema instanceof z.ZodObject && isMeant(schema, content) ? Object.keys(schema.shape) : [];
}

/** Of the triggers, the one that the content names. */
function isMeant(schema: unknown, content: unknown): boolean {
  const kind: unknown = schema instanceof z.ZodObject ? schema.shape.on : undefined;
  return !(kind instanceof z.ZodLiteral) || kind.safeParse(fieldOf(content, "on")).success;
}

function partOf(schema: unknown, key: string | number): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(key)];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

/** Zod's paths may have symbols; those of files have none. */
const stepsOf = (path: readonly PropertyKey[]): Steps => path.map((part) => (typeof part === "symbol" ? String(part) : part));

const sizeOf = (value: unknown): string =>
  Array.isArray(value) || (typeof value === "string" && value.length > 0) ? String(value.length) : "none";
