import { describe, expect, it } from "vitest";
import { type Analysis, gatherAnalysis } from "../../src/analysis/analysis.js";
import { leadTimeFigures, monthsOf, ticketFigures, waitingOf } from "../../src/analysis/figures.js";
import { limitsOf } from "../../src/analysis/limits.js";
import { HOUR, instant, MINUTE } from "../../src/core/time.js";
import { analysisAt, NOW, stepsAt } from "../support/analyze.js";
import { type WrittenCommit, type WrittenHistory, type WrittenTag, writeClone } from "../support/clone.js";

const BEGIN: WrittenCommit = { key: "begin", at: "2024-05-01T08:00:00Z", message: "begin" };
const work = (key: string, at: string, more: Partial<WrittenCommit> = {}): WrittenCommit => ({
  key,
  parents: ["begin"],
  at,
  message: `work ${key}`,
  ...more,
});
const merge = (key: string, parents: readonly string[], at: string, message: string): WrittenCommit => ({
  key,
  parents,
  at,
  message,
});

const analysed = async (
  history: Omit<WrittenHistory, "branches"> & { readonly branches?: WrittenHistory["branches"] },
): Promise<Analysis> => {
  const { path } = await writeClone({ branches: { main: history.commits.at(-1)?.key ?? "" }, ...history });
  return analysisAt(path);
};
const stagesOf = (analysis: Analysis) =>
  analysis.changes.map(({ number, way, tag, stages }) => ({
    ...{ number, way, tag: tag?.name ?? null },
    stages: stages.map(({ name, state, leadTime }) => [name, state, leadTime]),
  }));

describe("a pull request in a clone", () => {
  it("that was merged is timed from its first commit to its merge, and on to the first tag that contains it", async () => {
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2024-05-02T08:00:00Z"),
        work("b", "2024-05-02T09:00:00Z", { parents: ["a"] }),
        merge("m", ["begin", "b"], "2024-05-02T10:30:00Z", "Merge pull request #1 from acme/feature/PROP-1\n\nLog in"),
      ],
      tags: [
        { name: "v0.9", of: "begin" },
        { name: "v1.1", of: "m", at: "2024-05-04T10:30:00Z" },
        { name: "v1.0", of: "m", at: "2024-05-03T10:30:00Z" },
      ],
    });
    expect(stagesOf(analysis)).toEqual([
      {
        ...{ number: 1, way: "merge", tag: "v1.0" },
        stages: [
          ["Merge", "reached", 2.5 * HOUR],
          ["Release", "reached", 24 * HOUR],
        ],
      },
    ]);
    expect(analysis.changes[0]).toMatchObject({ title: "Log in", branch: "feature/PROP-1", commits: 2, tickets: ["PROP-1"] });
    const { stages, total } = leadTimeFigures(analysis.changes, analysis.clone);
    expect(stages.map(({ statistics, rating }) => [statistics?.count, statistics?.median, rating])).toEqual([
      [1, 2.5 * HOUR, "good"],
      [1, 24 * HOUR, "good"],
    ]);
    expect([total.sumOfStages?.median, total.ofTotals?.median]).toEqual([26.5 * HOUR, 26.5 * HOUR]);
    expect(analysis.slowest.map(({ commits }) => commits.map(({ message }) => message))).toEqual([["work a", "work b"]]);
  });

  it("that was squashed begins with its author date, and where that is the merge's own, is timed from the merge on", async () => {
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2024-05-02T08:00:00Z", { committed: "2024-05-02T11:00:00Z", message: "Log in (#1)" }),
        work("b", "2024-05-03T08:00:00Z", { parents: ["a"], message: "Log out (#2)" }),
      ],
      tags: [{ name: "v1", of: "b", at: "2024-05-03T10:00:00Z" }],
    });
    expect(stagesOf(analysis)).toEqual([
      { ...{ number: 2, way: "squash", tag: "v1" }, stages: [["Release", "reached", 2 * HOUR]] },
      {
        ...{ number: 1, way: "squash", tag: "v1" },
        stages: [
          ["Merge", "reached", 3 * HOUR],
          ["Release", "reached", 23 * HOUR],
        ],
      },
    ]);
    expect(leadTimeFigures(analysis.changes, analysis.clone).stages.map(({ statistics }) => statistics?.count)).toEqual([1, 2]);
    expect(analysis.slowest.map(({ change }) => change.number)).toEqual([1]);
    expect(limitsOf(analysis).join("\n")).toMatch(/^1 pull request was squashed into a commit as old as the merge/m);
  });

  it("that was rebased is timed from the first of its commits to the last", async () => {
    const at = "2024-05-02T11:00:00Z";
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2024-05-02T08:00:00Z", { committed: at, message: "Log in (#1)" }),
        work("b", "2024-05-02T09:00:00Z", { parents: ["a"], committed: at, message: "Test it (#1)" }),
      ],
    });
    expect(stagesOf(analysis)).toEqual([
      {
        ...{ number: 1, way: "rebase", tag: null },
        stages: [
          ["Merge", "reached", 3 * HOUR],
          ["Release", "pending", null],
        ],
      },
    ]);
    expect(limitsOf(analysis).join("\n")).toContain("There is no tag");
  });

  it("counts by its committer date a commit that was written more than 90 days before the merge", async () => {
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2023-01-01T08:00:00Z", { committed: "2024-05-02T09:00:00Z" }),
        merge("m", ["begin", "a"], "2024-05-02T10:00:00Z", "Merge pull request #1 from acme/old"),
      ],
    });
    expect(stagesOf(analysis)[0]?.stages[0]).toEqual(["Merge", "reached", HOUR]);
  });

  it("that only a hotfix branch's tag contains is released by it", async () => {
    const tags: WrittenTag[] = [
      { name: "v1.0.1", of: "hotfix", at: "2024-05-03T10:00:00Z" },
      { name: "v2", of: "later", at: "2024-05-09T10:00:00Z" },
    ];
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2024-05-02T09:00:00Z"),
        merge("m", ["begin", "a"], "2024-05-02T10:00:00Z", "Merge pull request #1 from acme/a"),
        work("hotfix", "2024-05-03T09:00:00Z", { parents: ["m"] }),
        work("later", "2024-05-04T09:00:00Z", { parents: ["m"] }),
      ],
      tags,
    });
    expect(stagesOf(analysis)[0]).toMatchObject({
      tag: "v1.0.1",
      stages: [
        ["Merge", "reached", HOUR],
        ["Release", "reached", 24 * HOUR],
      ],
    });
  });

  it("is released by the first tag of any package of a monorepo, and not by one on a branch without it", async () => {
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("old", "2024-05-02T12:00:00Z"),
        work("a", "2024-05-02T09:00:00Z"),
        merge("m", ["begin", "a"], "2024-05-02T10:00:00Z", "Merge pull request #1 from acme/a"),
      ],
      tags: [
        { name: "web@0.9.9", of: "old", at: "2024-05-02T12:00:00Z" },
        { name: "api@2.0.0", of: "m", at: "2024-05-03T10:00:00Z" },
        { name: "web@1.0.0", of: "m", at: "2024-05-02T16:00:00Z" },
      ],
    });
    expect(stagesOf(analysis)[0]).toMatchObject({
      tag: "web@1.0.0",
      stages: [
        ["Merge", "reached", HOUR],
        ["Release", "reached", 6 * HOUR],
      ],
    });
  });

  it("brings only what the branch did not have, however often the two were merged into each other", async () => {
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2024-05-02T08:00:00Z"),
        work("x", "2024-05-02T07:00:00Z", { message: "straight" }),
        merge("update", ["a", "x"], "2024-05-02T09:00:00Z", "Merge branch 'main' into a"),
        merge("m1", ["x", "a"], "2024-05-02T10:00:00Z", "Merge pull request #1 from acme/a"),
        work("b", "2024-05-02T11:00:00Z", { parents: ["update"] }),
        merge("m2", ["m1", "b"], "2024-05-02T12:00:00Z", "Merge pull request #2 from acme/a"),
      ],
    });
    expect(stagesOf(analysis).map(({ number, stages }) => [number, stages[0]])).toEqual([
      [2, ["Merge", "reached", HOUR]],
      [1, ["Merge", "reached", 2 * HOUR]],
    ]);
    expect(analysis.changes.map(({ commits }) => commits)).toEqual([1, 1]);
  });
});

describe("what is left out and counted", () => {
  it("are bots without a ticket, reverts, what other branches merged, and what names no pull request", async () => {
    const robot = { author: "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>" };
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("1", "2024-05-02T08:00:00Z", { ...robot, message: "Bump lodash from 4.17.20 to 4.17.21 (#1)" }),
        work("2", "2024-05-03T08:00:00Z", { ...robot, parents: ["1"], message: "PROP-7 Upgrade node (#2)" }),
        work("3", "2024-05-04T08:00:00Z", { parents: ["2"], message: 'Revert "Bump lodash (#1)" (#3)' }),
        work("4", "2024-05-05T08:00:00Z", { parents: ["3"], message: "PROP-8 by hand" }),
        work("inner", "2024-05-05T09:00:00Z", { parents: ["4"] }),
        merge("5", ["4", "inner"], "2024-05-05T10:00:00Z", "Merge pull request #5 from acme/inner"),
        merge("6", ["4", "5"], "2024-05-05T11:00:00Z", "Merge pull request #6 from acme/outer"),
      ],
    });
    expect(analysis.changes.map(({ number }) => number)).toEqual([6, 2]);
    expect(analysis.leftOut).toEqual({ bots: 1, reverts: 1, backports: 0, elsewhere: 1 });
    expect(analysis.straight).toEqual({ count: 2, withTicket: 1 });
  });

  it("are tickets that are none, with the reason", async () => {
    const analysis = await analysed({
      commits: [
        BEGIN,
        work("a", "2024-05-02T08:00:00Z", { message: "PROP-1 Read UTF-8 (#1)" }),
        work("b", "2024-05-02T09:00:00Z", { parents: ["a"], message: "Use SHA-256 (#2)" }),
      ],
    });
    expect(ticketFigures(analysis.changes)).toEqual({
      ...{ changes: 2, withTicket: 1, share: 0.5 },
      sources: { branch: 0, title: 1, commits: 0 },
      projects: [{ project: "PROP", changes: 1 }],
    });
    expect(analysis.nearMisses).toEqual([
      { reason: "SHA is a common name and no ticket project", count: 1, keys: ["SHA-256"] },
      { reason: "UTF is a common name and no ticket project", count: 1, keys: ["UTF-8"] },
    ]);
  });

  it("is every later naming of a pull request", async () => {
    const { path } = await writeClone({
      commits: [
        BEGIN,
        work("a", "2024-05-02T08:00:00Z", { committed: "2024-05-02T09:00:00Z", message: "Log in (#1)" }),
        work("b", "2024-05-03T08:00:00Z", { parents: ["a"], message: "Other (#2)" }),
        work("c", "2024-05-04T08:00:00Z", { parents: ["b"], message: "Amend what came with (#1)" }),
      ],
      branches: { main: "c" },
    });
    const analysis = await analysisAt(path);
    const gathering = gatherAnalysis(analysis.clone, null, NOW);
    for (const step of (await stepsAt(path)).reverse()) gathering.add(step);
    expect(gathering.done(analysis.commits).changes).toEqual(analysis.changes);
    expect(analysis.changes.map(({ number, title }) => [number, title])).toEqual([
      [2, "Other"],
      [1, "Log in"],
    ]);
    expect(analysis.straight.count).toBe(2);
    expect(analysis.slowest.map(({ change }) => change.title)).toEqual(["Log in"]);
  });
});

describe("the trend", () => {
  const at = (month: number, minutes: number) => instant(Date.UTC(2024, month, 1) + minutes * MINUTE);
  it("has every month between the first merge and the last, with its own medians", async () => {
    const squash = (key: string, parents: string[], month: number, minutes: number): WrittenCommit => ({
      ...{ key, parents, message: `Work (#${key})` },
      at: new Date(at(month, 0)).toISOString(),
      committed: new Date(at(month, minutes)).toISOString(),
    });
    const analysis = await analysed({
      commits: [BEGIN, squash("1", ["begin"], 0, 10), squash("2", ["1"], 0, 30), squash("3", ["2"], 2, 60)],
    });
    const months = monthsOf(analysis.changes, analysis.clone);
    expect(months.map(({ month, changes, stages }) => [month, changes, stages[0]?.statistics?.median ?? null])).toEqual([
      ["2024-01", 2, 20 * MINUTE],
      ["2024-02", 0, null],
      ["2024-03", 1, 60 * MINUTE],
    ]);
  });
});

describe("what waits for a tag", () => {
  it("are the merges that none contains, longest waiting first; nothing where there are no tags at all", async () => {
    const commits = [
      BEGIN,
      work("a", "2024-05-02T08:00:00Z", { message: "One (#1)" }),
      work("b", "2024-05-03T08:00:00Z", { parents: ["a"], message: "Two (#2)" }),
      work("c", "2024-05-04T08:00:00Z", { parents: ["b"], message: "Three (#3)" }),
    ];
    const tagged = await analysed({ commits, tags: [{ name: "v1", of: "a" }] });
    expect(waitingOf(tagged).map(({ number }) => number)).toEqual([2, 3]);
    expect(waitingOf(await analysed({ commits }))).toEqual([]);
  });
});
