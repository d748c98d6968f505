import { describe, expect, it } from "vitest";
import { type ComparedItem, compare } from "../../src/core/comparison.js";
import type { LeadTime, Rating, StageTime } from "../../src/core/measurement.js";
import { MINUTE, milliseconds } from "../../src/core/time.js";
import { entered, leadTime, minutes, skipped } from "../render/builders.js";

const stage = (name: string, took: number, rating: Rating | null = "good"): StageTime => ({
  ...entered({ name }, "10:00", took),
  ...{ rating },
});
const under = (profile: string, stages: readonly StageTime[], of: Partial<LeadTime> = {}): LeadTime =>
  leadTime({ profile, stages, total: milliseconds(stages.reduce((sum, { leadTime: took }) => sum + (took ?? 0), 0)), ...of });
const ticket = (before: LeadTime[], after: LeadTime[]): ComparedItem => ({
  ...{ kind: "ticket", before, after },
  own: { before: before[0]?.profile ?? null, after: after[0]?.profile ?? null },
});
const inMinutes = (value: number | null | undefined) => (value ?? 0) / MINUTE;

describe("compare", () => {
  it("gives count, median and p90 of each stage and of the totals, before and after", () => {
    const [profile] = compare(
      [10, 20, 30, 40].map((took) =>
        ticket([under("a", [stage("Merge", took), stage("CI", 1)])], [under("a", [stage("Merge", took + 1), stage("CI", 1)])]),
      ),
    ).profiles;
    expect(profile?.stages).toEqual([
      {
        name: "Merge",
        before: { count: 4, median: minutes(25), p90: minutes(37) },
        after: { count: 4, median: minutes(26), p90: minutes(38) },
        ratings: 0,
      },
      {
        name: "CI",
        before: { count: 4, median: minutes(1), p90: minutes(1) },
        after: { count: 4, median: minutes(1), p90: minutes(1) },
        ratings: 0,
      },
    ]);
    expect(profile?.ofTotals.after).toEqual({ count: 4, median: minutes(27), p90: minutes(39) });
  });

  it("adds up medians, which is not the median of the sums", () => {
    const items = [
      [1, 10],
      [2, 1],
      [9, 2],
    ].map(([one = 0, other = 0]) => ticket([], [under("a", [stage("One", one), stage("Two", other)])]));
    const [profile] = compare(items).profiles;
    expect([profile?.sumOfStages.after.median, profile?.ofTotals.after.median].map(inMinutes)).toEqual([4, 11]);
    expect(profile).toMatchObject({ profile: { before: null, after: "a" }, items: 3, changed: 3 });
    expect(profile?.ofTotals.before).toEqual({ count: 0, median: null, p90: null });
  });

  it("matches stages by name, in upper or lower case; those that go stand where they stood", () => {
    const before = under("a", [stage("First", 1), stage("merge", 2), stage("CI", 3), stage("Done", 4)]);
    const after = under("a", [stage("New", 1), stage("Merge", 2), stage("Done", 4)]);
    const [profile] = compare([ticket([before], [after])]).profiles;
    expect(profile?.stages.map(({ name, before: was, after: is }) => [name, was?.count, is?.count])).toEqual([
      ["First", 1, undefined],
      ["New", undefined, 1],
      ["Merge", 1, 1],
      ["CI", 1, undefined],
      ["Done", 1, 1],
    ]);
  });

  it("counts a stage that has no lead time as no figure, and one that counts as zero as one", () => {
    const without = skipped({ name: "Merge" }, "merged without approval");
    const zero = { ...without, leadTime: minutes(0) } as StageTime; // as where absent stages count as zero
    const [profile] = compare([ticket([under("a", [without])], [under("a", [zero])])]).profiles;
    expect(profile?.stages[0]).toMatchObject({ before: { count: 0, median: null }, after: { count: 1, median: 0 } });
  });

  it("says which ratings change to which, of totals and by stage", () => {
    const rated = (from: Rating | null, to: Rating | null, own: Rating = "good") =>
      ticket([under("a", [stage("Merge", 1)], { rating: from })], [under("a", [stage("Merge", 1, own)], { rating: to })]);
    const comparison = compare([
      rated("good", "slow"),
      rated("good", "slow", "acceptable"),
      rated(null, "good"),
      rated("slow", "slow"),
    ]);
    expect(comparison).toMatchObject({ items: 4, changed: 3 });
    expect(comparison.profiles[0]).toMatchObject({ items: 4, changed: 3, stages: [{ ratings: 1 }] });
    expect(comparison.profiles[0]?.ratings).toEqual([
      { from: "good", to: "slow", items: 2 },
      { from: null, to: "good", items: 1 },
    ]);
  });

  it("compares what has one name; what is renamed or chosen instead with what it stands for", () => {
    const [one, two] = [[stage("Merge", 1)], [stage("Merge", 2)]];
    const of = (before: LeadTime[], after: LeadTime[]) =>
      compare([ticket(before, after)]).profiles.map(({ profile }) => [profile.before, profile.after]);
    expect(of([under("a", one)], [under("b", two)])).toEqual([["a", "b"]]);
    expect(of([under("a", one), under("c", one)], [under("b", two), under("c", one)])).toEqual([["a", "b"]]);
    expect(of([under("a", one)], [under("b", two), under("a", one)])).toEqual([["a", "b"]]);
    expect(of([under("b", two), under("a", one)], [under("a", one)])).toEqual([["b", "a"]]);
    expect(of([under("a", one), under("b", two)], [under("b", two)])).toEqual([["a", "b"]]);
    expect(of([under("a", one), under("c", one)], [under("a", one), under("d", two)])).toEqual([
      ["c", null],
      [null, "d"],
    ]);
  });

  it("compares by name where one side has no lead time of its own", () => {
    const [one, two] = [[stage("Merge", 1)], [stage("Merge", 2)]];
    const item = { ...ticket([under("b", one)], [under("b", two)]), own: { before: "a", after: "b" } };
    expect(compare([item]).profiles.map(({ own, profile }) => [own, profile.before, profile.after])).toEqual([
      [true, "b", "b"],
    ]);
  });

  it("begins with items' own profiles, and marks them", () => {
    const [one, two] = [[stage("Merge", 1)], [stage("Merge", 2)]];
    const others = [1, 2].map(() => ticket([under("a", one), under("c", one)], [under("a", one), under("c", two)]));
    const own = ticket([under("b", one)], [under("b", two)]);
    expect(compare([...others, own]).profiles.map((of) => [of.own, of.profile.after])).toEqual([
      [true, "b"],
      [false, "c"],
    ]);
  });

  it("says nothing of a new name alone, nor of a profile under which nothing changes", () => {
    const same = [stage("Merge", 1)];
    expect(compare([ticket([under("a", same)], [under("b", same)])])).toEqual({ items: 1, changed: 0, profiles: [] });
    const other = [under("a", same), under("b", [stage("Merge", 2)])];
    expect(compare([ticket([under("a", same), under("b", same)], other)]).profiles.map(({ profile }) => profile.after)).toEqual(
      ["b"],
    );
  });

  it("begins with what changes most, and with tickets", () => {
    const [one, two] = [under("a", [stage("Merge", 1)]), under("a", [stage("Merge", 2)])];
    const pull = { ...ticket([one], [two]), kind: "pull-request" } as const;
    const kinds = (...items: ComparedItem[]) => compare(items).profiles.map(({ kind }) => kind);
    expect(kinds(pull, ticket([one], [two]))).toEqual(["ticket", "pull-request"]);
    expect(kinds(pull, pull, ticket([one], [two]))).toEqual(["pull-request", "ticket"]);
  });
});
