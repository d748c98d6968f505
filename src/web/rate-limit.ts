import { type Instant, SECOND } from "../core/time.js";
import type { Clock } from "../ports.js";

export interface Rate {
  /** So many at once, */
  readonly burst: number;
  /** and so many a second on the long run. */
  readonly perSecond: number;
}

/** Takes one from a key's share. Returns the whole seconds to wait before there is another; 0: it was granted. */
export type RateLimit = (key: string) => number;

/** A token bucket for each key, in this process: replicas count by themselves. */
export function createRateLimit({ burst, perSecond }: Rate, clock: Clock): RateLimit {
  const shares = new Map<string, { readonly left: number; readonly at: Instant }>();
  return (key) => {
    const at = clock.now();
    const before = shares.get(key) ?? { left: burst, at };
    const refilled = (Math.max(0, at - before.at) / SECOND) * perSecond;
    const left = Math.min(burst, before.left + refilled);
    const granted = left >= 1;
    shares.set(key, { left: granted ? left - 1 : left, at });
    return granted ? 0 : Math.ceil((1 - left) / perSecond);
  };
}
