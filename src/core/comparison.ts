import type { LeadTime, MeasuredItem, Rating, StageTime } from "./measurement.js";
import { statisticsOf, sum } from "./statistics.js";
import { type Milliseconds, milliseconds } from "./time.js";

/** An item under two rules: its lead times that count; none where it is not measured, or abandoned. */
export interface ComparedItem {
  readonly kind: MeasuredItem["kind"];
  readonly before: readonly LeadTime[];
  readonly after: readonly LeadTime[];
  /** The profile that is its own, which the comments show; null, or one that is not among them: none counts. */
  readonly own: Change<string | null>;
}

/** Of how many lead times; null: of none. */
export interface Figures {
  readonly count: number;
  readonly median: Milliseconds | null;
  readonly p90: Milliseconds | null;
}

export interface Change<Value> {
  readonly before: Value;
  readonly after: Value;
}

export interface StageChange extends Change<Figures | null> {
  readonly name: string;
  /** How many items have it rated otherwise. */
  readonly ratings: number;
}

export interface RatingChange {
  readonly from: Rating | null;
  readonly to: Rating | null;
  readonly items: number;
}

/** Items of one kind, under the profile that they were and will be measured under; null: they were not, or will not be. */
export interface ProfileChange {
  readonly kind: MeasuredItem["kind"];
  /** Whether it is the items' own profile, which the comments show. */
  readonly own: boolean;
  readonly profile: Change<string | null>;
  readonly items: number;
  /** How many of these are others than before. */
  readonly changed: number;
  /** In the order of the profile after, each that goes behind the one that stood before it; null: no such stage. */
  readonly stages: readonly StageChange[];
  /** The stages' figures added up, and the figures of the items' totals (docs/lead-time.md). */
  readonly sumOfStages: Change<Figures>;
  readonly ofTotals: Change<Figures>;
  /** Total ratings that are others, the most frequent change first. */
  readonly ratings: readonly RatingChange[];
}

export interface Comparison {
  readonly items: number;
  readonly changed: number;
  /** Those in which anything changes, items' own profiles before others, what changes most first. */
  readonly profiles: readonly ProfileChange[];
}

/** What is another, item for item and over all of them. */
export function compare(items: readonly ComparedItem[]): Comparison {
  const pairs = items.map((item) => ({ kind: item.kind, pairs: paired(item) }));
  const groups = new Map<string, { readonly kind: ComparedItem["kind"]; readonly pairs: Pair[] }>();
  for (const { kind, pairs: own } of pairs)
    for (const pair of own) {
      const key = JSON.stringify([kind, pair.own, pair.before?.profile, pair.after?.profile]);
      const group = groups.get(key) ?? { kind, pairs: [] };
      group.pairs.push(pair);
      groups.set(key, group);
    }
  const profiles = [...groups.values()].map((group) => profileChange(group.kind, group.pairs));
  return {
    items: items.length,
    changed: pairs.filter(({ pairs: own }) => own.some(isAnother)).length,
    profiles: profiles.filter(({ changed }) => changed > 0).sort(byWeight),
  };
}

interface Pair extends Change<LeadTime | null> {
  /** Whether it is the item's own lead time. */
  readonly own: boolean;
}

/**
 * The item's own with its own, whatever each is called; the rest by the profile's name. A profile that becomes the own one, or
 * was it, may be measured besides on the other side: there it is compared by its name as well.
 */
function paired({ before, after, own }: ComparedItem): Pair[] {
  const named = (some: readonly LeadTime[], name: string | null) => some.find(({ profile }) => profile === name) ?? null;
  const [was, is] = [named(before, own.before), named(after, own.after)];
  const both = was !== null && is !== null;
  const left = both ? [...before.filter((one) => one !== was), ...after.filter((one) => one !== is)] : [...before, ...after];
  const rest = [...new Set(left.map(({ profile }) => profile))].map((name): Pair => {
    const pair = { before: named(before, name), after: named(after, name) };
    const isOwn = !both && [was, is].some((one) => one !== null && (one === pair.before || one === pair.after));
    return { ...pair, own: isOwn };
  });
  return both ? [{ before: was, after: is, own: true }, ...rest] : rest;
}

const isAnother = ({ before, after }: Pair): boolean => figuresIn(before) !== figuresIn(after);

/** What of a lead time is a figure, a state or a rating. */
const figuresIn = (of: LeadTime | null): string =>
  JSON.stringify(
    of && [
      of.status,
      of.total,
      of.rating,
      of.stages.map((stage) => [stage.name, stage.state, stage.leadTime, stageRating(stage)]),
    ],
  );

const stageRating = (stage: StageTime | undefined): Rating | null => (stage && "rating" in stage ? stage.rating : null);

const byWeight = (one: ProfileChange, other: ProfileChange): number =>
  Number(other.own) - Number(one.own) ||
  other.changed - one.changed ||
  (one.kind === other.kind ? 0 : one.kind === "ticket" ? -1 : 1);

function profileChange(kind: ComparedItem["kind"], pairs: readonly Pair[]): ProfileChange {
  const [first] = pairs;
  const stages = stagesOf(pairs);
  return {
    kind,
    own: first?.own ?? false,
    profile: { before: first?.before?.profile ?? null, after: first?.after?.profile ?? null },
    items: pairs.length,
    changed: pairs.filter(isAnother).length,
    stages,
    sumOfStages: { before: added(stages.map(({ before }) => before)), after: added(stages.map(({ after }) => after)) },
    ofTotals: both(pairs, (of) => figures(of.flatMap(({ total }) => total ?? []))),
    ratings: ratingChanges(pairs),
  };
}

/** Both sides of all pairs, by themselves. */
const both = <Value>(pairs: readonly Pair[], value: (of: readonly LeadTime[]) => Value): Change<Value> => ({
  before: value(pairs.flatMap(({ before }) => before ?? [])),
  after: value(pairs.flatMap(({ after }) => after ?? [])),
});

function figures(values: readonly number[]): Figures {
  const found = statisticsOf(values);
  if (!found) return NONE;
  return { count: found.count, median: milliseconds(found.median), p90: milliseconds(found.p90) };
}

const NONE: Figures = { count: 0, median: null, p90: null };

/** The sum of the stages' figures; of as many items as the stage that has most. */
function added(stages: readonly (Figures | null)[]): Figures {
  const there = stages.flatMap((of) => (of && of.count > 0 ? [of] : []));
  if (there.length === 0) return NONE;
  return {
    count: Math.max(...there.map(({ count }) => count)),
    median: milliseconds(sum(there.map(({ median }) => median ?? 0))),
    p90: milliseconds(sum(there.map(({ p90 }) => p90 ?? 0))),
  };
}

function stagesOf(pairs: readonly Pair[]): StageChange[] {
  const { before, after } = both(pairs, byStage);
  return inOrder([...before.keys()], [...after.keys()]).map((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    const ratings = pairs.filter(
      (pair) => pair.before && pair.after && ratingIn(pair.before, name) !== ratingIn(pair.after, name),
    );
    return {
      name: (is ?? was)?.name ?? name,
      before: was ? figures(was.times) : null,
      after: is ? figures(is.times) : null,
      ratings: was && is ? ratings.length : 0,
    };
  });
}

interface Times {
  readonly name: string;
  readonly times: number[];
}

/** Names are compared as everywhere: upper or lower case. */
const sameText = (name: string): string => name.toLowerCase();

function byStage(leadTimes: readonly LeadTime[]): Map<string, Times> {
  const found = new Map<string, Times>();
  for (const { name, leadTime } of leadTimes.flatMap(({ stages }) => stages)) {
    const stage = found.get(sameText(name)) ?? { name, times: [] };
    if (leadTime !== null) stage.times.push(leadTime);
    found.set(sameText(name), stage);
  }
  return found;
}

const ratingIn = ({ stages }: LeadTime, name: string): Rating | null =>
  stageRating(stages.find((stage) => sameText(stage.name) === name));

/** The second list, with what only the first has behind the same as there. */
function inOrder(before: readonly string[], after: readonly string[]): string[] {
  const all = [...after];
  for (const [index, name] of before.entries())
    if (!all.includes(name)) all.splice(index === 0 ? 0 : all.indexOf(before[index - 1] ?? "") + 1, 0, name);
  return all;
}

function ratingChanges(pairs: readonly Pair[]): RatingChange[] {
  const changes = new Map<string, RatingChange>();
  for (const { before, after } of pairs) {
    if (!before || !after || before.rating === after.rating) continue;
    const change = { from: before.rating, to: after.rating };
    const key = JSON.stringify(change);
    changes.set(key, { ...change, items: (changes.get(key)?.items ?? 0) + 1 });
  }
  return [...changes.values()].sort((one, other) => other.items - one.items);
}
