import { expect, it } from "vitest";
import { type Effect, LANES, type Lane, subjectOf } from "../../../src/core/effect.js";
import { type Owner, owner, pullRequestRef, SHARED } from "../../../src/core/ref.js";
import { HOUR } from "../../../src/core/time.js";
import type { ClaimedEffect, Outcome, Store } from "../../../src/ports.js";
import { ACME, at, REPOSITORY } from "../builders.js";
import type { Contract } from "./subject.js";

const comment = (number = 1): Effect => ({ kind: "comment", pullRequest: pullRequestRef(7, number) });
const trace = (sha: string): Effect => ({ kind: "trace-commit", repository: REPOSITORY, sha });
const readTicket: Effect = { kind: "read-ticket", key: "PROP-1" };

/** Claims are made of all lanes, one after the other. */
function workOn(store: Store) {
  const claim = (now: number, until = now + 100, limit = 100) =>
    store.transaction(async (tx) => {
      const lanes: ClaimedEffect[] = [];
      for (const lane of LANES) lanes.push(...(await tx.claimEffects({ lane, limit, now: at(now), until: at(until) })));
      return lanes;
    });
  return {
    want: (now: number, effects: readonly Effect[], of: Owner = ACME) =>
      store.transaction((tx) => tx.want(of, effects, at(now))),
    claim,
    claimed: async (now: number, until?: number, limit?: number) =>
      (await claim(now, until, limit)).map(({ effect }) => subjectOf(effect)),
    settle: async (now: number, outcome: Outcome) => {
      for (const one of await claim(now)) await store.transaction((tx) => tx.settleEffect(one, outcome));
    },
  };
}
const DONE: Outcome = { state: "done" };
const later = (retryAt: number): Outcome => ({ state: "later", retryAt: at(retryAt), reason: "down" });
const told = (retryAt: number): Outcome => ({ state: "later", retryAt: at(retryAt), reason: "limit", alone: true });
const parked: Outcome = { state: "parked", reason: "gone" };

export const outbox: Contract = ({ store: open, kind }) => {
  it("keeps one row a subject, wanted since the first time", async () => {
    const { want, claim } = workOn(await open());
    await want(10, [comment(), comment()]);
    await want(20, [comment()]);
    const [one, ...others] = await claim(30);
    expect(one).toEqual({ owner: ACME, effect: comment(), attempts: 0, wantedAt: 10, generation: 1 });
    expect(others).toEqual([]);
  });

  it("leases what is claimed until its lease ends", async () => {
    const { want, claimed } = workOn(await open());
    await want(10, [comment()]);
    expect(await claimed(20, 50)).toHaveLength(1);
    expect(await claimed(49)).toEqual([]);
    expect(await claimed(50)).toHaveLength(1);
  });

  it("forgets what is done", async () => {
    const { want, settle, claimed } = workOn(await open());
    await want(10, [comment()]);
    await settle(20, DONE);
    expect(await claimed(1_000)).toEqual([]);
  });

  it("tries later what failed, and does not hasten it when it is wanted again", async () => {
    const { want, settle, claim } = workOn(await open());
    await want(10, [comment()]);
    await settle(20, later(500));
    await want(30, [comment()]);
    expect(await claim(499)).toEqual([]);
    const [again] = await claim(500);
    expect(again).toMatchObject({ attempts: 1, wantedAt: 10 });
  });

  it("keeps what was wanted again while it was carried out, due at once", async () => {
    const store = await open();
    const { want, claim } = workOn(store);
    await want(10, [comment()]);
    const [first] = await claim(20);
    await want(30, [comment()]);
    if (first) await store.transaction((tx) => tx.settleEffect(first, DONE));
    const [second] = await claim(31);
    expect(second).toMatchObject({ attempts: 0, generation: 2 });
    if (second) await store.transaction((tx) => tx.settleEffect(second, DONE));
    expect(await claim(1_000)).toEqual([]);
  });

  it("counts anew after a success, whatever failed before", async () => {
    const store = await open();
    const { want, settle, claim } = workOn(store);
    await want(10, [comment()]);
    await settle(20, later(40));
    const [second] = await claim(40);
    await want(41, [comment()]);
    if (second) await store.transaction((tx) => tx.settleEffect(second, DONE));
    expect(await claim(42)).toMatchObject([{ attempts: 0 }]);
  });

  it("parks until it is wanted again, and then begins anew", async () => {
    const { want, settle, claim } = workOn(await open());
    await want(10, [comment()]);
    await settle(20, later(30));
    await settle(30, parked);
    expect(await claim(1_000)).toEqual([]);
    await want(2_000, [comment()]);
    expect(await claim(2_000)).toMatchObject([{ attempts: 0, wantedAt: 2_000 }]);
  });

  it("makes no difference whether it is wanted just before or just after a failure", async () => {
    const store = await open();
    for (const [outcome, due] of [
      [later(500), 500],
      [parked, 31],
    ] as const) {
      const { want, claim, settle } = workOn(store);
      await want(10, [comment()]);
      const [first] = await claim(20);
      await want(30, [comment()]);
      if (first) await store.transaction((tx) => tx.settleEffect(first, outcome));
      if (due > 31) expect(await claim(due - 1)).toEqual([]);
      await settle(due, DONE);
      expect(await claim(1_000)).toEqual([]);
    }
  });

  it("claims one lane, oldest first, as many as asked for", async () => {
    const store = await open();
    const { want } = workOn(store);
    const claim = (lane: Lane) =>
      store.transaction(async (tx) => {
        const claimed = await tx.claimEffects({ lane, limit: 2, now: at(100), until: at(200) });
        return claimed.map(({ effect }) => effect);
      });
    await want(10, [comment(1)], owner(11));
    await want(30, [trace("c"), readTicket]);
    await want(20, [trace("b")]);
    await want(15, [trace("a")]);
    expect(await claim("host")).toEqual([trace("a"), trace("b")]);
    expect(await claim("host")).toEqual([trace("c")]);
    expect(await claim("tracker")).toEqual([readTicket]);
    expect(await claim("say")).toEqual([comment(1)]);
  });

  it("claims what failed least first, so that what fails does not hold up the rest", async () => {
    const { want, settle, claimed } = workOn(await open());
    await want(10, [trace("a")]);
    await settle(20, later(30));
    await want(40, [trace("b")]);
    expect(await claimed(50, 60, 1)).toEqual([subjectOf(trace("b"))]);
    expect(await claimed(50, 60, 1)).toEqual([subjectOf(trace("a"))]);
  });

  it("claims nothing for an owner that is excepted", async () => {
    const store = await open();
    await workOn(store).want(10, [trace("a")]);
    await workOn(store).want(20, [trace("b")], owner(11));
    const claim = { lane: "host", limit: 9, now: at(30), until: at(40), except: [ACME, SHARED] } as const;
    expect(await store.transaction((tx) => tx.claimEffects(claim))).toMatchObject([{ owner: owner(11) }]);
  });

  it("leaves an owner alone in every lane while that was asked of us for one question, whatever is wanted or resumed", async () => {
    const store = await open();
    const { want, settle, claimed } = workOn(store);
    await want(10, [trace("a")]);
    await settle(20, told(5_000));
    await want(30, [trace("a"), trace("b"), comment()]);
    await want(30, [trace("c")], owner(11));
    await store.transaction((tx) => tx.resume(ACME, at(40)));
    expect(await claimed(4_999)).toEqual([subjectOf(trace("c"))]);
    expect(await claimed(5_000)).toEqual([subjectOf(trace("b")), subjectOf(trace("a"))]);
  });

  it("lets only the one question wait that is to wait longer than any limit lasts", async () => {
    const { want, settle, claimed } = workOn(await open());
    await want(10, [trace("a")]);
    await settle(20, told(300 * HOUR));
    await want(30, [trace("b")]);
    expect(await claimed(40)).toEqual([subjectOf(trace("b"))]);
  });

  it("puts edits of a comment that stands into a lane of their own", async () => {
    const store = await open();
    const { want } = workOn(store);
    const claim = (lane: Lane) =>
      store.transaction(async (tx) => {
        const claimed = await tx.claimEffects({ lane, limit: 9, now: at(100), until: at(101) });
        return claimed.map(({ effect }) => effect);
      });
    await want(10, [comment(1), comment(2), comment(3)]);
    await store.transaction(async (tx) => {
      await tx.saveComment(ACME, pullRequestRef(7, 1), { comment: "5", state: "kept", body: "text" });
      await tx.saveComment(ACME, pullRequestRef(7, 2), { comment: null, state: "kept", body: null });
      await tx.saveComment(owner(11), pullRequestRef(7, 3), { comment: "6", state: "kept", body: "text" });
    });
    await want(20, [comment(1), comment(2), comment(3)]);
    expect(await claim("edit")).toEqual([comment(1)]);
    expect(await claim("say")).toEqual([comment(2), comment(3)]);
  });

  it("resumes what was refused or failed for an owner, and nothing that is not yet due for another reason", async () => {
    const store = await open();
    const { want, settle, claim, claimed } = workOn(store);
    await want(10, [trace("parked")]);
    await settle(20, parked);
    await want(30, [trace("failed")]);
    await want(30, [trace("other")], owner(11));
    await settle(40, later(9_000));
    await want(8_000, [trace("put off")]);
    await store.transaction((tx) => tx.resume(ACME, at(50)));
    expect(await claim(50, 60)).toMatchObject([
      { effect: trace("parked"), attempts: 0, wantedAt: 50 },
      { effect: trace("failed"), attempts: 1, wantedAt: 30 },
    ]);
    expect(await claimed(9_000)).toHaveLength(4);
  });

  it("forgets the leases of a process that is gone, where only one uses the database", async () => {
    const store = await open();
    const { want, claimed } = workOn(store);
    await want(10, [trace("a")]);
    await claimed(20, 9_000);
    await store.forgetLeases(at(60));
    expect(await claimed(30)).toHaveLength(kind.alone ? 1 : 0);
  });

  it("says nothing again that the process may have been saying, until that cannot be any more", async () => {
    const store = await open();
    const { want, claimed } = workOn(store);
    await want(10, [comment()]);
    await claimed(20, 9_000);
    await store.forgetLeases(at(60));
    expect(await claimed(59)).toEqual([]);
    expect(await claimed(60)).toHaveLength(kind.alone ? 1 : 0);
  });

  it("says nothing while a read of its account, or a shared one, is untried", async () => {
    const store = await open();
    const { want, claimed, settle } = workOn(store);
    await want(10, [trace("a")]);
    await want(10, [readTicket], SHARED);
    await want(20, [comment(1)]);
    await want(20, [comment(2)], owner(11));
    await want(5, [comment(3)]);
    expect(await claimed(30, 31)).toEqual([trace("a"), readTicket, comment(3)].map(subjectOf));
    expect(await claimed(30, 31)).toEqual([]);
    await settle(31, later(9_000));
    expect(await claimed(32)).toEqual([comment(1), comment(2)].map(subjectOf));
  });

  it("waits for the tracker two seconds at most, for the host as long as it takes", async () => {
    const { want, claimed } = workOn(await open());
    await want(10, [readTicket], SHARED);
    await want(11, [comment()]);
    expect(await claimed(2_009, 9_000)).toEqual([subjectOf(readTicket)]);
    expect(await claimed(2_010, 9_000)).toEqual([subjectOf(comment())]);
    await want(2_011, [trace("a"), comment(2)]);
    expect(await claimed(9_000, 99_000)).not.toContain(subjectOf(comment(2)));
  });

  it("says nothing before a read that was wanted at the same moment", async () => {
    const { want, claimed } = workOn(await open());
    await want(10, [comment(), trace("a")]);
    expect(await claimed(20, 100)).toEqual([subjectOf(trace("a"))]);
  });

  it("says what is wanted before a read that came later", async () => {
    const { want, claimed } = workOn(await open());
    await want(10, [comment()]);
    await want(11, [trace("a")]);
    expect(await claimed(20)).toEqual([subjectOf(trace("a")), subjectOf(comment())]);
  });

  it("is not held up by a read that is parked", async () => {
    const { want, claimed, settle } = workOn(await open());
    await want(10, [trace("a")]);
    await settle(11, parked);
    await want(20, [comment()]);
    expect(await claimed(30)).toEqual([subjectOf(comment())]);
  });
};
