import { Refused, Unavailable } from "../core/failure.js";
import { pullRequestOf, type Ref } from "../core/ref.js";
import { renderHidden } from "../render/answer.js";
import type { AnswerParts } from "./asked.js";
import { isForEverybody } from "./for-everybody.js";
import type { Gathering } from "./gather.js";
import { repositoryNow } from "./repository-now.js";

/** Whether everybody reads where it was asked, and may not be told of tickets. */
export async function isHiddenHere(gathering: Gathering, pullRequest: Ref): Promise<boolean> {
  const state = await gathering.repository(pullRequestOf(pullRequest).repository);
  return state !== null && isForEverybody(state);
}

/** Takes back what was answered when fewer people could read it. Throws `Refused` and `Unavailable`. */
export async function hideAnswers(gathering: Gathering, pullRequest: Ref, parts: AnswerParts): Promise<void> {
  if (!(await isHiddenHere(gathering, pullRequest))) return;
  const { owner } = gathering;
  const { store, discussion } = parts;
  const repository = await repositoryNow(store, owner, pullRequestOf(pullRequest).repository);
  const told = (await store.answers(owner, pullRequest)).filter((record) => record.told);
  for (const record of told.filter(({ state }) => state === "done")) {
    if (record.answer !== null) {
      parts.pace.wrote("edit", owner, parts.clock.now());
      await discussion.update(repository, record.answer, renderHidden(record.question)).catch((error: unknown) => {
        if (!(error instanceof Refused && error.reason === "missing")) throw error;
      });
    }
    await store.transaction((tx) => tx.saveAnswer(owner, pullRequest, { ...record, told: false }));
  }
  if (told.some(({ state }) => state === "begun")) throw new Unavailable("an answer is being written by what held before");
}
