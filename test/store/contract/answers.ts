import { expect, it } from "vitest";
import type { AnswerRecord } from "../../../src/core/question.js";
import { owner, pullRequestRef } from "../../../src/core/ref.js";
import type { Store } from "../../../src/ports.js";
import { ACME, at } from "../builders.js";
import type { Contract } from "./subject.js";

const PULL_REQUEST = pullRequestRef(7, 1);
const begun = (question: string, askedAt: number): AnswerRecord => ({
  ...{ question, asker: "9", asked: '[{"name":"show"}]', askedAt: at(askedAt), begunAt: at(askedAt + 1) },
  ...{ answer: null, state: "begun", told: true },
});
const save = (store: Store, ...records: AnswerRecord[]) =>
  store.transaction(async (tx) => {
    for (const record of records) await tx.saveAnswer(ACME, PULL_REQUEST, record);
  });

export const answers: Contract = ({ store: open }) => {
  it("keeps what is known of each answer, in the order in which it was asked", async () => {
    const store = await open();
    const done: AnswerRecord = { ...begun("12", 5), answer: "900", state: "done", told: false };
    await save(store, begun("12", 5), begun("11", 7), begun("13", 5), done);
    expect(await store.answers(ACME, PULL_REQUEST)).toEqual([done, begun("13", 5), begun("11", 7)]);
  });

  it("tells where there are answers that not everybody may read", async () => {
    const store = await open();
    const others = [pullRequestRef(7, 2), PULL_REQUEST];
    await save(store, begun("12", 5), begun("13", 6));
    expect(await store.toldAnswers(ACME, others)).toEqual([PULL_REQUEST]);
    await save(store, { ...begun("12", 5), told: false }, { ...begun("13", 6), told: false });
    expect(await store.toldAnswers(ACME, others)).toEqual([]);
    expect(await store.toldAnswers(ACME, [])).toEqual([]);
  });

  it("keeps those of each pull request and account apart", async () => {
    const store = await open();
    await save(store, begun("12", 5));
    expect(await store.answers(ACME, pullRequestRef(7, 2))).toEqual([]);
    expect(await store.answers(owner(11), PULL_REQUEST)).toEqual([]);
  });
};
