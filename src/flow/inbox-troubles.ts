import { formatInstant, MINUTE } from "../core/time.js";
import type { Clock, Store } from "../ports.js";

/** Reading takes milliseconds: what waits so long waits for something. */
const LONG = 5 * MINUTE;

/** What is wrong with the inbox and holds nothing up, in words. */
export async function inboxTroubles(store: Pick<Store, "backlog">, clock: Clock): Promise<string[]> {
  const { parked, waitingSince } = await store.backlog();
  const troubles: string[] = [];
  if (parked > 0) troubles.push(`${parked} parked ${parked === 1 ? "delivery" : "deliveries"} could not be handled`);
  if (waitingSince !== null && clock.now() - waitingSince > LONG) {
    troubles.push(`deliveries have been waiting to be handled since ${formatInstant(waitingSince)}`);
  }
  return troubles;
}
