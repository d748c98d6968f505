import { afterEach, beforeEach, expect, test } from "vitest";
import type { World } from "../../src/simulator/world.js";
import { at, aWorld } from "./support.js";

let world: World;
beforeEach(async () => {
  world = await aWorld({ strict: false });
  await world.jira.createVersion({ project: "PROP", version: "1.0", at: at("09:00") });
  await world.jira.createIssue({ project: "PROP", number: 1460, summary: "Login", at: at("09:50") });
});
afterEach(() => world.close());

interface Given {
  readonly token?: string;
  readonly bearer?: string;
}
async function get(path: string, { token, bearer }: Given = {}) {
  const { JIRA_EMAIL, JIRA_API_TOKEN } = world.environment();
  const basic = Buffer.from(`${JIRA_EMAIL}:${token ?? JIRA_API_TOKEN}`).toString("base64");
  const answer = await fetch(`${world.jira.url}/rest/api/3${path}`, {
    headers: { authorization: bearer ? `Bearer ${bearer}` : `Basic ${basic}` },
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text,
  };
}

test("an issue is shaped as Jira Cloud shapes it", async () => {
  const { body } = await get("/issue/PROP-1460");
  expect(body).toMatchObject({
    id: expect.stringMatching(/^\d+$/),
    key: "PROP-1460",
    fields: {
      summary: "Login",
      created: "2024-05-06T09:50:00.000+0000",
      status: { id: "10000", name: "To Do", statusCategory: { id: 2, key: "new" } },
      issuetype: { name: "Story", hierarchyLevel: 0, subtask: false },
      resolution: null,
      fixVersions: [],
    },
  });
  expect(Object.keys((await get("/issue/PROP-1460?fields=summary,status")).body.fields).sort()).toEqual(["status", "summary"]);
});

test("the changelog is paged, oldest first", async () => {
  for (const [status, when] of [
    ["In Progress", "10:00"],
    ["To Do", "10:01"],
    ["Done", "10:20"],
  ] as const)
    await world.jira.transition({ issue: "PROP-1460", status, at: at(when) });
  const first = (await get("/issue/PROP-1460/changelog?maxResults=2")).body;
  expect(first).toMatchObject({ startAt: 0, maxResults: 2, total: 3, isLast: false });
  expect(first.values[0]).toMatchObject({
    created: "2024-05-06T10:00:00.000+0000",
    items: [{ field: "status", from: "10000", fromString: "To Do", to: "10001", toString: "In Progress" }],
  });
  const last = (await get("/issue/PROP-1460/changelog?maxResults=2&startAt=2")).body;
  expect(last).toMatchObject({ isLast: true });
  expect(last.values[0].items.map(({ field }: { field: string }) => field)).toEqual(["resolution", "status"]);
});

test("a moved issue answers to its old key with its new one", async () => {
  const key = await world.jira.moveIssue({ issue: "PROP-1460", project: "WEB", at: at("10:00") });
  expect((await get("/issue/PROP-1460")).body.key).toBe(key);
  const moved = JSON.parse(world.collect().at(-1)?.body ?? "");
  const [, renamed] = moved.changelog.items;
  expect(renamed).toMatchObject({ field: "Key", fromString: "PROP-1460", toString: "WEB-1" });
});

test("versions, statuses and projects are read", async () => {
  await world.jira.releaseVersion({ project: "PROP", version: "1.0", at: at("11:00") });
  const [version] = (await get("/project/PROP/versions")).body;
  expect(version).toMatchObject({ name: "1.0", released: true, releaseDate: "2024-05-06" });
  expect((await get(`/version/${version.id}`)).body.id).toBe(version.id);
  expect((await get("/status")).body).toHaveLength(4);
  expect((await get("/statuses/search")).body.values[0]).toMatchObject({ statusCategory: "TODO" });
  expect((await get("/project/search")).body).toMatchObject({ total: 1, isLast: true, values: [{ key: "PROP" }] });
});

test("webhooks carry the change, the time and an id", async () => {
  world.collect();
  await world.jira.setFixVersion({ issue: "PROP-1460", version: "1.0", at: at("10:00") });
  await world.jira.releaseVersion({ project: "PROP", version: "1.0", at: at("11:00") });
  await world.jira.deleteIssue({ issue: "PROP-1460", at: at("12:00") });
  const webhooks = world.collect();
  const [set, released, deleted] = webhooks.map(({ body }) => JSON.parse(body));
  expect(set).toMatchObject({
    webhookEvent: "jira:issue_updated",
    timestamp: at("10:00").getTime(),
    changelog: { items: [{ field: "Fix Version", toString: "1.0" }] },
  });
  expect(released).toMatchObject({
    webhookEvent: "jira:version_released",
    timestamp: at("11:00").getTime(),
    version: { name: "1.0" },
  });
  expect(deleted).toMatchObject({ webhookEvent: "jira:issue_deleted", issue: { key: "PROP-1460" } });
  expect(new Set(webhooks.map(({ headers }) => headers["x-atlassian-webhook-identifier"])).size).toBe(3);
  expect((await get("/issue/PROP-1460")).status).toBe(404);
});

test("wrong credentials are refused", async () => {
  expect((await get("/myself", { token: "wrong" })).status).toBe(401);
  expect((await get("/myself", { bearer: "wrong" })).status).toBe(401);
  expect((await get("/myself")).status).toBe(200);
});

test("a dead token is answered as nobody's", async () => {
  world.jira.setMode("deadToken");
  const { status, headers, body } = await get("/project/search");
  expect([status, headers.get("x-seraph-loginreason"), body.total]).toEqual([200, "AUTHENTICATED_FAILED", 0]);
  expect((await get("/issue/PROP-1460")).status).toBe(404);
  world.jira.setMode("ok");
  expect((await get("/issue/PROP-1460")).status).toBe(200);
});

test("Jira can be down, or ask for patience", async () => {
  world.jira.setMode("down");
  expect((await get("/myself")).status).toBe(503);
  world.jira.setMode({ retryAfter: 7 });
  const { status, headers } = await get("/myself");
  expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
});
