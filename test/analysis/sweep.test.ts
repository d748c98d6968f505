import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { sweep } from "../../src/analysis/sweep.js";
import { instant } from "../../src/core/time.js";
import { openAt, stepsAt, sweptAt } from "../support/analyze.js";
import { type WrittenClone, type WrittenCommit, type WrittenTag, writeClone } from "../support/clone.js";

// Each history is a repository of its own, and git is asked about each commit of it.
vi.setConfig({ testTimeout: 120_000 });

const minute = (index: number): string => new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString();

interface Drawn {
  readonly commits: readonly WrittenCommit[];
  readonly tags: readonly WrittenTag[];
}

/** Any graph: each commit with up to three of those before it as parents, clocks that go wrong, tags anywhere, twice on one commit too. */
const drawn: fc.Arbitrary<Drawn> = fc
  .array(
    fc.record({
      parents: fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 3 }),
      skew: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -20, max: 20 }) }),
      tag: fc.option(fc.record({ at: fc.option(fc.nat(40), { nil: undefined }) }), { nil: undefined, freq: 3 }),
    }),
    { minLength: 2, maxLength: 18 },
  )
  .map((picks) => ({
    commits: picks.map(({ parents, skew }, index) => ({
      key: `${index}`,
      parents: index === 0 ? [] : [...new Set(parents.map((pick) => `${pick % index}`))],
      at: minute(30 + index + skew),
      message: `commit ${index}`,
    })),
    tags: picks.flatMap(({ tag }, index) =>
      tag ? [{ name: `t${index}`, of: `${index}`, ...(tag.at === undefined ? {} : { at: minute(tag.at) }) }] : [],
    ),
  }));

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** The tags that contain a commit, by time and then by name, as git itself says. */
const tagsContaining = ({ git }: WrittenClone, sha: string): string[] =>
  lines(git("tag", "--contains", sha, "--format=%(creatordate:unix) %(refname:short)"))
    .map((line) => line.split(" "))
    .sort(([a, one = ""], [b, other = ""]) => Number(a) - Number(b) || (one < other ? -1 : 1))
    .map(([, name = ""]) => name);

describe("the sweep over a history", () => {
  it("finds on any graph the branch's own line, what each step brought, and the first tag that contains it, as git does", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.nat(), async ({ commits, tags }, pick) => {
        const head = `${commits.length - 1 - (pick % Math.min(3, commits.length))}`;
        const clone = await writeClone({ commits, tags, branches: { main: head } });
        const steps = await stepsAt(clone.path);
        const line = lines(clone.git("rev-list", "--first-parent", "main"));
        expect(steps.map((step) => step.line.map(({ sha }) => sha)).sort()).toEqual(line.map((sha) => [sha]).sort());
        for (const { line: own, brought, tag } of steps) {
          const [sha = ""] = own.map((commit) => commit.sha);
          const parent = lines(clone.git("rev-list", "--parents", "--max-count=1", sha))[0]?.split(" ")[1];
          const range = parent ? [sha, `^${parent}`] : [sha];
          const others = lines(clone.git("rev-list", ...range)).filter((one) => one !== sha);
          expect(brought.map((commit) => commit.sha).sort()).toEqual(others.sort());
          expect(tag?.name).toBe(tagsContaining(clone, sha)[0]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it("tells the same of what was merged since a time, whatever was before", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 1, max: 17 }), async ({ commits, tags }, from) => {
        const clone = await writeClone({ commits, tags, branches: { main: `${commits.length - 1}` } });
        const since = instant(Date.parse(minute(30 + from)));
        const told = (steps: Awaited<ReturnType<typeof stepsAt>>) =>
          steps.map(({ line, brought, tag }) => [
            line.map(({ sha }) => sha),
            brought.map(({ sha }) => sha).sort(),
            tag?.name ?? null,
          ]);
        const all = told(await stepsAt(clone.path));
        const some = told(await stepsAt(clone.path, { since }));
        const before = lines(clone.git("rev-list", "--first-parent", "--max-count=1", `--before=${since / 1000 - 1}`, "main"));
        const kept =
          before.length === 0 ? all.length : lines(clone.git("rev-list", "--first-parent", `${before[0]}..main`)).length;
        expect(some).toHaveLength(kept);
        for (const step of some) expect(all).toContainEqual(step);
      }),
      { numRuns: 15 },
    );
  });

  it("tells the same by date, or notices that a child came after its parent", async () => {
    const told = ({ steps }: Awaited<ReturnType<typeof sweptAt>>) =>
      steps
        .map(({ line, brought, tag }) =>
          [...line, ...brought]
            .map(({ sha }) => sha)
            .sort()
            .concat(tag?.name ?? ""),
        )
        .sort();
    const seen = { inOrder: 0, not: 0 };
    await fc.assert(
      fc.asyncProperty(drawn, async ({ commits, tags }) => {
        const { path } = await writeClone({ commits, tags, branches: { main: `${commits.length - 1}` } });
        const byDate = await sweptAt(path, { order: "by-date" });
        const byGraph = await sweptAt(path, { order: "by-graph" });
        expect(byGraph.inOrder).toBe(true);
        if (byDate.inOrder) expect(told(byDate)).toEqual(told(byGraph));
        seen[byDate.inOrder ? "inOrder" : "not"]++;
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(Math.min(seen.inOrder, seen.not)).toBeGreaterThan(5);
  });

  it("takes commits next to each other that name one pull request for one that was rebased", async () => {
    const { path } = await writeClone({
      commits: [
        { key: "a", at: minute(0), message: "begin" },
        { key: "b", parents: ["a"], at: minute(1), message: "One (#7)" },
        { key: "c", parents: ["b"], at: minute(2), message: "Two (#7)" },
        { key: "d", parents: ["c"], at: minute(3), message: "Three (#8)" },
        { key: "e", parents: ["d"], at: minute(4), message: "Four (#7)" },
      ],
      branches: { main: "e" },
    });
    const steps = await stepsAt(path);
    expect(steps.map(({ line, named }) => [named?.number, line.map(({ message }) => message)])).toEqual([
      [7, ["Four (#7)"]],
      [8, ["Three (#8)"]],
      [7, ["Two (#7)", "One (#7)"]],
      [undefined, ["begin"]],
    ]);
  });

  it("tells each step as soon as it has all of its commits, so that nothing gathers in memory", async () => {
    const commits: WrittenCommit[] = [{ key: "m0", at: minute(0), message: "begin" }];
    for (let step = 1; step <= 40; step++) {
      commits.push({ key: `b${step}`, parents: [`m${step - 1}`], at: minute(3 * step), message: "work" });
      commits.push({ key: `m${step}`, parents: [`m${step - 1}`, `b${step}`], at: minute(3 * step + 1), message: "merge" });
    }
    const { path } = await writeClone({ commits, branches: { main: "m40" } });
    const clone = await openAt(path);
    let [open, most] = [0, 0];
    const { add, end } = sweep(clone.head, clone.tags, ({ line, brought }) => {
      open -= line.length + brought.length;
    });
    for await (const piece of clone.commits("by-graph")) {
      for (const commit of piece) {
        add(commit);
        most = Math.max(most, ++open);
      }
    }
    end();
    expect(open).toBe(0);
    expect(most).toBeLessThan(6);
  });
});
