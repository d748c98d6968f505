import fc from "fast-check";
import { expect, it } from "vitest";
import { Unreadable } from "../../../src/core/failure.js";
import type { Outcome, Store } from "../../../src/ports.js";
import { at, delivery } from "../builders.js";
import type { Contract } from "./subject.js";

const claim = (store: Store, limit = 100, now = 10_000) =>
  store.transaction(async (tx) => (await tx.claimDeliveries(limit, at(now))).map(({ id }) => id));

const settle = (store: Store, ids: readonly string[], outcome: Outcome) =>
  store.transaction((tx) => tx.settleDeliveries(ids.map((id) => ({ delivery: { source: "github", id }, outcome }))));

export const deliveries: Contract = ({ store: open }) => {
  it("stores a delivery once, however often it comes", async () => {
    const store = await open();
    expect(await store.accept([delivery("a"), delivery("b")])).toEqual([true, true]);
    expect(await store.accept([delivery("b"), delivery("c")])).toEqual([false, true]);
    expect(await claim(store)).toEqual(["a", "b", "c"]);
  });

  it("takes the first of two with one id that come together as the new one", async () => {
    const store = await open();
    expect(await store.accept([delivery("a"), delivery("a")])).toEqual([true, false]);
    expect(await Promise.all(["b", "b", "b"].map((id) => store.accept([delivery(id)])))).toEqual([[true], [false], [false]]);
  });

  it("keeps the ids of different sources apart", async () => {
    const store = await open();
    expect(await store.accept([delivery("a"), delivery("a", { source: "jira" })])).toEqual([true, true]);
  });

  it("stores more deliveries at once than a statement takes parameters", async () => {
    const store = await open();
    const many = Array.from({ length: 700 }, (_, index) => delivery(`id-${index}`));
    expect((await store.accept(many)).filter(Boolean)).toHaveLength(700);
    expect(await claim(store, 1_000)).toHaveLength(700);
  });

  it("tells each of a group that could not be stored, and stores the next", async () => {
    let rename: (from: string, to: string) => Promise<unknown> = () => Promise.reject(new Error("the driver is not open yet"));
    const store = await open((driver) => {
      rename = (from, to) => driver.transaction((sql) => sql.query(`alter table ${from} rename to ${to}`));
      return driver;
    });
    await rename("bodies", "hidden");
    const told = await Promise.allSettled(["a", "b", "c"].map((id) => store.accept([delivery(id)])));
    expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await rename("hidden", "bodies");
    expect(await store.accept([delivery("a")])).toEqual([true]);
    expect(await claim(store)).toEqual(["a"]);
  });

  it("gives bodies back byte for byte, small and large", async () => {
    const store = await open();
    const bodies = [
      ...fc.sample(fc.uint8Array({ maxLength: 2_000 }), { numRuns: 20, seed: 1 }),
      new Uint8Array(300_000).map((_, index) => (index * 7919) % 251),
    ];
    await store.accept(bodies.map((body, index) => delivery(String(index), { body, receivedAt: at(index) })));
    const claimed = await store.transaction(async (tx) => {
      const claimed = await tx.claimDeliveries(100, at(10_000));
      return Promise.all(claimed.map(async ({ body }) => [...(await body())]));
    });
    expect(claimed).toEqual(bodies.map((body) => [...body]));
  });

  it("claims about 16 MB of bodies at once, and one that is larger by itself", async () => {
    const store = await open();
    const body = new Uint8Array(6 * 1024 * 1024);
    await store.accept(["a", "b", "c", "d"].map((id, index) => delivery(id, { body, receivedAt: at(index) })));
    await store.accept([
      delivery("e", { body: new Uint8Array(17 * 1024 * 1024), receivedAt: at(9) }),
      delivery("f", { receivedAt: at(10) }),
    ]);
    for (const ids of [["a", "b"], ["c", "d"], ["e"], ["f"]]) {
      expect(await claim(store, 100)).toEqual(ids);
      await settle(store, ids, { state: "done" });
    }
  });

  it("claims a damaged body like any other, and says so when it is read", async () => {
    let damage: () => Promise<unknown> = () => Promise.reject(new Error("the driver is not open yet"));
    const store = await open((driver) => {
      const text = "update bodies set body = ? where delivery in (select seq from inbox where id = 'damaged')";
      damage = () => driver.transaction((sql) => sql.query(text, new Uint8Array([255, 1, 2])));
      return driver;
    });
    await store.accept([delivery("damaged"), delivery("whole")]);
    await damage();
    await store.transaction(async (tx) => {
      const [damaged, whole] = await tx.claimDeliveries(9, at(10_000));
      await expect(damaged?.body()).rejects.toThrow(Unreadable);
      expect(new TextDecoder().decode(await whole?.body())).toBe('{"id":"whole"}');
    });
  });

  it("claims the oldest first, as many as asked for, with all that came", async () => {
    const store = await open();
    await store.accept([
      delivery("new", { receivedAt: at(3) }),
      delivery("old", { receivedAt: at(1), source: "jira", event: "" }),
    ]);
    const [claimed] = await store.transaction((tx) => tx.claimDeliveries(1, at(10)));
    expect(claimed).toMatchObject({ source: "jira", id: "old", event: "", receivedAt: 1, attempts: 0 });
  });

  it("claims a fifth from the newest when more are due, oldest and newest alike not twice", async () => {
    const store = await open();
    const ids = Array.from({ length: 12 }, (_, index) => `id-${String(index).padStart(2, "0")}`);
    await store.accept(ids.map((id, index) => delivery(id, { receivedAt: at(index) })));
    expect(await claim(store, 10)).toEqual([...ids.slice(0, 8), "id-11", "id-10"]);
    expect(await claim(store, 12)).toEqual([...ids.slice(0, 10), "id-11", "id-10"]);
    expect(await claim(store, 14)).toHaveLength(12);
    expect(await claim(store, 15)).toEqual(ids);
  });

  it("settles each of many as it ended", async () => {
    const store = await open();
    await store.accept(["a", "b", "c", "d"].map((id) => delivery(id)));
    const key = (id: string) => ({ source: "github", id }) as const;
    await store.transaction((tx) =>
      tx.settleDeliveries([
        { delivery: key("a"), outcome: { state: "done" } },
        { delivery: key("b"), outcome: { state: "later", retryAt: at(500), reason: "busy" } },
        { delivery: key("c"), outcome: { state: "parked", reason: "no repository in it" } },
        { delivery: { source: "jira", id: "d" }, outcome: { state: "done" } },
      ]),
    );
    await store.transaction((tx) => tx.settleDeliveries([]));
    expect(await claim(store, 9, 499)).toEqual(["d"]);
    expect(await claim(store, 9, 500)).toEqual(["b", "d"]);
    await settle(store, ["b"], { state: "done" });
    expect(await claim(store)).toEqual(["d"]);
  });

  it("claims again what a transaction left unsettled, and no more what it settled", async () => {
    const store = await open();
    await store.accept([delivery("a"), delivery("b"), delivery("c")]);
    await settle(store, ["a"], { state: "done" });
    await settle(store, ["b"], { state: "parked", reason: "no repository in it" });
    expect(await claim(store)).toEqual(["c"]);
    expect(await store.accept([delivery("a")])).toEqual([false]);
  });

  it("leaves a delivery for later until its time, and counts the attempts", async () => {
    const store = await open();
    await store.accept([delivery("a")]);
    await settle(store, ["a"], { state: "later", retryAt: at(500), reason: "busy" });
    expect(await claim(store, 1, 499)).toEqual([]);
    const [again] = await store.transaction((tx) => tx.claimDeliveries(1, at(500)));
    expect(again?.attempts).toBe(1);
  });

  it("undoes what a failed transaction settled", async () => {
    const store = await open();
    await store.accept([delivery("a")]);
    const failing = store.transaction(async (tx) => {
      await tx.settleDeliveries([{ delivery: { source: "github", id: "a" }, outcome: { state: "done" } }]);
      throw new Unreadable("broken");
    });
    await expect(failing).rejects.toThrow(Unreadable);
    expect(await claim(store)).toEqual(["a"]);
  });
};
