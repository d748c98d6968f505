import fc from "fast-check";
import { expect, it } from "vitest";
import type { Event } from "../../../src/core/event.js";
import type { Link } from "../../../src/core/link.js";
import { commitRef, keyRef, owner, pullRequestRef, SHARED, statusRef, ticketRef, versionRef } from "../../../src/core/ref.js";
import { ticketAlias } from "../../../src/core/relation.js";
import type { Store } from "../../../src/ports.js";
import { ACME, at, compared, merged, REPOSITORY, ticket } from "../builders.js";
import type { Contract } from "./subject.js";

const append = (store: Store, ...events: Event[]) => store.transaction((tx) => tx.append(ACME, events));
const link = (key: string, of: Partial<Link> = {}): Link => ({ key, source: "branch", matched: key, refusal: null, ...of });

export const relations: Contract = ({ store: open }) => {
  it("finds the newest holder of a name, whatever came first", async () => {
    const store = await open();
    const told = [
      ticket(1, { at: at(1) }),
      ticket(1, { at: at(9), key: "WEB-9" }),
      ticket(2, { at: at(5), key: "PROP-1" }),
      ticket(3, { at: at(5), key: "PROP-1" }),
      ticket(3, { at: at(2), key: "PROP-1" }),
    ];
    let tenant = 2_000;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(told, { minLength: told.length }), async (order) => {
        const account = owner(++tenant);
        for (const event of order) await store.transaction((tx) => tx.append(account, [event]));
        expect(await store.resolve(account, ticketAlias("prop-1"))).toBe(ticketRef(3));
        expect(await store.resolve(account, ticketAlias("WEB-9"))).toBe(ticketRef(1));
        const names = await store.aliases(account, ticketRef(1));
        expect(names.filter((name) => name.startsWith("ticket:"))).toEqual(["ticket:PROP-1", "ticket:WEB-9"]);
      }),
      { numRuns: 15 },
    );
  });

  it("gives a name back to one who takes it again", async () => {
    const store = await open();
    await append(store, ticket(1, { at: at(1) }), ticket(2, { at: at(2), key: "PROP-1" }));
    expect(await store.resolve(ACME, ticketAlias("PROP-1"))).toBe(ticketRef(2));
    await append(store, ticket(1, { at: at(3) }));
    expect(await store.resolve(ACME, ticketAlias("PROP-1"))).toBe(ticketRef(1));
    expect(await store.resolve(SHARED, ticketAlias("PROP-1"))).toBeUndefined();
  });

  it("knows what a part belongs to, from every observation of it", async () => {
    const store = await open();
    await append(store, ticket(1, { at: at(5), fixVersions: [{ id: "20", name: "2.0" }] }), merged(7));
    await append(store, ticket(1, { at: at(1), fixVersions: [{ id: "10", name: "1.0" }] }), ticket(2));
    expect(await store.wholes(ACME, [versionRef(10)])).toEqual([ticketRef(1)]);
    expect(await store.wholes(ACME, [statusRef(3), keyRef("PROP-1")])).toEqual([ticketRef(1), ticketRef(2)]);
    expect(await store.wholes(ACME, [commitRef(7, "c7")])).toEqual([pullRequestRef(7, 7)]);
    expect(await store.wholes(ACME, [])).toEqual([]);
  });

  it("knows which heads contain a commit, itself included", async () => {
    const store = await open();
    await append(store, compared("a", "c", { ahead: ["b", "c"] }), compared("x", "y", { status: "diverged", ahead: ["y"] }));
    expect(await store.heads(ACME, REPOSITORY, "b")).toEqual(["b", "c"]);
    expect(await store.heads(ACME, REPOSITORY, "a")).toEqual(["a", "c"]);
    expect(await store.heads(ACME, REPOSITORY, "x")).toEqual(["x"]);
    expect(await store.contained(ACME, REPOSITORY, "c")).toEqual(["c", "a", "b"]);
    expect(await store.contained(owner(11), REPOSITORY, "c")).toEqual(["c"]);
  });

  it("takes comparisons of thousands of commits", async () => {
    const store = await open();
    const ahead = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(40, "0"));
    await append(store, compared("base", "head", { ahead }));
    expect(await store.contained(ACME, REPOSITORY, "head")).toHaveLength(10_002);
    expect(await append(store, compared("base", "head", { ahead }))).toEqual([]);
  });

  it("replaces the links of one pull request, near misses with their reason", async () => {
    const store = await open();
    const [one, two] = [pullRequestRef(7, 1), pullRequestRef(7, 2)];
    await store.transaction(async (tx) => {
      await tx.saveLinks(ACME, [
        { from: one, links: [link("PROP-1"), link("UTF-8", { refusal: "not a project" })] },
        { from: two, links: [link("prop-1", { source: "title" })] },
      ]);
    });
    expect(await store.linksFrom(ACME, [one])).toEqual([
      { from: one, ...link("PROP-1") },
      { from: one, ...link("UTF-8", { refusal: "not a project" }) },
    ]);
    expect((await store.linksTo(ACME, ["Prop-1", "utf-8"])).map(({ from, key }) => [from, key])).toEqual([
      [one, "PROP-1"],
      [one, "UTF-8"],
      [two, "prop-1"],
    ]);
    await store.transaction(async (tx) => {
      await tx.saveLinks(ACME, [
        { from: one, links: [link("WEB-2"), link("WEB-2", { source: "commits" })] },
        { from: two, links: [] },
      ]);
    });
    expect((await store.linksFrom(ACME, [one, two])).map(({ key }) => key)).toEqual(["WEB-2", "WEB-2"]);
    expect(await store.linksTo(ACME, ["PROP-1"])).toEqual([]);
    expect(await store.linksTo(owner(11), ["WEB-2"])).toEqual([]);
  });
};
