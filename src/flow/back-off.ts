import { HOUR, type Instant, instant, SECOND } from "../core/time.js";

/** 1, 2, 4 … seconds after the failure, at most `cap`. */
export const backOff = (attempts: number, now: Instant, cap: number = HOUR): Instant =>
  instant(now + Math.min(cap, SECOND * 2 ** Math.min(attempts, 20)));
