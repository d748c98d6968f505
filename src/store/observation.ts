import { type Event, isState, merge } from "../core/event.js";
import { storable } from "./value.js";

/** An event as it can be stored, with its canonical JSON: keys in order, so that equal events are equal texts. */
export interface Observation {
  readonly event: Event;
  readonly data: string;
}

export function observation(event: Event): Observation {
  return stored(JSON.stringify(event, canonical));
}

function canonical(_key: string, value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  return isRecord(value) ? sorted(value) : value;
}

/** Reads what `observation` wrote. */
export const stored = (data: string): Observation => ({ event: JSON.parse(data) as Event, data }); // only events are written

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const sorted = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** The one of two that holds. */
export const better = (one: Observation | undefined, other: Observation): Observation =>
  one && merge(one.event, other.event) === one.event ? one : other;

/** Whether it says more than was known: a state's mere new stamp does not. */
export function saysMore(before: Observation | undefined, after: Observation): boolean {
  if (!before || !isState(after.event.type)) return before?.data !== after.data;
  return contentOf(before.event) !== contentOf(after.event);
}

function contentOf(event: Event): string {
  const { at, readAt, reader, ...content } = event;
  return JSON.stringify(content);
}
