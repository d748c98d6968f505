import fc from "fast-check";
import { expect, it } from "vitest";
import { type Event, merge } from "../../../src/core/event.js";
import { commitRef, owner, pullRequestRef, type Ref, releaseRef, repositoryRef, ticketRef } from "../../../src/core/ref.js";
import type { Store } from "../../../src/ports.js";
import { observation } from "../../../src/store/observation.js";
import type { Driver } from "../../../src/store/sql.js";
import { ACME, account, at, compared, merged, REPOSITORY, ticket } from "../builders.js";
import type { Contract } from "./subject.js";

const append = (store: Store, ...events: Event[]) => store.transaction((tx) => tx.append(ACME, events));
const refs = (...of: Event[]): Ref[] => of.map(({ ref }) => ref);

/** Looks at each statement of a transaction. */
const counting = (driver: Driver, look: (text: string) => void): Driver => ({
  ...driver,
  transaction: (work) =>
    driver.transaction((sql) =>
      work({
        ...sql,
        query: async (text, ...values) => {
          look(text);
          return sql.query(text, ...values);
        },
      }),
    ),
});

/** The same, its keys in another order. */
const reversed = (event: Event): Event => Object.fromEntries(Object.entries(event).reverse()) as unknown as Event; // what it was

export const events: Contract = ({ store: open, kind }) => {
  it("returns an event that is new, and not one that is known", async () => {
    const store = await open();
    expect(await append(store, merged(1))).toEqual([merged(1)]);
    expect(await append(store, merged(1))).toEqual([]);
    expect(await store.events(ACME, refs(merged(1)))).toEqual([merged(1)]);
  });

  it("merges observations of one event that come together", async () => {
    const store = await open();
    const day = merged(1, { at: at(0), precision: "day" });
    expect(await append(store, day, merged(1), day)).toEqual([merged(1)]);
  });

  it("keeps the earliest of a fact, and returns what changed it", async () => {
    const store = await open();
    await append(store, merged(1, { at: at(5_000) }));
    expect(await append(store, merged(1, { at: at(6_000) }))).toEqual([]);
    expect(await append(store, merged(1, { at: at(4_000) }))).toEqual([merged(1, { at: at(4_000) })]);
  });

  it("stores a state's newer stamp, but returns only what says more", async () => {
    const store = await open();
    await append(store, ticket(1));
    const stamped = ticket(1, { at: at(3_000), readAt: at(3_500), reader: 2 });
    expect(await append(store, stamped)).toEqual([]);
    expect(await store.events(ACME, refs(stamped))).toEqual([stamped]);
    const renamed = ticket(1, { at: at(4_000), title: "Log out" });
    expect(await append(store, ticket(1, { at: at(1), title: "older" }), renamed)).toEqual([renamed]);
  });

  it("gives the same for observations in any order and any repetition", async () => {
    const store = await open();
    let tenant = 1_000;
    const facts = fc.record({
      at: fc.nat(3).map(at),
      precision: fc.constantFrom("exact", "day"),
      reader: fc.nat(1),
      base: fc.constantFrom("main", "\u{1F600}", "é"),
    });
    const states = fc.record({
      at: fc.nat(3).map(at),
      reader: fc.nat(1),
      readAt: fc.nat(2).map(at),
      title: fc.constantFrom("a", "b", '"'),
    });
    const batches = (one: fc.Arbitrary<Event>) =>
      fc.array(fc.array(one, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    const observed = batches(
      fc
        .oneof(
          facts.map((of): Event => merged(1, of)),
          states.map((of): Event => ticket(1, of)),
        )
        .chain((event) => fc.constantFrom(event, reversed(event))),
    );
    await fc.assert(
      fc.asyncProperty(observed, async (all) => {
        const account = owner(++tenant);
        for (const batch of all) await store.transaction((tx) => tx.append(account, batch));
        const expected = new Map<string, Event>();
        for (const event of all.flat().map((one) => observation(one).event))
          expected.set(event.id, merge(expected.get(event.id) ?? event, event));
        const kept = await store.events(account, refs(merged(1), ticket(1)));
        expect(new Map(kept.map((event) => [event.id, event]))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("takes whatever a payload holds, but for what is no text: NUL and half a character", async () => {
    const store = await open();
    const odd = merged(1, { base: "\ud800 \u0000 ' \\ ? $1 LIST(?)", url: "𝒳" });
    const text = merged(1, { base: "  ' \\ ? $1 LIST(?)", url: "𝒳" });
    expect(await append(store, odd)).toEqual([text]);
    expect(await append(store, odd)).toEqual([]);
    expect(await store.events(ACME, refs(odd))).toEqual([text]);
  });

  it("takes a whole batch in a few statements", async () => {
    let statements = 0;
    const store = await open((driver) => counting(driver, () => statements++));
    statements = 0;
    const many = Array.from({ length: 5_000 }, (_, number) => merged(number));
    expect(await append(store, ...many)).toHaveLength(5_000);
    expect(statements).toBeLessThan(6);
    expect(
      await store.events(
        ACME,
        many.map(({ ref }) => ref),
      ),
    ).toHaveLength(5_000);
  });

  it("looks up by one statement what is asked for side by side in a transaction, and answers each for itself", async () => {
    const texts: string[] = [];
    const store = await open((driver) => counting(driver, (text) => texts.push(text)));
    const other = owner(11);
    await append(store, merged(1), merged(2), merged(2, { id: "again", at: at(1) }));
    await store.transaction((tx) => tx.append(other, [merged(1, { base: "other" })]));
    const [one, two, three] = [1, 2, 3].map((number) => pullRequestRef(7, number));
    if (!one || !two || !three) throw new Error("there are three");
    texts.length = 0;
    const found = await store.transaction((tx) =>
      Promise.all([[one], [two, one], [three], []].map((asked) => tx.events(ACME, asked)).concat(tx.events(other, [one]))),
    );
    const ids = found.map((events) => events.map(({ id, at }) => `${id} ${at}`));
    const [first, second] = [merged(1), merged(2)].map(({ id, at }) => `${id} ${at}`);
    expect(ids).toEqual([[first], ["again 1", first, second], [], [], [first]]);
    expect(found[4]).toEqual([merged(1, { base: "other" })]);
    expect(texts.filter((text) => text.startsWith("select"))).toHaveLength(2);
  });

  it("fails each that asked when a look-up fails", async () => {
    let broken = false;
    const store = await open((driver) =>
      counting(driver, (text) => {
        if (broken && text.startsWith("select")) throw new RangeError("broken");
      }),
    );
    broken = true;
    const asking = store.transaction((tx) => Promise.allSettled([1, 2].map((number) => tx.events(ACME, refs(merged(number))))));
    expect((await asking).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("orders by time, then by id, on every database alike", async () => {
    const store = await open();
    const ids = ["b", "B", "a", "é", "_", "10", "9"];
    const events = ids.map((id) => merged(1, { id }));
    await append(store, merged(1, { id: "late", at: at(9_000) }), ...events, merged(1, { id: "soon", at: at(1) }));
    const order = (await store.events(ACME, [pullRequestRef(7, 1)])).map(({ id }) => id);
    expect(order).toEqual(["soon", "10", "9", "B", "_", "a", "b", "é", "late"]);
  });

  it("answers with the types asked for in a repository, and with one account's events only", async () => {
    const store = await open();
    const release: Event = { ...merged(3), id: "r", ref: releaseRef(3), type: "release.deleted" };
    await append(
      store,
      merged(2, { at: at(2) }),
      merged(1, { at: at(1) }),
      release,
      merged(4, { repository: pullRequestRef(8, 1) }),
    );
    await store.transaction((tx) => tx.append(owner(11), [merged(9)]));
    const found = await store.repositoryEvents(ACME, REPOSITORY, ["pull-request.merged"]);
    expect(found.map(({ ref }) => ref)).toEqual(refs(merged(1), merged(2)));
    expect(await store.repositoryEvents(ACME, REPOSITORY, [])).toEqual([]);
    expect(await store.events(owner(11), refs(merged(1)))).toEqual([]);
  });

  it("finds the earliest merge or push in a span that a head is not known to contain", async () => {
    const store = await open();
    const { mergeCommit, base, ...common } = merged(6, { at: at(6), id: "p", ref: commitRef(7, "p") });
    const commit = { sha: "p", authoredAt: at(1), committedAt: at(1), parents: 1, message: "PROP-1" };
    const pushed: Event = { ...common, type: "commit.pushed", branch: "main", commit };
    const merges = [9, 8, 7, 5, 4].map((number) => merged(number, { at: at(number) }));
    await append(store, ...merges, pushed, merged(3, { at: at(3), repository: repositoryRef(8) }));
    await append(store, compared("c4", "head", { ahead: ["c5"] }), compared("p", "other"));
    const earliest = (from: number, until: number, { head = "head", without = [] as string[] } = {}) =>
      store.earliestMerge({ owner: ACME, repository: REPOSITORY, head, from: at(from), until: at(until), without });
    expect(await earliest(0, 9)).toBe("p");
    expect(await earliest(0, 5)).toBeUndefined();
    expect(await earliest(0, 9, { head: "unheard of" })).toBe("c4");
    expect(await earliest(0, 9, { head: "c4" })).toBe("c5");
    expect(await earliest(0, 9, { without: ["p", "c7"] })).toBe("c8");
    expect(await earliest(7, 7)).toBe("c7");
  });

  it("knows the accounts by their latest state", async () => {
    const store = await open();
    await store.transaction((tx) =>
      tx.append(ACME, [account(10), account(10, { at: at(2_000), login: "acme-inc", state: "suspended" })]),
    );
    await store.transaction((tx) => tx.append(owner(2), [account(2, { login: "b", installation: null })]));
    expect(await store.accounts()).toEqual([
      { owner: "10", login: "acme-inc", installation: "55", state: "suspended" },
      { owner: "2", login: "b", installation: null, state: "installed" },
    ]);
  });

  it("undoes a savepoint's writes and only its", async () => {
    const store = await open();
    await store.transaction(async (tx) => {
      await tx.append(ACME, [merged(1)]);
      const failing = tx.savepoint(async () => {
        await tx.append(ACME, [merged(2)]);
        await tx.savepoint(() => tx.append(ACME, [merged(3)]));
        throw new RangeError("broken");
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect(await tx.savepoint(() => tx.append(ACME, [merged(4)]))).toHaveLength(1);
    });
    const kept = await store.events(ACME, refs(merged(1), merged(2), merged(3), merged(4)));
    expect(kept).toEqual([merged(1), merged(4)]);
  });

  it("goes on after a statement that failed inside a savepoint", async () => {
    const store = await open();
    await store.transaction(async (tx) => {
      const broken = merged(2, { at: null as unknown as Event["at"] }); // what a broken reader might hand in
      await expect(tx.savepoint(() => tx.append(ACME, [broken]))).rejects.toThrow();
      await tx.append(ACME, [merged(1)]);
    });
    expect(await store.events(ACME, refs(merged(1)))).toHaveLength(1);
  });

  it("shows a transaction's writes to itself, and to others when it has committed", async () => {
    const store = await open();
    await store.transaction(async (tx) => {
      await tx.append(ACME, [merged(1)]);
      expect(await tx.events(ACME, refs(merged(1)))).toHaveLength(1);
      // PGlite has one connection: a read outside would wait for the transaction.
      if (kind.name !== "PGlite") expect(await store.events(ACME, refs(merged(1)))).toEqual([]);
    });
    expect(await store.events(ACME, refs(merged(1)))).toHaveLength(1);
  });

  it("keeps transactions that run at once apart", async () => {
    const store = await open();
    const work = [1, 2, 3, 4].map((number) =>
      store.transaction(async (tx) => {
        await tx.append(ACME, [merged(number)]);
        await new Promise((resolve) => setImmediate(resolve));
        if (number % 2 === 0) throw new Error("undo");
      }),
    );
    await Promise.allSettled(work);
    expect(await store.events(ACME, refs(merged(1), merged(2), merged(3), merged(4)))).toEqual([merged(1), merged(3)]);
  });

  it("refuses work on a transaction that is over", async () => {
    const store = await open();
    const leaked = await store.transaction(async (tx) => tx);
    await expect(leaked.append(ACME, [merged(1)])).rejects.toThrow();
    expect(await store.events(ACME, [ticketRef(1), ...refs(merged(1))])).toEqual([]);
  });
};
