import { describe, expect, test } from "vitest";
import {
  type Carrier,
  type Containing,
  carriersOf,
  firstContaining,
  isProduction,
  neighbourComparisons,
} from "../../src/core/containment.js";
import type { Event } from "../../src/core/event.js";
import type { MergeCommit } from "../../src/core/pull-request.js";
import { at, deployment, pullRequest, REPOSITORY, release } from "../support/builders.js";

const merge = (over: Partial<MergeCommit> = {}): MergeCommit => ({
  repository: REPOSITORY,
  sha: "m",
  at: at("10:00"),
  pullRequest: pullRequest(7).ref,
  ...over,
});

interface Known {
  readonly heads?: readonly string[];
  readonly watchedAt?: string;
  readonly firsts?: readonly string[];
}
function containing(events: readonly Event[], { heads = [], watchedAt, firsts = [] }: Known = {}, of = merge()): string[] {
  const known: Containing = {
    heads: new Set([of.sha, ...heads]),
    watchedAt: watchedAt === undefined ? null : at(watchedAt),
    firsts: new Set(firsts.map((id) => `github:deployment:${id}`)),
  };
  return firstContaining(of, carriersOf(events), known).map(({ event }) => event.ref.replace("github:", ""));
}

describe("a merge commit is contained in", () => {
  test("a deployment of itself, or of a commit that contains it", () => {
    expect(containing([deployment("1", "m", at("10:10"))])).toEqual(["deployment:1"]);
    expect(containing([deployment("1", "h", at("10:10"))], { heads: ["h"] })).toEqual(["deployment:1"]);
    expect(containing([deployment("1", "h", at("10:10"))])).toEqual([]);
  });

  test("the first deployment of each environment, whatever the case of its name", () => {
    const events = [
      deployment("1", "before", at("10:05")),
      deployment("2", "h", at("10:10"), { environment: "Staging" }),
      deployment("3", "m", at("10:20")),
      deployment("4", "h2", at("10:30"), { environment: "staging" }),
      deployment("5", "h2", at("10:40")),
    ];
    expect(containing(events, { heads: ["h", "h2"] })).toEqual(["deployment:2", "deployment:3"]);
    expect(containing([...events].reverse(), { heads: ["h", "h2"] })).toEqual(["deployment:2", "deployment:3"]);
  });

  test("nothing new when it is deployed again, or rolled back to", () => {
    const events = [deployment("1", "m", at("10:10")), deployment("2", "h", at("10:20")), deployment("3", "m", at("10:30"))];
    expect(containing(events, { heads: ["h"] })).toEqual(["deployment:1"]);
    expect(containing(events.slice(1), { heads: ["h"] })).toEqual(["deployment:2"]);
  });

  test("no deployment of the branch before the merge, also when the merge made no commit of its own", () => {
    const branch = deployment("1", "m", at("09:59"));
    expect(containing([branch])).toEqual([]);
    expect(containing([branch, deployment("2", "m", at("10:00"))])).toEqual(["deployment:2"]);
    expect(containing([branch], {}, merge({ pullRequest: null }))).toEqual(["deployment:1"]);
  });

  test("no deployment that was never to stay", () => {
    expect(containing([deployment("1", "m", at("10:10"), { transient: true })])).toEqual([]);
  });
});

describe("the first deployment that was seen of an environment contains", () => {
  const first = deployment("1", "h", at("10:10"));
  const known = { heads: ["h"], firsts: ["1"] };

  test("what was merged since the repository is watched", () => {
    expect(containing([first], { ...known, watchedAt: "10:00" })).toEqual(["deployment:1"]);
    expect(containing([first], { ...known, watchedAt: "10:01" })).toEqual([]);
    expect(containing([first], known)).toEqual(["deployment:1"]);
  });

  test("what it is equal to, whenever that was merged", () => {
    expect(containing([deployment("1", "m", at("10:10"))], { firsts: ["1"], watchedAt: "10:01" })).toEqual(["deployment:1"]);
  });

  test("what was merged before silently: no later deployment is the first to contain that", () => {
    const again = deployment("2", "h", at("10:20"));
    const back = deployment("3", "m", at("10:30"));
    expect(containing([first, again, back], { ...known, watchedAt: "10:01" })).toEqual([]);
  });

  test("not what a later one was the first to contain, though merged before", () => {
    const later = deployment("2", "h2", at("10:20"));
    expect(containing([first, later], { heads: ["h2"], firsts: ["1"], watchedAt: "10:01" })).toEqual(["deployment:2"]);
  });
});

describe("a release contains it", () => {
  test("once the commit of its tag is known, and while it is not deleted", () => {
    const [published, resolved] = release("1", "m", at("10:10"));
    expect(containing([published])).toEqual([]);
    expect(containing([published, resolved])).toEqual(["release:1"]);
    expect(
      containing([published, resolved, { ...published, type: "release.deleted", id: "github:release:1:deleted" }]),
    ).toEqual([]);
  });

  test("as the first full one, and as the first of the prereleases", () => {
    const events = [
      ...release("1", "m", at("10:10"), { prerelease: true }),
      ...release("2", "m", at("10:20"), { prerelease: true }),
      ...release("3", "m", at("10:30")),
      ...release("4", "m", at("10:40")),
    ];
    expect(containing(events)).toEqual(["release:1", "release:3"]);
  });
});

describe("what has to be compared", () => {
  const lane = carriersOf([
    deployment("1", "a", at("10:00")),
    deployment("2", "b", at("10:10")),
    deployment("3", "b", at("10:20")),
    deployment("4", "a", at("10:30")),
  ]);
  const pairs = (index: number) => {
    const carrier = lane[index];
    return carrier ? neighbourComparisons(carrier, lane).map(({ base, head }) => `${base}→${head}`) : [];
  };

  test("are the neighbours of a carrier in its lane, unless they carry the same commit", () => {
    expect([0, 1, 2, 3].map(pairs)).toEqual([["a→b"], ["a→b"], ["b→a"], ["b→a"]]);
    expect(neighbourComparisons(lane[0] as Carrier, lane.slice(0, 1))).toEqual([]); // there are four
  });
});

describe("production", () => {
  const is = (environment: string, marked: boolean, globs: readonly string[] | null = null) =>
    isProduction(deployment("1", "m", at("10:10"), { environment, production: marked }), globs);

  test("is what GitHub marks so, or what bears a usual name, unless it is configured", () => {
    expect([is("live", true), is("Production", false), is("prod", false), is("prod-eu", false)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([is("staging", false), is("preprod", false), is("production-2", false), is("products", false)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect([is("live", true, ["eu-*"]), is("eu-1", false, ["eu-*"]), is("production", true, [])]).toEqual([false, true, false]);
  });
});
