import { describe, expect, it } from "vitest";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { owner, type Ref } from "../../src/core/ref.js";
import { DAY, type Instant, milliseconds } from "../../src/core/time.js";
import { commentedIn, staleUsuals } from "../../src/flow/usual.js";
import type { Queries } from "../../src/ports.js";
import { at, entered, item, leadTime, PULL_REQUEST } from "../render/builders.js";

const OTHER = { ...PULL_REQUEST, ref: "github:pr:11#1" as Ref, repository: "github:repo:11" as Ref, mergedAt: at("09:00") }; // refs in full
const MERGED = item({ leadTimes: [leadTime({ stages: [entered({}, "10:15", 4), entered({ name: "CI" }, "10:20", 5)] })] });
const BOTH = { ...MERGED, pullRequests: [PULL_REQUEST, OTHER] };

type Range = [Ref, Instant, Instant];

/** Whose comments are stale: the repository, and the range of their merges. */
async function stale(before: MeasuredItem | null, item: MeasuredItem | null): Promise<Range[]> {
  const ranges = await staleUsuals({ before, item }, async () => milliseconds(DAY));
  return ranges.map(({ repository, after, until }) => [repository, after, until]);
}

/** Whose comments are asked for when those merged in these ranges are. */
async function asked(...ranges: Range[]): Promise<Range[]> {
  const seen: Range[] = [];
  const queries = {
    commentedPullRequests: async (_: unknown, repository: Ref, since: Instant, until: Instant) => {
      seen.push([repository, since, until]);
      return [];
    },
  } as Partial<Queries> as Queries; // nothing else is asked
  await commentedIn(
    queries,
    owner(1),
    ranges.map(([repository, after, until]) => ({ repository, after, until })),
  );
  return seen;
}

const HERE = [PULL_REQUEST.repository, at("10:15"), at("10:15") + DAY];

describe("what is usual is told anew in the comments on later merges", () => {
  it("of an item that comes, changes or goes", async () => {
    const late = {
      ...MERGED,
      leadTimes: [leadTime({ stages: [entered({}, "10:15", 4), entered({ name: "CI" }, "10:25", 10)] })],
    };
    expect(await stale(null, MERGED)).toEqual([HERE]);
    expect(await stale(MERGED, late)).toEqual([[PULL_REQUEST.repository, at("10:20"), HERE[2]]]);
    expect(await stale(MERGED, null)).toEqual([HERE]);
    expect(await stale(MERGED, { ...MERGED, abandoned: true })).toEqual([HERE]);
  });

  it("in a repository that it has no pull request of any more", async () => {
    expect(await stale(BOTH, MERGED)).toEqual([[OTHER.repository, at("10:15"), at("09:00") + DAY]]);
    expect(await stale(MERGED, BOTH)).toEqual([[OTHER.repository, at("10:15"), at("09:00") + DAY]]);
    expect(await stale({ ...MERGED, pullRequests: [OTHER] }, null)).toHaveLength(1);
  });

  it("of nothing when nothing changed, and of what was not merged", async () => {
    expect(await stale(BOTH, BOTH)).toEqual([]);
    expect(await stale({ ...MERGED, pullRequests: [{ ...PULL_REQUEST, mergedAt: null }] }, null)).toEqual([]);
  });

  it("once for ranges that overlap, and not for what is between them", async () => {
    const [here, there] = [PULL_REQUEST.repository, OTHER.repository];
    const ranges: Range[] = [
      [here, at("10:00"), at("11:00")],
      [there, at("10:30"), at("11:30")],
      [here, at("13:00"), at("14:00")],
      [here, at("10:10"), at("10:20")],
      [here, at("11:00"), at("12:00")],
    ];
    expect(await asked(...ranges)).toEqual([
      [here, at("10:00"), at("12:00")],
      [here, at("13:00"), at("14:00")],
      [there, at("10:30"), at("11:30")],
    ]);
    expect(await asked()).toEqual([]);
  });
});
