import { expect, it } from "vitest";
import type { Link } from "../../../src/core/link.js";
import type { MeasuredItem } from "../../../src/core/measurement.js";
import { commitRef, owner, pullRequestRef, type Ref, repositoryRef, ticketRef } from "../../../src/core/ref.js";
import { milliseconds } from "../../../src/core/time.js";
import type { CommentRecord, Store } from "../../../src/ports.js";
import { ACME, at, head, item, leadTime, merged, REPOSITORY, reached, skipped, ticket } from "../builders.js";
import type { Contract } from "./subject.js";

const save = (store: Store, ...items: MeasuredItem[]) =>
  store.transaction(async (tx) => {
    for (const one of items) await tx.saveItems(ACME, [{ ref: one.ref, item: one }]);
  });
const remove = (store: Store, ref: Ref) => store.transaction((tx) => tx.saveItems(ACME, [{ ref, item: null }]));
const times = async (store: Store, of: Partial<Parameters<Store["stageTimes"]>[0]> = {}) => {
  const query = { owner: ACME, kind: "pull-request", repository: REPOSITORY, profile: "pull-request" } as const;
  const found = await store.stageTimes({ ...query, from: at(0), to: at(10_000), without: pullRequestRef(7, 0), ...of });
  return found.map(({ stage, leadTime }) => `${stage} ${leadTime}`);
};

export const items: Contract = ({ store: open }) => {
  it("tells of every item's stage times where none is to be left out", async () => {
    const store = await open();
    await save(store, item(1), item(2));
    const query = { owner: ACME, kind: "pull-request", repository: REPOSITORY, profile: "pull-request" } as const;
    const found = await store.stageTimes({ ...query, from: at(0), to: at(10_000), without: null });
    expect(new Set(found.map((one) => one.item))).toEqual(new Set([item(1).ref, item(2).ref]));
    expect(await times(store, { without: null })).toHaveLength(found.length);
  });

  it("keeps the latest of an item, until it is removed", async () => {
    const store = await open();
    await save(store, item(1), item(1, { title: "Log out" }));
    expect(await store.item(ACME, pullRequestRef(7, 1))).toEqual(item(1, { title: "Log out" }));
    expect(await store.item(owner(11), pullRequestRef(7, 1))).toBeUndefined();
    await remove(store, pullRequestRef(7, 1));
    expect(await store.item(ACME, pullRequestRef(7, 1))).toBeUndefined();
    expect(await times(store)).toEqual([]);
  });

  it("says which items are others than before, and what they were", async () => {
    const store = await open();
    const [ref, other] = [item(1).ref, item(2).ref];
    const [first, second] = [item(1), item(1, { title: "Log out" })];
    const told = await store.transaction(async (tx) => [
      await tx.saveItems(ACME, [
        { ref, item: first },
        { ref: other, item: null },
      ]),
      await tx.saveItems(ACME, [{ ref, item: first }]),
      await tx.saveItems(ACME, [
        { ref: other, item: item(2) },
        { ref, item: second },
      ]),
      await tx.saveItems(ACME, [{ ref, item: null }]),
      await tx.saveItems(ACME, [{ ref, item: null }]),
    ]);
    expect(told).toEqual([
      [{ ref, before: null, item: first }],
      [],
      [
        { ref: other, before: null, item: item(2) },
        { ref, before: first, item: second },
      ],
      [{ ref, before: second, item: null }],
      [],
    ]);
  });

  it("keeps links whose text holds NUL and half a character", async () => {
    const store = await open();
    const link = { key: "PROP-1", source: "title", matched: "PROP-1 \ud83d\u0000", refusal: null } as const;
    await store.transaction((tx) => tx.saveLinks(ACME, [{ from: pullRequestRef(7, 1), links: [link] }]));
    const kept = { ...link, matched: "PROP-1 ", from: pullRequestRef(7, 1) };
    expect(await store.linksTo(ACME, ["PROP-1"])).toEqual([kept]);
  });

  it("answers with the stage times of a repository's merged items, each item once", async () => {
    const store = await open();
    const both = item(3, { pullRequests: [head(3), head(4, { mergedAt: at(6_000) })] });
    await save(store, item(1), item(2, { pullRequests: [head(2, { mergedAt: null })] }), both);
    await save(store, item(5, { pullRequests: [head(5, { repository: repositoryRef(8) })] }));
    await save(store, item(6, { abandoned: true }), item(7, { ref: ticketRef(7), kind: "ticket" }));
    const abandoned = leadTime([reached("Merge", 5_000, 1)], { profile: "change", status: "abandoned" });
    await save(store, item(8, { leadTimes: [leadTime([reached("Merge", 5_000, 800)]), abandoned] }));
    expect(await times(store)).toEqual(["Merge 100", "Merge 300", "Merge 800"]);
    expect(await times(store, { without: pullRequestRef(7, 1) })).toEqual(["Merge 300", "Merge 800"]);
    expect(await times(store, { kind: "ticket" })).toEqual(["Merge 700"]);
    expect(await times(store, { owner: owner(11) })).toEqual([]);
    expect(await times(store, { profile: "change" })).toEqual([]);
  });

  it("tells what of a stage time is rated: its working time, where that alone counts", async () => {
    const store = await open();
    const worked = { ...reached("Merge", 5_000, 100), workingTime: milliseconds(40) };
    await save(store, item(1, { leadTimes: [leadTime([worked, reached("Deployment", 5_500, 7)])] }));
    const query = { owner: ACME, kind: "pull-request", repository: REPOSITORY, profile: "pull-request" } as const;
    const found = await store.stageTimes({ ...query, from: at(0), to: at(10_000), without: null });
    expect(found.map((one) => [one.leadTime, one.ratedTime])).toEqual([
      [100, 40],
      [7, 7],
    ]);
  });

  it("counts merges from `from` on and before `to`, and stages entered before `to`", async () => {
    const store = await open();
    const deployed = leadTime([reached("Merge", 5_000, 1), reached("Deployment", 8_000, 2)]);
    await save(store, item(1, { leadTimes: [deployed] }));
    expect(await times(store, { from: at(5_000), to: at(5_001) })).toEqual(["Merge 1"]);
    expect(await times(store, { from: at(5_001) })).toEqual([]);
    await save(store, item(2, { pullRequests: [head(2, { mergedAt: at(6_000) })] }));
    expect(await times(store, { to: at(6_000) })).toEqual(["Merge 1"]);
    await remove(store, pullRequestRef(7, 2));
    expect(await times(store, { to: at(5_000) })).toEqual([]);
    expect(await times(store, { to: at(8_000) })).toEqual(["Merge 1"]);
    expect(await times(store, { to: at(8_001) })).toEqual(["Merge 1", "Deployment 2"]);
  });

  it("counts a skipped stage as 0 where its profile says so, once a later stage was entered", async () => {
    const store = await open();
    const stages = [
      skipped("Approval", 0),
      skipped("Review", null),
      reached("Merge", 5_000, 9),
      reached("Deployment", 5_500, 2),
    ];
    await save(store, item(1, { leadTimes: [leadTime(stages)], pullRequests: [head(1, { mergedAt: at(4_000) })] }));
    expect(await times(store, { to: at(5_000) })).toEqual([]);
    expect(await times(store, { to: at(5_001) })).toEqual(["Approval 0", "Merge 9"]);
  });

  it("replaces stage times and pull requests with the item", async () => {
    const store = await open();
    await save(store, item(1), item(1, { leadTimes: [leadTime([reached("Review", 4_000, 7)])] }));
    expect(await times(store)).toEqual(["Review 7"]);
    await save(store, item(1, { pullRequests: [] }));
    expect(await times(store)).toEqual([]);
  });

  it("lists what is measured or can be, by kind and repository", async () => {
    const store = await open();
    await store.transaction((tx) =>
      tx.append(ACME, [merged(2), merged(1), merged(1, { id: "other", ref: pullRequestRef(70, 1) }), ticket(5)]),
    );
    await save(store, item(1, { ref: ticketRef(6), kind: "ticket" }));
    expect(await store.subjects(ACME, "pull-request")).toEqual(["github:pr:70#1", "github:pr:7#1", "github:pr:7#2"].sort());
    expect(await store.subjects(ACME, "pull-request", REPOSITORY)).toEqual([pullRequestRef(7, 1), pullRequestRef(7, 2)]);
    expect(await store.subjects(ACME, "ticket")).toEqual([ticketRef(5), ticketRef(6)]);
    expect(await store.subjects(ACME, "ticket", REPOSITORY)).toEqual([ticketRef(6)]);
    expect(await store.subjects(owner(11), "ticket")).toEqual([]);
    const repositories = [repositoryRef(70), repositoryRef(7)];
    const watched = repositories.map((ref) => ({
      ...merged(1),
      type: "repository.watched" as const,
      id: `${ref}:watched`,
      ref,
    }));
    await store.transaction((tx) => tx.append(ACME, watched));
    expect(await store.subjects(ACME, "repository")).toEqual([...repositories].sort());
    const links = [1, 2].map((number): Link => ({ key: `PROP-${number}`, source: "commits", matched: "", refusal: null }));
    const origins = [commitRef(7, "a"), commitRef(70, "b"), pullRequestRef(7, 1)];
    await store.transaction((tx) =>
      tx.saveLinks(
        ACME,
        origins.map((from) => ({ from, links })),
      ),
    );
    expect(await store.subjects(ACME, "commit")).toEqual([commitRef(70, "b"), commitRef(7, "a")]);
    expect(await store.subjects(ACME, "commit", REPOSITORY)).toEqual([commitRef(7, "a")]);
  });

  it("lists what was finished since a time, the newest first, of an account or of a repository", async () => {
    const store = await open();
    const finished = (number: number, time: number | null, of: Partial<MeasuredItem> = {}) =>
      item(number, { finishedAt: time === null ? null : at(time), ...of });
    const elsewhere = { pullRequests: [head(5, { repository: repositoryRef(8) }), head(6, { repository: repositoryRef(8) })] };
    const abandoned = { ref: ticketRef(9), kind: "ticket", abandoned: true } as const;
    await save(store, finished(1, 3_000), finished(2, 5_000), finished(3, 2_999), finished(4, null));
    await save(store, finished(5, 4_000, elsewhere), finished(9, 3_000, abandoned));
    const of = (...numbers: number[]) => numbers.map((number) => pullRequestRef(7, number));
    expect(await store.finishedSince(ACME, at(3_000))).toEqual([...of(2, 5, 1), ticketRef(9)]);
    expect(await store.finishedSince(ACME, at(3_000), REPOSITORY)).toEqual([...of(2, 1), ticketRef(9)]);
    expect(await store.finishedSince(ACME, at(3_000), repositoryRef(8))).toEqual(of(5));
    expect(await store.finishedSince(owner(11), at(0))).toEqual([]);
    await save(store, finished(2, null), finished(3, 6_000));
    expect(await store.finishedSince(ACME, at(3_000), REPOSITORY)).toEqual([...of(3, 1), ticketRef(9)]);
  });

  it("remembers comments, and names the kept ones of merges in a span", async () => {
    const store = await open();
    const record = (of: Partial<CommentRecord> = {}): CommentRecord => ({ comment: "9", state: "kept", body: "…", ...of });
    await store.transaction(async (tx) => {
      await tx.append(ACME, [
        merged(1, { at: at(1) }),
        merged(2, { at: at(2) }),
        merged(3, { at: at(3) }),
        merged(4, { at: at(3) }),
        merged(5, { at: at(3) }),
      ]);
      for (const number of [1, 2, 3]) await tx.saveComment(ACME, pullRequestRef(7, number), record());
      await tx.saveComment(ACME, pullRequestRef(7, 4), record({ comment: null, body: null }));
      await tx.saveComment(ACME, pullRequestRef(7, 4), record({ state: "deleted" }));
    });
    expect(await store.comment(ACME, pullRequestRef(7, 4))).toEqual(record({ state: "deleted" }));
    expect(await store.comment(ACME, pullRequestRef(7, 5))).toBeUndefined();
    expect(await store.commentedPullRequests(ACME, REPOSITORY, at(1), at(3))).toEqual([
      pullRequestRef(7, 2),
      pullRequestRef(7, 3),
    ]);
    const asked = [5, 4, 3, 1].map((number) => pullRequestRef(7, number));
    expect(await store.keptComments(ACME, asked)).toEqual([pullRequestRef(7, 1), pullRequestRef(7, 3)]);
    expect(await store.keptComments(ACME, [])).toEqual([]);
  });

  it("begins to keep comments where nothing is recorded, and changes no record", async () => {
    const store = await open();
    const ended: CommentRecord = { comment: "9", state: "ended", body: "…" };
    const [one, two, three] = [3, 1, 2].map((number) => pullRequestRef(7, number));
    if (!one || !two || !three) throw new Error("there are three");
    await store.transaction((tx) => tx.saveComment(ACME, two, ended));
    const keep = (...refs: Ref[]) => store.transaction((tx) => tx.keepComments(ACME, refs));
    expect((await keep(one, two, three)).sort()).toEqual([three, one]);
    expect(await keep(one, three)).toEqual([]);
    expect(await keep()).toEqual([]);
    expect(await store.comment(ACME, one)).toEqual({ comment: null, state: "kept", body: null });
    expect(await store.comment(ACME, two)).toEqual(ended);
  });
};
