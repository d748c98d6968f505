import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { formatDuration, milliseconds } from "../../src/core/time.js";
import { furnish, GOLDEN_TIMES, playPullRequest, playTicketLife, type TicketTimes } from "../../src/simulator/stories.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { type Stage, stage } from "../support/app.js";
import { stageRows } from "../support/comment-table.js";

vi.setConfig({ testTimeout: 60_000 });

const repository = "acme/web";
const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
const HOUR = 3600;
const DAY = 24 * HOUR;

const read = async ({ get }: Stage, path: string) => (await get(`/api/v1/${path}`)) as WorkItem; // as its schema says
const ticketOf = (on: Stage) => read(on, "work-items/PROP-1460");
const pullRequestOf = (on: Stage, number = 1) => read(on, `pull-requests/acme/web/${number}`);
const statesOf = (item: WorkItem) => item.leadTimes[0]?.stages.map(({ state }) => state);
const stageOf = (item: WorkItem, name: string) => item.leadTimes[0]?.stages.find((one) => one.name === name);

async function lived(times: TicketTimes = GOLDEN_TIMES, options?: Parameters<typeof playTicketLife>[2]) {
  const on = await stage();
  const { pullRequests } = await playTicketLife(on.world, times, options);
  await on.app.idle();
  return { on, sha: pullRequests[0]?.mergeCommit ?? "" };
}

describe("the golden life", () => {
  it("stands in one comment with its nine figures and its total", async () => {
    const { on } = await lived();
    const [comment, ...others] = on.comments();
    expect(others).toEqual([]);
    expect(comment).toContain(`### Lead time 1h 10m · 🟢 good · [PROP-1460](${on.world.jira.url}/browse/PROP-1460)`);
    expect(stageRows(comment)).toEqual([
      ["In progress", "10m"],
      ["First commit", "5m"],
      ["Pull request opened", "5m"],
      ["Approval", "1m"],
      ["Merge", "4m"],
      ["CI", "1m"],
      ["Deployment", "1m"],
      ["Done", "3m"],
      ["Release", "40m"],
    ]);
    expect(comment).not.toMatch(/skipped|pending|out of order|⚠️/);
  });

  it("is answered by the API, each figure with its proof", async () => {
    const { on, sha } = await lived();
    const ticket = await ticketOf(on);
    const commit = on.world.github.commitOf({ repository, ref: "feature/PROP-1460-login" }).sha;
    const run = [...on.world.github.state.repositories.values()].flatMap(({ runs }) => [...runs.keys()])[0];
    const { github, jira } = { github: `${on.world.github.url}/acme/web`, jira: `${on.world.jira.url}/browse/PROP-1460` };
    const review = /#pullrequestreview-\d+$/;
    const own = { pullRequest: "acme/web#1" };
    const day = { limits: [8 * HOUR, DAY], ...own };
    const stages = [
      reached("In progress 10:00", { seconds: 600, limits: [DAY, 3 * DAY], event: "ticket.status", url: jira }),
      reached("First commit 10:05", {
        seconds: 300,
        limits: [4 * HOUR, DAY],
        event: "commit.created",
        url: `${github}/commit/${commit}`,
        ...own,
      }),
      reached("Pull request opened 10:10", { seconds: 300, event: "pull-request.opened", url: `${github}/pull/1`, ...day }),
      reached("Approval 10:11", { seconds: 60, event: "pull-request.approved", url: expect.stringMatching(review), ...day }),
      reached("Merge 10:15", {
        seconds: 240,
        limits: [4 * HOUR, DAY],
        event: "pull-request.merged",
        url: `${github}/pull/1`,
        ...own,
      }),
      reached("CI 10:16", {
        seconds: 60,
        limits: [HOUR / 2, 2 * HOUR],
        event: "ci.completed",
        url: `${github}/actions/runs/${run}`,
        ...own,
      }),
      reached("Deployment 10:17", {
        seconds: 60,
        limits: [2 * HOUR, DAY],
        event: "deployment.succeeded",
        url: `${github}/deployments/production`,
        note: `${sha.slice(0, 7)} to production`,
        ...own,
      }),
      reached("Done 10:20", { seconds: 180, limits: [HOUR, DAY], event: "ticket.status", url: jira }),
      reached("Release 11:00", {
        seconds: 2400,
        limits: [7 * DAY, 14 * DAY],
        event: "ticket.released",
        url: expect.stringContaining(on.world.jira.url),
        note: "fix version 1.0",
      }),
    ];
    const leadTime = {
      profile: "ticket-to-release",
      calculation: "wall-clock",
      status: "complete",
      startedAt: "2024-05-06T09:50:00Z",
      totalSeconds: 4200,
      rating: "good",
      slowestStage: "Release",
      stages,
      notes: [],
    };
    expect(ticket).toEqual({
      item: "PROP-1460",
      kind: "ticket",
      url: jira,
      title: "Let people log in with a passkey",
      type: "Story",
      finished: true,
      timeInStatus: [
        { status: "To Do", seconds: 600 },
        { status: "In Progress", seconds: 1200 },
        { status: "Done", seconds: expect.any(Number) },
      ],
      links: [{ pullRequest: "acme/web#1", source: "branch", matched: "feature/PROP-1460-login" }],
      nearMisses: [],
      leadTimes: [leadTime],
      events: expect.arrayContaining([{ type: "ticket.created", at: "2024-05-06T09:50:00Z", url: jira, actor: "Alice" }]),
    });
    expect(ticket.events.map(({ at }) => at)).toEqual(ticket.events.map(({ at }) => at).sort());

    const pullRequest = await pullRequestOf(on);
    expect(pullRequest).toMatchObject({
      item: "acme/web#1",
      kind: "pull-request",
      url: `${github}/pull/1`,
      type: null,
      finished: true,
      links: [{ pullRequest: "acme/web#1", ticket: "PROP-1460", source: "branch", matched: "feature/PROP-1460-login" }],
    });
    expect(pullRequest.leadTimes.map(({ profile }) => profile)).toEqual(["ticket-to-release", "pull-request", "change"]);
    expect(pullRequest.leadTimes[0]).toEqual(leadTime);
    expect(pullRequest.leadTimes[2]).toMatchObject({ totalSeconds: 720, status: "complete" });
  });
});

/** A stage as the API answers it, from its name with the minute in which it was reached. */
function reached(
  stage: string,
  { seconds, limits, ...evidence }: { seconds: number; limits: number[]; [proof: string]: unknown },
) {
  const name = stage.slice(0, -6);
  const enteredAt = `2024-05-06T${stage.slice(-5)}:00Z`;
  const [idealSeconds, acceptableSeconds] = limits;
  const proven = { at: enteredAt, ...evidence };
  const head = { name, state: "reached", rating: "good", enteredAt, leadTimeSeconds: seconds };
  return { ...head, idealSeconds, acceptableSeconds, evidence: proven };
}

describe("a life at random times", () => {
  /** Seconds after the ticket's creation; what GitHub and Jira forbid does not happen: each tells its own in order. */
  const times = fc
    .record({
      github: fc.array(fc.integer({ min: 0, max: 20 * DAY }), { minLength: 6, maxLength: 6 }),
      jira: fc.array(fc.integer({ min: 0, max: 20 * DAY }), { minLength: 2, maxLength: 2 }),
      released: fc.integer({ min: 0, max: 30 * DAY }),
    })
    .map(({ github, jira, released }) => ({
      github: github.sort((a, b) => a - b),
      jira: jira.sort((a, b) => a - b),
      released,
    }));

  /** The rule once more, in a line: each stage's entry after the latest before it. */
  const expected = (entries: readonly number[]) =>
    entries.map((entry, index) => Math.max(0, entry - Math.max(0, ...entries.slice(0, index))));

  it("gives in comment and API what the rule gives, also out of order", { timeout: 120_000 }, async () => {
    const on = await stage();
    let number = 0;
    const play = async ({ github, jira, released }: { github: number[]; jira: number[]; released: number }) => {
      number += 1;
      const at = (seconds = 0) => new Date(onTheDay("09:50").getTime() + seconds * 1000);
      const [commit, opened, approved, merged, ci, deployed] = github.map(at);
      const [inProgress, done] = jira.map(at);
      if (!commit || !opened || !approved || !merged || !ci || !deployed || !inProgress || !done)
        throw new RangeError("too few");
      const parts = { created: at(), commit, opened, approved, merged, ci, deployed, inProgress, done };
      const environment = "production";
      await playTicketLife(
        on.world,
        { ...parts, released: at(released) },
        { number, version: `1.${number}`, repository: `acme/web-${number}`, environment },
      );
      await on.app.idle();

      const entries = [jira[0], ...github, jira[1], released].map(Number);
      const figures = expected(entries);
      const total = figures.reduce((sum, figure) => sum + figure, 0);
      expect(total).toBe(Math.max(...entries));
      for (const path of [`work-items/PROP-${number}`, `pull-requests/acme/web-${number}/1`]) {
        const [leadTime] = (await read(on, path)).leadTimes;
        expect(leadTime?.stages.map((one) => "leadTimeSeconds" in one && one.leadTimeSeconds)).toEqual(figures);
        expect(leadTime?.totalSeconds).toBe(total);
      }
      const words = (seconds: number) => formatDuration(milliseconds(seconds * 1000));
      const [comment] = on.comments(1, `acme/web-${number}`);
      expect(comment).toContain(`### Lead time ${words(total)} `);
      expect(stageRows(comment).map(([, time]) => time.replace(" · out of order", ""))).toEqual(figures.map(words));
    };
    await fc.assert(fc.asyncProperty(times, play), { numRuns: 15, endOnFailure: true });
  });
});

describe("however it is merged", () => {
  it.each(["merge", "squash", "rebase"] as const)("by %s, CI and deployment are found", async (method) => {
    const { on } = await lived(GOLDEN_TIMES, { method });
    const ticket = await ticketOf(on);
    expect(ticket.leadTimes[0]).toMatchObject({ status: "complete", totalSeconds: 4200 });
    expect(statesOf(ticket)).toEqual(Array(9).fill("reached"));
  });
});

describe("a ticket's fix version", () => {
  it("counts when it is set later than it is released", async () => {
    const { on } = await lived(GOLDEN_TIMES, { versionSetAt: onTheDay("12:00") });
    expect(stageOf(await ticketOf(on), "Release")).toMatchObject({ state: "reached", leadTimeSeconds: 2400 });
    expect(on.comments()[0]).toContain("### Lead time 1h 10m");
  });

  it("is missed in words when there is none", async () => {
    const { on } = await lived(GOLDEN_TIMES, { version: null });
    const ticket = await ticketOf(on);
    expect(ticket.leadTimes[0]).toMatchObject({ status: "in-progress", totalSeconds: 1800 });
    expect(stageOf(ticket, "Release")).toMatchObject({ state: "pending", reason: "the ticket has no fix version" });
    expect(stageOf(ticket, "Release")).not.toHaveProperty("leadTimeSeconds");
    expect(on.comments()[0]).toContain("Still to come: Release (the ticket has no fix version).");
  });
});

describe("a pull request without a ticket", () => {
  it("is measured under pull-request, and says why", async () => {
    const on = await stage();
    await furnish(on.world, { repository, visibility: "private", at: onTheDay("09:00") });
    await playPullRequest(on.world, GOLDEN_TIMES, { repository, branch: "tidy-up", title: "Tidy up" });
    await on.app.idle();
    const item = await pullRequestOf(on);
    expect(item.leadTimes.map(({ profile }) => profile)).toEqual(["pull-request", "change"]);
    expect(item.leadTimes[0]).toMatchObject({
      totalSeconds: 600,
      notes: ["ticket-to-release begins with a ticket: no ticket linked"],
    });
    expect(item.links).toEqual([]);
    expect(stageRows(on.comments()[0])).toEqual([
      ["Pull request opened", "5m"],
      ["First review", "1m"],
      ["Approval", "0s"],
      ["Merge", "4m"],
    ]);
  });
});
