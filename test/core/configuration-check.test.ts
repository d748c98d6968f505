import { describe, expect, test } from "vitest";
import { checkConfiguration, type Problem } from "../../src/core/configuration.js";
import { nearest } from "../../src/core/nearest.js";

const STAGES = [{ name: "Merge", on: "pull-request.merged" }];
const START = { on: "commit.created" };
const profile = (of: object) => ({ profiles: { own: { start: START, stages: STAGES, ...of } } });
const stage = (of: object) => profile({ stages: [{ name: "Merge", on: "pull-request.merged", ...of }] });
const told = (problems: readonly Problem[]): string[] => problems.map(({ path, message }) => `${path}: ${message}`);

const TRIGGERS =
  "ticket.created, commit.created, pull-request.opened, deployment.succeeded, api-event, ticket.status, ticket.field, pull-request.labeled, pull-request.reviewed, pull-request.approved, pull-request.merged, ci.completed, release.published or ticket.released";
const STARTS = "first-stage, ticket.created, commit.created, pull-request.opened, deployment.succeeded or api-event";

describe("a configuration is good", () => {
  test.each([
    ["without a file", null],
    ["of nothing", undefined],
    ["that is empty", {}],
    [
      "with every key",
      {
        profile: "own",
        ticketKeys: { projects: ["PROP", "JSP_JIR"], from: ["title"] },
        comment: { enabled: false, tickets: "key", ratings: false, requireTicket: true, baseline: "30d" },
        bots: ["acme-robot"],
        profiles: {
          own: {
            description: "Own",
            start: { on: "deployment.succeeded", environments: ["staging"], pick: "last" },
            calculation: "entry-to-entry",
            overall: "of-totals",
            statistic: "mean",
            absentStages: "zero",
            stages: [
              { name: "Merge", on: "pull-request.merged", branches: ["main"], pick: "first", ideal: "1h", acceptable: "1h" },
            ],
          },
          edited: { extends: "own", start: "first-stage" },
          other: { extends: "edited", start: { on: "first-stage" } },
          "pull-request": { extends: "pull-request", statistic: "mean" },
          posted: { extends: "api-event", start: { on: "api-event", type: "accepted" } },
        },
        dora: { production: ["live"], abandonedResolutions: ["Duplicate"] },
        publicTickets: ["acme/web"],
      },
    ],
  ])("%s", (_, content) => {
    expect(checkConfiguration(content, { below: [] })).toEqual([]);
  });
});

describe("what is wrong is said with its place, what was expected and what was found", () => {
  const cases: [object | string | number, string][] = [
    [[], ": expected a mapping, found an empty list"],
    ["text", ': expected a mapping, found "text"'],
    [5, ": expected a mapping, found 5"],
    [
      { prfile: "x" },
      'prfile: unknown key: expected one of profile, ticketKeys, comment, bots, profiles, dora, _extends, workingTime, orgUnits, publicTickets, found "prfile"; did you mean "profile"?',
    ],
    [
      { comment: { tikets: "key" } },
      'comment.tikets: unknown key: expected one of enabled, tickets, ratings, requireTicket, baseline, found "tikets"; did you mean "tickets"?',
    ],
    [{ profile: null }, "profile: expected a text, found nothing"],
    [{ profile: "" }, 'profile: expected a text, found ""'],
    [{ profile: "x".repeat(81) }, "profile: expected at most 80 characters, found 81"],
    [{ bots: "robot" }, 'bots: expected a list, found "robot"'],
    [{ bots: [true] }, "bots[0]: expected a text, found true"],
    [{ bots: Array.from({ length: 201 }, () => "x") }, "bots: expected at most 200 entries, found 201"],
    [{ profiles: [] }, "profiles: expected a mapping, found an empty list"],
    [{ profiles: { " ": { extends: "change" } } }, 'profiles. : expected a name of 1 to 80 characters, found " "'],
    [{ ticketKeys: { projects: ["a-b"] } }, 'ticketKeys.projects[0]: expected a project key such as PROP, found "a-b"'],
    [
      { ticketKeys: { from: ["branhc"] } },
      'ticketKeys.from[0]: expected branch, title or commits, found "branhc"; did you mean "branch"?',
    ],
    [{ publicTickets: ["web"] }, 'publicTickets[0]: expected owner/repository, found "web"'],
    [{ comment: { enabled: "yes" } }, 'comment.enabled: expected true or false, found "yes"'],
    [{ comment: { baseline: 90 } }, "comment.baseline: expected a duration such as 30m, 8h, 1d or 2w, found 90"],
    [
      { comment: { baseline: { days: 90 } } },
      "comment.baseline: expected a duration such as 30m, 8h, 1d or 2w, found a mapping",
    ],
    [
      profile({ strat: START }),
      'profiles.own.strat: unknown key: expected one of description, extends, without, insert, issueSystem, start, calculation, overall, statistic, absentStages, dora, stages, found "strat"; did you mean "start"?',
    ],
    [
      profile({ calculation: "wallclock" }),
      'profiles.own.calculation: expected wall-clock or entry-to-entry, found "wallclock"; did you mean "wall-clock"?',
    ],
    [profile({ stages: [] }), "profiles.own.stages: expected at least one entry, found an empty list"],
    [profile({ stages: [null] }), "profiles.own.stages[0]: expected a mapping, found nothing"],
    [
      stage({ on: "pull-request.mergd" }),
      `profiles.own.stages[0].on: expected ${TRIGGERS}, found "pull-request.mergd"; did you mean "pull-request.merged"?`,
    ],
    [stage({ on: undefined }), `profiles.own.stages[0].on: expected ${TRIGGERS}, found nothing`],
    [stage({ on: ["x"] }), `profiles.own.stages[0].on: expected ${TRIGGERS}, found a list`],
    [stage({ name: 7 }), "profiles.own.stages[0].name: expected a text, found 7"],
    [stage({ name: undefined }), "profiles.own.stages[0].name: expected a text, found nothing"],
    [stage({ pick: "frist" }), 'profiles.own.stages[0].pick: expected first or last, found "frist"; did you mean "first"?'],
    [stage({ ideal: "1 day" }), 'profiles.own.stages[0].ideal: expected a duration such as 30m, 8h, 1d or 2w, found "1 day"'],
    [stage({ branches: "main" }), 'profiles.own.stages[0].branches: expected a list, found "main"'],
    [
      stage({ branchs: ["main"] }),
      'profiles.own.stages[0].branchs: unknown key: expected one of on, branches, name, pick, ideal, acceptable, found "branchs"; did you mean "branches"?',
    ],
    [
      stage({ on: "ticket.status", branches: ["main"] }),
      'profiles.own.stages[0].branches: unknown key: expected one of on, status, category, name, pick, ideal, acceptable, found "branches"',
    ],
    [
      stage({ on: "api-event" }),
      "profiles.own.stages[0].type: expected the type of event to wait for, such as incident_1, found nothing",
    ],
    [
      profile({ start: "first" }),
      'profiles.own.start: expected first-stage or a mapping such as { on: ticket.created }, found "first"',
    ],
    [
      profile({ start: { on: "commit.create" } }),
      `profiles.own.start.on: expected ${STARTS}, found "commit.create"; did you mean "commit.created"?`,
    ],
    [
      profile({ start: { on: "pull-request.merged" } }),
      `profiles.own.start.on: expected ${STARTS}, found "pull-request.merged"; did you mean "pull-request.opened"?`,
    ],
    [
      profile({ start: { on: "commit.created", tme: "authored" } }),
      'profiles.own.start.tme: unknown key: expected one of on, time, pick, found "tme"; did you mean "time"?',
    ],
    [
      profile({ start: { on: "api-event" } }),
      "profiles.own.start.type: expected the type of event to wait for, such as incident_1, found nothing",
    ],
    [
      profile({ start: undefined }),
      'profiles.own: expected "start", or "extends" with the name of a profile to copy it from, found neither',
    ],
    [
      profile({ stages: undefined }),
      'profiles.own: expected "stages", or "extends" with the name of a profile to copy it from, found neither',
    ],
    [
      { profiles: { own: { extends: "api-event" } } },
      'profiles.own: expected "start: { on: api-event, type: … }", since api-event has no event type of its own, found nothing',
    ],
    [
      profile({ stages: [...STAGES, { name: "merge", on: "ticket.created" }] }),
      'profiles.own.stages[1].name: expected every stage\'s name once, found "merge" again',
    ],
    [
      stage({ ideal: "1d", acceptable: "8h" }),
      "profiles.own.stages[0].acceptable: expected an acceptable time of 1d (the ideal) or more, found 8h",
    ],
  ];
  test.each(cases)("%j", (content, expected) => {
    expect(told(checkConfiguration(content))).toEqual([expected]);
  });

  test("all of it at once", () => {
    const content = { bots: 1, profiles: { own: { start: START, stages: [{ name: "", on: "ci.completed", pick: 1 }] } } };
    expect(checkConfiguration(content).map(({ path }) => path)).toEqual([
      "bots",
      "profiles.own.stages[0].name",
      "profiles.own.stages[0].pick",
    ]);
  });

  test("a long text is cut", () => {
    expect(told(checkConfiguration("x".repeat(1000)))).toEqual([`: expected a mapping, found "${"x".repeat(40)}…"`]);
  });

  test("keys that are JavaScript's own are unknown as any other", () => {
    expect(checkConfiguration(JSON.parse('{"__proto__": {"profile": "x"}, "constructor": 1, "toString": 2}'))).toHaveLength(3);
  });
});

describe("profiles that extend each other in a circle", () => {
  const circle = "expected profiles that do not extend each other in a circle, found";

  test("are refused, once a circle, where it begins", () => {
    const content = {
      profiles: {
        d: { extends: "a" },
        a: { extends: "b" },
        b: { extends: "c" },
        c: { extends: "a" },
        e: { extends: "f" },
        f: { extends: "e" },
      },
    };
    expect(told(checkConfiguration(content))).toEqual([
      `profiles.a.extends: ${circle} a → b → c → a`,
      `profiles.e.extends: ${circle} e → f → e`,
    ]);
  });
});

describe("names of profiles are checked where the layers below are known", () => {
  const below = [{ profiles: { delivery: { start: START, stages: STAGES } } }];
  const content = { profile: "delivry", profiles: { quick: { extends: "pull-reqest" }, slow: { extends: "slow" } } };

  test("with the nearest one", () => {
    const all = "pull-request, change, ticket-to-merge, ticket-to-release, api-event, delivery";
    expect(told(checkConfiguration(content, { below }))).toEqual([
      `profile: expected the name of a profile (${all}, quick, slow), found "delivry"; did you mean "delivery"?`,
      `profiles.quick.extends: expected the name of a profile (${all}, slow), found "pull-reqest"; did you mean "pull-request"?`,
      `profiles.slow.extends: expected the name of a profile (${all}, quick), found "slow"`,
    ]);
  });

  test("and only there", () => {
    expect(checkConfiguration(content)).toEqual([]);
    expect(checkConfiguration({ ...content, profile: "delivery", profiles: {} }, { below })).toEqual([]);
  });
});

describe("the nearest name", () => {
  test.each([
    ["stagess", "stages"],
    ["STAGES", "stages"],
    ["satges", "stages"],
    ["ideal", undefined],
    ["x", undefined],
    ["", undefined],
    ["s".repeat(10_000), undefined],
  ])("of %s is %s", (name, expected) => {
    expect(nearest(name, ["start", "stages"])).toBe(expected);
  });

  test("is the nearer of two, and the first of two that are as near", () => {
    expect(nearest("tickets", ["ticket", "tickets"])).toBe("tickets");
    expect(nearest("cat", ["bat", "hat"])).toBe("bat");
  });
});

describe("what edits an extended profile", () => {
  const own = (of: object) =>
    told(checkConfiguration({ profiles: { base: { extends: "change", without: ["Merge"] }, own: of } }, { below: [] }));
  const smoke = { name: "Smoke", on: "ci.completed" };

  test("names stages that are there", () => {
    expect(own({ extends: "base", without: ["approval"], insert: [{ ...smoke, after: "deployment" }] })).toEqual([]);
  });

  test("is wrong where the stage is not there, and says which is meant", () => {
    const stages = "Pull request opened, First review, Approval, Deployment";
    expect(own({ extends: "base", without: [" Approval "] })).toEqual([]);
    expect(own({ extends: "base", without: ["Aproval"] })).toEqual([
      `profiles.own.without[0]: expected the name of a stage (${stages}), found "Aproval"; did you mean "Approval"?`,
    ]);
    expect(own({ extends: "base", insert: [{ ...smoke, after: "Merge" }] })).toEqual([
      `profiles.own.insert[0].after: expected the name of a stage (${stages}), found "Merge"`,
    ]);
  });

  test("is taken on trust where another file defines what it extends", () => {
    expect(checkConfiguration({ profiles: { own: { extends: "theirs", without: ["Anything"] } } })).toEqual([]);
  });
});

test("a stage entered by a status says by which", () => {
  const stages = [{ name: "Doing", on: "ticket.status" }];
  expect(told(checkConfiguration({ profiles: { own: { start: { on: "ticket.created" }, stages } } }))).toEqual([
    'profiles.own.stages[0]: expected "status" or "category": which statuses enter it, found neither',
  ]);
});
