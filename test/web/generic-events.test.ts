import type { OutgoingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import { only } from "../../src/core/event.js";
import { Unavailable, Unreadable } from "../../src/core/failure.js";
import { keyRef, owner, shaRef } from "../../src/core/ref.js";
import { DAY, instant } from "../../src/core/time.js";
import { postedEvents } from "../../src/web/posted-events.js";
import type { WebOptions } from "../../src/web/server.js";
import { ask, memoryStore, NOW, startWeb } from "./web.js";

type Store = ReturnType<typeof memoryStore>;

const SECONDS = 1_664_925_769;
const PUBLISHED = { component: "jira", key: "PROP-1460", event_type: "incident_1", event_time: SECONDS };
const SHA = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";

interface Over {
  readonly headers?: OutgoingHttpHeaders;
  readonly limits?: WebOptions["limits"];
  /** Instead of the store's own. */
  readonly accept?: Store["accept"];
}

/** Posts it with a good token. A header set to undefined is left out. */
async function post(content: unknown, { headers = {}, limits = {}, ...over }: Over = {}) {
  const store = { ...memoryStore(), ...over };
  const { port, ...rest } = await startWeb({ store, limits });
  const all = { "content-type": "application/json", authorization: `Bearer ${store.tokens.make()}`, ...headers };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const body = typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
  const again = () => ask(port, { method: "POST", path: "/v1/generic-events", headers: given, body });
  const { status, text, headers: answered } = await again();
  return { ...rest, status, headers: answered, body: JSON.parse(text), store, again };
}

/** What is read of the deliveries that were stored. */
const readings = ({ deliveries }: Store) => [...deliveries.values()].flatMap((one) => postedEvents.read(one) ?? []);
const eventsIn = (store: Store) => readings(store).flatMap(({ events }) => only(events, "api-event"));

describe("an event", () => {
  test("that is posted as published is stored for the token's account, and answered 202 with its id", async () => {
    const { status, body, store, woken } = await post(PUBLISHED);
    expect([status, body]).toEqual([202, { ids: ["api:jira:PROP-1460:1664925769:incident_1"] }]);
    expect(readings(store)).toEqual([
      {
        owner: owner(42),
        notifies: null,
        wants: [],
        events: [
          {
            id: body.ids[0],
            ref: keyRef("PROP-1460"),
            type: "api-event",
            at: instant(Date.parse("2022-10-04T23:22:49Z")),
            precision: "exact",
            reader: 1,
            eventType: "incident_1",
          },
        ],
      },
    ]);
    expect(woken.times).toBe(1);
  });

  test.each([SHA, SHA.toUpperCase(), SHA.slice(0, 7), SHA.slice(0, 12), SHA.padEnd(64, "0")])(
    "of the commit %s is kept under as much of its name as was given",
    async (key) => {
      const { status, store } = await post({ ...PUBLISHED, component: "scm", key });
      expect(status).toBe(202);
      expect(eventsIn(store)).toMatchObject([{ ref: shaRef(SHA), sha: key.toLowerCase() }]);
    },
  );

  test.each(["prop-1460", "Prop-1460"])("of the ticket %s is of PROP-1460", async (key) => {
    const { body } = await post({ ...PUBLISHED, key });
    expect(body.ids).toEqual(["api:jira:PROP-1460:1664925769:incident_1"]);
  });

  test("has a free type, up to 255 characters of any language", async () => {
    for (const type of ["Störung №1 🚒", "x".repeat(255), "a 'quoted' <b>type</b>"]) {
      const { status, store } = await post({ ...PUBLISHED, event_type: `  ${type} ` });
      expect([status, eventsIn(store)[0]?.eventType]).toEqual([202, type]);
    }
  });

  test("may carry fields that we do not read", async () => {
    const { status, body } = await post(
      `{"__proto__":{"component":"scm"},"secondary_key":"x",${JSON.stringify(PUBLISHED).slice(1)}`,
    );
    expect([status, body.ids]).toEqual([202, ["api:jira:PROP-1460:1664925769:incident_1"]]);
  });

  test("that was stored before is answered alike, and stored once", async () => {
    const { body, again, store, woken } = await post(PUBLISHED);
    const second = await again();
    expect([second.status, JSON.parse(second.text)]).toEqual([202, body]);
    expect([store.deliveries.size, woken.times]).toEqual([1, 1]);
  });

  test("is another when it differs in component, key, type or time, and the same in another spelling", async () => {
    const others = [
      PUBLISHED,
      { ...PUBLISHED, component: "scm", key: "abcdef0" },
      { ...PUBLISHED, key: "PROP-1461" },
      { ...PUBLISHED, event_type: "incident_2" },
      { ...PUBLISHED, event_time: SECONDS + 1 },
      { ...PUBLISHED, key: "prop-1460", event_type: "INCIDENT_1" },
    ];
    const { body } = await post(others);
    expect(new Set(body.ids).size).toBe(5);
    expect(body.ids[5]).toBe(body.ids[0]);
  });
});

describe("400 names", () => {
  const KEY = "expected a ticket key such as PROP-1460";
  const SHA_KEY = "expected the SHA of a commit: 7 to 64 hexadecimal digits";
  const TYPE = "expected a text of 1 to 255 characters";
  const TIME = "expected a time in whole seconds since 1970, such as 1664925769";
  const scm = (key: unknown) => ({ ...PUBLISHED, component: "scm", key });

  test.each([
    ["a component that is none", { ...PUBLISHED, component: "ado" }, "component", "expected jira or scm"],
    ["a component in another case", { ...PUBLISHED, component: "Jira" }, "component", "expected jira or scm"],
    ["a missing component", { ...PUBLISHED, component: undefined }, "component", "expected jira or scm"],
    ["a key that is no ticket's", { ...PUBLISHED, key: "PROP" }, "key", KEY],
    ["a number with a leading zero", { ...PUBLISHED, key: "PROP-01" }, "key", KEY],
    ["a key with more behind it", { ...PUBLISHED, key: "PROP-1460\nX" }, "key", KEY],
    ["a key that is a number", { ...PUBLISHED, key: 1460 }, "key", KEY],
    ["a missing key", { ...PUBLISHED, key: undefined }, "key", KEY],
    ["a ticket's key as a commit's", scm("PROP-1460"), "key", SHA_KEY],
    ["a commit's name that is too short", scm("abcdef"), "key", SHA_KEY],
    ["a commit's name that is too long", scm("a".repeat(65)), "key", SHA_KEY],
    ["an empty type", { ...PUBLISHED, event_type: "" }, "event_type", TYPE],
    ["a type of blanks", { ...PUBLISHED, event_type: " \n " }, "event_type", TYPE],
    ["a type that is too long", { ...PUBLISHED, event_type: "x".repeat(256) }, "event_type", TYPE],
    ["a type that is a list", { ...PUBLISHED, event_type: ["incident_1"] }, "event_type", TYPE],
    ["a missing type", { ...PUBLISHED, event_type: undefined }, "event_type", TYPE],
    ["a time in words", { ...PUBLISHED, event_time: "2022-10-04" }, "event_time", TIME],
    ["a number in quotes", { ...PUBLISHED, event_time: "1664925769" }, "event_time", TIME],
    ["a part of a second", { ...PUBLISHED, event_time: SECONDS + 0.5 }, "event_time", TIME],
    ["no time", { ...PUBLISHED, event_time: null }, "event_time", TIME],
    ["a time before 1970", { ...PUBLISHED, event_time: -1 }, "event_time", TIME],
    ["0", { ...PUBLISHED, event_time: 0 }, "event_time", TIME],
    ["milliseconds", { ...PUBLISHED, event_time: SECONDS * 1000 }, "event_time", `${TIME}: this looks like milliseconds`],
    ["no object", "7", "body", "expected an event: component, key, event_type and event_time"],
    ["null", "null", "body", "expected an event: component, key, event_type and event_time"],
    ["an empty list", [], "body", "expected an event, or a list of 1 to 10000"],
    ["no JSON", "{", "body", "expected JSON in UTF-8"],
    ["nothing", "", "body", "expected JSON in UTF-8"],
    ["no UTF-8", Uint8Array.from([0x22, 0xff, 0x22]), "body", "expected JSON in UTF-8"],
  ])("%s, with its field, and nothing is stored", async (_what, content, field, message) => {
    const { status, body, store } = await post(content);
    expect([status, body.error]).toEqual([
      400,
      { code: "malformed", message: expect.any(String), fields: [{ field, message }] },
    ]);
    expect(store.deliveries.size).toBe(0);
  });

  test("control characters and halves of characters, which no database takes", async () => {
    for (const bad of ["a\u0000b", "a\u001bb", "a\ud800"]) {
      const { body } = await post({ ...PUBLISHED, event_type: bad });
      expect(body.error.fields).toMatchObject([{ field: "event_type", message: expect.stringContaining("control") }]);
    }
  });

  test("a time to come, but for what clocks differ in", async () => {
    const seconds = (ms: number) => Math.floor((NOW + ms) / 1000);
    expect((await post({ ...PUBLISHED, event_time: seconds(DAY) })).status).toBe(202);
    const { body } = await post({ ...PUBLISHED, event_time: seconds(DAY) + 1 });
    expect(body.error.fields).toEqual([
      { field: "event_time", message: "expected a time that has come, in whole seconds since 1970" },
    ]);
  });

  test("every wrong field at once", async () => {
    const { body } = await post({ component: "ado", event_time: "now" });
    expect(body.error.fields.map(({ field }: { field: string }) => field).sort()).toEqual([
      "component",
      "event_time",
      "event_type",
      "key",
    ]);
  });

  test("those of a list by their place, of which the first hundred", async () => {
    const { body } = await post([PUBLISHED, { ...PUBLISHED, key: "?" }, 7, { ...PUBLISHED, event_time: 0 }]);
    expect(body.error.fields.map(({ field }: { field: string }) => field)).toEqual(["[1].key", "[2]", "[3].event_time"]);
    const many = await post(Array.from({ length: 500 }, () => ({})));
    expect(many.body.error.fields).toHaveLength(100);
    expect(many.store.deliveries.size).toBe(0);
  });
});

describe("many events", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...PUBLISHED, event_time: SECONDS + index }));

  test("go in at once, and keep their order in the answer", async () => {
    const { status, body, store } = await post(many(10_000));
    expect([status, body.ids.length, body.ids[9_999]]).toEqual([
      202,
      10_000,
      `api:jira:PROP-1460:${SECONDS + 9_999}:incident_1`,
    ]);
    expect(eventsIn(store).map(({ id }) => id)).toEqual(body.ids);
    expect(Math.max(...readings(store).map(({ events }) => events.length))).toBe(100);
  });

  test("that are too many get 413", async () => {
    const { status, body, store } = await post(many(10_001));
    expect([status, body.error.code, store.deliveries.size]).toEqual([413, "too-many", 0]);
  });

  test("that are too large get 413", async () => {
    const { status, body, store } = await post({ ...PUBLISHED, padding: "x".repeat(2 * 1024 * 1024) });
    expect([status, body.error.code, store.deliveries.size]).toEqual([413, "too-large", 0]);
  });
});

describe("a request", () => {
  test.each([
    ["without a content type", { "content-type": undefined }],
    ["of another content type", { "content-type": "application/x-www-form-urlencoded" }],
    ["that is compressed", { "content-encoding": "gzip" }],
  ])("%s gets 415", async (_what, headers) => {
    const { status, store } = await post(PUBLISHED, { headers });
    expect([status, store.deliveries.size]).toEqual([415, 0]);
  });

  test("that posts nothing gets 405", async () => {
    const { port, store } = await startWeb();
    const headers = { authorization: `Bearer ${store.tokens.make()}` };
    expect(await ask(port, { path: "/v1/generic-events", headers })).toMatchObject({ status: 405, headers: { allow: "POST" } });
  });

  test("whose events cannot be stored gets 503, and is told nothing of it", async () => {
    const accept = () => Promise.reject(new Unavailable("the disk is full"));
    const { status, body, headers, woken } = await post(PUBLISHED, { accept });
    expect([status, body.error.code, headers["retry-after"], woken.times]).toEqual([503, "unavailable", "10", 0]);
    expect(JSON.stringify(body)).not.toContain("disk");
  });

  test("whose events are stored too late gets 503", async () => {
    const { status } = await post(PUBLISHED, { accept: () => new Promise(() => {}), limits: { storing: 20 } });
    expect(status).toBe(503);
  });
});

test("what is damaged in the inbox is parked", () => {
  const read = (body: string) => () =>
    postedEvents.read({ source: "api", id: "1", event: "generic-events", receivedAt: NOW, body: Buffer.from(body) });
  for (const body of ["", "{}", '{"owner":"0","events":[]}', '{"owner":"1","events":[{}]}'])
    expect(read(body)).toThrow(Unreadable);
});
