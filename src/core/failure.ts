import type { Instant } from "./time.js";

/** A delivery or file lacks what we read from it. Never retried by itself. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Something outside does not answer for now. `retryAt` when it said from when to ask again. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly retryAt: Instant | undefined;
  constructor(message: string, options: { readonly retryAt?: Instant | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAt = options.retryAt;
  }
}

/** It did not answer in time: it may have too much to do, or have been given too much at once. */
export class TimedOut extends Unavailable {}

/** It was asked to create something, and did not say whether it did: it may still be about to. */
export class Unanswered extends Unavailable {}

/** What was asked for is not there, or not for us: asking again changes nothing. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly reason: "missing" | "forbidden" | "unauthorized";
  constructor(reason: Refused["reason"], message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
  }
}
