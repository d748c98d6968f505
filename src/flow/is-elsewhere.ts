import { TimedOut, Unavailable } from "../core/failure.js";

/** Whether what was worked on is not to blame. A statement that took too long may have been given too much by one of many. */
export const isElsewhere = (error: unknown): boolean => error instanceof Unavailable && !(error instanceof TimedOut);
