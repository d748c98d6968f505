import { createServer, type RequestListener, type Server } from "node:http";
import nock from "nock";
import { afterEach, describe, expect, test, vi } from "vitest";
import { only } from "../../src/core/event.js";
import { HOUR, type Instant, instant } from "../../src/core/time.js";
import { type JiraAccess, jiraClient } from "../../src/jira/client.js";
import { jiraTracker } from "../../src/jira/history.js";
import { BASE_URL, history, issue, move, NOW, WORKFLOW } from "./build.js";

const STATUSES = [
  { id: "3", name: "In Progress", statusCategory: { key: "done" } },
  { id: "14", name: "Open", statusCategory: { key: "new" } },
  { id: "16", name: "Closed", statusCategory: { key: "done" } },
  { id: "99", name: "Elsewhere", statusCategory: { key: "done" } },
];
const CLOUD: JiraAccess = { baseUrl: BASE_URL, email: "bot@acme.example", apiToken: "secret" };
let now: Instant = NOW;
const tracker = (access: JiraAccess = CLOUD) =>
  jiraTracker({ client: jiraClient(access), baseUrl: BASE_URL, clock: { now: () => now } });

const api = () => nock(BASE_URL, { reqheaders: { authorization: `Basic ${btoa("bot@acme.example:secret")}` } });
const answerIssue = (fields = {}) => api().get("/rest/api/3/issue/PROP-1").query(true).reply(200, issue(fields, "PROP-1"));
const answerStatuses = () => api().get("/rest/api/3/status").reply(200, STATUSES);
/** Pages of 100 entries, as Cloud gives them. */
const answerChangelog = (histories: readonly unknown[]) =>
  api()
    .get("/rest/api/3/issue/PROP-1/changelog")
    .query(true)
    .times(Math.max(1, Math.ceil(histories.length / 100)))
    .reply(200, (uri) => {
      const startAt = Number(new URL(uri, BASE_URL).searchParams.get("startAt"));
      const values = histories.slice(startAt, startAt + 100);
      return { startAt, total: histories.length, isLast: startAt + values.length >= histories.length, values };
    });

const servers: Server[] = [];
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

afterEach(() => {
  now = NOW;
  nock.cleanAll();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe("a ticket", () => {
  test("is read with all 250 entries of its changelog", async () => {
    const histories = Array.from({ length: 250 }, (_, index) =>
      history(String(1000 + index), NOW - (250 - index) * 1000, index % 2 ? move("Closed", "Open") : move("Open", "Closed")),
    );
    answerIssue();
    answerChangelog(histories);
    answerStatuses();
    const events = await tracker().ticket("PROP-1");
    expect(only(events, "ticket.status")).toHaveLength(251);
    expect(only(events, "ticket.history")).toMatchObject([{ at: NOW, readAt: NOW }]);
    expect(nock.isDone()).toBe(true);
  });

  test("is read with the categories of all statuses it went through, as far as they still exist", async () => {
    answerIssue();
    answerChangelog([history("1", NOW - 2, move("Vanished", "Open")), history("2", NOW - 1, move("Open", "Closed"), WORKFLOW)]);
    answerStatuses();
    const told = only(await tracker().ticket("PROP-1"), "status.category").map(({ id, category }) => [id, category]);
    expect(told).toEqual([
      ["jira:status:3:category", "in-progress"],
      ["jira:status:14:category", "to-do"],
      ["jira:status:16:category", "done"],
    ]);
  });

  test("asks Jira only for the fields that are read", async () => {
    const asked: unknown[] = [];
    api()
      .get("/rest/api/3/issue/PROP-1")
      .query(({ fields }) => asked.push(fields) > 0)
      .reply(200, issue({}, "PROP-1"));
    answerChangelog([]);
    answerStatuses();
    await tracker().ticket("PROP-1");
    expect(asked).toContain("summary,created,updated,creator,status,issuetype,project,resolution,fixVersions,labels");
  });

  test.each([403, 404])("is read without the list of statuses where that is not for us (%d)", async (status) => {
    answerIssue();
    answerChangelog([history("1", NOW - 1, move("Open", "In Progress"))]);
    api().get("/rest/api/3/status").reply(status, {});
    const events = await tracker().ticket("PROP-1");
    expect(only(events, "ticket.status")).toHaveLength(2);
    expect(only(events, "status.category").map(({ id }) => id)).toEqual(["jira:status:3:category"]);
  });

  test("asks for the list of statuses once an hour", async () => {
    const reader = tracker();
    const read = async () => {
      answerIssue();
      answerChangelog([]);
      await reader.ticket("PROP-1");
    };
    answerStatuses();
    await read();
    now = instant(NOW + HOUR - 1);
    await read();
    now = instant(NOW + HOUR);
    await expect(read()).rejects.toThrow();
    answerStatuses();
    await read();
    expect(nock.isDone()).toBe(true);
  });

  test.each(["", "prop-1", "PROP-0", "PROP-1/../../myself", "PROP-1?x", "P-1", "PROP-1234567890", "PROP-1\n", "ABCDEFGHIJK-1"])(
    "is never asked for by the key %j",
    async (key) => {
      await expect(tracker().ticket(key)).rejects.toMatchObject({ name: "Refused", reason: "missing" });
    },
  );

  test.each([
    ["empty pages without end", () => ({ isLast: false, values: [] })],
    ["the same page again and again", () => ({ isLast: false, values: [history("1", NOW, WORKFLOW)] })],
  ])("whose changelog is %s is unavailable", async (_what, page) => {
    answerIssue();
    api().get("/rest/api/3/issue/PROP-1/changelog").query(true).times(3).reply(200, page);
    await expect(tracker().ticket("PROP-1")).rejects.toMatchObject({
      name: "Unavailable",
      message: expect.stringContaining("the next page of the changelog of PROP-1"),
    });
  });
});

describe("the projects", () => {
  test("are read page by page", async () => {
    const pages = [
      { isLast: false, total: 3, values: [{ key: "PROP" }, { key: "JSP_JIR" }] },
      { isLast: true, total: 3, values: [{ key: "EE" }] },
    ];
    for (const [index, page] of pages.entries()) {
      api()
        .get("/rest/api/3/project/search")
        .query({ startAt: index * 2, maxResults: 100 })
        .reply(200, page);
    }
    expect(await tracker().projects()).toEqual([
      {
        id: "jira:site:projects",
        type: "site.projects",
        ref: "jira:site",
        at: NOW,
        readAt: NOW,
        precision: "exact",
        reader: 1,
        keys: ["PROP", "JSP_JIR", "EE"],
      },
    ]);
  });
});

describe("Data Center", () => {
  const site: JiraAccess = { baseUrl: `${BASE_URL}/jira`, token: "pat" };
  const dataCenter = () => nock(`${BASE_URL}/jira`, { reqheaders: { authorization: "Bearer pat" } });
  const answer = (changelog: object) => {
    dataCenter()
      .get("/rest/api/2/issue/PROP-1")
      .query(({ expand }) => expand !== "changelog")
      .reply(200, issue({}, "PROP-1"));
    dataCenter()
      .get("/rest/api/2/issue/PROP-1")
      .query({ fields: "created", expand: "changelog" })
      .times(2)
      .reply(200, { changelog });
    dataCenter().get("/rest/api/2/status").reply(200, STATUSES);
  };
  const histories = [history("2", NOW, move("Open", "Closed"))];

  test("is asked with the token, for the changelog within the issue", async () => {
    answer({ startAt: 0, maxResults: 1, total: 1, histories });
    expect(only(await tracker(site).ticket("PROP-1"), "ticket.status").map(({ status }) => status.name)).toEqual([
      "Open",
      "Closed",
    ]);
  });

  test("that cuts the changelog off is unavailable, rather than half told", async () => {
    answer({ startAt: 0, maxResults: 1, total: 2, histories });
    await expect(tracker(site).ticket("PROP-1")).rejects.toMatchObject({ name: "Unavailable" });
  });

  test("lists its projects in one answer", async () => {
    dataCenter()
      .get("/rest/api/2/project")
      .reply(200, [{ key: "PROP" }, { key: "EE" }]);
    expect(await tracker(site).projects()).toMatchObject([{ keys: ["PROP", "EE"] }]);
  });
});

describe("on the wire", () => {
  test("a redirect is not followed", async () => {
    let reached = false;
    const inside = await serve((_request, response) => {
      reached = true;
      response.end("{}");
    });
    const outside = await serve((_request, response) => response.writeHead(302, { location: `${inside}/secret` }).end());
    const failure = await tracker({ ...CLOUD, baseUrl: outside })
      .ticket("PROP-1")
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "Unavailable", message: expect.stringContaining("redirects (302)") });
    expect(reached).toBe(false);
  });

  test("an answer that drips without end is cut off", async () => {
    const drips: NodeJS.Timeout[] = [];
    const dripping = await serve((_request, response) => {
      drips.push(setInterval(() => response.write(" "), 20));
    });
    await expect(tracker({ ...CLOUD, baseUrl: dripping, callLimit: 200 }).ticket("PROP-1")).rejects.toMatchObject({
      name: "Unavailable",
      message: expect.stringContaining("no whole answer in time"),
    });
    for (const drip of drips) clearInterval(drip);
  });

  test("an answer that breaks off is unavailable", async () => {
    const breaking = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "1000" }).write('{"id":', () => response.destroy());
    });
    await expect(tracker({ ...CLOUD, baseUrl: breaking }).ticket("PROP-1")).rejects.toMatchObject({
      name: "Unavailable",
    });
  });

  test("no proxy of the environment is used", async () => {
    const proxied: string[] = [];
    const proxy = await serve((request, response) => {
      proxied.push(`${request.url}`);
      response.end("{}");
    });
    const jira = await serve((_request, response) => response.writeHead(404).end("{}"));
    vi.stubEnv("http_proxy", proxy);
    await expect(tracker({ ...CLOUD, baseUrl: jira }).ticket("PROP-1")).rejects.toMatchObject({ reason: "missing" });
    expect(proxied).toEqual([]);
  });
});
