import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import { ask, fromGitHub, memoryStore, startWeb } from "./web.js";

test("the process lives, whatever the database does", async () => {
  const { port } = await startWeb({ store: { ...memoryStore(), ready: () => Promise.reject(new Unavailable("gone")) } });
  expect(await ask(port, { path: "/healthz" })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
});

test("a check of HTTP/1.0 without a Host is answered, and let in nowhere else", async () => {
  const { port } = await startWeb();
  const old = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1").once("error", reject);
      socket.once("data", (answer) => resolve(answer.toString())).write(`GET ${path} HTTP/1.0\r\n\r\n`);
    });
  expect(await old("/healthz")).toMatch(/^HTTP\/1.1 200 /);
  expect(await old("/api/v1/work-items/PROP-1")).toMatch(/^HTTP\/1.1 401 /);
});

describe("readiness", () => {
  test("is 200, with what does not work for now", async () => {
    const { port } = await startWeb({ details: async () => ["Jira refuses our token"] });
    const answer = await ask(port, { path: "/readyz" });
    expect(answer).toMatchObject({ status: 200, text: '{"status":"ready","degraded":["Jira refuses our token"]}' });
  });

  test("is 503 with the reason that the store gives", async () => {
    const { port } = await startWeb({
      store: { ...memoryStore(), ready: () => Promise.reject(new Unavailable("migrations wait")) },
    });
    const answer = await ask(port, { path: "/readyz" });
    expect(answer).toMatchObject({ status: 503, text: '{"status":"unavailable","reason":"migrations wait"}' });
  });

  test("gives no reason that is not meant for everyone", async () => {
    const { port, log } = await startWeb({
      store: { ...memoryStore(), ready: () => Promise.reject(new Error("postgres://app:canary@db")) },
    });
    const answer = await ask(port, { path: "/readyz" });
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain("canary");
    expect(log.lines).toHaveLength(1);
  });

  test("is not lost with the details", async () => {
    const { port } = await startWeb({ details: () => Promise.reject(new Error("canary")) });
    const answer = await ask(port, { path: "/readyz" });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain("canary");
  });
});

describe("closing", () => {
  test("lets a delivery that is being stored finish, and takes no other", async () => {
    let answer: (isNew: boolean[]) => void = () => {};
    const stored = new Promise<boolean[]>((resolve) => {
      answer = resolve;
    });
    let begun: () => void = () => {};
    const isStoring = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const accept = () => {
      begun();
      return stored;
    };
    const { web, port } = await startWeb({ store: { ...memoryStore(), accept } });
    const running = ask(port, fromGitHub("{}", { connection: "keep-alive" }));
    await isStoring;
    const closed = web.close();
    await expect(ask(port, fromGitHub("{}"))).rejects.toThrow("ECONNREFUSED");
    answer([true]);
    expect(await running).toMatchObject({ status: 202, headers: { connection: "close" } });
    await closed;
  });

  test("does not wait for ever", async () => {
    const { web, port } = await startWeb({ store: { ...memoryStore(), accept: () => new Promise(() => {}) } });
    const hung = expect(ask(port, fromGitHub("{}"))).rejects.toThrow("socket hang up");
    await new Promise((resolve) => web.server.once("request", resolve));
    await web.close(10);
    await hung;
  });

  test("may be asked for twice", async () => {
    const { web } = await startWeb();
    await Promise.all([web.close(), web.close()]);
  });
});

test("a port that is taken is an error, not an answer", async () => {
  const { port } = await startWeb();
  const { web } = await startWeb();
  await web.close();
  await expect(web.listen({ host: "127.0.0.1", port })).rejects.toThrow("EADDRINUSE");
});
