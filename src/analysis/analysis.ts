import type { Clone, CloneCommit } from "../core/clone.js";
import type { Instant } from "../core/time.js";
import { type Change, changesOf, type Measured, namesTicket } from "./change.js";
import { totalTime } from "./figures.js";
import { namedIn } from "./merged.js";
import { type NearMiss, nearMisses } from "./near-miss.js";
import type { Step } from "./sweep.js";

/** What one clone's history tells. */
export interface Analysis {
  readonly clone: Clone;
  /** Merges before are left out; null: none are. */
  readonly since: Instant | null;
  readonly now: Instant;
  /** How many commits were read. */
  readonly commits: number;
  /** The pull requests that count, latest merge first. */
  readonly changes: readonly Change[];
  /** Those that took longest from the first commit on, slowest first. */
  readonly slowest: readonly Slow[];
  /** Left out, and counted. */
  readonly leftOut: LeftOut;
  /** Steps of the branch that name no pull request, and how many of them name a ticket. */
  readonly straight: { readonly count: number; readonly withTicket: number };
  readonly nearMisses: readonly NearMiss[];
}

export interface Slow {
  readonly change: Change;
  /** Oldest first. */
  readonly commits: readonly CloneCommit[];
}

export interface LeftOut {
  readonly bots: number;
  readonly reverts: number;
  readonly backports: number;
  /** Pull requests that were merged into another branch first. */
  readonly elsewhere: number;
}

export interface Gathering {
  add(step: Step): void;
  done(commits: number): Analysis;
}

/** Gathers the steps of a branch, in any order, into what is told of it. */
export function gatherAnalysis(clone: Clone, since: Instant | null, now: Instant): Gathering {
  const measured = changesOf(clone);
  const changes = new Map<number, Change>();
  const leftOut = { bots: 0, reverts: 0, backports: 0, elsewhere: 0 };
  const straight = { count: 0, withTicket: 0 };
  const slowest = slowestSeen();
  const misses = nearMisses();

  const addStraight = (step: Step) => {
    straight.count++;
    if (namesTicket(step)) straight.withTicket++;
  };
  return {
    add: (step) => {
      if (since !== null && (step.line[0]?.committedAt ?? now) < since) return;
      leftOut.elsewhere += step.brought.filter(isMergedElsewhere).length;
      if (!step.named) return addStraight(step);
      const one = measured(step.named, step);
      const why = reasonToLeaveOut(one);
      const before = changes.get(one.change.number);
      if (why) leftOut[why]++;
      else if (before) addStraight(step);
      // A number is merged once: whatever names it later only speaks of it.
      if (why || (before && before.mergedAt <= one.change.mergedAt)) return;
      changes.set(one.change.number, one.change);
      slowest.add(one);
      misses.add(one.links);
    },
    done: (commits) => ({
      ...{ clone, since, now, commits, leftOut, straight },
      changes: [...changes.values()].sort((a, b) => b.mergedAt - a.mergedAt || b.number - a.number),
      slowest: slowest.found().filter(({ change }) => changes.get(change.number) === change),
      nearMisses: misses.found(),
    }),
  };
}

const isMergedElsewhere = ({ parents, message }: CloneCommit): boolean => parents.length > 1 && namedIn(message) !== undefined;

/** A bot's pull request counts when it is about a ticket: a coding agent's work is work. */
function reasonToLeaveOut({ relation, bot, change }: Measured): keyof LeftOut | undefined {
  if (relation !== "change") return `${relation}s`;
  return bot && change.tickets.length === 0 ? "bots" : undefined;
}

const SHOWN = 10;

function slowestSeen() {
  const slowest: Slow[] = [];
  return {
    add: ({ change, commits }: Measured) => {
      const total = totalTime(change);
      if (total === null) return;
      const faster = slowest.findIndex((one) => (totalTime(one.change) ?? 0) < total);
      slowest.splice(faster < 0 ? slowest.length : faster, 0, { change, commits });
      slowest.splice(SHOWN);
    },
    found: () => slowest,
  };
}
