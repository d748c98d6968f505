import { describe, expect, test } from "vitest";
import { type Configuration, type LayerName, resolveConfiguration } from "../../src/core/configuration.js";
import type { LocatedProblem } from "../../src/core/configuration-problem.js";
import type { Profile, Trigger } from "../../src/core/profile.js";
import { renderCheck } from "../../src/render/configuration-check.js";
import { renderComplaint, renderMended } from "../../src/render/configuration-comment.js";
import { entryWords, startSentence } from "../../src/render/profile-words.js";
import { CORPUS } from "./corpus.js";
import { LIVE, see } from "./gfm.js";

const PATH = ".github/leadtime.yml";

const problem = (over: Partial<LocatedProblem> = {}): LocatedProblem => ({
  ...{ path: "profile", steps: ["profile"], marks: "value", expected: "a text", found: "5", nearest: null },
  ...{ message: "expected a text, found 5", line: 3, column: 10, endColumn: 14 },
  ...over,
});

const file = (problems: readonly LocatedProblem[] = [], warnings: readonly LocatedProblem[] = []) =>
  ({ path: PATH, layer: "repository", there: true, problems, warnings }) as const;

const resolved = (content: unknown, layer: LayerName = "repository"): Configuration =>
  resolveConfiguration({ [layer]: content }, "acme/web");

const asItIs = (profile: Profile) => ({ profile, whole: true });

function meaning(configuration: Configuration, profile: string) {
  const found = configuration.profiles.get(profile);
  if (!found) throw new Error(`the test defines ${profile}`);
  return {
    configuration,
    own: { ...asItIs(found), notes: [] },
    defined: [],
    public: false,
    tickets: true,
    change: null,
  };
}
const summary = (content: unknown, profile = "change", layer: LayerName = "repository") =>
  renderCheck({ ...file(), layer: layer === "repository" ? layer : "organisation" }, meaning(resolved(content, layer), profile))
    .summary;

describe("a check", () => {
  test("has an annotation for each mistake and each warning, the end included, and fails with a mistake only", () => {
    const warning = problem({ path: "", line: 9, column: 1, endColumn: 1, message: "unseen" });
    const bad = renderCheck(file([problem()], [warning]), null);
    expect(bad).toMatchObject({ conclusion: "failure", title: "1 mistake" });
    const place = { path: PATH, startLine: 3, endLine: 3, columns: { start: 10, end: 13 } };
    expect(bad.annotations).toEqual([
      { ...place, level: "failure", title: "profile", message: "expected a text, found 5" },
      { ...place, startLine: 9, endLine: 9, columns: { start: 1, end: 1 }, level: "warning", title: PATH, message: "unseen" },
    ]);
    const good = renderCheck(file([], [warning, warning]), meaning(resolved({}), "change"));
    expect(good).toMatchObject({
      conclusion: "success",
      title: "Good: this repository is measured under change · 2 names not seen yet",
    });
    expect(good.summary).toContain("⚠️ 2 names not seen yet, marked below: the file holds all the same.");
  });

  test("tells what would change behind what holds, and before the profiles", () => {
    const { summary: text } = renderCheck(file(), { ...meaning(resolved({}), "change"), change: "CHANGES" });
    const [own, change, profile] = [text.indexOf("is measured under"), text.indexOf("CHANGES"), text.indexOf("### ")];
    expect([own < change, change < profile, own >= 0]).toEqual([true, true, true]);
  });

  test("tells everything else that is set", () => {
    const text = summary({
      ticketKeys: { projects: ["PROP", "WEB"], from: ["title"] },
      comment: { tickets: "key", ratings: false, requireTicket: true, baseline: "30d" },
      bots: ["robot"],
      workingTime: { days: ["mon", "sun"], hours: "08:30-24:00", timeZone: "Europe/Berlin" },
    });
    expect(text.slice(text.indexOf("### Besides"))).toBe(`### Besides

- Tickets are those of the projects \`PROP\` and \`WEB\`.
- Ticket keys are looked for in the title.
- Only pull requests with a ticket get a comment.
- Comments show the keys of tickets only.
- Comments show no ratings.
- What is usual is taken from the last 4w 2d.
- Bots, besides those that GitHub says are: \`robot\`.
- Ratings count Monday, Sunday from 08:30 to 24:00, \`Europe/Berlin\`.`);
    expect(summary({})).not.toContain("Besides");
    expect(summary({ comment: { enabled: false } })).toContain("- Pull requests get no comment.");
  });

  test("has room for as much as GitHub takes, and counts the rest", () => {
    const stages = Array.from({ length: 50 }, (_, index) => ({
      ...{ name: `${index} ${"s".repeat(70)}`, on: "ci.completed" },
      workflows: Array.from({ length: 8 }, (_, one) => `${index}-${one}-${"w".repeat(60)}`),
    }));
    const profiles = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`p${index}`, { start: "first-stage", stages }]),
    );
    const configuration = resolved({ profiles });
    const defined = [...configuration.profiles.values()].filter(({ name }) => name.startsWith("acme/web:")).map(asItIs);
    expect(defined).toHaveLength(20);
    const text = renderCheck(file(), { ...meaning(configuration, "change"), defined }).summary;
    expect(text.length).toBeLessThan(60_100);
    expect(text).toMatch(/\n\nAnd \d+ parts more\.$/);
    expect(text).toContain("### Profile `p0`");
  });

  test("shows whatever a file says as text", () => {
    for (const hostile of CORPUS) {
      const stage = { name: hostile, trigger: { on: "ticket.status", status: [hostile] }, pick: "first" } as const;
      const own: Profile = {
        ...{ name: hostile, description: hostile, start: { trigger: { on: "api-event", type: hostile }, pick: "first" } },
        ...{ stages: [stage, stage], calculation: "wall-clock", overall: "of-totals", statistic: "mean", absentStages: "zero" },
      };
      const orgUnits = [{ name: hostile, repositories: [hostile], projects: new Set([hostile]), profile: hostile }];
      const configuration = { ...resolved({}), orgUnits, bots: [hostile] };
      const told = { ...meaning(configuration, "change"), own: { ...asItIs(own), notes: [hostile] } };
      const { summary: text } = renderCheck({ ...file(), path: hostile }, told);
      const wrong = renderComplaint(hostile, "f".repeat(40), [problem({ path: hostile, message: hostile })]);
      for (const seen of [see(text), see(wrong)]) {
        expect(
          seen.html.filter((html) => html !== "<!-- leadtime:configuration -->"),
          hostile,
        ).toEqual([]);
        expect([seen.links, seen.counts.image, seen.counts.break], hostile).toEqual([[], undefined, undefined]);
        expect(seen.text, hostile).not.toMatch(LIVE);
      }
      expect(
        see(text).tables.map((table) => table.map(({ length }) => length)),
        hostile,
      ).toEqual([[4, 4, 4]]);
    }
  });
});

describe("in words", () => {
  const cases: [Trigger, string][] = [
    [{ on: "ticket.created" }, "the ticket is created"],
    [{ on: "ticket.status", status: ["A", "B", "C"] }, "the ticket gets the status `A`, `B` or `C`"],
    [{ on: "ticket.status", category: "in-progress" }, "the ticket gets a status of the category In Progress"],
    [{ on: "ticket.status", category: "done" }, "the ticket gets a status of the category Done or is resolved"],
    [{ on: "ticket.field", field: "Team" }, "the ticket's field `Team` is set"],
    [{ on: "ticket.field", field: "Team", to: ["A"] }, "the ticket's field `Team` is set to `A`"],
    [{ on: "commit.created", time: "committed" }, "a commit is made (by the time of its committer)"],
    [{ on: "pull-request.opened", drafts: false }, "a pull request is opened and no draft"],
    [{ on: "pull-request.labeled", labels: ["qa"] }, "a label `qa` is added"],
    [{ on: "pull-request.labeled" }, "a label is added"],
    [{ on: "pull-request.reviewed" }, "another person reviews or comments"],
    [{ on: "pull-request.reviewed", comments: false }, "another person reviews"],
    [{ on: "pull-request.approved" }, "another person approves"],
    [{ on: "pull-request.merged", branches: ["main", "release/*"] }, "a pull request is merged into `main` or `release/*`"],
    [
      { on: "ci.completed", workflows: ["a"], checks: ["b"], conclusion: "any" },
      "`a` or `b` has completed on the merge commit",
    ],
    [{ on: "deployment.succeeded", environments: ["a", "b"] }, "a deployment to `a` or `b` with the merge in it succeeds"],
    [{ on: "deployment.succeeded" }, "a deployment with the merge in it succeeds"],
    [{ on: "release.published", prereleases: true }, "a release or pre-release with the merge in it is published"],
    [{ on: "ticket.released" }, "a fix version of the ticket is released"],
    [{ on: "api-event", type: "incident_1" }, "an event `incident_1` is posted to the API"],
  ];
  test.each(cases)("%j", (trigger, words) => {
    expect(entryWords({ trigger, pick: "first" })).toBe(words);
    expect(entryWords({ trigger, pick: "last" })).toBe(`${words} (the last one counts)`);
  });

  test("a start", () => {
    expect(startSentence("first-stage")).toBe("The clock starts when the first stage is entered.");
    const start = { trigger: { on: "ticket.created" }, pick: "first" } as const satisfies Profile["start"];
    expect(startSentence(start)).toBe("The clock starts when the ticket is created.");
  });

  test("a list of many names tells the first of them", () => {
    const status = Array.from({ length: 11 }, (_, index) => `S${index}`);
    expect(entryWords({ trigger: { on: "ticket.status", status }, pick: "first" })).toMatch(/`S7` or 3 more$/);
  });
});

describe("the comment in the place of a check", () => {
  test("lists fifty mistakes, and counts the others", () => {
    const text = renderComplaint(
      PATH,
      "f".repeat(40),
      Array.from({ length: 60 }, (_, line) => problem({ line: line + 1 })),
    );
    expect(text.match(/^- Line /gm)).toHaveLength(50);
    expect(text).toContain("And 10 more.");
    expect(text).toContain("- Line 3, column 10, `profile`: expected a text, found 5");
    expect(text.length).toBeLessThan(60_000);
  });

  test("is no longer than GitHub takes, whatever has to be escaped", () => {
    const escaped = Array.from({ length: 60 }, () => problem({ message: "&".repeat(600) }));
    const body = renderComplaint(PATH, "f".repeat(40), escaped);
    expect(body.length).toBeLessThanOrEqual(60_000);
    const lines = body.match(/^- Line /gm)?.length ?? 0;
    expect(lines).toBeGreaterThan(10);
    expect(body).toContain(`And ${60 - lines} more.`);
    expect(body).toContain("stays in force");
  });

  test("says when all is well, under the same marker", () => {
    const [marker] = renderComplaint(PATH, "f".repeat(40), [problem()]).split("\n");
    expect(renderMended(PATH).split("\n")[0]).toBe(marker);
  });
});
