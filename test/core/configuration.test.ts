import { describe, expect, test } from "vitest";
import { type Layers, resolveConfiguration } from "../../src/core/configuration.js";
import { BUILT_IN } from "../../src/core/profile.js";
import { DAY, HOUR } from "../../src/core/time.js";

const resolve = (layers: Layers = {}) => resolveConfiguration(layers, "acme/web");
const STAGES = [{ name: "Merge", on: "pull-request.merged", ideal: "8h" }];
const START = { on: "commit.created" };
const own = (of: object) => ({ profiles: { own: of } });

test("without any file the defaults hold", () => {
  expect(resolve({ organisation: null })).toEqual({
    profile: null,
    ticketKeys: { projects: null, from: ["branch", "title", "commits"] },
    comment: { enabled: true, tickets: "full", ratings: true, requireTicket: false, baseline: 90 * DAY },
    bots: [],
    profiles: new Map(BUILT_IN.map((profile) => [profile.name, profile])),
    production: null,
    abandonedResolutions: ["Duplicate", "Won't Do", "Won't Fix", "Cannot Reproduce"],
    publicTickets: [],
  });
});

describe("layers are merged", () => {
  const layers: Layers = {
    deployment: {
      profile: "change",
      comment: { enabled: false, tickets: "key" },
      bots: ["a", "b"],
      ticketKeys: { projects: ["one"] },
    },
    organisation: { comment: { tickets: "hidden", ratings: false }, bots: ["c"], ticketKeys: { from: ["title"] } },
    repository: { comment: { ratings: true, baseline: "8h" }, ticketKeys: { projects: ["Two"] } },
  };

  test("key by key, the nearer one over the farther one", () => {
    const { profile, comment } = resolve(layers);
    expect(profile).toBe("change");
    expect(comment).toEqual({ enabled: false, tickets: "hidden", ratings: true, requireTicket: false, baseline: 8 * HOUR });
    expect(resolve({ ...layers, repository: { profile: "pull-request" } }).profile).toBe("pull-request");
  });

  test("lists are replaced, not joined", () => {
    const { bots, ticketKeys } = resolve(layers);
    expect(bots).toEqual(["c"]);
    expect(ticketKeys).toEqual({ projects: new Set(["TWO"]), from: ["title"] });
    expect(resolve({ organisation: { bots: ["c"] }, repository: { bots: [] } }).bots).toEqual([]);
  });

  test("one that is not good is left out whole", () => {
    const bad = { profile: "pull-request", comment: { tickets: "all" } };
    expect(resolve({ ...layers, repository: bad })).toEqual(resolve({ ...layers, repository: null }));
    const twice = { profile: "own", ...own({ start: START, stages: [...STAGES, ...STAGES] }) };
    expect(resolve({ repository: twice })).toEqual(resolve());
  });

  test("what a single repository may not decide is not taken from it", () => {
    const file = { dora: { production: ["live"], abandonedResolutions: ["Nope"] }, publicTickets: ["acme/web"] };
    expect(resolve({ repository: file })).toEqual(resolve());
    expect(resolve({ organisation: file })).toMatchObject({
      production: ["live"],
      abandonedResolutions: ["Nope"],
      publicTickets: [],
    });
    expect(resolve({ deployment: file, organisation: { dora: { production: ["eu"] } } })).toMatchObject({
      production: ["eu"],
      abandonedResolutions: ["Nope"],
      publicTickets: ["acme/web"],
    });
  });
});

describe("profiles", () => {
  const full = { start: START, stages: STAGES };

  test("are read with their defaults", () => {
    expect(resolve({ organisation: own(full) }).profiles.get("own")).toEqual({
      name: "own",
      description: "",
      start: { trigger: { on: "commit.created" }, pick: "first" },
      stages: [{ name: "Merge", trigger: { on: "pull-request.merged" }, pick: "last", ideal: 8 * HOUR }],
      calculation: "wall-clock",
      overall: "sum-of-stages",
      statistic: "median",
      absentStages: "leave-out",
    });
  });

  test("are read with all that is written", () => {
    const written = {
      description: "Own",
      start: { on: "deployment.succeeded", environments: ["staging"], pick: "last" },
      stages: [
        { name: "Tests", on: "ci.completed", workflows: ["integration"], conclusion: "any", pick: "last", acceptable: "1d" },
      ],
      calculation: "entry-to-entry",
      overall: "of-totals",
      statistic: "mean",
      absentStages: "zero",
    };
    expect(resolve({ organisation: own(written) }).profiles.get("own")).toEqual({
      ...written,
      name: "own",
      start: { trigger: { on: "deployment.succeeded", environments: ["staging"] }, pick: "last" },
      stages: [
        {
          name: "Tests",
          trigger: { on: "ci.completed", workflows: ["integration"], conclusion: "any" },
          pick: "last",
          acceptable: DAY,
        },
      ],
    });
  });

  test("of one name replace each other whole", () => {
    const layers = { organisation: own({ ...full, description: "theirs" }), repository: own({ ...full, statistic: "mean" }) };
    expect(resolve(layers).profiles.get("own")).toMatchObject({ description: "", statistic: "mean" });
  });

  test("of a repository are its own", () => {
    expect(resolve({ organisation: own(full) }).profiles.get("own")?.name).toBe("own");
    expect(resolve({ repository: own(full) }).profiles.get("own")?.name).toBe("acme/web:own");
  });

  test("start with the first stage, in either way of writing", () => {
    for (const start of ["first-stage", { on: "first-stage" }]) {
      expect(resolve({ organisation: own({ start, stages: STAGES }) }).profiles.get("own")?.start).toBe("first-stage");
    }
  });
});

describe("a profile that extends another", () => {
  test("is a copy, but for what it says itself", () => {
    const { profiles } = resolve({ organisation: own({ extends: "ticket-to-release", statistic: "mean" }) });
    expect(profiles.get("own")).toEqual({ ...profiles.get("ticket-to-release"), name: "own", statistic: "mean" });
  });

  test("may give its stages in full", () => {
    const { profiles } = resolve({ organisation: own({ extends: "change", stages: STAGES }) });
    expect(profiles.get("own")).toMatchObject({ start: profiles.get("change")?.start, stages: [{ name: "Merge" }] });
  });

  test("leaves stages out and puts others in behind one, also behind one that was put in", () => {
    const smoke = { name: "Smoke test", on: "ci.completed", workflows: ["smoke"] };
    const { profiles } = resolve({
      organisation: own({
        extends: "change",
        without: ["deployment", "First review"],
        insert: [
          { ...smoke, after: "approval" },
          { ...smoke, name: "Last", after: "Merge" },
        ],
      }),
    });
    const names = profiles.get("own")?.stages.map(({ name }) => name);
    expect(names).toEqual(["Pull request opened", "Approval", "Smoke test", "Merge", "Last"]);
    expect(profiles.get("change")?.stages).toHaveLength(5);
  });

  test("may stand before the one it extends, in a chain", () => {
    const chain = {
      a: { extends: "b" },
      b: { extends: "c", statistic: "mean" },
      c: { start: START, stages: STAGES, overall: "of-totals" },
    };
    expect(resolve({ organisation: { profiles: chain } }).profiles.get("a")).toMatchObject({
      name: "a",
      statistic: "mean",
      overall: "of-totals",
      stages: [{ name: "Merge" }],
    });
  });

  test("may extend the one of its name in a layer below", () => {
    const layers = {
      deployment: own({ start: START, stages: STAGES, description: "below" }),
      organisation: own({ extends: "own", statistic: "mean" }),
      repository: { profiles: { change: { extends: "change", statistic: "mean" } } },
    };
    const { profiles } = resolve(layers);
    expect(profiles.get("own")).toMatchObject({ description: "below", statistic: "mean" });
    expect(profiles.get("change")).toMatchObject({ name: "acme/web:change", statistic: "mean", stages: { length: 5 } });
  });

  test("is not changed by what a layer above makes of the other", () => {
    const layers = {
      organisation: { profiles: { base: { start: START, stages: STAGES, description: "theirs" }, own: { extends: "base" } } },
      repository: { profiles: { base: { start: START, stages: STAGES, description: "mine" } } },
    };
    expect(resolve(layers).profiles.get("own")?.description).toBe("theirs");
  });

  test("is none when the other is unknown, unless it says all itself", () => {
    expect(resolve({ organisation: own({ extends: "nothing" }) }).profiles.has("own")).toBe(false);
    expect(resolve({ organisation: own({ extends: "nothing", start: START, stages: STAGES }) }).profiles.has("own")).toBe(true);
  });

  test("in a circle leaves its layer out", () => {
    const circle = { profile: "change", profiles: { a: { extends: "b" }, b: { extends: "a" } } };
    expect(resolve({ organisation: circle })).toEqual(resolve());
  });
});

test("what belongs to the format and has no effect yet is no mistake", () => {
  const organisation = {
    bots: ["robot"],
    _extends: "other",
    workingTime: { days: ["mon"] },
    orgUnits: { payments: { repositories: ["acme/*"] } },
    dora: { production: ["live"], failedBy: ["rollback"], hotfix: {}, incident: {}, bands: {} },
    profiles: { own: { extends: "change", issueSystem: "jira" } },
  };
  expect(resolve({ organisation })).toMatchObject({ bots: ["robot"], production: ["live"] });
});
