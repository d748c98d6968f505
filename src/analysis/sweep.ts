import type { CloneCommit, CloneTag } from "../core/clone.js";
import { type Named, namedIn } from "./merged.js";

/** What one step of the branch brought. */
export interface Step {
  /** The pull request that its message names; null: none. */
  readonly named: Named | null;
  /** Its commits on the branch's own line, latest first: one, or those of a pull request that was rebased. */
  readonly line: readonly CloneCommit[];
  /** The other commits that the branch did not have before. */
  readonly brought: readonly CloneCommit[];
  /** The first tag, by time, that contains it. */
  readonly tag: CloneTag | null;
}

export interface Sweep {
  /** The commits, each after all of its children. */
  add(commit: CloneCommit): void;
  /**
   * There are no more of them. Whether all came that others named: where none is missing, that is whether each came after
   * its children; a child that comes later names its parents again.
   */
  end(): boolean;
}

interface OpenStep {
  readonly named: Named | null;
  readonly line: CloneCommit[];
  readonly brought: CloneCommit[];
  readonly tag: CloneTag | null;
  /** Steps further back have higher places. */
  place: number;
  /** How many commits wait that may belong to it. */
  awaited: number;
}

/** A commit that children named and that has not come yet. */
interface Awaited {
  /** The step furthest back that contains it: the one that brought it. Null: only tags contain it. */
  step: OpenStep | null;
  /** The first of the tags that contain it, by its rank. */
  rank: number;
  onLine: boolean;
}

/**
 * Goes through a history once, from its ends to its beginnings, and tells each step of the branch when everything that it
 * brought has come. The branch's own line are the first parents from its tip; what a merge on it brought are the commits that
 * its other parents reach and its first parent does not: those that no step further back reaches. Only what waits for its
 * commits is kept, so that memory does not grow with the history.
 */
export function sweep(head: string, tags: readonly CloneTag[], tell: (step: Step) => void): Sweep {
  const ranks = new Map<string, number>();
  for (const [rank, { sha }] of tags.entries()) if (!ranks.has(sha)) ranks.set(sha, rank);
  const awaited = new Map<string, Awaited>([[head, { step: null, rank: NONE, onLine: true }]]);
  const open = new Set<OpenStep>();
  let latest: OpenStep | null = null;

  const release = (step: OpenStep | null) => {
    if (!step || --step.awaited > 0) return;
    open.delete(step);
    tell(step);
  };

  const begin = (commit: CloneCommit, rank: number): OpenStep => {
    const named = namedIn(commit.message) ?? null;
    const place = (latest?.place ?? -1) + 1;
    if (latest && isRebasedOn(latest, commit, named)) {
      latest.line.push(commit);
      latest.place = place;
      return latest;
    }
    const step = { named, line: [commit], brought: [], tag: tags[rank] ?? null, place, awaited: 1 };
    open.add(step);
    release(latest); // it waited for this one, which might have been of the same pull request
    latest = step;
    return step;
  };

  const expect = (sha: string, step: OpenStep | null, { rank, onLine }: { rank: number; onLine: boolean }) => {
    const before = awaited.get(sha);
    const waiting = before ?? { step: null, rank: NONE, onLine: false };
    if (!before) awaited.set(sha, waiting);
    waiting.rank = Math.min(waiting.rank, rank);
    waiting.onLine ||= onLine;
    if (!step || (waiting.step && waiting.step.place >= step.place)) return;
    step.awaited++;
    release(waiting.step);
    waiting.step = step;
  };

  return {
    add: (commit) => {
      const found = awaited.get(commit.sha);
      awaited.delete(commit.sha);
      const rank = Math.min(found?.rank ?? NONE, ranks.get(commit.sha) ?? NONE);
      const onLine = found?.onLine ?? false;
      const step = onLine ? begin(commit, rank) : (found?.step ?? null);
      if (!onLine) step?.brought.push(commit);
      for (const [index, parent] of commit.parents.entries()) expect(parent, step, { rank, onLine: onLine && index === 0 });
      release(found?.step ?? null);
    },
    end: () => {
      for (const step of open) tell(step);
      return awaited.size === 0;
    },
  };
}

const NONE = Number.POSITIVE_INFINITY;

/** Commits next to each other that name one pull request: it was rebased onto the branch. */
const isRebasedOn = ({ named, line: [first] }: OpenStep, commit: CloneCommit, other: Named | null): boolean =>
  named !== null && named.number === other?.number && commit.parents.length < 2 && (first?.parents.length ?? 0) < 2;
