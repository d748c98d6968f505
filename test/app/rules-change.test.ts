import { writeFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import type { Stage } from "../support/app.js";
import { stageRows } from "../support/comment-table.js";
import {
  change,
  configured,
  type Files,
  leadTimeOf,
  onTheDay,
  operatorsFile,
  profilesOf,
  REPOSITORY,
  read,
} from "../support/configured.js";

vi.setConfig({ testTimeout: 60_000 });

const TICKET = "work-items/PROP-1460";
const PULL_REQUEST = "pull-requests/acme/web/1";
const OPEN = "work-items/PROP-2";
/** No pull request names it, by which it would be found. */
const ALONE = "work-items/PROP-3";
const ORGANISATION = "acme/.github";
const copy = (edits: string) => `profiles:\n  own: { extends: ticket-to-release, ${edits} }\n`;
const SHORT = copy("without: [CI, Deployment]");
const OTHER = copy("without: [Approval], calculation: entry-to-entry");

/** A ticket's whole life, a ticket that is begun, a pull request that names both, and a ticket that nobody works on. */
async function past(files: Files, overrides: Readonly<Record<string, string | undefined>> = {}): Promise<Stage> {
  const on = await configured(files, overrides);
  await playTicketLife(on.world, GOLDEN_TIMES);
  await on.world.jira.createIssue({ project: "PROP", number: 2, summary: "Later", at: onTheDay("12:00") });
  await on.world.jira.createIssue({ project: "PROP", number: 3, summary: "Some day", at: onTheDay("12:00") });
  const story = { repository: REPOSITORY, branch: "tidy", title: "PROP-1460 and PROP-2: tidy up" };
  await playPullRequest(
    on.world,
    { ...GOLDEN_TIMES, commit: onTheDay("12:05"), opened: onTheDay("12:06"), merged: null },
    story,
  );
  await on.app.idle();
  return on;
}

/** What the app asks of GitHub and Jira while something is done, but for tokens and what it says itself. */
async function askedDuring({ world }: Stage, act: () => Promise<void>): Promise<{ github: string[]; jira: string[] }> {
  const counts = [world.github.requests.length, world.jira.requests.length];
  await act();
  const [github = [], jira = []] = [world.github, world.jira].map(({ requests }, index) =>
    requests.slice(counts[index]).map(({ method, path }) => `${method} ${path.replace("/api/v3", "").split("?")[0]}`),
  );
  const isOurs = (request: string) =>
    /^POST \/app\/installations\/\d+\/access_tokens$|^PATCH .*\/issues\/comments\/\d+$|\/check-runs$/.test(request);
  return { github: github.filter((request) => !isOurs(request)), jira };
}

const FILES = [
  `GET /repos/${ORGANISATION}/contents/.github/leadtime.yml`,
  `GET /repos/${REPOSITORY}/contents/.github/leadtime.yml`,
];

/** A push that changes a file is answered by reading the files, and by nothing else. */
async function expectReadingAlone(on: Stage, act: () => Promise<void>): Promise<void> {
  const { github, jira } = await askedDuring(on, act);
  expect(jira).toEqual([]);
  expect(github.length).toBeGreaterThan(0);
  expect(github.filter((request) => !FILES.includes(request))).toEqual([]);
}

const stagesIn = async (on: Stage, path: string, profile: string) =>
  (await leadTimeOf(on, path, profile)).stages.map(({ name }) => name);

describe("what was stored is measured anew, and nothing is asked again, when a push changes", () => {
  it("a profile in the repository's file", async () => {
    const on = await past({ repository: `profile: own\n${SHORT}` });
    expect(await stagesIn(on, TICKET, "own")).not.toContain("CI");
    await expectReadingAlone(on, () => change(on, REPOSITORY, `profile: own\n${OTHER}`));
    for (const path of [TICKET, PULL_REQUEST, OPEN]) {
      expect(await leadTimeOf(on, path, "own")).toMatchObject({ calculation: "entry-to-entry" });
      expect(await stagesIn(on, path, "own")).toContain("CI");
      expect(await stagesIn(on, path, "own")).not.toContain("Approval");
    }
    expect(stageRows(on.comments()[0]).map(([name]) => name)).toContain("CI");
    expect(stageRows(on.comments()[0]).map(([name]) => name)).not.toContain("Approval");
  });

  it("a profile, an org unit or the working time in the organisation's", async () => {
    const on = await past({ organisation: `profile: own\n${SHORT}` });
    const units = `orgUnits: { pay: { projects: [PROP], repositories: ["acme/*"], profile: change } }`;
    const workingTime = "workingTime: { days: [sun] }";
    await expectReadingAlone(on, () => change(on, ORGANISATION, `profile: own\n${OTHER}${units}\n${workingTime}\n`));
    for (const path of [TICKET, OPEN, ALONE]) {
      expect(await profilesOf(on, path)).toEqual(["own", "change"]);
      expect(await stagesIn(on, path, "own")).not.toContain("Approval");
    }
    const { totalSeconds, stages } = await leadTimeOf(on, TICKET, "own");
    expect([totalSeconds, stages[0]]).toMatchObject([70 * 60, { leadTimeSeconds: 600, workingSeconds: 0 }]);
    expect(on.comments()[0]).toContain("Ratings count working time alone: sun, 00:00-24:00, UTC.");
    await expectReadingAlone(on, () => change(on, ORGANISATION, ""));
    expect(await profilesOf(on, TICKET)).toEqual(["ticket-to-release"]);
    expect(await profilesOf(on, ALONE)).toEqual(["ticket-to-release"]);
    expect(on.comments()[0]).not.toContain("working time");
  });

  it.each([
    ["the repository's", REPOSITORY],
    ["the organisation's", ORGANISATION],
  ])("the ticket keys in %s: links go, and come back", async (_what, where) => {
    const on = await past({ organisation: "" });
    const linked = async () => [(await read(on, PULL_REQUEST)).links.length, (await read(on, OPEN)).links.length];
    expect(await linked()).toEqual([1, 1]);
    await expectReadingAlone(on, () => change(on, where, "ticketKeys: { projects: [OTHER] }"));
    expect(await linked()).toEqual([0, 0]);
    expect((await read(on, PULL_REQUEST)).nearMisses).toMatchObject([{ matched: "feature/PROP-1460-login" }]);
    expect((await read(on, PULL_REQUEST)).leadTimes[0]).toMatchObject({ profile: "pull-request" });
    expect(on.comments()[0]).not.toContain("[PROP-1460]");
    await expectReadingAlone(on, () => change(on, where, "ticketKeys: { from: [title] }"));
    expect(await linked()).toEqual([0, 1]);
    expect((await read(on, TICKET)).links).toMatchObject([{ pullRequest: "acme/web#2", source: "title" }]);
    await expectReadingAlone(on, () => change(on, where, ""));
    expect(await linked()).toEqual([1, 1]);
    expect((await read(on, TICKET)).links).toMatchObject([{ source: "branch" }, { source: "title" }]);
    expect(on.comments()[0]).toContain("### Lead time 1h 10m");
  });

  it("what the comment shows", async () => {
    const on = await past({ repository: "" });
    const shows = () => {
      const [comment = ""] = on.comments();
      return {
        ratings: /[🟢🟡🔴]|good/u.test(comment),
        key: comment.includes("PROP-1460"),
        title: comment.includes("passkey"),
      };
    };
    expect(shows()).toEqual({ ratings: true, key: true, title: true });
    for (const [comment, expected] of [
      ["ratings: false", { ratings: false, key: true, title: true }],
      ["tickets: key", { ratings: true, key: true, title: false }],
      ["tickets: hidden", { ratings: true, key: false, title: false }],
      ["tickets: hidden, ratings: false", { ratings: false, key: false, title: false }],
      ["tickets: full", { ratings: true, key: true, title: true }],
    ] as const) {
      await expectReadingAlone(on, () => change(on, REPOSITORY, `comment: { ${comment} }`));
      expect(shows()).toEqual(expected);
    }
  });
});

describe("what was stored is measured anew, and nothing at all is asked, when LEADTIME_CONFIG changes", () => {
  it("by a profile, an org unit, or the ticket keys", async () => {
    const file = await operatorsFile(`profile: own\n${SHORT}`);
    const on = await past({}, { LEADTIME_CONFIG: file });
    expect(await stagesIn(on, TICKET, "own")).not.toContain("CI");
    const restarted = async (content: string) => {
      await writeFile(file, content);
      const asked = await askedDuring(on, async () => {
        await on.restart();
        await on.app.idle();
      });
      expect(asked).toEqual({ github: [], jira: [] });
    };
    await restarted(
      `profile: own\n${OTHER}orgUnits: { pay: { projects: [PROP], repositories: ["acme/*"], profile: change } }\n`,
    );
    for (const path of [TICKET, OPEN, ALONE]) {
      expect(await profilesOf(on, path)).toEqual(["own", "change"]);
      expect(await stagesIn(on, path, "own")).not.toContain("Approval");
    }
    expect(await profilesOf(on, PULL_REQUEST)).toEqual(["own", "pull-request", "change"]);
    expect(stageRows(on.comments()[0]).map(([name]) => name)).not.toContain("Approval");
    await restarted("ticketKeys: { projects: [OTHER] }");
    expect([(await read(on, PULL_REQUEST)).links, (await read(on, OPEN)).links]).toEqual([[], []]);
    await restarted("");
    expect((await read(on, TICKET)).links).toHaveLength(2);
    expect(on.comments()[0]).toContain("### Lead time 1h 10m · 🟢 good · [PROP-1460]");
  });
});
