import type { MeasuredItem } from "../core/measurement.js";
import type { Owner, Ref } from "../core/ref.js";
import { median } from "../core/statistics.js";
import { type Instant, instant, type Milliseconds, milliseconds } from "../core/time.js";
import type { Queries } from "../ports.js";

/** Below this many items a median says nothing. */
const ENOUGH = 5;

export interface UsualOf {
  readonly owner: Owner;
  readonly repository: Ref;
  readonly item: MeasuredItem;
  readonly profile: string;
  /** The merge before which the past is looked at. */
  readonly mergedAt: Instant;
  /** How far back. */
  readonly baseline: Milliseconds;
}

/** The repository's median by stage over the time before a merge, from five items up: what is usual here. */
export async function usualTimes(
  queries: Queries,
  { owner, repository, item, profile, mergedAt, baseline }: UsualOf,
): Promise<ReadonlyMap<string, Milliseconds>> {
  const from = instant(mergedAt - baseline);
  const range = { from, to: mergedAt, without: item.ref };
  const times = await queries.stageTimes({ owner, repository, kind: item.kind, profile, ...range });
  const byStage = new Map<string, number[]>();
  for (const { stage, leadTime } of times) byStage.set(stage, [...(byStage.get(stage) ?? []), leadTime]);
  const medians = [...byStage]
    .filter(([, all]) => all.length >= ENOUGH)
    .map(([stage, all]) => [stage, median(all) ?? 0] as const);
  return new Map(medians.map(([stage, value]) => [stage, milliseconds(value)]));
}

interface Change {
  readonly before: MeasuredItem | undefined;
  readonly after: MeasuredItem;
  /** How far back a repository's comments look. */
  readonly baselineOf: (repository: Ref) => Promise<Milliseconds>;
}

/**
 * The pull requests whose comments told what was usual from the older state of this item. None while events come in order:
 * only a late event changes what was so before an earlier merge.
 */
export async function staleUsuals(queries: Queries, owner: Owner, { before, after, baselineOf }: Change): Promise<Ref[]> {
  const changed = changedEntry(before, after);
  if (changed === undefined) return [];
  const merged = after.pullRequests.flatMap(({ repository, mergedAt }) =>
    mergedAt === null ? [] : [{ repository, mergedAt }],
  );
  const stale = merged.map(async ({ repository, mergedAt }) => {
    const since = instant(Math.max(mergedAt, changed));
    return queries.commentedPullRequests(owner, repository, since, instant(mergedAt + (await baselineOf(repository))));
  });
  return (await Promise.all(stale)).flat();
}

/** The earliest stage entry in which the two states differ. */
function changedEntry(before: MeasuredItem | undefined, after: MeasuredItem): Instant | undefined {
  const known = new Set(before ? entriesOf(before).map(({ text }) => text) : []);
  const now = entriesOf(after);
  const kept = new Set(now.map(({ text }) => text));
  const gone = before ? entriesOf(before).filter(({ text }) => !kept.has(text)) : [];
  const different = [...now.filter(({ text }) => !known.has(text)), ...gone].map(({ at }) => at);
  return different.length > 0 ? instant(Math.min(...different)) : undefined;
}

const entriesOf = ({ leadTimes, abandoned }: MeasuredItem) =>
  leadTimes.flatMap(({ profile, stages }) =>
    stages.flatMap((stage) =>
      "enteredAt" in stage
        ? [{ at: stage.enteredAt, text: [abandoned, profile, stage.name, stage.enteredAt, stage.leadTime].join(" ") }]
        : [],
    ),
  );
