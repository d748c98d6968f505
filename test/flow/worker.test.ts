import { describe, expect, it, onTestFinished } from "vitest";
import { owner, pullRequestRef } from "../../src/core/ref.js";
import { work } from "../../src/flow/worker.js";
import type { Store } from "../../src/ports.js";
import { openStore } from "../../src/store/open.js";
import { account } from "../store/builders.js";
import { server, silent } from "../store/databases.js";
import { at, later, repository, ticket } from "../support/builders.js";
import { clockFrom, OWNER, opened, partsOn, poison, telling, watchedStore } from "./told.js";

describe("a poisonous item", () => {
  it("holds up no other, is tried again later, and then waits parked", async () => {
    const store = await watchedStore(poison("items", "Poison"));
    const clock = clockFrom("12:00");
    await store.accept([1, 2, 3].map((number) => telling(`d${number}`, opened(number, number === 2 ? "Poison" : "Good"))));
    const measure = async () => {
      while (await work(partsOn(store, clock)));
    };
    await measure();
    const measured = async () =>
      Promise.all([1, 2, 3].map(async (number) => (await store.item(OWNER, pullRequestRef(1, number)))?.title));
    expect(await measured()).toEqual(["Good", undefined, "Good"]);
    for (let attempt = 1; attempt < 5; attempt++) {
      clock.move(60_000);
      expect(await work(partsOn(store, clock))).toBe(true);
      await measure();
    }
    clock.move(1e9);
    expect(await work(partsOn(store, clock))).toBe(false);
    await store.accept([
      telling(
        "mended",
        opened(2, "Mended").map((event) => ({ ...event, at: at("11:00") })),
      ),
    ]);
    await measure();
    expect(await measured()).toEqual(["Good", "Mended", "Good"]);
  });
});

describe("a poisonous delivery", () => {
  it("is put off alone when the batch cannot be stored", async () => {
    const store = await watchedStore(poison("events", "Poison"));
    const clock = clockFrom("12:00");
    await store.accept([1, 2, 3].map((number) => telling(`d${number}`, opened(number, number === 2 ? "Poison" : "Good"))));
    while (await work(partsOn(store, clock)));
    expect(await store.item(OWNER, pullRequestRef(1, 1))).toBeDefined();
    expect(await store.item(OWNER, pullRequestRef(1, 3))).toBeDefined();
    clock.move(60_000);
    expect(await store.transaction((tx) => tx.claimDeliveries(9, clock.now()))).toMatchObject([{ id: "d2", attempts: 1 }]);
  });
});

describe("a pull request whose stamp is that of what is stored", () => {
  it.each([undefined, at("10:10")])("is read again, also when it was read before (%s)", async (readAt) => {
    const store = await watchedStore();
    const clock = clockFrom("12:00");
    const [, , first] = opened(1, "One");
    if (!first) throw new Error("a pull request was opened");
    await store.transaction((tx) => tx.append(OWNER, [readAt ? { ...first, readAt } : first]));
    await store.accept([telling("a", opened(1, "Two"))]);
    while (await work(partsOn(store, clock)));
    const claim = { lane: "host", limit: 9, now: clock.now(), until: clock.now() } as const;
    const wanted = await store.transaction((tx) => tx.claimEffects(claim));
    expect(wanted.map(({ effect }) => effect)).toContainEqual({ kind: "read-pull-request", pullRequest: pullRequestRef(1, 1) });
  });
});

describe.each(server("worker"))("two processes on one $name", (kind) => {
  it("never wait in a circle, and measure everything", async () => {
    await (await kind.fresh()).close();
    const stores = await Promise.all([1, 2].map(() => openStore(kind.url, { log: silent })));
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await kind.end();
    });
    const [store] = stores;
    if (!store) throw new Error("two stores are open");
    const clock = clockFrom("12:00");
    const deliveries = Array.from({ length: 400 }, (_, index) => {
      const stamp = { at: later(at("10:00"), index * 1_000) };
      const [, , ...own] = opened(index % 40, `PROP-1460 ${index}`);
      return telling(`d${index}`, [
        { ...account(10), ...stamp },
        { ...repository(), ...stamp },
        ...own.map((one) => ({ ...one, ...stamp })),
      ]);
    });
    await store.accept(deliveries);
    await store.transaction((tx) => tx.append(owner(0), [ticket.described(at("09:00")), ticket.created(at("09:00"))]));
    // Any deadlock would be thrown as `Unavailable`.
    const run = async (own: Store) => {
      while (await work(partsOn(own, clock)));
    };
    await Promise.all(stores.map(run));
    await Promise.all(stores.map(run));
    const titles = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => (await store.item(OWNER, pullRequestRef(1, n)))?.title),
    );
    expect(titles).toEqual(Array.from({ length: 40 }, (_, n) => `PROP-1460 ${n + 360}`));
  }, 60_000);
});
