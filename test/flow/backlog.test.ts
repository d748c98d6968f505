import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/event.js";
import { TimedOut, Unavailable } from "../../src/core/failure.js";
import { pullRequestRef } from "../../src/core/ref.js";
import { DELIVERIES_AT_ONCE } from "../../src/flow/read-deliveries.js";
import { work } from "../../src/flow/worker.js";
import type { Delivery, Store } from "../../src/ports.js";
import { at, later, pullRequest } from "../support/builders.js";
import { clockFrom, OWNER, opened, partsOn, poison, telling, watchedStore } from "./told.js";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const many = (count: number): Delivery[] => numbers(count).map((number) => telling(`d${number}`, opened(number, "Good")));

const merging = (number: number): Delivery => {
  const merged = pullRequest(number).merged(at("10:20"));
  const events: Event[] = [...opened(number, "Merged"), merged];
  return telling(`merge of ${number}`, events, { notifies: merged.id, time: "13:00" });
};

/** The pull requests that are to be commented, once what has to be read first is read. */
const commented = (store: Store): Promise<string[]> =>
  store.transaction(async (tx) => {
    const due = { limit: 9_999, now: at("23:00"), until: at("23:00") };
    for (const read of await tx.claimEffects({ ...due, lane: "host" })) await tx.settleEffect(read, { state: "done" });
    const said = await tx.claimEffects({ ...due, lane: "say" });
    return said.flatMap(({ effect }) => (effect.kind === "comment" ? [effect.pullRequest] : []));
  });

describe("while thousands of deliveries wait", () => {
  it("the comment on what is merged now waits for one batch only", async () => {
    const store = await watchedStore();
    await store.accept([...many(2 * DELIVERIES_AT_ONCE), merging(9_999)]);
    expect(await work(partsOn(store, clockFrom("14:00")))).toBe(true);
    expect(await store.item(OWNER, pullRequestRef(1, 9_999))).toMatchObject({ title: "Merged" });
    expect(await commented(store)).toEqual([pullRequestRef(1, 9_999)]);
    expect(await store.backlog()).toMatchObject({ waitingSince: at("12:00") });
  });

  it("what they are about is measured once, when all are read", async () => {
    const one = pullRequestRef(1, 1);
    let measured = 0;
    const store = await watchedStore((text, [rows]) => {
      if (text.startsWith("insert into items ") && JSON.stringify(rows).includes(`"${one}"`)) measured++;
    });
    const titled = (title: string, time: string) =>
      telling(
        title,
        opened(1, title).map((event) => ({ ...event, at: at(time) })),
      );
    const others = many(2 * DELIVERIES_AT_ONCE).slice(1);
    const deliveries = [
      titled("One", "11:01"),
      ...others.slice(0, DELIVERIES_AT_ONCE),
      titled("Two", "11:02"),
      ...others.slice(DELIVERIES_AT_ONCE, -DELIVERIES_AT_ONCE / 4),
      titled("Three", "11:03"),
      ...others.slice(-DELIVERIES_AT_ONCE / 4),
    ];
    await store.accept(deliveries.map((delivery, index) => ({ ...delivery, receivedAt: later(at("12:00"), index) })));
    while (await work(partsOn(store, clockFrom("14:00"))));
    expect(await store.item(OWNER, one)).toMatchObject({ title: "Three" });
    expect(measured).toBe(1);
  });

  it("takes no more statements for a large batch than for a small one", async () => {
    const counts: number[] = [];
    for (const count of [40, 400]) {
      let statements = 0;
      const store = await watchedStore(() => statements++);
      await store.accept([...many(count), ...numbers(count / 10).map(merging)]);
      const before = statements;
      await work(partsOn(store, clockFrom("14:00")));
      counts.push(statements - before);
    }
    const [small = 0, large = 0] = counts;
    expect(large).toBeLessThan(small + 10);
  });
});

describe("a delivery that takes the database too long to store", () => {
  it("is tried some times by itself, then parked with the reason, and holds up no other", async () => {
    const store = await watchedStore(poison("events", "Poison", new TimedOut("A statement took too long")));
    const clock = clockFrom("14:00");
    await store.accept([1, 2, 3].map((number) => telling(`d${number}`, opened(number, number === 2 ? "Poison" : "Good"))));
    for (let attempt = 1; attempt <= 5; attempt++) {
      while (await work(partsOn(store, clock)));
      const due = await store.transaction((tx) => tx.claimDeliveries(9, at("23:00")));
      expect(due.map(({ id, attempts }) => [id, attempts])).toEqual(attempt < 5 ? [["d2", attempt]] : []);
      clock.move(60_000);
    }
    expect(await store.backlog()).toEqual({ parked: 1, waitingSince: null });
    expect(await store.item(OWNER, pullRequestRef(1, 1))).toBeDefined();
    expect(await store.item(OWNER, pullRequestRef(1, 3))).toBeDefined();
  });

  it("is not blamed while the database answers nobody in time", async () => {
    const clock = clockFrom("14:00");
    let slow = false;
    const store = await watchedStore(() => {
      if (slow) throw new TimedOut("A statement took too long");
    });
    await store.accept(many(3));
    slow = true;
    await expect(work(partsOn(store, clock))).rejects.toThrow(Unavailable);
    slow = false;
    const due = await store.transaction((tx) => tx.claimDeliveries(9, clock.now()));
    expect(due.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
  });
});

describe("an item that takes the database too long", () => {
  it("is put off by itself", async () => {
    const store = await watchedStore(poison("items", "Poison", new TimedOut("A statement took too long")));
    const clock = clockFrom("14:00");
    await store.accept([1, 2, 3].map((number) => telling(`d${number}`, opened(number, number === 2 ? "Poison" : "Good"))));
    while (await work(partsOn(store, clock)));
    const measured = [1, 2, 3].map(async (number) => (await store.item(OWNER, pullRequestRef(1, number)))?.title);
    expect(await Promise.all(measured)).toEqual(["Good", undefined, "Good"]);
    clock.move(60_000);
    expect(await store.transaction((tx) => tx.takeDirty("measure", 9, clock.now()))).toMatchObject([{ attempts: 1 }]);
  });
});
