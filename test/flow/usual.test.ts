import { describe, expect, it } from "vitest";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { owner, type Ref } from "../../src/core/ref.js";
import { DAY, type Instant, milliseconds } from "../../src/core/time.js";
import { staleUsuals } from "../../src/flow/usual.js";
import type { Queries } from "../../src/ports.js";
import { at, entered, item, leadTime, PULL_REQUEST } from "../render/builders.js";

const OTHER = { ...PULL_REQUEST, ref: "github:pr:11#1" as Ref, repository: "github:repo:11" as Ref, mergedAt: at("09:00") }; // refs in full
const MERGED = item({ leadTimes: [leadTime({ stages: [entered({}, "10:15", 4), entered({ name: "CI" }, "10:20", 5)] })] });
const BOTH = { ...MERGED, pullRequests: [PULL_REQUEST, OTHER] };

/** Whose comments were asked for: the repository, and the range of their merges. */
async function asked(before: MeasuredItem | undefined, after: MeasuredItem | null): Promise<[Ref, Instant, Instant][]> {
  const ranges: [Ref, Instant, Instant][] = [];
  const queries = {
    commentedPullRequests: async (_: unknown, repository: Ref, since: Instant, until: Instant) => {
      ranges.push([repository, since, until]);
      return [];
    },
  } as Partial<Queries> as Queries; // nothing else is asked
  await staleUsuals(queries, owner(1), { before, after, baselineOf: async () => milliseconds(DAY) });
  return ranges;
}

const HERE = [PULL_REQUEST.repository, at("10:15"), at("10:15") + DAY];

describe("what is usual is told anew in the comments on later merges", () => {
  it("of an item that comes, changes or goes", async () => {
    const late = {
      ...MERGED,
      leadTimes: [leadTime({ stages: [entered({}, "10:15", 4), entered({ name: "CI" }, "10:25", 10)] })],
    };
    expect(await asked(undefined, MERGED)).toEqual([HERE]);
    expect(await asked(MERGED, late)).toEqual([[PULL_REQUEST.repository, at("10:20"), HERE[2]]]);
    expect(await asked(MERGED, null)).toEqual([HERE]);
    expect(await asked(MERGED, { ...MERGED, abandoned: true })).toEqual([HERE]);
  });

  it("in a repository that it has no pull request of any more", async () => {
    expect(await asked(BOTH, MERGED)).toEqual([[OTHER.repository, at("10:15"), at("09:00") + DAY]]);
    expect(await asked(MERGED, BOTH)).toEqual([[OTHER.repository, at("10:15"), at("09:00") + DAY]]);
    expect(await asked({ ...MERGED, pullRequests: [OTHER] }, null)).toHaveLength(1);
  });

  it("of nothing when nothing changed, and of what was not merged", async () => {
    expect(await asked(BOTH, BOTH)).toEqual([]);
    expect(await asked({ ...MERGED, pullRequests: [{ ...PULL_REQUEST, mergedAt: null }] }, null)).toEqual([]);
  });
});
