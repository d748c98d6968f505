import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import type { Stage } from "../support/app.js";
import { stageRows } from "../support/comment-table.js";
import { configured, leadTimeOf, minutesOf, onTheDay, REPOSITORY, read } from "../support/configured.js";
import { makeToken } from "../support/tokens.js";

vi.setConfig({ testTimeout: 60_000 });

const inDocs = (name: string): string => readFileSync(new URL(`../../docs/profiles/${name}.yml`, import.meta.url), "utf8");
const repository = REPOSITORY;
const TICKET = "work-items/PROP-1460";
const PULL_REQUEST = "pull-requests/acme/web/1";

interface Change {
  readonly branch: string;
  readonly commit: string;
  readonly opened: string;
  readonly reviewed: string;
  readonly approved: string;
  readonly merged: string;
}

/** A pull request with a comment of a reviewer before the approval; returns its merge commit. */
async function playReviewed({ github }: World, { branch, ...times }: Change): Promise<string> {
  await github.push({ repository, branch, commits: [{ message: "Log in" }], at: onTheDay(times.commit) });
  const number = await github.openPullRequest({ repository, branch, title: "Log in", at: onTheDay(times.opened) });
  await github.review({ repository, number, by: "bob", state: "commented", at: onTheDay(times.reviewed) });
  await github.review({ repository, number, by: "bob", state: "approved", at: onTheDay(times.approved) });
  return github.merge({ repository, number, by: "bob", at: onTheDay(times.merged) });
}

/** Until its first commit. */
async function playPlanning({ jira }: World): Promise<void> {
  await jira.createIssue({ project: "PROP", number: 1460, summary: "Log in", at: onTheDay("09:50") });
  await jira.transition({ issue: "PROP-1460", status: "In Progress", at: onTheDay("10:00") });
}

const workflow = ({ github }: World, sha: string, name: string, time: string) =>
  github.runWorkflow({ repository, sha, name, by: "bob", at: onTheDay(time) });
const deploy = ({ github }: World, sha: string, environment: string, time: string) =>
  github.deploy({ repository, sha, environment, production: false, by: "bob", at: onTheDay(time) });

function expectComment(on: Stage, headline: string, rows: readonly [stage: string, leadTime: string][]): void {
  const [comment] = on.comments();
  expect(comment).toContain(`### Lead time ${headline}`);
  expect(stageRows(comment)).toEqual(rows);
}

describe("the worked profiles of the documentation, by webhooks to the comment", () => {
  it("source control only", async () => {
    const on = await configured({ repository: inDocs("source-control") });
    await playReviewed(on.world, {
      ...{ branch: "login", commit: "10:05", opened: "10:10", reviewed: "10:11", approved: "10:15", merged: "10:19" },
    });
    await on.app.idle();
    expectComment(on, "14m · 🟢 good\n", [
      ["PR creation time", "5m"],
      ["Time to comment", "1m"],
      ["Approval time", "4m"],
      ["Merge time", "4m"],
    ]);
    expect(await leadTimeOf(on, PULL_REQUEST, "source-control")).toMatchObject({
      ...{ calculation: "entry-to-entry", status: "complete", totalSeconds: 14 * 60, startedAt: "2024-05-06T10:05:00Z" },
    });
  });

  it("tickets and source control", async () => {
    const on = await configured({ repository: inDocs("ticket-and-source-control") });
    await playPlanning(on.world);
    const branch = "feature/PROP-1460-login";
    await playReviewed(on.world, {
      ...{ branch, commit: "10:05", opened: "10:10", reviewed: "10:11", approved: "10:13", merged: "10:15" },
    });
    await on.app.idle();
    expectComment(on, "25m · 🟢 good · [PROP-1460]", [
      ["To do", "0s"],
      ["In progress", "10m"],
      ["Lead time to first commit", "5m"],
      ["PR creation time", "5m"],
      ["Time to comment", "1m"],
      ["Approval time", "2m"],
      ["Merge time", "2m"],
    ]);
    expect(await leadTimeOf(on, TICKET, "ticket-and-source-control")).toMatchObject({
      ...{ calculation: "entry-to-entry", status: "complete", totalSeconds: 25 * 60 },
    });
  });

  it("with CI and CD", async () => {
    const on = await configured({ repository: inDocs("with-ci-cd") });
    const { world } = on;
    const { ci: _, deployed: __, ...times } = GOLDEN_TIMES;
    const { pullRequests } = await playTicketLife(world, { ...times, ci: null, deployed: null });
    const sha = pullRequests[0]?.mergeCommit ?? "";
    await workflow(world, sha, "Build", "10:16");
    await deploy(world, sha, "staging", "10:17");
    await deploy(world, sha, "prod-eu", "10:19");
    await workflow(world, sha, "lint", "10:40");
    await on.app.idle();
    expectComment(on, "1h 10m · 🟢 good · [PROP-1460]", [
      ["In progress", "10m"],
      ["First commit", "5m"],
      ["Pull request opened", "5m"],
      ["Approval", "1m"],
      ["Merge", "4m"],
      ["CI", "1m"],
      ["Staging", "1m"],
      ["Deployment", "2m"],
      ["Done", "1m"],
      ["Release", "40m"],
    ]);
  });

  it("an event of another system", async () => {
    const on = await configured({ repository: inDocs("api-event") });
    await on.app.idle();
    const token = await makeToken(on.databaseUrl, "acme", "events");
    await playTicketLife(on.world, GOLDEN_TIMES);
    const posted = await fetch(`${on.app.url}/v1/generic-events`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Apikey ${token}` },
      body: JSON.stringify({
        ...{ component: "jira", key: "PROP-1460", event_type: "incident_1" },
        event_time: onTheDay("09:55").getTime() / 1000,
      }),
    });
    expect(posted.status).toBe(202);
    await on.app.idle();
    expectComment(on, "20m · 🟢 good · [PROP-1460]", [
      ["First commit", "10m"],
      ["Pull request opened", "5m"],
      ["First review", "1m"],
      ["Approval", "0s"],
      ["Merge", "4m"],
    ]);
    expect(on.comments()[0]).toContain("Counted from 2024-05-06 09:55 (UTC), event posted, under the profile `incident`.");
  });

  it("the statuses of a Kanban board only: no comment, and ratings that know no weekend", async () => {
    const on = await configured({ organisation: inDocs("kanban") });
    const { jira } = on.world;
    for (const [id, name] of ["Selected for Development", "In Test"].entries())
      jira.state.statuses.set(name, { id: String(20_000 + id), name, category: "indeterminate" });
    await jira.createIssue({ project: "KAN", number: 1, summary: "Log in", at: new Date("2024-05-02T12:00:00Z") });
    for (const [status, at] of [
      ["Selected for Development", "2024-05-03T13:00:00Z"],
      ["In Progress", "2024-05-03T15:00:00Z"],
      ["In Review", "2024-05-06T08:00:00Z"],
      ["In Test", "2024-05-06T09:00:00Z"],
      ["In Progress", "2024-05-06T10:00:00Z"],
      ["In Test", "2024-05-07T07:00:00Z"],
      ["Done", "2024-05-07T09:30:00Z"],
    ] as const) {
      await jira.transition({ issue: "KAN-1", status, at: new Date(at) });
    }
    const branch = "feature/KAN-1";
    await playReviewed(on.world, {
      ...{ branch, commit: "10:05", opened: "10:10", reviewed: "10:11", approved: "10:13", merged: "10:15" },
    });
    await on.app.idle();
    const kanban = await leadTimeOf(on, "work-items/KAN-1", "kanban");
    const stage = (name: string, hours: number, worked: number, rating: string | null) => ({
      ...{ name, state: "reached", leadTimeSeconds: hours * 3600, workingSeconds: worked * 3600, rating },
    });
    expect(kanban).toMatchObject({
      ...{ status: "complete", startedAt: "2024-05-03T13:00:00Z", totalSeconds: 92.5 * 3600, rating: "good" },
      stages: [
        stage("Picked up", 0, 0, null),
        stage("In progress", 2, 2, "good"),
        // All the weekend, of which all but two hours are nobody's.
        stage("In review", 65, 2, "good"),
        stage("In test", 23, 8, "good"),
        stage("Done", 2.5, 2.5, "good"),
      ],
    });
    expect(kanban.slowestStage).toBe("In review");
    expect((await read(on, PULL_REQUEST)).finished).toBe(true);
    expect(on.comments()).toEqual([]);
  });
});

describe("a job that is CI and CD at once is one stage, and two jobs are two", () => {
  const edited = (edits: string) => `profile: own\nprofiles:\n  own:\n    extends: ticket-to-release\n${edits}`;
  const stagesOf = async (edits: string) => {
    const on = await configured({ repository: edited(edits) });
    const { pullRequests } = await playTicketLife(on.world, { ...GOLDEN_TIMES, ci: null, deployed: null });
    const sha = pullRequests[0]?.mergeCommit ?? "";
    await workflow(on.world, sha, "build", "10:16");
    await deploy(on.world, sha, "production", "10:17");
    await workflow(on.world, sha, "ship", "10:18");
    await on.app.idle();
    const own = await leadTimeOf(on, TICKET, "own");
    const { status, totalSeconds } = own;
    expect({ status, totalSeconds }).toEqual({ status: "complete", totalSeconds: 70 * 60 });
    const minutes = minutesOf(own);
    const written = minutes.map(([name, time]) => [name, time === 0 ? "0s" : `${time}m`]);
    expect(stageRows(on.comments()[0])).toEqual(written);
    return Object.fromEntries(minutes.slice(4));
  };

  it.each([
    ["by its deployment", "    without: [CI]\n", { Merge: 4, Deployment: 2, Done: 3, Release: 40 }],
    [
      "by its workflow",
      "    without: [Deployment]\n    insert: [{ name: CI, on: ci.completed, workflows: [ship] }]\n",
      { Merge: 4, CI: 3, Done: 2, Release: 40 },
    ],
    [
      "two by their workflows",
      "    insert:\n      - { name: CI, on: ci.completed, workflows: [build] }\n      - { name: Deployment, on: ci.completed, workflows: [ship] }\n",
      { Merge: 4, CI: 1, Deployment: 2, Done: 2, Release: 40 },
    ],
    [
      "two, one by its workflow and one by its deployment",
      "    insert: [{ name: CI, on: ci.completed, workflows: [build] }]\n",
      { Merge: 4, CI: 1, Deployment: 1, Done: 3, Release: 40 },
    ],
  ])("%s", async (_what, edits, expected) => {
    expect(await stagesOf(edits)).toEqual(expected);
  });
});

describe("what a profile says of production and of what was given up stands over what the organisation says", () => {
  const organisation = `
profiles:
  live: { extends: change, dora: { production: [live] } }
  strict: { extends: ticket-to-release, dora: { abandonedResolutions: [DONE] } }
dora: { production: [blue] }
orgUnits:
  web: { repositories: [acme/web], projects: [PROP], profile: strict }
`;

  it("of production", async () => {
    const on = await configured({ organisation, repository: "profile: live" });
    const { pullRequests } = await playTicketLife(on.world, { ...GOLDEN_TIMES, deployed: null });
    const sha = pullRequests[0]?.mergeCommit ?? "";
    await deploy(on.world, sha, "blue", "10:30");
    await deploy(on.world, sha, "LIVE", "10:40");
    await deploy(on.world, sha, "production", "10:20");
    await on.app.idle();
    const deployedAt = async (profile: string) => (await leadTimeOf(on, PULL_REQUEST, profile)).stages.at(-1);
    expect(await deployedAt("live")).toMatchObject({ name: "Deployment", enteredAt: "2024-05-06T10:40:00Z" });
    expect(await deployedAt("change")).toMatchObject({ name: "Deployment", enteredAt: "2024-05-06T10:30:00Z" });
    expect(Object.fromEntries(stageRows(on.comments()[0])).Deployment).toBe("25m");
  });

  it("of what was given up", async () => {
    const on = await configured({ organisation });
    await playTicketLife(on.world, GOLDEN_TIMES);
    await on.app.idle();
    const { leadTimes } = await read(on, TICKET);
    expect(leadTimes.map(({ profile, status }) => [profile, status])).toEqual([
      ["ticket-to-release", "complete"],
      ["strict", "abandoned"],
    ]);
    expect(on.comments()[0]).toContain("### Lead time 1h 10m · 🟢 good");
  });
});

describe("a ticket of several repositories is rated by the working time", () => {
  const days = (...names: string[]) => `workingTime: { days: [${names.join(", ")}] }\n`;
  // The sixth of May is a Monday: of all that is done on it, what is rated is all or nothing.
  const rated = async (web: string, api: string) => {
    const on = await configured({ organisation: days("mon"), repository: web });
    const at = onTheDay("08:00");
    const files = { ".github/leadtime.yml": api };
    await on.world.github.createRepository({ repository: "acme/api", visibility: "private", files, at });
    await playTicketLife(on.world, GOLDEN_TIMES);
    const story = { repository: "acme/api", branch: "feature/PROP-1460-api", title: "Log in" };
    await playPullRequest(on.world, GOLDEN_TIMES, story);
    await on.app.idle();
    const secondsOf = async (path: string, profile: string) => {
      const [first] = (await leadTimeOf(on, path, profile)).stages;
      return first && "workingSeconds" in first ? first.workingSeconds : undefined;
    };
    return { on, secondsOf };
  };

  it("that they agree on, and else the organisation's; a pull request by its own", async () => {
    const differing = await rated(days("sun"), days("tue"));
    expect(await differing.secondsOf(TICKET, "ticket-to-release")).toBe(600);
    expect(await differing.secondsOf(PULL_REQUEST, "ticket-to-release")).toBe(0);
    const agreeing = await rated(days("sun"), days("sun"));
    expect(await agreeing.secondsOf(TICKET, "ticket-to-release")).toBe(0);
  });

  it("of the one that asks for the profile", async () => {
    const own = "profile: own\nprofiles:\n  own: { extends: ticket-to-release }\n";
    const { secondsOf } = await rated(`${own}${days("sun")}`, days("mon", "sun"));
    expect(await secondsOf(TICKET, "own")).toBe(0);
    expect(await secondsOf(TICKET, "ticket-to-release")).toBe(600);
  });
});
