import { instant, MINUTE } from "../core/time.js";
import type { Clock } from "../ports.js";

/** A comment that took so long is not created any more: another process, to which it was left meanwhile, may be about to. */
const CREATE_WITHIN = MINUTE;

/** Whether what is begun now still is ours alone to create. */
export function mayCreateFrom(clock: Clock): () => boolean {
  const until = instant(clock.now() + CREATE_WITHIN);
  return () => clock.now() < until;
}
