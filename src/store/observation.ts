import { compareRanks, type Event, isState, merge } from "../core/event.js";
import { storable } from "./value.js";

/** An event as it can be stored, with its canonical JSON: keys in order, so that equal events are equal texts. */
export interface Observation {
  readonly event: Event;
  readonly data: string;
}

export function observation(event: Event): Observation {
  const canonical = inOrder(event) as Event; // the same, but for the order and what cannot be stored
  return { event: canonical, data: JSON.stringify(canonical) };
}

/** Reads what `observation` wrote. */
export const stored = (data: string): Observation => ({ event: JSON.parse(data) as Event, data }); // only events are written

function inOrder(value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, inOrder(one)]));
}

/** The one of two that holds. */
export const better = (one: Observation | undefined, other: Observation): Observation =>
  one && merge(one.event, other.event) === one.event ? one : other;

interface Together {
  /** Of each event the observation that holds among them. */
  readonly holding: readonly Event[];
  /** Those that do not hold, where they say something else. */
  readonly others: readonly Event[];
}

/** Merges observations that came together. Many say the same, so nothing is made canonical that need not be. */
export function mergedTogether(events: readonly Event[]): Together {
  const holding = new Map<string, Event>();
  const others: Event[] = [];
  for (const event of events) {
    const known = holding.get(event.id);
    const difference = known === undefined ? 1 : compare(event, known);
    if (difference > 0) holding.set(event.id, event);
    if (known !== undefined && difference !== 0) others.push(difference > 0 ? known : event);
  }
  return { holding: [...holding.values()], others };
}

/** Positive when the one holds, as `better` says; 0: they are the same. */
function compare(one: Event, other: Event): number {
  const difference = compareRanks(one, other);
  if (difference !== 0 || JSON.stringify(one) === JSON.stringify(other)) return difference;
  const [data, against] = [observation(one).data, observation(other).data];
  return data === against ? 0 : data > against ? 1 : -1;
}

/** Whether it says more than was known: a state's mere new stamp does not. */
export function saysMore(before: Observation | undefined, after: Observation): boolean {
  if (!before || !isState(after.event.type)) return before?.data !== after.data;
  return contentOf(before.event) !== contentOf(after.event);
}

function contentOf(event: Event): string {
  const { at, readAt, reader, ...content } = event;
  return JSON.stringify(content);
}
