import { describe, expect, test } from "vitest";
import { type AccessRequest, refusalOf } from "../../src/web/access.js";
import { ask, startWeb } from "./web.js";

const OPEN: AccessRequest = { listener: "127.0.0.1", published: false, headers: { host: ["localhost:3000"] } };
const withHost = (...host: string[]): AccessRequest => ({ ...OPEN, headers: { host } });

describe("a request is let in", () => {
  test.each(["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])("when the listener is bound to %s", (listener) => {
    expect(refusalOf({ ...OPEN, listener })).toBeNull();
  });

  test.each([
    "localhost",
    "LOCALHOST:80",
    "localhost:3000",
    "127.0.0.1",
    "127.0.0.1:3000",
    "127.9.9.9:1",
    "[::1]",
    "[::1]:3000",
  ])("with the Host %s", (host) => {
    expect(refusalOf(withHost(host))).toBeNull();
  });
});

describe("a request is refused", () => {
  test.each([null, "0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "128.0.0.1", "fe80::1", "::ffff:10.0.0.1", ""])(
    "when the listener is bound to %s",
    (listener) => {
      expect(refusalOf({ ...OPEN, listener })).toContain("loopback address");
    },
  );

  test("when the app is published", () => {
    expect(refusalOf({ ...OPEN, published: true })).toContain("PUBLIC_URL");
  });

  test.each([
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-anything",
    "X-Forwarded-For",
  ])("with the header %s, even an empty one", (name) => {
    expect(refusalOf({ ...OPEN, headers: { ...OPEN.headers, [name]: [""] } })).toContain("forwarded");
  });

  test.each([
    "leadtime.example.com",
    "localhost.example.com",
    "127.0.0.1.example.com",
    "localhost.",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0.0.0.0",
    "[::]",
    "[::ffff:10.0.0.1]",
    "192.168.1.5:3000",
    "localhost@example.com",
    "example.com:80localhost",
    "",
  ])("with the Host %j", (host) => {
    expect(refusalOf(withHost(host))).toContain("Host");
  });

  test("without a Host, and with two", () => {
    expect(refusalOf({ ...OPEN, headers: {} })).toContain("Host");
    expect(refusalOf(withHost("localhost", "localhost"))).toContain("Host");
  });
});

describe("over HTTP", () => {
  const path = "/api/v1/work-items/PROP-1";

  test("a direct request on loopback reaches the route", async () => {
    const { port } = await startWeb();
    expect((await ask(port, { path })).status).toBe(404);
  });

  test.each([
    ["a foreign Host", { host: "leadtime.example.com" }],
    ["a forwarded request", { "x-forwarded-for": "127.0.0.1" }],
    ["a Forwarded header", { forwarded: "for=127.0.0.1" }],
  ])("%s gets 401 and what to do", async (_what, headers) => {
    const { port } = await startWeb();
    const answer = await ask(port, { path, headers });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text).error).toMatchObject({
      code: "closed",
      message: expect.stringContaining("http://localhost"),
    });
  });

  test("nothing is open once the app is published, be it known or not", async () => {
    const { port } = await startWeb({ published: true });
    for (const at of [path, "/api/v1/pull-requests/acme/web/7", "/api/v1/anything", "/api/v1/work-items/%20"]) {
      expect((await ask(port, { path: at })).status).toBe(401);
    }
  });

  test("what listens on all addresses is closed, also for who asks from this machine", async () => {
    const { web, port: _ } = await startWeb();
    await web.close(0);
    const { port } = await web.listen({ host: "0.0.0.0", port: 0 });
    expect((await ask(port, { path })).status).toBe(401);
    expect((await ask(port, { path: "/healthz" })).status).toBe(200);
  });
});
