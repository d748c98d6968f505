import type { Lane } from "../core/effect.js";
import type { Owner } from "../core/ref.js";
import { type Instant, MINUTE, SECOND } from "../core/time.js";

/** Written at once at the most … */
const BURST = 10;
/** … and then one each so often: 40 new comments and 30 edits a minute stay below the 80 that GitHub lets an account write. */
const EVERY = { say: 1.5 * SECOND, edit: 2 * SECOND } as const;

/** What may be asked of which account now. Kept in memory: each process has a pace of its own. */
export interface Pace {
  /** The accounts that nothing of this lane may be claimed for now. */
  resting(lane: Lane, now: Instant): Owner[];
  wrote(lane: "say" | "edit", owner: Owner, now: Instant): void;
}

/** Whether what is written has to be paced, by the API's address: a GitHub Enterprise Server has no limits unless told. */
export const limitsWrites = (apiUrl: string): boolean => /^api\.github\.com$|\.ghe\.com$/.test(new URL(apiUrl).hostname);

/** `limited`: whether GitHub limits how much is written in a minute. What it says of when to ask again holds anyway. */
export function pacing({ limited }: { readonly limited: boolean }): Pace {
  /** Until when all that was written has been paid for, at the pace of the lane. */
  const paid = { say: new Map<Owner, number>(), edit: new Map<Owner, number>() };
  const overdrawn = (lane: "say" | "edit", now: Instant) =>
    [...paid[lane]].filter(([, until]) => until > now + (BURST - 1) * EVERY[lane]);
  return {
    resting: (lane, now) =>
      limited && (lane === "say" || lane === "edit") ? overdrawn(lane, now).map(([owner]) => owner) : [],
    wrote: (lane, owner, now) => {
      paid[lane].set(owner, Math.max(paid[lane].get(owner) ?? now, now) + EVERY[lane]);
    },
  };
}

/** Failures in a row from which on Jira is taken to be away. */
const AWAY = 4;
/** How long a call that hangs takes. */
const HANGS = 10 * SECOND;

/** How the tracker does, as its answers tell. */
export interface TrackerHealth {
  /** Returns how long it may be at the most until this is tried again, in milliseconds. */
  failed(subject: string): number;
  /** Returns whether the tracker was away until now. */
  answered(subject: string): boolean;
}

/** Reads that hang never take more than one place all together: the more of them, the rarer each is tried, to ten minutes. */
export function trackerHealth(): TrackerHealth {
  const failing = new Set<string>();
  let inARow = AWAY; // what was before our start is not known
  return {
    failed: (subject) => {
      inARow++;
      failing.add(subject);
      return Math.min(10 * MINUTE, Math.max(MINUTE, failing.size * HANGS));
    },
    answered: (subject) => {
      const back = inARow >= AWAY;
      inARow = 0;
      failing.delete(subject);
      return back;
    },
  };
}
