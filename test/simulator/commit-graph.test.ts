import fc from "fast-check";
import { expect, test } from "vitest";
import { createGraph } from "../../src/simulator/commit-graph.js";

const files = new Map<string, string>();
const signature = { login: "alice", at: 0 };

/** Some commits, each with up to two earlier ones as parents. */
const graphs = fc
  .array(fc.tuple(fc.nat(), fc.option(fc.nat(), { nil: undefined })), { minLength: 1, maxLength: 25 })
  .map((choices) => {
    const graph = createGraph();
    const parentsOf = new Map<string, string[]>();
    const shas: string[] = [];
    for (const [index, chosen] of choices.entries()) {
      const parents = [...new Set(chosen.flatMap((choice) => shas[choice === undefined ? -1 : choice % shas.length] ?? []))];
      const { sha } = graph.add({ parents, message: String(index), author: signature, committer: signature, files });
      parentsOf.set(sha, parents);
      shas.push(sha);
    }
    return { graph, shas, parentsOf };
  });

/** Whether one commit can be reached from another, found the plain way. */
const reaches = (parentsOf: Map<string, string[]>, from: string, to: string): boolean =>
  from === to || (parentsOf.get(from) ?? []).some((parent) => reaches(parentsOf, parent, to));

test("a comparison agrees with a plain search of the graph", () => {
  fc.assert(
    fc.property(graphs, fc.nat(), fc.nat(), ({ graph, shas, parentsOf }, one, other) => {
      const base = shas[one % shas.length] ?? "";
      const head = shas[other % shas.length] ?? "";
      const only = (here: string, there: string) =>
        shas.filter((sha) => reaches(parentsOf, here, sha) && !reaches(parentsOf, there, sha));
      const common = shas.filter((sha) => reaches(parentsOf, base, sha) && reaches(parentsOf, head, sha));
      const found = graph.compare(base, head);
      if (common.length === 0) return expect(found).toBeUndefined();
      expect(new Set(found?.ahead.map(({ sha }) => sha))).toEqual(new Set(only(head, base)));
      expect(new Set(found?.behind.map(({ sha }) => sha))).toEqual(new Set(only(base, head)));
      const mergeBase = found?.mergeBase.sha ?? "";
      expect(common).toContain(mergeBase);
      expect(common.filter((sha) => sha !== mergeBase && reaches(parentsOf, sha, mergeBase))).toEqual([]);
    }),
  );
});

test("commits are listed parents first", () => {
  fc.assert(
    fc.property(graphs, ({ graph, shas, parentsOf }) => {
      const listed = graph.ahead(null, shas.at(-1) ?? "").map(({ sha }) => sha);
      for (const [index, sha] of listed.entries())
        expect((parentsOf.get(sha) ?? []).every((parent) => listed.indexOf(parent) < index)).toBe(true);
    }),
  );
});

test("the status says which side has what the other lacks", () => {
  const graph = createGraph();
  const add = (message: string, ...parents: string[]) =>
    graph.add({ parents, message, author: signature, committer: signature, files }).sha;
  const root = add("root");
  const [left, right] = [add("left", root), add("right", root)];
  const status = (base: string, head: string) => graph.compare(base, head)?.status;
  expect([status(root, left), status(left, root), status(left, left), status(left, right)]).toEqual([
    "ahead",
    "behind",
    "identical",
    "diverged",
  ]);
  expect(status(left, add("elsewhere"))).toBeUndefined();
});

test("a commit on an unknown parent is refused", () => {
  const parents = ["f".repeat(40)];
  expect(() => createGraph().add({ parents, message: "", author: signature, committer: signature, files })).toThrow(
    "push it first",
  );
});
