import { DAY, instant } from "../core/time.js";
import type { Clock, Log, Store } from "../ports.js";

/** Few enough that a transaction is short, and fits into what is kept free for a full disk. */
const AT_ONCE = 100;

export interface RetentionParts {
  readonly store: Pick<Store, "transaction">;
  readonly clock: Clock;
  readonly log: Log;
  /** Days that a delivery stays after it came in, once it is done with. */
  readonly keepDays: number;
}

/**
 * Drops raw deliveries that are done with and old enough, a batch a call; what was read from them stays. Those that are parked or
 * wait stay, too. Returns whether there may be more. A redelivery of what was dropped is read again, and changes nothing.
 */
export function retention({ store, clock, log, keepDays }: RetentionParts): () => Promise<boolean> {
  let after = 0;
  let sum = 0;
  return async () => {
    const before = instant(clock.now() - keepDays * DAY);
    const { count, next } = await store.transaction((tx) => tx.dropDeliveries(after, before, AT_ONCE));
    after = next ?? 0;
    sum += count;
    if (next !== null) return true;
    if (sum > 0) log.info({ dropped: sum, keepDays }, "old deliveries were dropped");
    sum = 0;
    return false;
  };
}
