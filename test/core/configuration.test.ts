import { assert, describe, expect, test } from "vitest";
import { doraUnder, type Layers, resolveConfiguration } from "../../src/core/configuration.js";
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
    workingTime: null,
    profiles: new Map(BUILT_IN.map((profile) => [profile.name, profile])),
    orgUnits: [],
    dora: {
      production: null,
      failedBy: ["rollback", "revert", "hotfix", "incident"],
      hotfix: { labels: ["hotfix"], branches: ["hotfix/*"] },
      incident: { types: ["Incident"], labels: ["incident"] },
      abandonedResolutions: ["Duplicate", "Won't Do", "Won't Fix", "Cannot Reproduce"],
      bands: {
        leadTimeForChanges: [DAY, 7 * DAY, 30 * DAY],
        deploymentFrequency: [DAY, 7 * DAY, 30 * DAY],
        changeFailureRate: [0.15, 0.3, 0.45],
        meanTimeToRestore: [HOUR, DAY, 7 * DAY],
      },
    },
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

  test("org units are replaced by name, and the parts of dora key by key", () => {
    const { orgUnits, dora } = resolve({
      deployment: {
        orgUnits: {
          payments: { projects: ["PAY"] },
          web: { repositories: ["acme/web"], projects: ["Web"], profile: "change" },
        },
        dora: { production: ["live"], hotfix: { labels: ["urgent"] }, bands: { changeFailureRate: [0.1, 0.2, 0.3] } },
      },
      organisation: {
        orgUnits: { payments: { repositories: ["acme/pay-*"] } },
        dora: { failedBy: ["status"], hotfix: { branches: ["fix/*"] }, bands: { meanTimeToRestore: ["30m", "1h", "2h"] } },
      },
    });
    expect(orgUnits).toEqual([
      { name: "payments", repositories: ["acme/pay-*"], projects: new Set(), profile: null },
      { name: "web", repositories: ["acme/web"], projects: new Set(["WEB"]), profile: "change" },
    ]);
    expect(dora).toMatchObject({
      production: ["live"],
      failedBy: ["status"],
      hotfix: { labels: ["urgent"], branches: ["fix/*"] },
      bands: { changeFailureRate: [0.1, 0.2, 0.3], meanTimeToRestore: [HOUR / 2, HOUR, 2 * HOUR] },
    });
  });

  test("working time has its parts from all layers, and what nobody says by default", () => {
    const organisation = { workingTime: { hours: "09:00-17:30", timeZone: "Europe/Berlin" } };
    const { workingTime } = resolve({ organisation, repository: { workingTime: { timeZone: "Asia/Tokyo" } } });
    expect(workingTime).toEqual({
      days: ["mon", "tue", "wed", "thu", "fri"],
      hours: { from: 9 * HOUR, to: 17.5 * HOUR },
      timeZone: "Asia/Tokyo",
    });
    expect(resolve({ organisation: { workingTime: {} } }).workingTime).toMatchObject({
      hours: { from: 0, to: DAY },
      timeZone: "UTC",
    });
  });

  test("a file lies over those that it extends", () => {
    const base = { bots: ["a"], profile: "change", dora: { production: ["live"] }, profiles: { own: { extends: "change" } } };
    const file = {
      _extends: [base, { _extends: [{ bots: ["c"] }], comment: { tickets: "key" } }],
      profiles: { own: { extends: "own", statistic: "mean" } },
    };
    const own = resolve({ repository: file });
    expect(own).toMatchObject({ bots: ["c"], profile: "change", comment: { tickets: "key" }, dora: { production: null } });
    expect(own.profiles.get("own")).toMatchObject({ name: "acme/web:own", statistic: "mean", stages: { length: 5 } });
    expect(resolve({ organisation: file }).dora.production).toEqual(["live"]);
    for (const empty of [[null], [null, null], [null, base]]) {
      expect(resolve({ repository: { _extends: empty, bots: ["d"] } }).bots).toEqual(["d"]);
    }
    expect(resolve({ repository: { ...file, _extends: [{ bots: 1 }] } })).toEqual(resolve());
  });

  test("what a single repository may not decide is not taken from it", () => {
    const file = { dora: { production: ["live"], abandonedResolutions: ["Nope"] } };
    const publicTickets = { publicTickets: ["acme/web"] };
    expect(resolve({ repository: { ...file, orgUnits: { all: { repositories: ["acme/*"] } } } })).toEqual(resolve());
    expect(resolve({ repository: publicTickets, organisation: publicTickets })).toEqual(resolve());
    expect(resolve({ organisation: file }).dora).toMatchObject(file.dora);
    expect(
      resolve({ deployment: { ...file, ...publicTickets }, organisation: { dora: { production: ["eu"] } } }),
    ).toMatchObject({
      dora: { production: ["eu"], abandonedResolutions: ["Nope"] },
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
  test("names stages and types of events without the space around them", () => {
    const start = { on: "api-event", type: " incident_1 " };
    const profile = resolve({ organisation: own({ extends: "change", start, without: [" Merge "] }) }).profiles.get("own");
    expect(profile?.stages.map(({ name }) => name)).not.toContain("Merge");
    expect(profile?.start).toMatchObject({ trigger: { type: "incident_1" } });
  });

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
          { name: "Last", on: "ci.completed", after: "Merge" },
          { name: "Behind", on: "ticket.released", after: "Last" },
        ],
      }),
    });
    const names = profiles.get("own")?.stages.map(({ name }) => name);
    expect(names).toEqual(["Pull request opened", "Approval", "Smoke test", "Merge", "Last", "Behind"]);
    expect(profiles.get("change")?.stages).toHaveLength(5);
  });

  test("puts what stands behind nothing in the place of the stage of its name, or first", () => {
    const { profiles } = resolve({
      organisation: own({
        extends: "change",
        without: ["Merge"],
        insert: [
          { name: "one", on: "ticket.created" },
          { name: "approval", on: "pull-request.approved", pick: "last" },
          { name: "two", on: "ticket.released" },
        ],
      }),
    });
    const stages = profiles.get("own")?.stages.map(({ name, pick }) => `${name} ${pick}`);
    expect(stages).toEqual([
      "one first",
      "two first",
      "Pull request opened first",
      "First review first",
      "approval last",
      "Deployment first",
    ]);
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

test("the dora of a profile stands over the organisation's, and is copied with the profile", () => {
  const configuration = resolve({
    organisation: {
      dora: { production: ["live"], hotfix: { labels: ["urgent"] } },
      profiles: {
        own: { extends: "change", issueSystem: "jira", dora: { production: ["eu"], hotfix: { branches: ["x"] } } },
        copy: { extends: "own", dora: { failedBy: ["status"] } },
      },
    },
  });
  const under = (name: string) => doraUnder(configuration, configuration.profiles.get(name) ?? assert.fail(name));
  expect(under("change")).toEqual(configuration.dora);
  expect(under("own")).toEqual({ ...configuration.dora, production: ["eu"], hotfix: { labels: ["urgent"], branches: ["x"] } });
  expect(under("copy")).toEqual({ ...under("own"), failedBy: ["status"] });
});
