import { expect, it } from "vitest";
import { owner, type Ref, ticketRef } from "../../../src/core/ref.js";
import type { Store } from "../../../src/ports.js";
import { ACME, at } from "../builders.js";
import type { Contract } from "./subject.js";

const mark = (store: Store, ...refs: Ref[]) => store.transaction((tx) => tx.markDirty(ACME, refs));
const take = (store: Store, limit: number, now = 0) =>
  store.transaction(async (tx) => (await tx.takeDirty(limit, at(now))).map(({ owner: of, ref }) => `${of} ${ref}`));
const named = (...ids: number[]) => ids.map((id) => `${ACME} ${ticketRef(id)}`);

export const dirtyRefs: Contract = ({ store: open }) => {
  it("are taken oldest first, each once, and then are gone", async () => {
    const store = await open();
    await mark(store, ticketRef(3), ticketRef(1), ticketRef(3));
    await mark(store, ticketRef(2), ticketRef(1));
    expect(await take(store, 2)).toEqual(named(3, 1));
    expect(await take(store, 2)).toEqual(named(2));
    expect(await take(store, 2)).toEqual([]);
  });

  it("are as many as asked for, however often each was marked", async () => {
    const store = await open();
    for (const id of [1, 1, 1, 1, 2, 1, 3]) await mark(store, ticketRef(id));
    expect(await take(store, 2)).toEqual(named(1, 2));
    expect(await take(store, 2)).toEqual(named(3));
  });

  it("stay when the transaction that took them fails", async () => {
    const store = await open();
    await mark(store, ticketRef(1));
    const failing = store.transaction(async (tx) => {
      expect(await tx.takeDirty(5, at(0))).toHaveLength(1);
      throw new Error("killed");
    });
    await expect(failing).rejects.toThrow("killed");
    expect(await take(store, 5)).toEqual(named(1));
  });

  it("that are many wait for those that are live", async () => {
    const store = await open();
    await store.transaction((tx) => tx.markDirty(ACME, [1, 2, 3].map(ticketRef), "mass"));
    await mark(store, ticketRef(9), ticketRef(2));
    expect(await take(store, 3)).toEqual(named(9, 2, 1));
    expect(await take(store, 3)).toEqual(named(3));
  });

  it("that were put off come again at their time, with the attempts counted; parked ones when they are marked", async () => {
    const store = await open();
    const one = { owner: ACME, ref: ticketRef(1), attempts: 2 };
    await store.transaction((tx) => tx.putOff(one, at(500)));
    expect(await take(store, 5, 499)).toEqual([]);
    const again = await store.transaction((tx) => tx.takeDirty(5, at(500)));
    expect(again).toEqual([{ ...one, attempts: 3 }]);
    await store.transaction((tx) => tx.putOff(one, null));
    expect(await take(store, 5, 9_999_999)).toEqual([]);
    await mark(store, ticketRef(1));
    expect(await store.transaction((tx) => tx.takeDirty(5, at(0)))).toEqual([{ ...one, attempts: 3 }]);
    expect(await take(store, 5, 9_999_999)).toEqual([]);
  });

  it("of two accounts are two", async () => {
    const store = await open();
    await mark(store, ticketRef(1));
    await store.transaction((tx) => tx.markDirty(owner(11), [ticketRef(1)]));
    await mark(store);
    expect(await take(store, 5)).toHaveLength(2);
  });
};
