import { randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import { owner, SHARED } from "../../src/core/ref.js";
import { repositoryAlias, ticketAlias } from "../../src/core/relation.js";
import { type Instant, instant, MINUTE, SECOND } from "../../src/core/time.js";
import type { Scope } from "../../src/core/token.js";
import { mintToken } from "../../src/web/token.js";
import { measuredPullRequest, measuredTicket, PULL_REQUEST, TICKET, WEB } from "./items.js";
import { type Asked, account, ask, memoryStore, NOW, startWeb } from "./web.js";

const ACME = account(42, "acme");
const GLOBEX = account(7, "globex");

/** The app with the worked example under acme, its clock in the test's hands, on an address that is not open to all. */
async function published() {
  const clock = { at: NOW as Instant, now: () => clock.at };
  const web = await startWeb({ published: true, clock });
  const { store } = web;
  store.known.push(ACME, GLOBEX);
  store.aliases.set(`${SHARED} ${ticketAlias("PROP-1460")}`, TICKET);
  store.aliases.set(`${ACME.owner} ${repositoryAlias("acme/web")}`, WEB);
  store.items.set(`${ACME.owner} ${TICKET}`, measuredTicket());
  store.items.set(`${ACME.owner} ${PULL_REQUEST}`, measuredPullRequest());
  return { ...web, clock };
}

const TICKET_PATH = "/api/v1/work-items/PROP-1460";
const PULL_REQUEST_PATH = "/api/v1/pull-requests/acme/web/7";
const reading = (token: string, path = TICKET_PATH): Asked => ({ path, headers: { authorization: `Bearer ${token}` } });
const EVENT = { component: "jira", key: "PROP-1460", event_type: "incident_1", event_time: 1664925769 };
const posting = (token: string): Asked => ({
  method: "POST",
  path: "/v1/generic-events",
  headers: { "content-type": "application/json", authorization: `Apikey ${token}` },
  body: JSON.stringify(EVENT),
});

describe("a token", () => {
  test("is a prefix that scanners find, an id, and 32 random bytes; each is another", () => {
    const [one, other] = [mintToken(randomBytes), mintToken(randomBytes)];
    expect(one.text).toMatch(/^leadtime_[0-9a-f]{12}_[0-9a-f]{64}$/);
    expect(new Set([one.text, other.text, one.id, other.id]).size).toBe(4);
    expect(Buffer.from(one.hash).toString("hex")).not.toContain(one.text.slice(-64));
  });

  test.each(["Bearer", "Apikey", "bearer", "apikey", "APIKEY "])("opens what its account has, sent as %s", async (scheme) => {
    const { port, store } = await published();
    const headers = { authorization: `${scheme} ${store.tokens.make()}` };
    for (const path of [TICKET_PATH, PULL_REQUEST_PATH, `${TICKET_PATH}?owner=ACME`]) {
      const { status, text } = await ask(port, { path, headers });
      expect([status, JSON.parse(text).leadTimes.length]).toEqual([200, 1]);
    }
  });

  test("opens it from elsewhere, too: through a proxy and under another name", async () => {
    const { port, store } = await published();
    const { headers } = reading(store.tokens.make());
    const from = { ...headers, host: "leadtime.example.com", "x-forwarded-for": "203.0.113.9" };
    expect((await ask(port, { path: TICKET_PATH, headers: from })).status).toBe(200);
  });
});

const flipped = (text: string): string => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

describe("nothing is told, and 401 answered, to a token that is", () => {
  const bad: readonly (readonly [string, (good: string, revoked: string) => string | readonly string[]])[] = [
    ["empty", () => "Bearer "],
    ["of another scheme", (good) => `Basic ${good}`],
    ["without a scheme", (good) => good],
    ["no token of ours", () => "Bearer ghp_0123456789abcdef0123456789abcdef0123"],
    ["of an unknown id", (good) => `Bearer leadtime_000000000000_${good.slice(-64)}`],
    ["wrong in its last digit", (good) => `Bearer ${flipped(good)}`],
    ["cut off", (good) => `Bearer ${good.slice(0, -1)}`],
    ["too long", (good) => `Bearer ${good}0`],
    ["in upper case", (good) => `Bearer ${good.toUpperCase()}`],
    ["revoked", (_, revoked) => `Bearer ${revoked}`],
    ["one of two", (good) => [`Bearer ${good}`, `Bearer ${good}`]],
    ["behind another word", (good) => `Bearer x ${good}`],
  ];

  test.each(bad)("%s", async (_what, written) => {
    const { port, store } = await published();
    const revoked = store.tokens.make({ name: "old", revokedAt: NOW });
    const authorization = written(store.tokens.make(), revoked);
    for (const { headers, ...request } of [reading(""), reading("", PULL_REQUEST_PATH), posting("")]) {
      // A header that is there twice has to be handed over as a list of names and values in turn.
      const answer = await ask(port, { ...request, headers: { ...headers, authorization: authorization as string } });
      expect(answer).toMatchObject({ status: 401, headers: { "www-authenticate": 'Bearer realm="leadtime"' } });
      expect(JSON.parse(answer.text).error.code).toBe("bad-token");
      expect(answer.text).not.toContain("PROP");
    }
    expect(store.deliveries.size).toBe(0);
    expect(store.tokens.uses).toEqual([]);
  });

  test("unknown, wrong or revoked, in one and the same answer", async () => {
    const { port, store } = await published();
    const good = store.tokens.make();
    const wrong = [
      flipped(good),
      `leadtime_000000000000_${good.slice(-64)}`,
      store.tokens.make({ name: "old", revokedAt: NOW }),
    ];
    const texts = await Promise.all(wrong.map(async (token) => (await ask(port, reading(token))).text));
    expect(new Set(texts).size).toBe(1);
  });

  test("refused, also where everything is open without one", async () => {
    const { port, store } = await startWeb();
    expect((await ask(port, { path: TICKET_PATH })).status).toBe(404);
    expect((await ask(port, reading("nonsense"))).status).toBe(401);
    expect(store.tokens.made.size).toBe(0);
  });
});

describe("without a token", () => {
  test("events are refused, from wherever they come", async () => {
    const { port, store, log } = await startWeb();
    const { headers, ...request } = posting("");
    const answer = await ask(port, { ...request, headers: { "content-type": "application/json" } });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([401, "no-token"]);
    expect(store.deliveries.size).toBe(0);
    expect(log.lines).toMatchObject([{ level: "warn", fields: { status: 401 } }]);
  });

  test.each([
    ["a token", {}],
    ["a token for events alone", { scopes: ["events"] as const }],
    ["a revoked token", { revokedAt: NOW }],
  ])("nothing is open on this machine any more once there is %s", async (_what, of) => {
    const { port, store } = await startWeb();
    expect((await ask(port, { path: TICKET_PATH })).status).toBe(404);
    store.tokens.make(of);
    for (const path of [TICKET_PATH, PULL_REQUEST_PATH, "/api/v1/anything"]) {
      const answer = await ask(port, { path });
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([401, "no-token"]);
      expect(answer.text).toContain("leadtime token create");
    }
    expect((await ask(port, { path: "/healthz" })).status).toBe(200);
  });
});

describe("a token of the wrong scope gets 403 and nothing else", () => {
  const others = (scope: Scope): Scope[] => (["events", "reports", "metrics"] as const).filter((one) => one !== scope);

  test.each([
    ["reports", reading],
    ["events", posting],
  ] as const)("without the scope %s", async (scope, request) => {
    const { port, store } = await published();
    const answer = await ask(port, request(store.tokens.make({ scopes: others(scope) })));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      403,
      { error: { code: "out-of-scope", message: `this token lacks the scope ${scope}`, fields: [] } },
    ]);
    expect(store.deliveries.size).toBe(0);
  });

  test("whether a thing exists or not", async () => {
    const { port, store } = await published();
    const token = store.tokens.make({ scopes: ["events"] });
    const answers = await Promise.all(
      [TICKET_PATH, "/api/v1/work-items/NONE-1", "/api/v1/nothing"].map((path) => ask(port, reading(token, path))),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });
});

describe("a token of another account", () => {
  const anonymous = (text: string) => text.replaceAll(/PROP-1460|acme\/web#7|NONE-1|acme\/none#7/g, "IT");

  test("is told of a ticket, a pull request and an account what it is told of those that are not there", async () => {
    const { port, store } = await published();
    const token = store.tokens.make({ owner: GLOBEX.owner });
    for (const [there, absent] of [
      [TICKET_PATH, "/api/v1/work-items/NONE-1"],
      [PULL_REQUEST_PATH, "/api/v1/pull-requests/acme/none/7"],
      [`${TICKET_PATH}?owner=acme`, `${TICKET_PATH}?owner=nobody`],
      [`${PULL_REQUEST_PATH}?owner=acme`, `${PULL_REQUEST_PATH}?owner=nobody`],
    ]) {
      const [one, other] = [await ask(port, reading(token, there)), await ask(port, reading(token, absent))];
      expect(one.status).toBe(404);
      expect(anonymous(one.text)).toBe(anonymous(other.text));
    }
  });

  test("is looked up for it alone, and as often as for what is not there", async () => {
    const store = memoryStore();
    store.known.push(ACME, GLOBEX);
    store.aliases.set(`${SHARED} ${ticketAlias("PROP-1460")}`, TICKET);
    const item = vi.fn(store.item);
    const { port } = await startWeb({ store: { ...store, item } });
    const token = store.tokens.make({ owner: GLOBEX.owner });
    for (const path of [TICKET_PATH, "/api/v1/work-items/NONE-1"]) await ask(port, reading(token, path));
    expect(item.mock.calls.map(([of]) => of)).toEqual([GLOBEX.owner, GLOBEX.owner]);
  });

  test("that is gone reads nothing", async () => {
    const { port, store } = await published();
    const answer = await ask(port, reading(store.tokens.make({ owner: owner(99) })));
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([404, "unknown"]);
  });
});

describe("each token", () => {
  test("is granted 600 requests at once and 10 a second after that, whatever they ask for", async () => {
    const { port, store, clock } = await published();
    const [busy, calm] = [store.tokens.make({ name: "busy" }), store.tokens.make({ name: "calm" })];
    const statuses = await Promise.all(Array.from({ length: 600 }, async () => (await ask(port, reading(busy))).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    for (const request of [reading(busy), posting(busy)]) {
      const refused = await ask(port, request);
      expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "1" } });
      expect(JSON.parse(refused.text).error.code).toBe("too-many-requests");
    }
    expect((await ask(port, reading(calm))).status).toBe(200);
    clock.at = instant(NOW + SECOND);
    const next = await Promise.all(Array.from({ length: 11 }, async () => (await ask(port, reading(busy))).status));
    expect(next.filter((status) => status === 200)).toHaveLength(10);
  });

  test("that is refused spends nobody's share", async () => {
    const { port, store } = await published();
    const good = store.tokens.make();
    await Promise.all(Array.from({ length: 650 }, () => ask(port, reading(flipped(good)))));
    expect((await ask(port, reading(good))).status).toBe(200);
  });

  test("has its use recorded, at most once a minute, and no request waits for that", async () => {
    const { port, store, clock } = await published();
    const token = store.tokens.make();
    const start = clock.at;
    for (const after of [0, 1, MINUTE - 1, MINUTE, MINUTE + 1]) {
      clock.at = instant(start + after);
      expect((await ask(port, reading(token))).status).toBe(200);
    }
    expect(store.tokens.uses.map(({ at }) => at - start)).toEqual([0, MINUTE]);
  });

  test("whose use cannot be recorded is good all the same, and the log says so without it", async () => {
    const store = memoryStore();
    const tokens = { ...store.tokens, tokenUsed: () => Promise.reject(new Unavailable("locked")) };
    const { port, log } = await startWeb({ store: { ...store, tokens } });
    const token = store.tokens.make();
    expect((await ask(port, reading(token))).status).toBe(404);
    expect(log.lines).toMatchObject([{ level: "warn", message: "the use of a token was not recorded" }]);
    expect(JSON.stringify(log.lines)).not.toContain(token);
  });

  test("and whoever has none gets 503 while the database cannot be read, and is not let in", async () => {
    const store = memoryStore();
    const tokens = { ...store.tokens, anyToken: () => Promise.reject(new Unavailable("locked")) };
    const { port } = await startWeb({ store: { ...store, tokens } });
    const answer = await ask(port, { path: TICKET_PATH });
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
    expect(answer.text).not.toContain("locked");
  });

  test("gets 503 while the database does not answer", async () => {
    const store = memoryStore();
    const token = store.tokens.make();
    const tokens = { ...store.tokens, token: () => Promise.reject(new Unavailable("locked")) };
    const { port } = await startWeb({ store: { ...store, tokens } });
    for (const request of [reading(token), posting(token)]) {
      expect(await ask(port, request)).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
    }
    expect(store.deliveries.size).toBe(0);
  });
});
