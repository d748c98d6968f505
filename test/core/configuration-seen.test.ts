import { describe, expect, test } from "vitest";
import { checkConfiguration } from "../../src/core/configuration.js";
import { checkSeen, type SeenNames } from "../../src/core/configuration-seen.js";

const SEEN: SeenNames = {
  statuses: ["To Do", "In Progress", "Done"],
  environments: ["production", "staging"],
  workflows: ["build", "Integration tests"],
  checks: ["Circle CI", "ci/jenkins"],
  projects: ["PROP", "WEB"],
  repositories: ["acme/web", "acme/payments-api"],
};
const START = { on: "ticket.created" };
const stage = (of: object) => ({ profiles: { own: { start: START, stages: [{ name: "x", ...of }] } } });

/** What is told of a good file. */
function told(content: object, seen = SEEN): string[] {
  expect(checkConfiguration(content, { below: [] })).toEqual([]);
  return checkSeen(content, seen).map(({ path, message }) => `${path}: ${message}`);
}

describe("a name that nobody has seen is told, with the nearest", () => {
  test.each<[string, object, ...string[]]>([
    [
      "status",
      stage({ on: "ticket.status", status: ["In Progess"] }),
      'profiles.own.stages[0].status[0]: expected a status that was seen, found "In Progess"; did you mean "In Progress"?',
    ],
    [
      "statuses, each",
      stage({ on: "ticket.status", status: ["Dnoe", "Closed"] }),
      'profiles.own.stages[0].status[0]: expected a status that was seen, found "Dnoe"; did you mean "Done"?',
      'profiles.own.stages[0].status[1]: expected a status that was seen, found "Closed"',
    ],
    [
      "environment",
      stage({ on: "deployment.succeeded", environments: ["prodution*"] }),
      'profiles.own.stages[0].environments[0]: expected an environment that was seen, found "prodution*"; did you mean "production"?',
    ],
    [
      "workflow",
      stage({ on: "ci.completed", workflows: ["biuld"] }),
      'profiles.own.stages[0].workflows[0]: expected a workflow that was seen, found "biuld"; did you mean "build"?',
    ],
    [
      "workflow and check",
      stage({ on: "ci.completed", workflows: ["x"], checks: ["Circel CI"] }),
      'profiles.own.stages[0].workflows[0]: expected a workflow that was seen, found "x"',
      'profiles.own.stages[0].checks[0]: expected a check that was seen, found "Circel CI"; did you mean "Circle CI"?',
    ],
    [
      "environment of a start",
      { profiles: { own: { extends: "change", start: { on: "deployment.succeeded", environments: ["stagign"] } } } },
      'profiles.own.start.environments[0]: expected an environment that was seen, found "stagign"; did you mean "staging"?',
    ],
    [
      "environment of a stage that is put in",
      {
        profiles: {
          own: { extends: "pull-request", insert: [{ name: "x", on: "deployment.succeeded", environments: ["eu"] }] },
        },
      },
      'profiles.own.insert[0].environments[0]: expected an environment that was seen, found "eu"',
    ],
    [
      "production",
      { dora: { production: ["live"] } },
      'dora.production[0]: expected an environment that was seen, found "live"',
    ],
    [
      "production of a profile",
      { profiles: { own: { extends: "change", dora: { production: ["live"] } } } },
      'profiles.own.dora.production[0]: expected an environment that was seen, found "live"',
    ],
    [
      "project",
      { ticketKeys: { projects: ["PORP", "web"] } },
      'ticketKeys.projects[0]: expected a project that was seen, found "PORP"; did you mean "PROP"?',
    ],
    [
      "part of an org unit",
      { orgUnits: { all: { repositories: ["acme/*", "acme/wbe"], projects: ["PAY"] } } },
      'orgUnits.all.repositories[1]: expected a repository that was seen, found "acme/wbe"; did you mean "acme/web"?',
      'orgUnits.all.projects[0]: expected a project that was seen, found "PAY"',
    ],
  ])("%s", (_, content, ...expected) => {
    expect(told(content)).toEqual(expected);
  });
});

describe("nothing is told of", () => {
  test.each<[string, object]>([
    ["no file", {}],
    ["names that were seen, whatever their case", stage({ on: "ticket.status", status: ["in progress"] })],
    ["a stage that another name of the list enters", stage({ on: "ticket.status", status: ["Nope", "Done"] })],
    ["a stage that a category enters", stage({ on: "ticket.status", status: ["Nope"], category: "done" })],
    ["a glob that matches", stage({ on: "deployment.succeeded", environments: ["prod*", "eu-*"] })],
    ["a stage that a check enters", stage({ on: "ci.completed", workflows: ["x"], checks: ["ci/*"] })],
    ["a trigger without names", stage({ on: "ci.completed" })],
    ["a start with the first stage", { profiles: { own: { extends: "change", start: "first-stage" } } }],
  ])("%s", (_, content) => {
    expect(told(content)).toEqual([]);
  });

  test("kinds that are not known", () => {
    const content = {
      ...stage({ on: "ci.completed", workflows: ["x"], checks: ["y"] }),
      dora: { production: ["live"] },
      ticketKeys: { projects: ["NO"] },
    };
    expect(told(content, {})).toEqual([]);
    expect(told(content, { workflows: [] })).toEqual([]);
    expect(told(content, { workflows: [], checks: [] })).toHaveLength(2);
  });
});

describe("the work for one file is bounded", () => {
  const many = (count: number, name: (index: number) => string) => Array.from({ length: count }, (_, index) => name(index));

  /** How often letters were made small, which whatever compares two names does first. */
  function comparisonsOf(work: () => void): number {
    const toLowerCase = Object.getOwnPropertyDescriptor(String.prototype, "toLowerCase");
    let count = 0;
    const counting = {
      value(this: string): string {
        count++;
        return this.toLocaleLowerCase("en");
      },
    };
    Object.defineProperty(String.prototype, "toLowerCase", { ...toLowerCase, ...counting });
    try {
      work();
    } finally {
      Object.defineProperty(String.prototype, "toLowerCase", { ...toLowerCase });
    }
    return count;
  }

  test("fifty names are told, and the nearest is looked for of these alone, among five hundred", () => {
    const projects = many(1000, (index) => `NO${index}`);
    const seen = { projects: many(3000, (index) => `P${index}`) };
    let warnings: ReturnType<typeof checkSeen> = [];
    const comparisons = comparisonsOf(() => {
      warnings = checkSeen({ ticketKeys: { projects } }, seen);
    });
    expect(warnings.map(({ path }) => path)).toEqual(many(50, (index) => `ticketKeys.projects[${index}]`));
    expect(comparisons).toBeGreaterThan(3000);
    expect(comparisons).toBeLessThan(3000 + 50 * 510);
  });

  test("globs are compared a hundred thousand times, and nothing is told of those behind", () => {
    const repositories = many(100, (index) => `*/r-2999${"*".repeat(index)}`);
    const orgUnits = Object.fromEntries(many(20, String).map((name) => [name, { repositories }]));
    const content = { ...{ orgUnits }, ticketKeys: { projects: ["NO"] } };
    const seen = { repositories: many(3000, (index) => `acme/r-${index}`), projects: ["YES"] };
    let warnings: ReturnType<typeof checkSeen> = [];
    const comparisons = comparisonsOf(() => {
      warnings = checkSeen(content, seen);
    });
    expect(warnings).toHaveLength(1);
    expect(comparisons).toBeGreaterThan(150_000);
    expect(comparisons).toBeLessThan(250_000);
  });

  test("a name is known however many others are", () => {
    const seen = { repositories: many(3000, (index) => `acme/r-${index}`) };
    expect(told({ orgUnits: { all: { repositories: ["acme/R-2999", "*/r-2998"] } } }, seen)).toEqual([]);
  });
});
