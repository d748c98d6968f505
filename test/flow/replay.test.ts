import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { retryDeliveries } from "../../src/cli-deliveries.js";
import { Unreadable } from "../../src/core/failure.js";
import { owner, pullRequestRef } from "../../src/core/ref.js";
import { instant } from "../../src/core/time.js";
import { inboxTroubles } from "../../src/flow/inbox-troubles.js";
import { loop } from "../../src/flow/loop.js";
import { measureByRules } from "../../src/flow/renew.js";
import { work } from "../../src/flow/worker.js";
import type { Delivery, Reading, Source, Store } from "../../src/ports.js";
import { openStore } from "../../src/store/open.js";
import { openInbox } from "../../src/store/open-inbox.js";
import { account, delivery } from "../store/builders.js";
import { silent } from "../store/databases.js";
import { at, pullRequest, repository } from "../support/builders.js";
import { emptyFolder } from "../support/command.js";

const OWNER = owner(10);
const policy = { configuration: null, jira: { configured: false, owners: null } };
const clock = { now: () => instant(Date.now()) };

/** A reader that lacks something until it is mended. */
function reader(): Source & { mend(): void } {
  let mended = false;
  return {
    name: "github",
    mend: () => {
      mended = true;
    },
    read: ({ body }: Delivery) => {
      if (!mended) throw new Unreadable("expected what nobody sends");
      return JSON.parse(new TextDecoder().decode(body)) as Reading; // only `opened` writes them
    },
  };
}

function opened(number: number): Delivery {
  const { described, opened } = pullRequest(number);
  const events = [account(10), repository(), described(at("10:10")), opened(at("10:10"))];
  const body = new TextEncoder().encode(JSON.stringify({ owner: OWNER, events, notifies: null, wants: [] }));
  return delivery(`d${number}`, { body, receivedAt: instant(Date.now()) });
}

const item = (store: Store, number: number) => store.item(OWNER, pullRequestRef(1, number));
const seen = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 10_000, interval: 20 });

/** A store with a parked delivery for each number, the reader that could not read them, and a way to work. */
async function parked(...numbers: number[]) {
  const url = `sqlite:${join(await emptyFolder(), "leadtime.db")}`;
  const store = await openStore(url, { log: silent });
  onTestFinished(() => store.close());
  const source = reader();
  const look = () => work({ store, sources: { github: source }, policy, clock, log: silent });
  await store.accept(numbers.map(opened));
  while (await look());
  expect(await store.backlog()).toEqual({ parked: numbers.length, waitingSince: null });
  return { url, store, source, look };
}

it("a parked delivery that is retried beside a running worker, whose reader was mended, becomes events and an item", async () => {
  const { url, store, source, look } = await parked(1, 2);
  source.mend();
  const working = loop({ name: "worker", look, every: 100, log: silent });
  onTestFinished(() => working.stop());
  await working.look();
  expect(await item(store, 1)).toBeUndefined();
  const inbox = await openInbox(url);
  onTestFinished(() => inbox.close());
  await retryDeliveries(inbox, ["github:d1"], false);
  await seen(async () => expect(await item(store, 1)).toMatchObject({ name: "acme/web#1" }));
  expect(await inbox.counts()).toEqual({ pending: 0, parked: 1, done: 1 });
  expect(await inbox.withIds(["d1"])).toMatchObject([{ state: "done", reason: null }]);
});

it("what is parked is tried again by a release that may read it, once", async () => {
  const { store, source, look } = await parked(1);
  await measureByRules(store, policy, "1.0.0");
  while (await look());
  source.mend();
  expect(await measureByRules(store, policy, "1.0.0")).toBe(false);
  while (await look());
  expect(await item(store, 1)).toBeUndefined();
  expect(await measureByRules(store, policy, "1.0.1")).toBe(true);
  while (await look());
  expect(await item(store, 1)).toBeDefined();
});

it("whoever watches is told what is parked, and what has been waiting for long", async () => {
  const { store } = await parked(1, 2);
  const now = clock.now();
  expect(await inboxTroubles(store, clock)).toEqual(["2 parked deliveries could not be handled"]);
  await store.accept([delivery("waits", { receivedAt: now })]);
  const in5 = (milliseconds: number) => inboxTroubles(store, { now: () => instant(now + 5 * 60_000 + milliseconds) });
  expect(await in5(0)).toHaveLength(1);
  expect(await in5(1)).toEqual([
    expect.stringContaining("2 parked"),
    expect.stringMatching(/^deliveries have been waiting to be handled since 20\d\d-\S+Z$/),
  ]);
});
