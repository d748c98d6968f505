import { expect, it } from "vitest";
import { commitRef, owner, pullRequestRef, type Ref, releaseRef, ticketRef } from "../../../src/core/ref.js";
import type { DirtyStep, Store, TakenDirty } from "../../../src/ports.js";
import { ACME, at } from "../builders.js";
import type { Contract } from "./subject.js";

const mark = (store: Store, ...refs: Ref[]) => store.transaction((tx) => tx.markDirty(ACME, refs));
const takeAll = (store: Store, limit: number, { step = "measure" as DirtyStep, now = 0 } = {}) =>
  store.transaction((tx) => tx.takeDirty(step, limit, at(now)));
const take = async (store: Store, limit: number, of: Parameters<typeof takeAll>[2] = {}) =>
  (await takeAll(store, limit, of)).map(({ owner: of, ref }) => `${of} ${ref}`);
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
      expect(await tx.takeDirty("measure", 5, at(0))).toHaveLength(1);
      throw new Error("killed");
    });
    await expect(failing).rejects.toThrow("killed");
    expect(await take(store, 5)).toEqual(named(1));
  });

  it("are followed first, but for pull requests and tickets", async () => {
    const store = await open();
    const [commit, release] = [commitRef(7, "a"), releaseRef(7)];
    await mark(store, commit, pullRequestRef(7, 1), release, ticketRef(2));
    expect((await takeAll(store, 5, { step: "follow" })).map(({ ref }) => ref)).toEqual([commit, release]);
    expect((await takeAll(store, 5)).map(({ ref }) => ref)).toEqual([pullRequestRef(7, 1), ticketRef(2)]);
  });

  it("are taken for one step only: a commit may have to be followed and be measured", async () => {
    const store = await open();
    const commit = commitRef(7, "a");
    await mark(store, commit);
    await store.transaction((tx) => tx.markItems(ACME, [commit], "live"));
    expect(await takeAll(store, 5)).toEqual([{ owner: ACME, ref: commit, step: "measure", attempts: 0 }]);
    expect(await takeAll(store, 5, { step: "follow" })).toEqual([{ owner: ACME, ref: commit, step: "follow", attempts: 0 }]);
    expect([...(await takeAll(store, 5)), ...(await takeAll(store, 5, { step: "follow" }))]).toEqual([]);
  });

  it("that are many wait for those that are live", async () => {
    const store = await open();
    await store.transaction((tx) => tx.markItems(ACME, [1, 2, 3].map(ticketRef), "mass"));
    await mark(store, ticketRef(9), ticketRef(2));
    expect(await take(store, 3)).toEqual(named(9, 2, 1));
    expect(await take(store, 3)).toEqual(named(3));
  });

  it("are taken newest first where that is asked for, but not what waits for those that are live", async () => {
    const store = await open();
    await store.transaction((tx) => tx.markItems(ACME, [ticketRef(8)], "mass"));
    await mark(store, ...[1, 2, 3, 4].map(ticketRef));
    const newest = (limit: number) => store.transaction((tx) => tx.takeDirty("measure", limit, at(0), "newest"));
    expect((await newest(2)).map(({ ref }) => ref)).toEqual([ticketRef(4), ticketRef(3)]);
    expect((await newest(9)).map(({ ref }) => ref)).toEqual([ticketRef(2), ticketRef(1)]);
    expect(await take(store, 9)).toEqual(named(8));
  });

  it("that were put off come again at their time, with the attempts counted; parked ones when they are marked", async () => {
    const store = await open();
    for (const [step, ref] of [
      ["measure", ticketRef(1)],
      ["follow", releaseRef(1)],
    ] as const) {
      const one: TakenDirty = { owner: ACME, ref, step, attempts: 2 };
      await store.transaction((tx) => tx.putOff(one, at(500)));
      expect(await takeAll(store, 5, { step, now: 499 })).toEqual([]);
      expect(await takeAll(store, 5, { step, now: 500 })).toEqual([{ ...one, attempts: 3 }]);
      await store.transaction((tx) => tx.putOff(one, null));
      expect(await takeAll(store, 5, { step, now: 9_999_999 })).toEqual([]);
      await mark(store, ref);
      expect(await takeAll(store, 5, { step })).toEqual([{ ...one, attempts: 3 }]);
      expect(await takeAll(store, 5, { step, now: 9_999_999 })).toEqual([]);
    }
  });

  it("of two accounts are two", async () => {
    const store = await open();
    await mark(store, ticketRef(1));
    await store.transaction((tx) => tx.markDirty(owner(11), [ticketRef(1)]));
    await mark(store);
    expect(await take(store, 5)).toHaveLength(2);
  });
};
