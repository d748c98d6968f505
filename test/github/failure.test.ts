import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { Unreadable } from "../../src/core/failure.js";
import { milliseconds, SECOND } from "../../src/core/time.js";
import { boundedFetch, quietOctokit } from "../../src/github/client.js";
import { asking, githubFailure } from "../../src/github/failure.js";
import { clock, github, octokit } from "./host.js";
import { RECEIVED } from "./payloads.js";

afterEach(() => nock.cleanAll());

/** What becomes of a question to which GitHub answers so. */
async function failure(status: number, headers: Record<string, string> = {}): Promise<unknown> {
  github().get("/repos/acme/web").reply(status, { message: "API rate limit exceeded, s3cret" }, headers);
  const { rest } = await octokit("5");
  return asking("read acme/web", clock, () => rest.repos.get({ owner: "acme", repo: "web" })).catch((error: unknown) => error);
}
const inSeconds = (seconds: number) => RECEIVED + seconds * SECOND;

const theirs = (seconds: number) => new Date(inSeconds(seconds)).toUTCString();

describe("GitHub is not available", () => {
  test.each([
    [429, { "retry-after": "30" }, 30],
    [429, { "retry-after": "0" }, 1],
    [429, { "retry-after": "Tue, 07 May 2024 00:02:00 GMT" }, 120],
    [429, { "retry-after": "Mon, 06 May 2024 00:00:00 GMT" }, 1],
    [429, { "retry-after": "soon" }, 60],
    [429, {}, 60],
    [403, { "retry-after": "5" }, 5],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(inSeconds(90) / SECOND) }, 90],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon" }, 60],
    [503, { "retry-after": "7" }, 7],
    // Their clock is five minutes behind ours.
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(inSeconds(-210) / SECOND), date: theirs(-300) }, 90],
    [429, { "retry-after": theirs(-240), date: theirs(-300) }, 60],
    [503, { "retry-after": "999999999" }, 86_400],
  ])("on %d with %j until it says", async (status, headers, seconds) => {
    expect(await failure(status, headers)).toMatchObject({ name: "Unavailable", retryAt: inSeconds(seconds) });
  });

  test.each([500, 502, 503, 409])("on %d, and does not say how long", async (status) => {
    expect(await failure(status)).toMatchObject({ name: "Unavailable", retryAt: undefined });
  });

  test.each([
    [504, "Unanswered"],
    [502, "Unanswered"],
    [503, "Unavailable"],
  ])("on %d to a write is %s: whether it is carried out is not known", async (status, kind) => {
    github().post("/repos/acme/web/issues/1/comments").reply(status, {});
    const { rest } = await octokit("5");
    const comment = { owner: "acme", repo: "web", issue_number: 1, body: "said" };
    const asked = asking("comment", clock, () => rest.issues.createComment(comment));
    expect((await asked.catch((error: unknown) => error))?.constructor.name).toBe(kind);
  });

  test("on a 403 that refers to the page on rate limits, although no header tells", async () => {
    const documentation_url =
      "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#secondary-rate-limits";
    github().get("/repos/acme/web").reply(403, { message: "s3cret", documentation_url }, { "x-ratelimit-remaining": "4999" });
    const { rest } = await octokit("5");
    const asked = asking("read acme/web", clock, () => rest.repos.get({ owner: "acme", repo: "web" }));
    await expect(asked).rejects.toMatchObject({ name: "Unavailable", retryAt: inSeconds(60) });
  });

  test("when the network fails", async () => {
    github()
      .get("/repos/acme/web")
      .replyWithError(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
    const { rest } = await octokit("5");
    const asked = asking("read acme/web", clock, () => rest.repos.get({ owner: "acme", repo: "web" }));
    await expect(asked).rejects.toMatchObject({
      name: "Unavailable",
      message: expect.stringContaining("could not be reached"),
    });
  });
});

describe("GitHub refuses", () => {
  test.each([
    [404, {}, "missing"],
    [410, {}, "missing"],
    [422, {}, "missing"],
    [401, {}, "unauthorized"],
    [403, {}, "forbidden"],
    [403, { "x-ratelimit-remaining": "4999" }, "forbidden"],
    [451, {}, "forbidden"],
  ])("on %d with %j, whatever its message says", async (status, headers, reason) => {
    expect(await failure(status, headers)).toMatchObject({ name: "Refused", reason });
  });

  test.each([403, 404])("an installation that is gone or suspended its token (%d)", (status) => {
    const request = { method: "POST", url: "https://api.github.com/app/installations/5/access_tokens" };
    const error = Object.assign(new Error("x"), { status, request, response: { headers: {} } });
    expect(githubFailure(error, "read", RECEIVED)).toMatchObject({ name: "Refused", reason: "unauthorized" });
  });
});

test("a failure carries neither our token nor what was answered", async () => {
  const error = await failure(404);
  expect(error).toMatchObject({ message: "GitHub answered 404 when asked to read acme/web", cause: undefined });
  expect(JSON.stringify(error)).not.toMatch(/s3cret|secret-token/);
});

test("an answer that cannot be read is an answer that did not come", () => {
  expect(githubFailure(new Unreadable("a list cannot be read"), "read", RECEIVED)).toMatchObject({ name: "Unavailable" });
});

test("a bug of ours stays what it is", () => {
  const bug = new TypeError("x is not a function");
  expect(githubFailure(bug, "read", RECEIVED)).toBe(bug);
});

describe("an answer that does not end", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  test.each([
    ["does not begin", () => {}],
    ["stops half-way", (respond: (text: string) => void) => respond("[")],
  ])("and %s is given up", async (_, answer) => {
    const server = createServer((_request, response) => {
      answer((text) => void response.writeHead(200, { "content-type": "application/json" }).write(text));
    });
    servers.push(server);
    await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const client = new quietOctokit({
      auth: { token: "secret-token" },
      baseUrl: `http://127.0.0.1:${port}`,
      request: { fetch: boundedFetch(milliseconds(100)) },
    });
    const asked = asking("list", clock, () => client.rest.issues.listForRepo({ owner: "acme", repo: "web" }));
    await expect(asked).rejects.toMatchObject({ name: "Unavailable", message: expect.stringContaining("TimeoutError") });
  });
});
