import type { Replayed } from "./replay.js";
import type { Recording } from "./rows.js";

/** Something odd in a recording, counted in the raw rows, and what is made of it. */
export interface Oddity {
  readonly what: string;
  readonly count: number;
  readonly of: number;
  readonly examples: readonly string[];
  readonly shown: string;
}
export type Odd = (recording: Recording, replayed: Replayed) => Oddity;

export const oddity = (what: string, found: readonly string[], of: number, shown: string): Oddity => ({
  what,
  count: found.length,
  of,
  examples: found.slice(0, 5),
  shown,
});
