import { expect, it } from "vitest";
import type { Outcome, Store } from "../../../src/ports.js";
import { inboxQueries } from "../../../src/store/deliveries.js";
import type { Driver } from "../../../src/store/sql.js";
import { at, delivery } from "../builders.js";
import type { Contract } from "./subject.js";

const PARKED: Outcome = { state: "parked", reason: "no repository in it" };
const DONE: Outcome = { state: "done" };

const settle = (store: Store, id: string, outcome: Outcome) =>
  store.transaction((tx) => tx.settleDeliveries([{ delivery: { source: "github", id }, outcome }]));
const due = (store: Store) =>
  store.transaction(async (tx) => (await tx.claimDeliveries(100, at(1e9))).map(({ id, attempts }) => [id, attempts]));

export const inbox: Contract = ({ store: openOn }) => {
  async function open() {
    let driver: Driver | undefined;
    const store = await openOn((opened) => {
      driver = opened;
      return opened;
    });
    if (!driver) throw new Error("a store is opened on a driver");
    return { store, ...inboxQueries(driver) };
  }

  it("shows the newest deliveries first, all or the parked ones, with their reasons", async () => {
    const { store, deliveries } = await open();
    await store.accept([delivery("a", { receivedAt: at(1) })]);
    await store.accept([delivery("b", { receivedAt: at(2), source: "jira", event: "" })]);
    await store.accept([delivery("c", { receivedAt: at(3) })]);
    await settle(store, "a", PARKED);
    await settle(store, "c", DONE);
    const a = { source: "github", id: "a", event: "pull_request", receivedAt: 1, state: "parked", attempts: 0 };
    expect(await deliveries("parked", 9)).toEqual([{ ...a, reason: "no repository in it", size: '{"id":"a"}'.length }]);
    expect(await deliveries("all", 2)).toMatchObject([
      { id: "c", state: "done", reason: null },
      { source: "jira", id: "b", event: "", state: "pending", reason: null },
    ]);
  });

  it("counts them by state", async () => {
    const { store, counts } = await open();
    expect(await counts()).toEqual({ pending: 0, parked: 0, done: 0 });
    await store.accept(["a", "b", "c", "d"].map((id) => delivery(id)));
    await settle(store, "a", PARKED);
    await settle(store, "b", DONE);
    expect(await counts()).toEqual({ pending: 2, parked: 1, done: 1 });
  });

  it("finds them by their ids, of every source", async () => {
    const { store, withIds } = await open();
    await store.accept([delivery("a"), delivery("a", { source: "jira" }), delivery("b")]);
    const found = await withIds(["a", "c"]);
    expect(found.map(({ source, id }) => `${source}:${id}`).sort()).toEqual(["github:a", "jira:a"]);
  });

  it("makes parked ones due again, as new ones, and no others", async () => {
    const { store } = await open();
    await store.accept(["a", "b", "c", "d"].map((id, index) => delivery(id, { receivedAt: at(index) })));
    await settle(store, "a", { state: "later", retryAt: at(5), reason: "a fault" });
    for (const id of ["a", "b"]) await settle(store, id, PARKED);
    await settle(store, "c", DONE);
    const retry = (...ids: string[]) =>
      store.transaction((tx) => tx.retryDeliveries(ids.map((id) => ({ source: "github" as const, id }))));
    expect(await retry("a", "c", "d", "none")).toEqual([{ source: "github", id: "a" }]);
    expect(await due(store)).toEqual([
      ["a", 0],
      ["d", 0],
    ]);
    expect(await store.transaction((tx) => tx.retryDeliveries("all"))).toEqual([{ source: "github", id: "b" }]);
    expect(await due(store)).toHaveLength(3);
  });

  it("drops what was done with and is old, and nothing else", async () => {
    const { store, counts } = await open();
    await store.accept(["parked", "waits", "old", "older", "young"].map((id) => delivery(id, { receivedAt: at(10) })));
    await store.accept([delivery("new", { receivedAt: at(20) })]);
    await settle(store, "parked", PARKED);
    for (const id of ["old", "older", "new"]) await settle(store, id, DONE);
    const drop = (after: number, before: number) => store.transaction((tx) => tx.dropDeliveries(after, at(before), 2));
    expect(await drop(0, 10)).toEqual({ count: 0, next: null });
    let dropped = 0;
    for (let after: number | null = 0; after !== null; ) {
      const batch = await drop(after, 20);
      dropped += batch.count;
      after = batch.next;
    }
    expect(dropped).toBe(2);
    expect(await counts()).toEqual({ pending: 2, parked: 1, done: 1 });
    expect(await store.accept(["old", "older", "new"].map((id) => delivery(id)))).toEqual([true, true, false]);
  });

  it("gives the body of what was not dropped", async () => {
    const { store } = await open();
    await store.accept([delivery("a"), delivery("b")]);
    await settle(store, "a", DONE);
    await store.transaction((tx) => tx.dropDeliveries(0, at(1e6), 9));
    const [body] = await store.transaction(async (tx) =>
      Promise.all((await tx.claimDeliveries(9, at(1e9))).map((b) => b.body())),
    );
    expect(new TextDecoder().decode(body)).toBe('{"id":"b"}');
  });

  it("tells how many are parked, and since when the oldest has been waiting", async () => {
    const { store } = await open();
    expect(await store.backlog()).toEqual({ parked: 0, waitingSince: null });
    await store.accept([delivery("a", { receivedAt: at(30) }), delivery("b", { receivedAt: at(20) })]);
    await store.accept([delivery("c", { receivedAt: at(10) })]);
    await settle(store, "c", PARKED);
    expect(await store.backlog()).toEqual({ parked: 1, waitingSince: 20 });
  });
};
