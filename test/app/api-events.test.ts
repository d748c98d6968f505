import { beforeEach, describe, expect, it, vi } from "vitest";
import { keyRef, owner } from "../../src/core/ref.js";
import { furnish, GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import { openStore } from "../../src/store/open.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { silent } from "../store/databases.js";
import { type Stage, stage } from "../support/app.js";
import { stageRows } from "../support/comment-table.js";
import { makeToken, revoke } from "../support/tokens.js";

vi.setConfig({ testTimeout: 60_000 });

const REPOSITORY = "acme/web";
const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
const seconds = (time: string): number => onTheDay(time).getTime() / 1000;

/** The profile starts with an event that is posted, and has a stage that is entered by one. */
const CONFIGURATION = `
profile: incident
ticketKeys: { projects: [PROP, WEB] }
profiles:
  incident:
    extends: api-event
    start: { on: api-event, type: incident_1 }
    insert:
      - { after: Merge, name: Verified, on: api-event, type: verified }
`;

let all: Stage;
let token: string;
beforeEach(async () => {
  all = await stage({ JIRA_OWNERS: "acme,globex" });
  await install("acme/web");
  await all.app.idle();
  token = await makeToken(all.databaseUrl, "acme", "events", "reports");
});

async function install(repository: string): Promise<void> {
  const [account = ""] = repository.split("/");
  await all.world.github.install({ account, at: onTheDay("08:00") });
  const files = { ".github/leadtime.yml": CONFIGURATION };
  await all.world.github.createRepository({ repository, files, visibility: "private", at: onTheDay("08:00") });
}

async function post(content: unknown, as = token): Promise<{ readonly status: number; readonly ids: readonly string[] }> {
  const headers = { "content-type": "application/json", authorization: `Apikey ${as}` };
  const answer = await fetch(`${all.app.url}/v1/generic-events`, { method: "POST", headers, body: JSON.stringify(content) });
  const { ids = [] } = (await answer.json()) as { ids?: string[] }; // as docs/api.md says
  return { status: answer.status, ids };
}

async function posted(...contents: readonly object[]): Promise<void> {
  for (const content of contents) expect(await post(content)).toMatchObject({ status: 202 });
  await all.app.idle();
}

const incident = (key: string, time = "09:55") => ({
  ...{ component: key.includes("-") ? "jira" : "scm", key, event_type: "incident_1", event_time: seconds(time) },
});

async function read(path: string, as = token): Promise<WorkItem> {
  const answer = await fetch(`${all.app.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${as}` } });
  return (await answer.json()) as WorkItem; // as its schema says
}
const own = async (path: string, as = token) => (await read(path, as)).leadTimes.find(({ profile }) => profile === "incident");
const startedAt = async (path: string, as = token) => (await own(path, as))?.startedAt;

const STARTED = "2024-05-06T09:55:00Z";
const TICKET = "work-items/PROP-1460";
const PULL_REQUEST = "pull-requests/acme/web/1";

async function live(): Promise<string> {
  const { pullRequests } = await playTicketLife(all.world, GOLDEN_TIMES);
  await all.app.idle();
  return pullRequests[0]?.mergeCommit ?? "";
}

describe("the curl that is published", () => {
  /** Its headers and its body to the letter, but for host and key. */
  const curl = async () => {
    const answer = await fetch(`${all.app.url}/v1/generic-events`, {
      method: "POST",
      headers: {
        accept: "application/json",
        "Content-Type": "application/json",
        Authorization: `Apikey ${token}`,
        Cookie: "JSESSIONID=23F...BA12",
      },
      body: '{\n    "component": "jira",\n    "key": "PROP-1460",\n    "event_type": "incident_1",\n    "event_time": 1664925769\n}',
    });
    return { status: answer.status, body: await answer.json() };
  };

  it.each(["before the ticket is known", "after its pull request was merged"])("starts the clock, sent %s", async (when) => {
    const first = when.startsWith("before");
    if (!first) await live();
    expect(await curl()).toEqual({ status: 202, body: { ids: ["api:jira:PROP-1460:1664925769:incident_1"] } });
    await all.app.idle();
    if (first) await live();
    const since = "2022-10-04T23:22:49Z";
    expect([await startedAt(TICKET), await startedAt(PULL_REQUEST)]).toEqual([since, since]);
    expect(await own(TICKET)).toMatchObject({ totalSeconds: (Date.parse("2024-05-06T10:15:00Z") - Date.parse(since)) / 1000 });
    expect(all.comments()).toEqual([expect.stringContaining("event posted, 2022-10-04 23:22 (UTC) · incident\\_1")]);
  });
});

describe("an event of a ticket", () => {
  it("starts the clock and enters a stage, in comment and API alike", async () => {
    await live();
    expect(await own(TICKET)).toMatchObject({ status: "not-started" });
    await posted(incident("PROP-1460"), { ...incident("PROP-1460", "10:30"), event_type: "Verified" });
    expect(await own(TICKET)).toMatchObject({
      ...{ status: "complete", startedAt: STARTED, totalSeconds: 35 * 60 },
      stages: expect.arrayContaining([
        expect.objectContaining({ name: "First commit", leadTimeSeconds: 600 }),
        expect.objectContaining({ name: "Verified", leadTimeSeconds: 900, enteredAt: "2024-05-06T10:30:00Z" }),
      ]),
    });
    expect(Object.fromEntries(stageRows(all.comments()[0]))).toMatchObject({ "First commit": "10m", Verified: "15m" });
  });

  it("needs no Jira: a pull request that names the key is found by it", async () => {
    await all.restart({
      JIRA_BASE_URL: undefined,
      JIRA_EMAIL: undefined,
      JIRA_API_TOKEN: undefined,
      JIRA_WEBHOOK_SECRET: undefined,
    });
    all.world.target(undefined);
    await playTicketLife(all.world, GOLDEN_TIMES);
    const webhooks = all.world.collect().filter(({ source }) => source === "github");
    all.world.target(all.app.url);
    await all.world.send(webhooks);
    await posted(incident("PROP-1460"));
    expect(await startedAt(PULL_REQUEST)).toBe(STARTED);
  });

  it("is found under the key that the ticket had before it was moved, and under the new one", async () => {
    await live();
    const key = await all.world.jira.moveIssue({ issue: "PROP-1460", project: "WEB", at: onTheDay("12:00") });
    await all.app.idle();
    await posted(incident("PROP-1460"), { ...incident(key, "10:20"), event_type: "verified" });
    for (const path of [`work-items/${key}`, TICKET, PULL_REQUEST]) {
      expect(await own(path)).toMatchObject({ status: "complete", startedAt: STARTED, totalSeconds: 25 * 60 });
    }
  });

  it("is found under a key that it was never seen with, since its history tells of it", async () => {
    await posted(incident("PROP-1460"));
    all.world.target(undefined);
    await all.world.jira.createIssue({ project: "PROP", number: 1460, summary: "Log in", at: onTheDay("09:50") });
    const key = await all.world.jira.moveIssue({ issue: "PROP-1460", project: "WEB", at: onTheDay("10:00") });
    all.world.collect();
    all.world.target(all.app.url);
    await playPullRequest(all.world, GOLDEN_TIMES, { repository: REPOSITORY, branch: `feature/${key}`, title: "Log in" });
    await all.app.idle();
    expect([await startedAt(`work-items/${key}`), await startedAt(PULL_REQUEST)]).toEqual([STARTED, STARTED]);
  });
});

describe("an event of a commit", () => {
  it.each([
    ["the merge commit's name", (sha: string) => sha],
    ["its first seven characters", (sha: string) => sha.slice(0, 7)],
    ["more of it, in upper case", (sha: string) => sha.slice(0, 20).toUpperCase()],
  ])("starts the clock of its pull request and ticket by %s", async (_what, named) => {
    const sha = await live();
    await posted(incident(named(sha)));
    expect([await startedAt(TICKET), await startedAt(PULL_REQUEST)]).toEqual([STARTED, STARTED]);
    expect(all.comments()[0]).toContain("event posted, 2024-05-06 09:55");
  });

  it("is kept until the commit is known", async () => {
    all.world.target(undefined);
    const { pullRequests } = await playTicketLife(all.world, GOLDEN_TIMES);
    const webhooks = all.world.collect();
    all.world.target(all.app.url);
    await posted(incident(pullRequests[0]?.mergeCommit ?? ""));
    expect(await read(TICKET)).toMatchObject({ error: { code: "unknown" } });
    await all.world.send(webhooks);
    await all.app.idle();
    expect([await startedAt(TICKET), await startedAt(PULL_REQUEST)]).toEqual([STARTED, STARTED]);
  });

  it("counts for the pull request that the commit is one of, known or not", async () => {
    const { github } = all.world;
    const push = (branch: string) =>
      github.push({ repository: REPOSITORY, branch, commits: [{ message: `Log in by ${branch}` }], at: onTheDay("10:05") });
    const [one, other] = [await push("one"), await push("other")];
    await posted(incident(one[0]?.sha ?? ""));
    for (const branch of ["one", "other"])
      await github.openPullRequest({ repository: REPOSITORY, branch, title: branch, at: onTheDay("10:10") });
    await all.app.idle();
    expect([await startedAt(PULL_REQUEST), await startedAt("pull-requests/acme/web/2")]).toEqual([STARTED, null]);
    await posted(incident(other[0]?.sha.slice(0, 9) ?? ""));
    expect(await startedAt("pull-requests/acme/web/2")).toBe(STARTED);
  });

  it("counts for the ticket that a commit names which was pushed straight", async () => {
    const { github, jira } = all.world;
    await jira.createIssue({ project: "PROP", number: 7, summary: "Straight", at: onTheDay("09:50") });
    const commits = [{ message: "PROP-7 Log in" }];
    const [pushed] = await github.push({ repository: REPOSITORY, branch: "main", commits, at: onTheDay("10:05") });
    await all.app.idle();
    await posted(incident(pushed?.sha ?? ""));
    const { events } = await read("work-items/PROP-7");
    expect(events.filter(({ type }) => type === "api-event")).toMatchObject([{ at: STARTED }]);
  });

  it("is not one that merely begins alike", async () => {
    const sha = await live();
    const other = `${sha.slice(0, 7)}${sha.slice(7).replace(/./g, (digit) => (digit === "0" ? "1" : "0"))}`;
    await posted(incident(other));
    expect([await startedAt(TICKET), await startedAt(PULL_REQUEST)]).toEqual([null, null]);
  });
});

describe("another account", () => {
  it("has events and answers of its own", async () => {
    await install("globex/web");
    await furnish(all.world, { repository: "globex/web", visibility: "private", at: onTheDay("08:00") });
    await live();
    const story = { repository: "globex/web", branch: "feature/PROP-1460-too", title: "Too" };
    const theirs = await playPullRequest(all.world, GOLDEN_TIMES, story);
    await all.app.idle();
    const globex = await makeToken(all.databaseUrl, "Globex", "events", "reports");
    expect((await post([incident("PROP-1460"), incident(theirs?.mergeCommit ?? "")], token)).status).toBe(202);
    await all.app.idle();
    expect([await startedAt(PULL_REQUEST), await startedAt("pull-requests/globex/web/1", globex)]).toEqual([STARTED, null]);
    expect((await post(incident("PROP-1460", "10:01"), globex)).status).toBe(202);
    await all.app.idle();
    expect([await startedAt(TICKET), await startedAt(TICKET, globex)]).toEqual([STARTED, "2024-05-06T10:01:00Z"]);
    expect(await read(PULL_REQUEST, globex)).toMatchObject({ error: { code: "unknown" } });
  });
});

describe("events that are posted twice", () => {
  const MANY = 10_000;
  const many = Array.from({ length: MANY }, (_, index) => ({
    ...{
      component: "jira",
      key: `LATER-${1 + (index % 500)}`,
      event_type: `built_${index}`,
      event_time: seconds("10:00") + index,
    },
  }));
  const stored = async () => {
    const store = await openStore(all.databaseUrl, { log: silent });
    const [account] = await store.accounts();
    const refs = [...new Set(many.map(({ key }) => keyRef(key)))];
    const events = await store.events(account?.owner ?? owner("none"), refs).finally(store.close);
    return new Set(events.map(({ id }) => id)).size === events.length ? events.length : Number.NaN;
  };

  it("are stored once, all 10,000 of them, however they are put together", async () => {
    const first = await post(many);
    const again = await post(many.toReversed());
    await all.app.idle();
    expect(first.status).toBe(202);
    expect(again.ids).toEqual(first.ids.toReversed());
    expect(await stored()).toBe(MANY);
    for (let start = 0; start < MANY; start += 1000) expect((await post(many.slice(start, start + 1000))).status).toBe(202);
    await all.app.idle();
    expect(await stored()).toBe(MANY);
  });

  it("are there after the app ended in the moment of its answer", async () => {
    expect((await post(incident("PROP-1460"))).status).toBe(202);
    await all.restart();
    await live();
    expect(await startedAt(TICKET)).toBe(STARTED);
  });
});

describe("a token", () => {
  const statusOf = async (authorization: string) =>
    (await fetch(`${all.app.url}/api/v1/${TICKET}`, { headers: { authorization } })).status;

  it("that another process revokes is good for nothing at once", async () => {
    await live();
    expect(await statusOf(`Bearer ${token}`)).toBe(200);
    expect(await revoke(all.databaseUrl, token)).toContain("is revoked");
    expect(await statusOf(`Bearer ${token}`)).toBe(401);
    expect((await post(incident("PROP-1460"))).status).toBe(401);
    await all.app.idle();
    expect((await read(TICKET, await makeToken(all.databaseUrl, "acme", "reports"))).events).not.toContainEqual(
      expect.objectContaining({ type: "api-event" }),
    );
  });

  it("ends what was open on this machine", async () => {
    const answer = await fetch(`${all.app.url}/api/v1/${TICKET}`);
    expect(answer.status).toBe(401);
  });
});
