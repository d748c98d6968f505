import { inspect } from "node:util";
import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { Refused, Unavailable } from "../../src/core/failure.js";
import { type JiraAccess, jiraClient } from "../../src/jira/client.js";
import { jiraFailure } from "../../src/jira/failure.js";
import { jiraTracker } from "../../src/jira/history.js";
import { BASE_URL, NOW } from "./build.js";

const API_TOKEN = "t0p-s3cret";
const BASIC = Buffer.from(`bot@acme.example:${API_TOKEN}`).toString("base64");
const tracker = (access: Partial<JiraAccess> = {}) =>
  jiraTracker({
    client: jiraClient({ baseUrl: BASE_URL, email: "bot@acme.example", apiToken: API_TOKEN, ...access }),
    baseUrl: BASE_URL,
    clock: { now: () => NOW },
  });
const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => expect.unreachable("it was answered"),
    (error: unknown) => error,
  );
const onIssue = () => nock(BASE_URL).get("/rest/api/3/issue/PROP-1").query(true);

afterEach(() => {
  nock.cleanAll();
});

describe("an answer that will not change", () => {
  test.each([
    [404, "missing"],
    [410, "missing"],
    [401, "unauthorized"],
    [403, "forbidden"],
  ])("of status %i is refused as %s", async (status, reason) => {
    onIssue().reply(status, { errorMessages: ["Issue does not exist"] });
    const failure = await failureOf(tracker().ticket("PROP-1"));
    expect(failure).toBeInstanceOf(Refused);
    expect(failure).toMatchObject({ reason });
  });
});

describe("a dead token", () => {
  const dead = { "X-Seraph-LoginReason": "AUTHENTICATED_FAILED" };

  test.each([
    [200, { total: 0, isLast: true, values: [] }],
    [401, ""],
    [403, "<html>"],
    [404, { errorMessages: ["Issue does not exist"] }],
  ])("is recognised behind an answer of status %i", async (status, body) => {
    nock(BASE_URL).get("/rest/api/3/project/search").query(true).reply(status, body, dead);
    expect(await failureOf(tracker().projects())).toMatchObject({ name: "Refused", reason: "unauthorized" });
  });

  test("is not what a good login says", async () => {
    const answer = nock(BASE_URL).get("/rest/api/3/project/search").query(true);
    answer.reply(200, { isLast: true, values: [{ key: "PROP" }] }, { "X-Seraph-LoginReason": "OK" });
    expect(await tracker().projects()).toMatchObject([{ keys: ["PROP"] }]);
  });
});

describe("an outage", () => {
  test.each([408, 429, 500, 502, 503, 504, 400])("of status %i is told as one", async (status) => {
    onIssue().reply(status, "<html>busy</html>");
    const failure = await failureOf(tracker().ticket("PROP-1"));
    expect(failure).toBeInstanceOf(Unavailable);
    expect(failure).toMatchObject({ retryAt: undefined, message: `Jira answered ${status} when asked for PROP-1` });
  });

  test.each([
    ["30", NOW + 30_000],
    ["0", NOW + 1000],
    ["Mon, 06 May 2024 12:02:00 GMT", NOW + 120_000],
    ["Mon, 06 May 2024 11:00:00 GMT", NOW + 1000],
    ["soon", undefined],
    ["-5", NOW + 1000],
  ])("with Retry-After %s says from when to ask again", async (header, retryAt) => {
    onIssue().reply(429, "", { "Retry-After": header });
    expect(await failureOf(tracker().ticket("PROP-1"))).toMatchObject({ name: "Unavailable", retryAt });
  });

  test.each([
    ["a page of HTML", "<!doctype html><title>Maintenance</title>"],
    ["JSON that was cut off", '{"id":"10063","fields":{"summ'],
    ["nothing", ""],
  ])("that answers 200 with %s is told as one", async (_what, body) => {
    onIssue().reply(200, body);
    const failure = await failureOf(tracker().ticket("PROP-1"));
    expect(failure).toMatchObject({ name: "Unavailable", message: expect.stringContaining("expected JSON from Jira") });
  });

  test("that answers with JSON of another shape names the field", async () => {
    nock(BASE_URL)
      .get("/rest/api/3/project/search")
      .query(true)
      .reply(200, { isLast: true, values: [{ id: 1 }] });
    const message = "a project cannot be read: key: Invalid input: expected string, received undefined";
    expect(await failureOf(tracker().projects())).toMatchObject({ name: "Unavailable", message });
  });

  test.each(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT"])("of the network, %s, is told as one", async (code) => {
    onIssue().replyWithError(Object.assign(new Error("down"), { code }));
    expect(await failureOf(tracker().ticket("PROP-1"))).toMatchObject({
      name: "Unavailable",
      message: expect.stringContaining(code),
    });
  });
});

test("no failure carries our token or Jira's answer", async () => {
  onIssue().reply(500, "the answer");
  const answered = await failureOf(tracker().ticket("PROP-1"));
  onIssue().replyWithError("down");
  const unreached = await failureOf(tracker().ticket("PROP-1"));
  onIssue().reply(200, "the answer");
  const broken = await failureOf(tracker().ticket("PROP-1"));
  for (const failure of [answered, unreached, broken]) {
    const shown = inspect(failure, { depth: 20, showHidden: true });
    for (const secret of [API_TOKEN, BASIC, "the answer"]) expect(shown).not.toContain(secret);
  }
});

test("a bug of ours stays one", () => {
  const bug = new TypeError("undefined is not a function");
  expect(jiraFailure(bug, { what: "PROP-1", now: NOW })).toBe(bug);
});
