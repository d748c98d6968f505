import { expect, it, onTestFinished } from "vitest";
import { owner } from "../../src/core/ref.js";
import { DAY, instant } from "../../src/core/time.js";
import { retention } from "../../src/flow/retention.js";
import { work } from "../../src/flow/worker.js";
import type { Delivery, Reading, Source, Store } from "../../src/ports.js";
import { openStore } from "../../src/store/open.js";
import { account, delivery } from "../store/builders.js";
import { silent } from "../store/databases.js";
import { at, pullRequest, repository } from "../support/builders.js";
import { recordingLog } from "../web/web.js";

const NOW = at("12:00");
const clock = { now: () => NOW };
const OWNER = owner(10);
const daysAgo = (days: number) => instant(NOW - days * DAY);

async function open(): Promise<Store> {
  const store = await openStore("sqlite::memory:", { log: silent });
  onTestFinished(() => store.close());
  return store;
}

async function dropOld(store: Store, keepDays: number) {
  const log = recordingLog();
  const drop = retention({ store, clock, log, keepDays });
  let batches = 0;
  do batches++;
  while (await drop());
  return { batches, log: log.lines };
}

/** All that wait are done with. */
async function done(store: Store): Promise<void> {
  await store.transaction(async (tx) => {
    const claimed = await tx.claimDeliveries(1000, instant(NOW + 1e9));
    await tx.settleDeliveries(claimed.map((one) => ({ delivery: one, outcome: { state: "done" as const } })));
  });
}

it("drops what was done with so many days ago, in small batches, and says so once", async () => {
  const store = await open();
  const of = (days: number, count: number) =>
    Array.from({ length: count }, (_, index) => delivery(`${days}-${index}`, { receivedAt: daysAgo(days) }));
  await store.accept([...of(40, 250), ...of(29, 30)]);
  await done(store);
  const { batches, log } = await dropOld(store, 30);
  expect(batches).toBeGreaterThan(2);
  expect(log).toEqual([{ level: "info", fields: { dropped: 250, keepDays: 30 }, message: "old deliveries were dropped" }]);
  expect(await dropOld(store, 30)).toEqual({ batches: 1, log: [] });
  expect((await store.accept(of(29, 30))).some(Boolean)).toBe(false);
  expect((await store.accept(of(40, 250))).every(Boolean)).toBe(true);
});

it("begins anew when it is looked again, so that what was passed over goes once it is done with", async () => {
  const store = await open();
  const old = delivery("old", { receivedAt: daysAgo(40) });
  await store.accept([old, ...Array.from({ length: 120 }, (_, n) => delivery(`d${n}`, { receivedAt: daysAgo(40) }))]);
  const log = recordingLog();
  const drop = retention({ store, clock, log, keepDays: 30 });
  while (await drop());
  expect(log.lines).toEqual([]);
  await done(store);
  while (await drop());
  expect(log.lines).toMatchObject([{ fields: { dropped: 121 } }]);
});

it("leaves events as they are, and a redelivery of what was dropped changes nothing", async () => {
  const store = await open();
  const { described, opened } = pullRequest(1);
  const events = [account(10), repository(), described(at("10:10")), opened(at("10:10"))];
  const body = new TextEncoder().encode(JSON.stringify({ owner: OWNER, events, notifies: null, wants: [] }));
  const github: Source = { name: "github", read: (one: Delivery) => JSON.parse(new TextDecoder().decode(one.body)) as Reading };
  const policy = { configuration: null, jira: { configured: false, owners: null } };
  const told = delivery("a", { body, receivedAt: daysAgo(4) });
  const ref = opened(at("10:10")).ref;
  const all = async () => [await store.events(OWNER, [ref]), await store.item(OWNER, ref)];
  const handle = async () => {
    expect(await store.accept([told])).toEqual([true]);
    while (await work({ store, sources: { github }, policy, clock, log: silent }));
  };
  await handle();
  const before = await all();
  await dropOld(store, 1);
  await handle();
  expect(await all()).toEqual(before);
});
