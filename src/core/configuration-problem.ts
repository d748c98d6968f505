import { nearest } from "./nearest.js";

/** The way to a place in a file: the keys, and the indexes in lists. */
export type Steps = readonly (string | number)[];

/** What is wrong in a configuration file, and where. */
export interface Problem {
  /** `profiles.delivery.stages[2].ideal`; the file itself is the empty text. Of what is no YAML: its line and column. */
  readonly path: string;
  readonly steps: Steps;
  /** What is to be marked there: the key, or what stands behind it. */
  readonly marks: "key" | "value";
  readonly expected: string;
  readonly found: string;
  /** The nearest valid name, if one is near. */
  readonly nearest: string | null;
  /** All of that in one sentence. */
  readonly message: string;
}

/** Lines and columns from 1; the end is the first column behind it, on the same line. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}
export type LocatedProblem = Problem & Position;

interface Wrong {
  readonly marks?: Problem["marks"];
  readonly expected: string;
  readonly found: string;
  /** A wrong name, and the valid ones, of which the nearest is told. */
  readonly name?: unknown;
  readonly names?: Iterable<string>;
  /** What kind of mistake it is, in front of the sentence. */
  readonly kind?: string;
}

export function problem(steps: Steps, { marks = "value", expected, found, name, names = [], kind }: Wrong): Problem {
  const near = (typeof name === "string" ? nearest(name, names) : undefined) ?? null;
  const sentence = `expected ${expected}, found ${found}${near === null ? "" : `; did you mean "${near}"?`}`;
  return {
    path: pathOf(steps),
    steps,
    marks,
    expected,
    found,
    nearest: near,
    message: kind === undefined ? sentence : `${kind}: ${sentence}`,
  };
}

/** A name that is none of those that are valid here. */
export const unknownName = (steps: Steps, what: string, name: string, names: readonly string[]): Problem =>
  problem(steps, { expected: names.length > 0 ? `${what} (${listed(names)})` : what, found: inWords(name), name, names });

/** Messages are for people: of many names only the first are listed. */
const LISTED = 20;
const listed = (names: readonly string[]): string =>
  names.length <= LISTED ? names.join(", ") : `${names.slice(0, LISTED).join(", ")} and ${names.length - LISTED} more`;

/** `profiles.delivery.stages[2].ideal`. */
const pathOf = (steps: Steps): string =>
  steps.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");

/** `a, b or c`. */
export const either = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;

export function inWords(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" ? "a mapping" : String(value);
}

export const isMapping = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands under a key, or at an index; undefined: nothing. */
export function fieldOf(value: unknown, key: PropertyKey): unknown {
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : undefined;
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
