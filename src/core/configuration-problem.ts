import { z } from "zod";
import { didYouMean } from "./nearest.js";

/** What is wrong in a configuration file, and where: `profiles.delivery.stages[2].ideal`. */
export interface Problem {
  readonly path: string;
  /** What was expected, what was found, and the nearest valid name. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** For a schema that knows better than its type what it expects. */
export const expecting = (what: string) => ({ error: ({ input }: { readonly input?: unknown }) => expected(what, input) });

export const expected = (what: string, found: unknown): string => `expected ${what}, found ${inWords(found)}`;

/** What a schema expected, and what it found: handed to each parse. */
export function describeIssue(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return expected(TYPES[issue.expected] ?? issue.expected, issue.input);
    case "invalid_value":
      return oneOf(issue.values, issue.input);
    case "invalid_union":
      return unionMessage(issue);
    case "too_small":
      return expected(issue.origin === "array" ? "at least one entry" : "a text", issue.input);
    case "too_big":
      return `expected at most ${issue.maximum} ${issue.origin === "array" ? "entries" : "characters"}, found ${sizeOf(issue.input)}`;
    case "invalid_key":
      return expected("a name of 1 to 80 characters", issue.input);
    case "unrecognized_keys":
    case "invalid_format":
    case "invalid_element":
    case "not_multiple_of":
    case "custom":
      return undefined;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  boolean: "true or false",
};

function oneOf(values: readonly unknown[], found: unknown): string {
  const names = values.map(String);
  const list = names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  return `${expected(list, found)}${didYouMean(found, names)}`;
}

function unionMessage({ options, discriminator, input }: Extract<RawIssue, { code?: "invalid_union" }>): string {
  if (Array.isArray(options) && typeof discriminator === "string") return oneOf(options, fieldOf(input, discriminator));
  return expected("first-stage or a mapping such as { on: ticket.created }", input);
}

/** Each issue with its place; an unknown key each by itself, a union by what its content was meant to be. */
export function problemsOf(issues: readonly Issue[], content: unknown, schema: z.ZodType): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === "unrecognized_keys") {
      const valid = keysAt(schema, issue.path, content);
      return issue.keys.map((key) => unknownKey(key, issue.path, valid));
    }
    const meant = issue.code === "invalid_union" ? issue.errors.at(-1) : undefined;
    const found = issue.path.reduce(fieldOf, content);
    if (!meant || !isMapping(found)) return [{ path: pathOf(issue.path), message: issue.message }];
    return problemsOf(
      meant.map((one) => ({ ...one, path: [...issue.path, ...one.path] })),
      content,
      schema,
    );
  });
}

const unknownKey = (key: string, path: readonly PropertyKey[], valid: readonly string[]): Problem => ({
  path: pathOf([...path, key]),
  message: `unknown key: expected one of ${valid.join(", ")}, found "${key.slice(0, 40)}"${didYouMean(key, valid)}`,
});

/** The keys that are valid in the mapping at this place. */
function keysAt(schema: unknown, path: readonly PropertyKey[], content: unknown): readonly string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path, content);
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => keysAt(option, path, content)).find((keys) => keys.length > 0) ?? [];
  }
  const [head, ...rest] = path;
  if (head !== undefined) return isMeant(schema, content) ? keysAt(partOf(schema, head), rest, fieldOf(content, head)) : [];
  return schema instanceof z.ZodObject && isMeant(schema, content) ? Object.keys(schema.shape) : [];
}

/** Of the triggers, the one that the content names. */
function isMeant(schema: unknown, content: unknown): boolean {
  const kind: unknown = schema instanceof z.ZodObject ? schema.shape.on : undefined;
  return !(kind instanceof z.ZodLiteral) || kind.safeParse(fieldOf(content, "on")).success;
}

function partOf(schema: unknown, key: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[String(key)];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

/** `profiles.delivery.stages[2].ideal`; the file itself is the empty text. */
export const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");

const isMapping = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fieldOf(value: unknown, key: PropertyKey): unknown {
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function inWords(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" ? "a mapping" : String(value);
}

const sizeOf = (value: unknown): string =>
  Array.isArray(value) || (typeof value === "string" && value.length > 0) ? String(value.length) : "none";
