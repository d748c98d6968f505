import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import type { Store } from "../../src/ports.js";
import { openStore } from "../../src/store/open.js";
import { at, delivery } from "./builders.js";
import { silent } from "./databases.js";

let file = "";
let store: Store;
const threads: Worker[] = [];
const started = (message: unknown) => void threads.push((message as { worker: Worker }).worker); // as Node documents the channel
const open = () => openStore(`sqlite:${file}`, { log: silent });

beforeEach(async () => {
  threads.length = 0;
  subscribe("worker_threads", started);
  file = join(await mkdtemp(join(tmpdir(), "leadtime-writer-")), "leadtime.db");
  store = await open();
});
afterEach(async () => {
  unsubscribe("worker_threads", started);
  await store.close();
  await rm(join(file, ".."), { recursive: true });
});

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const accept = (...names: string[]) => Promise.all(names.map(async (id) => (await store.accept([delivery(id)]))[0]));
const inboxIds = (from: Store) =>
  from.transaction(async (tx) => (await tx.claimDeliveries(10_000, at(10_000))).map(({ id }) => id));
/** All that is due has been handed to whom it concerns. */
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** How many commits the write-ahead log holds: the last frame of each says how large the database then is. */
function commits(): number {
  const log = readFileSync(`${file}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  const starts = Array.from({ length: Math.floor((log.length - 32) / frame) }, (_, index) => 32 + index * frame);
  return starts.filter((start) => log.readUInt32BE(start + 4) > 0).length;
}

it("stores by one commit what came while it waited for the disk", async () => {
  await accept("first");
  const other = new Database(file);
  other.exec("begin immediate");
  const before = commits();
  const told: Promise<(boolean | undefined)[]>[] = [];
  for (const id of ids("id-", 30)) {
    told.push(accept(`${id}-a`, `${id}-b`));
    await turnOfTheLoop();
  }
  other.close();
  expect((await Promise.all(told)).flat()).toEqual(Array(60).fill(true));
  expect(commits() - before).toBeLessThanOrEqual(2);
});

it("gives back what does not fit the memory that is shared with the thread, as it was", async () => {
  const bodies = Array.from({ length: 9 }, (_, seed) =>
    new Uint8Array(1_000_000 + seed).map((_byte, index) => (index * (7919 + seed)) % 251),
  );
  await Promise.all(bodies.map((body, index) => store.accept([delivery(String(index), { body, receivedAt: at(index) })])));
  const claimed = await store.transaction(async (tx) => {
    const found = await tx.claimDeliveries(20, at(10_000));
    return Promise.all(found.map(({ body }) => body()));
  });
  for (const [index, body] of bodies.entries()) expect(Buffer.compare(claimed[index] ?? Buffer.of(), body)).toBe(0);
});

it("waits while a transaction is under way, and stores when it is over", async () => {
  let told: boolean | undefined;
  const accepting = await store.transaction(async () => {
    const one = store.accept([delivery("a")]).then(([isNew]) => {
      told = isNew;
    });
    await turnOfTheLoop();
    expect(told).toBeUndefined();
    return { one };
  });
  await accepting.one;
  expect(told).toBe(true);
});

it("lets transactions in while deliveries keep coming, so that it always has some in hand", async () => {
  const [TURNS, IN_HAND] = [20, 20];
  const body = randomBytes(200_000); // takes the thread longer than this process
  let [sent, stored, over] = [0, 0, false];
  const send = async () => {
    const [isNew] = await store.accept([delivery(`id-${sent++}`, { body })]);
    if (isNew) stored++;
  };
  const stream = async () => {
    const told: Promise<void>[] = [];
    while (!over) {
      if (sent - stored < IN_HAND) told.push(send());
      await turnOfTheLoop();
    }
    await Promise.all(told);
  };
  await send();
  const streaming = stream();
  for (let turn = 0; turn < TURNS; turn++) {
    await turnOfTheLoop();
    await store.transaction((tx) => tx.remember("turn", String(turn)));
  }
  over = true;
  // Each waited for no more than was in hand when it came.
  expect(sent).toBeLessThanOrEqual((TURNS + 1) * IN_HAND);
  await streaming;
  expect(stored).toBe(sent);
});

it("stores deliveries while one transaction follows another without end", async () => {
  let over = false;
  const busy = async () => {
    for (let turn = 0; !over; turn++) {
      await store.transaction((tx) => tx.remember("turn", String(turn)));
      await turnOfTheLoop(); // as the worker's loop does
    }
  };
  const working = Promise.all([busy(), busy()]);
  for (const id of ids("id-", 20)) expect(await accept(id)).toEqual([true]);
  over = true;
  await working;
});

it("tells nobody that it is stored when its thread dies, and goes on with another", async () => {
  await accept("before");
  const other = new Database(file);
  other.exec("begin immediate");
  const told = Promise.allSettled([accept("a"), accept("b")]);
  await turnOfTheLoop();
  const ended = threads[0]?.terminate();
  other.close();
  await ended;
  expect(await told).toEqual(Array(2).fill({ status: "rejected", reason: expect.any(Unavailable) }));
  expect(await accept("a", "b", "c", "before")).toEqual([true, true, true, false]);
  expect(threads).toHaveLength(2);
  expect((await inboxIds(store)).toSorted()).toEqual(["a", "b", "before", "c"]);
});

it("goes on with another thread, for transactions as well, when one dies between two deliveries", async () => {
  await accept("a");
  await threads[0]?.terminate();
  await store.transaction((tx) => tx.remember("something", "else"));
  expect(await accept("b")).toEqual([true]);
});

it("stores all that it has taken before it closes, and takes no more", async () => {
  const told = accept(...ids("id-", 300));
  const closing = store.close();
  await expect(store.accept([delivery("late")])).rejects.toThrow(Unavailable);
  expect(await told).toEqual(Array(300).fill(true));
  await closing;
  store = await open();
  expect(await inboxIds(store)).toHaveLength(300);
});

it("starts no thread before there is something to store", async () => {
  await store.transaction((tx) => tx.remember("something", "else"));
  expect(threads).toHaveLength(0);
});
