import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import { ask, fromGitHub, fromJira, memoryStore, NOW, SECRET, sign, startWeb } from "./web.js";

const BODY = JSON.stringify({ zen: "Größe zählt …" });

describe("a delivery from GitHub", () => {
  test("is stored byte by byte before it is answered with 202, and wakes the worker", async () => {
    const { port, store, woken } = await startWeb();
    const bytes = Buffer.from(`\uFEFF${BODY}\r\n`);
    const answer = await ask(port, fromGitHub(bytes));
    expect(answer).toMatchObject({ status: 202, text: '{"status":"accepted"}' });
    expect([...store.deliveries.values()]).toEqual([
      { source: "github", id: "72d3162e-cc78-11e3-81ab-4c9367dc0958", event: "push", receivedAt: NOW, body: bytes },
    ]);
    expect(woken.times).toBe(1);
  });

  test("that is known is answered with 2xx, and wakes nobody", async () => {
    const { port, woken } = await startWeb();
    await ask(port, fromGitHub(BODY));
    expect(await ask(port, fromGitHub(BODY))).toMatchObject({ status: 200, text: '{"status":"known"}' });
    expect(woken.times).toBe(1);
  });

  test("may hold anything, for it is not parsed", async () => {
    const { port, store } = await startWeb();
    expect((await ask(port, fromGitHub("{ not JSON", { "x-github-event": "an_event_of_tomorrow" }))).status).toBe(202);
    expect(store.deliveries.size).toBe(1);
  });

  test.each(["/api/github/webhooks/", "/api/github/webhooks?from=proxy", "/api/github/webhooks/?from=proxy"])(
    "may come to %s",
    async (path) => {
      const { port } = await startWeb();
      expect((await ask(port, { ...fromGitHub(BODY), path })).status).toBe(202);
    },
  );

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "may be of type %s",
    async (type) => {
      const { port } = await startWeb();
      expect((await ask(port, fromGitHub(BODY, { "content-type": type }))).status).toBe(202);
    },
  );

  test.each([
    ["without a type", { "content-type": undefined }, 415],
    ["as a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["of a type that only begins so", { "content-type": "application/json5" }, 415],
    ["without an event", { "x-github-event": undefined }, 400],
    ["with an event that is no word", { "x-github-event": "push; drop" }, 400],
    ["with two events", { "x-github-event": ["push", "ping"] }, 400],
    ["without an id", { "x-github-delivery": undefined }, 400],
    ["with an empty id", { "x-github-delivery": "" }, 400],
    ["with an id that is no word", { "x-github-delivery": "../../etc" }, 400],
    ["with an id of 101 characters", { "x-github-delivery": "a".repeat(101) }, 400],
  ])("is refused %s", async (_what, headers, status) => {
    const { port, store, woken } = await startWeb();
    const answer = await ask(port, fromGitHub(BODY, headers));
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: expect.any(String), fields: [] } });
    expect(store.deliveries.size + woken.times).toBe(0);
  });

  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])("is not taken by %s", async (method) => {
    const { port, store } = await startWeb();
    const answer = await ask(port, { ...fromGitHub(BODY), method });
    expect(answer).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect(store.deliveries.size).toBe(0);
  });

  test("may announce its body first, and is asked for it", async () => {
    const { port } = await startWeb();
    expect((await ask(port, fromGitHub(BODY, { expect: "100-continue" }))).status).toBe(202);
  });

  test("that breaks off is not stored, and the next one is", async () => {
    const { port, store } = await startWeb();
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1")
        .resume()
        .once("close", () => resolve());
      const head = Object.entries({ ...fromGitHub(BODY).headers, "content-length": 1000, host: "localhost" });
      const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.write(`POST /api/github/webhooks HTTP/1.1\r\n${lines}\r\n{"half":`, () => socket.destroy());
    });
    expect((await ask(port, fromGitHub(BODY))).status).toBe(202);
    expect(store.deliveries.size).toBe(1);
  });
});

describe("while a secret is replaced", () => {
  const webhookSecrets = { github: ["the new secret, 24 bytes", SECRET], jira: [] };

  test("the current and the previous one are accepted", async () => {
    const { port } = await startWeb({ webhookSecrets });
    const current = { "x-hub-signature-256": sign(BODY, "the new secret, 24 bytes"), "x-github-delivery": "second" };
    expect((await ask(port, fromGitHub(BODY))).status).toBe(202);
    expect((await ask(port, fromGitHub(BODY, current))).status).toBe(202);
  });

  test("a third one is not", async () => {
    const { port } = await startWeb({ webhookSecrets });
    const other = { "x-hub-signature-256": sign(BODY, "yet another one, 24 bytes") };
    expect((await ask(port, fromGitHub(BODY, other))).status).toBe(401);
  });
});

describe("a delivery from Jira", () => {
  test("is known by its identifier", async () => {
    const { port, store } = await startWeb();
    const named = fromJira(BODY, { "x-atlassian-webhook-identifier": "1f3a-9" });
    expect((await ask(port, named)).status).toBe(200);
    expect(await ask(port, named)).toMatchObject({ status: 200, text: '{"status":"known"}' });
    expect([...store.deliveries.values()]).toMatchObject([{ source: "jira", id: "1f3a-9", event: "" }]);
  });

  test("without an identifier is known by its bytes", async () => {
    const { port, store } = await startWeb();
    await ask(port, fromJira(BODY));
    expect((await ask(port, fromJira(BODY))).text).toBe('{"status":"known"}');
    expect((await ask(port, fromJira(`${BODY} `))).text).toBe('{"status":"accepted"}');
    expect([...store.deliveries.values()].map(({ id }) => id)).toEqual([
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    ]);
  });

  test("that only GitHub's secret signed is refused", async () => {
    const { port, store } = await startWeb();
    expect((await ask(port, fromJira(BODY, { "x-hub-signature": sign(BODY, SECRET) }))).status).toBe(401);
    expect(store.deliveries.size).toBe(0);
  });

  test("is refused while no secret is set, and the log says what to do", async () => {
    const { port, store, log } = await startWeb({ webhookSecrets: { github: [SECRET], jira: [] } });
    expect((await ask(port, fromJira(BODY, { "x-hub-signature": sign(BODY, "") }))).status).toBe(403);
    expect(store.deliveries.size).toBe(0);
    expect(JSON.stringify(log.lines)).toContain("JIRA_WEBHOOK_SECRET");
  });
});

describe("a store that", () => {
  test.each([
    ["is unavailable", new Unavailable("the database is locked"), "warn"],
    ["fails otherwise", new Error("SQLITE_FULL"), "error"],
  ])("%s makes 503 with Retry-After, tells the sender nothing of it, and the log", async (_what, failure, level) => {
    const store = { ...memoryStore(), accept: () => Promise.reject(failure) };
    const { port, log, woken } = await startWeb({ store });
    const answer = await ask(port, fromGitHub(BODY));
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": expect.stringMatching(/^\d+$/) } });
    expect(answer.text).not.toContain(failure.message);
    expect(log.lines[0]).toMatchObject({ level, fields: { err: failure } });
    expect(woken.times).toBe(0);
  });

  test("does not answer makes 503 in time, and wakes the worker if it stored it after all", async () => {
    const late = deferred<boolean[]>();
    const { port, woken } = await startWeb({
      store: { ...memoryStore(), accept: () => late.promise },
      limits: { storing: 20 },
    });
    expect((await ask(port, fromGitHub(BODY))).status).toBe(503);
    late.resolve([true]);
    await late.promise;
    expect(woken.times).toBe(1);
  });
});

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
