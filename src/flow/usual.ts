import type { MeasuredItem } from "../core/measurement.js";
import type { Owner, Ref } from "../core/ref.js";
import { median } from "../core/statistics.js";
import { type Instant, instant, type Milliseconds, milliseconds } from "../core/time.js";
import type { ChangedItem, Queries } from "../ports.js";

/** Below this many items a median says nothing. */
const ENOUGH = 5;

export interface UsualOf {
  readonly owner: Owner;
  readonly repository: Ref;
  readonly item: MeasuredItem;
  readonly profile: string;
  /** Up to when the past is looked at: the merge. */
  readonly until: Instant;
  /** How far back. */
  readonly baseline: Milliseconds;
}

/** The repository's median by stage over the time before a merge, from five items up: what is usual here. */
export async function usualTimes(
  queries: Queries,
  { owner, repository, item, profile, until, baseline }: UsualOf,
): Promise<ReadonlyMap<string, Milliseconds>> {
  const range = { from: instant(until - baseline), to: until, without: item.ref };
  const times = await queries.stageTimes({ owner, repository, kind: item.kind, profile, ...range });
  const byStage = new Map<string, number[]>();
  for (const { stage, leadTime } of times) byStage.set(stage, [...(byStage.get(stage) ?? []), leadTime]);
  const medians = [...byStage]
    .filter(([, all]) => all.length >= ENOUGH)
    .map(([stage, all]) => [stage, median(all) ?? 0] as const);
  return new Map(medians.map(([stage, value]) => [stage, milliseconds(value)]));
}

/** What was merged into a repository in `(after, until]`. */
export interface Merged {
  readonly repository: Ref;
  readonly after: Instant;
  readonly until: Instant;
}

/**
 * The merges whose comments told what was usual from the older state of this item. None while events come in order:
 * only what is late, or is gone, changes what was so before an earlier merge. `baselineOf`: how far back a repository's
 * comments look.
 */
export async function staleUsuals(
  { before, item: after }: Pick<ChangedItem, "before" | "item">,
  baselineOf: (repository: Ref) => Promise<Milliseconds>,
): Promise<Merged[]> {
  const merges = new Map([...mergesOf(before), ...mergesOf(after)]);
  const stale = [...merges].map(async ([merge, { repository, mergedAt }]): Promise<Merged[]> => {
    const changed = earliestDifference(entriesWith(merge, before), entriesWith(merge, after));
    if (changed === undefined) return [];
    const since = instant(Math.max(mergedAt, changed));
    return [{ repository, after: since, until: instant(mergedAt + (await baselineOf(repository))) }];
  });
  return (await Promise.all(stale)).flat();
}

/** The pull requests with a kept comment that were merged in any of these ranges. Of many items the ranges are much the same. */
export async function commentedIn(queries: Queries, owner: Owner, ranges: readonly Merged[]): Promise<Ref[]> {
  const joined: Merged[] = [];
  for (const range of ranges.toSorted(byPlace)) {
    const last = joined.at(-1);
    const goesOn = last?.repository === range.repository && range.after <= last.until;
    if (goesOn) joined[joined.length - 1] = { ...last, until: instant(Math.max(last.until, range.until)) };
    else joined.push(range);
  }
  const found = joined.map(({ repository, after, until }) => queries.commentedPullRequests(owner, repository, after, until));
  return (await Promise.all(found)).flat();
}

const byPlace = (one: Merged, other: Merged): number =>
  one.repository === other.repository ? one.after - other.after : one.repository < other.repository ? -1 : 1;

type State = MeasuredItem | null;

interface Merge {
  readonly repository: Ref;
  readonly mergedAt: Instant;
}

/** When and where it was merged: by that it counts among what is usual there. */
const mergesOf = (item: State): (readonly [string, Merge])[] =>
  (item?.pullRequests ?? []).flatMap(({ repository, mergedAt }) =>
    mergedAt === null ? [] : [[`${repository} ${mergedAt}`, { repository, mergedAt }] as const],
  );

interface Entered {
  readonly at: Instant;
  readonly text: string;
}

/** The stage entries of an item that has this merge; without it, it tells nothing there. */
const entriesWith = (merge: string, item: State): Entered[] =>
  item && mergesOf(item).some(([one]) => one === merge) ? entriesOf(item) : [];

/** The earliest stage entry in which the two differ. */
function earliestDifference(one: readonly Entered[], other: readonly Entered[]): Instant | undefined {
  const different = [...without(one, other), ...without(other, one)].map(({ at }) => at);
  return different.length > 0 ? instant(Math.min(...different)) : undefined;
}

function without(some: readonly Entered[], others: readonly Entered[]): Entered[] {
  const texts = new Set(others.map(({ text }) => text));
  return some.filter(({ text }) => !texts.has(text));
}

const entriesOf = ({ leadTimes, abandoned }: MeasuredItem): Entered[] =>
  leadTimes.flatMap(({ profile, status, stages }) =>
    stages.flatMap((stage) =>
      "enteredAt" in stage
        ? [
            {
              at: stage.enteredAt,
              text: [abandoned || status === "abandoned", profile, stage.name, stage.enteredAt, stage.leadTime].join(" "),
            },
          ]
        : [],
    ),
  );
