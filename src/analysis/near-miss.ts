import type { Link } from "../core/link.js";

/** Why texts that look like ticket keys are none, and some of them. */
export interface NearMiss {
  readonly reason: string;
  readonly count: number;
  readonly keys: readonly string[];
}

const EXAMPLES = 3;

/** Counts what looked like a ticket key and is none, by its reason; the most frequent first. */
export function nearMisses() {
  const reasons = new Map<string, { count: number; keys: Set<string> }>();
  return {
    add: (links: readonly Link[]) => {
      for (const { key, refusal } of links) {
        if (refusal === null) continue;
        const seen = reasons.get(refusal) ?? { count: 0, keys: new Set() };
        seen.count++;
        if (seen.keys.size < EXAMPLES) seen.keys.add(key);
        reasons.set(refusal, seen);
      }
    },
    found: (): NearMiss[] =>
      [...reasons]
        .map(([reason, { count, keys }]) => ({ reason, count, keys: [...keys].sort() }))
        .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}
