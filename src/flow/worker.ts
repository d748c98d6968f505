import type { Clock, Log, Source, SourceName, Store } from "../ports.js";
import type { Policy } from "./gather.js";
import { measureDirty } from "./measure-dirty.js";
import { DELIVERIES_AT_ONCE, readDeliveries } from "./read-deliveries.js";

export interface WorkerParts {
  readonly store: Store;
  readonly sources: Readonly<Partial<Record<SourceName, Source>>>;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Deliveries → events, and → lead times → wanted effects: a batch of each in turn, so that what keeps coming holds up no
 * comment. Returns whether there was anything. Throws `Unavailable` when the database is.
 */
export async function work(parts: WorkerParts): Promise<boolean> {
  const read = await readDeliveries(parts);
  const measured = await measureDirty(parts, read >= DELIVERIES_AT_ONCE);
  return read + measured > 0;
}
