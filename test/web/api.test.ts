import { describe, expect, test } from "vitest";
import { owner, SHARED } from "../../src/core/ref.js";
import { repositoryAlias, ticketAlias } from "../../src/core/relation.js";
import { at, measuredPullRequest, measuredTicket, PULL_REQUEST, TICKET, WEB } from "./items.js";
import { account, ask, type memoryStore, startWeb } from "./web.js";

type Filled = ReturnType<typeof memoryStore>;

/** A store that knows the worked example under these accounts. */
function fill(store: Filled, ...accounts: ReturnType<typeof account>[]): void {
  store.known.push(...accounts);
  store.aliases.set(`${SHARED} ${ticketAlias("PROP-1460")}`, TICKET);
  for (const { owner: of } of accounts.length > 0 ? accounts : [{ owner: SHARED }]) {
    store.aliases.set(`${of} ${repositoryAlias("acme/web")}`, WEB);
    store.items.set(`${of} ${TICKET}`, measuredTicket());
    store.items.set(`${of} ${PULL_REQUEST}`, measuredPullRequest());
  }
}
const ACME = account(1, "acme");
const GLOBEX = account(2, "Globex");

async function get(port: number, path: string) {
  const { status, text, headers } = await ask(port, { path });
  return { status, headers, body: JSON.parse(text) };
}

describe("a ticket", () => {
  test.each(["PROP-1460", "prop-1460"])("is found by its key, written %s", async (key) => {
    const { port, store } = await startWeb();
    fill(store, ACME);
    const { status, body, headers } = await get(port, `/api/v1/work-items/${key}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ item: "PROP-1460", kind: "ticket", finished: true, leadTimes: [{ totalSeconds: 4200 }] });
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
  });

  test("is found before any account is known", async () => {
    const { port, store } = await startWeb();
    fill(store);
    expect((await get(port, "/api/v1/work-items/PROP-1460")).status).toBe(200);
  });

  test("that one of several accounts has is found without naming it", async () => {
    const { port, store } = await startWeb();
    fill(store, ACME);
    store.known.push(GLOBEX);
    expect((await get(port, "/api/v1/work-items/PROP-1460")).status).toBe(200);
    expect((await get(port, "/api/v1/work-items/PROP-1460?owner=globex")).status).toBe(404);
  });

  test("that several accounts have needs the owner's name, in any case", async () => {
    const { port, store } = await startWeb();
    fill(store, ACME, GLOBEX);
    store.items.set(`${owner(2)} ${TICKET}`, measuredTicket({ title: "Globex's", finishedAt: at("10:20") }));
    const ambiguous = await get(port, "/api/v1/work-items/PROP-1460");
    expect(ambiguous.status).toBe(400);
    expect(ambiguous.body.error).toMatchObject({ code: "ambiguous", fields: [{ field: "owner" }] });
    expect(ambiguous.body.error.message).toContain("acme, Globex");
    expect((await get(port, "/api/v1/work-items/PROP-1460?owner=GLOBEX")).body.title).toBe("Globex's");
  });

  test("that is unknown gets 404 and what to do", async () => {
    const { port } = await startWeb();
    const { status, body } = await get(port, "/api/v1/work-items/none-9");
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: "unknown", message: expect.stringContaining("NONE-9") });
  });

  test("of an unknown owner gets 404", async () => {
    const { port, store } = await startWeb();
    fill(store, ACME);
    const { status, body } = await get(port, "/api/v1/work-items/PROP-1460?owner=nobody");
    expect([status, body.error.code]).toEqual([404, "unknown-owner"]);
  });

  test.each([
    "PROP",
    "PROP-0",
    "PROP-01",
    "1460",
    "P-1",
    "PROP-1460x",
    "PR%20OP-1",
    "PROP-1234567890",
    "%00",
    "%E0%A4%A",
    "..%2F1",
  ])("named %s is malformed, and the answer names the field", async (key) => {
    const { port } = await startWeb();
    const { status, body } = await get(port, `/api/v1/work-items/${key}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: "malformed", fields: [{ field: "ticketKey", message: expect.any(String) }] });
  });

  test.each(["", "%20", "a/b", "-a"])("of the owner %j is malformed", async (login) => {
    const { port } = await startWeb();
    const { status, body } = await get(port, `/api/v1/work-items/PROP-1?owner=${login}`);
    expect([status, body.error.fields[0].field]).toEqual([400, "owner"]);
  });
});

describe("a pull request", () => {
  test.each(["acme/web", "ACME/Web"])("is found as %s, by its repository's name and its number", async (name) => {
    const { port, store } = await startWeb();
    fill(store, ACME);
    const { status, body } = await get(port, `/api/v1/pull-requests/${name}/7`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ item: "acme/web#7", kind: "pull-request", links: [{ ticket: "PROP-1460" }] });
  });

  test("of a repository that has moved is found by the old name", async () => {
    const { port, store } = await startWeb();
    fill(store, GLOBEX);
    expect((await get(port, "/api/v1/pull-requests/acme/web/7")).status).toBe(200);
  });

  test("that is unknown gets 404 and what to do", async () => {
    const { port, store } = await startWeb();
    fill(store, ACME);
    for (const path of ["acme/web/8", "acme/api/7"]) {
      const { status, body } = await get(port, `/api/v1/pull-requests/${path}`);
      expect(status).toBe(404);
      expect(body.error.message).toContain("installed");
    }
  });

  test.each([
    ["acme/web/0", "number"],
    ["acme/web/x", "number"],
    ["acme/we%20b/7", "repo"],
    ["ac%2Fme/web/7", "owner"],
  ])("named %s is malformed in its %s", async (path, field) => {
    const { port } = await startWeb();
    const { status, body } = await get(port, `/api/v1/pull-requests/${path}`);
    expect(status).toBe(400);
    expect(body.error.fields).toMatchObject([{ field }]);
  });
});

describe("anything else", () => {
  test.each(["/", "/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/index.html", "/healthz/x", "/%"])(
    "%s gets 404",
    async (path) => {
      const { port } = await startWeb();
      const { status, body, headers } = await get(port, path);
      expect([status, body.error.code]).toEqual([404, "no-such-route"]);
      expect(headers["x-content-type-options"]).toBe("nosniff");
    },
  );

  test("with a Host that cannot be gets 400", async () => {
    const { port } = await startWeb();
    const answer = await ask(port, { path: "/healthz", headers: { host: "a b" } });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([400, "malformed"]);
  });

  test("that fails says nothing of the cause, which the log has", async () => {
    const { port, store, log } = await startWeb();
    const cause = new Error("canary: select * from secrets");
    store.accounts = () => Promise.reject(cause);
    const { status, body, headers } = await get(port, "/api/v1/work-items/PROP-1460");
    expect([status, body.error.code]).toEqual([500, "internal"]);
    expect(JSON.stringify(body)).not.toContain("canary");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(log.lines).toMatchObject([{ level: "error", fields: { err: cause } }]);
  });
});
