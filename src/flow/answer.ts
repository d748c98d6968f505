import { rightFor } from "../core/command.js";
import { Refused, Unavailable } from "../core/failure.js";
import { isBot } from "../core/pull-request.js";
import { type AnswerRecord, askedIn, type Permission } from "../core/question.js";
import { pullRequestOf } from "../core/ref.js";
import { instant, MINUTE, SECOND } from "../core/time.js";
import type { Outcome, Reaction } from "../ports.js";
import { answerMarker, renderAnswer, roomFor } from "../render/answer.js";
import { type AnswerParts, type Asked, type AskedHere, measureNow, type Reply } from "./asked.js";
import { gatheringFor } from "./gather.js";
import { isHiddenHere } from "./hide-answers.js";
import { mayCreateFrom } from "./may-create.js";
import { readHostAgain, readTicketsAgain } from "./read-again.js";
import { reply } from "./replies.js";
import { repositoryNow } from "./repository-now.js";

/** The same from the same person within this time gets its answer changed, not a second one. */
const SAME_WITHIN = 10 * MINUTE;
const DONE: Outcome = { state: "done" };

/*
 * The life of an answer, each step of which may be done twice:
 *   begun, with a record ─► 👀 ─► what is asked is done (events, whose ids come from the question) ─► answered ─► its id is kept ─► 🚀 or 😕 ─► done
 * Whoever finds a record that was begun by a process that ended looks for the answer by its first line before creating one.
 */

/** Answers a question. Throws `Refused` and `Unavailable`. */
export async function answer(asked: Asked, parts: AnswerParts): Promise<Outcome> {
  const mayCreate = mayCreateFrom(parts.clock);
  if (await isByBot(asked, parts)) return DONE;
  const begun = await begin(asked, parts);
  if (begun === "answered") return DONE;
  if (begun === "being answered") return { state: "later", retryAt: instant(parts.clock.now() + SECOND), reason: WAITS };
  const repository = await repositoryNow(parts.store, asked.owner, pullRequestOf(asked.pullRequest).repository);
  const here: AskedHere = { ...asked, repository, parts };
  const [permission] = await Promise.all([permissionOf(here), react(here, "eyes")]);
  const wasHidden = await isHiddenNow(here);
  const replies = await repliesTo(here, permission);
  const said = await say(here, replies, { begun, mayCreate });
  if (said !== "nowhere") await react(here, replies.every(({ fine }) => fine) ? "rocket" : "confused");
  // In doubt it is looked at again: who reads there may have changed while it was written.
  const told = said !== "nowhere" && said !== null && !(wasHidden && (await isHiddenNow(here)));
  await keep(here, { ...begun.record, answer: said === "nowhere" ? null : said, state: "done", told });
  return DONE;
}

const isHiddenNow = async ({ owner, pullRequest, parts }: AskedHere): Promise<boolean> =>
  isHiddenHere(await gatheringFor(parts.store, parts.policy, owner), pullRequest);

const WAITS = "the same is being answered to the same person";

/** Those that say so were passed over when the comment came; others are configured. */
async function isByBot({ owner, pullRequest, question }: Asked, parts: AnswerParts): Promise<boolean> {
  const gathering = await gatheringFor(parts.store, parts.policy, owner);
  const { configuration } = (await gathering.repository(pullRequestOf(pullRequest).repository)) ?? {};
  return isBot({ login: question.asker.login, bot: false }, configuration ?? (await gathering.defaults()));
}

interface Begun {
  readonly record: AnswerRecord;
  /** Whether it was begun before, so that an answer may be there. */
  readonly again: boolean;
}

/** One at a time for a pull request, so that of two that ask the same the one waits for the other's answer. */
async function begin(
  { owner, pullRequest, question }: Asked,
  { store, clock }: AnswerParts,
): Promise<Begun | "answered" | "being answered"> {
  const { comment, asker, askedAt } = question;
  return store.transaction(async (tx) => {
    await tx.lock(owner, [pullRequest]);
    const records = await tx.answers(owner, pullRequest);
    const own = records.find((one) => one.question === comment);
    if (own) return own.state === "done" ? "answered" : { record: own, again: true };
    const asked = askedIn(question);
    const same = records.filter((one) => one.asker === asker.id && one.asked === asked && isNear(one.askedAt, askedAt));
    const begunAt = clock.now();
    const unfinished = same.some((one) => one.state === "begun" && isNear(one.begunAt, begunAt));
    if (unfinished) return "being answered";
    const answered = same.findLast((one) => one.answer !== null)?.answer ?? null;
    const about = { question: comment, asker: asker.id, asked, askedAt, begunAt };
    const record: AnswerRecord = { ...about, answer: answered, state: "begun", told: true };
    await tx.saveAnswer(owner, pullRequest, record);
    return { record, again: false };
  });
}

const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= SAME_WITHIN;

/** Asked for when it matters only: where anybody may ask, and nothing is changed, it does not. */
async function permissionOf({ owner, pullRequest, question, repository, parts }: AskedHere): Promise<Permission> {
  const gathering = await gatheringFor(parts.store, parts.policy, owner);
  const visibility = (await gathering.repository(pullRequestOf(pullRequest).repository))?.described.visibility;
  const rights = question.commands.map(rightFor);
  const matters = rights.includes("change") || (visibility === "public" && rights.includes("ask"));
  return matters ? parts.discussion.permission(repository, question.asker) : "none";
}

/** Whether it was possible or not: a permission may be missing, or the comment be gone. */
async function react({ question, repository, parts }: AskedHere, reaction: Reaction): Promise<void> {
  const { clock, discussion, log, pace } = parts;
  pace.wrote("edit", repository.owner, clock.now());
  await discussion.react(repository, question.comment, reaction).catch((error: unknown) => {
    if (!(error instanceof Refused || error instanceof Unavailable)) throw error;
    log.info({ owner: repository.owner, reason: error.message }, "a reaction could not be put on a comment");
  });
}

/** One after another, so that what the one changes the next one tells. */
async function repliesTo(here: AskedHere, permission: Permission): Promise<Reply[]> {
  const { owner, pullRequest, parts, question } = here;
  await measureNow(here);
  if (!(await parts.store.item(owner, pullRequest)) && question.commands.some(({ name }) => name !== "help")) {
    await readHostAgain(here);
    await readTicketsAgain(here);
  }
  const room = roomFor(question.commands.length);
  const replies: Reply[] = [];
  for (const [position, command] of question.commands.entries())
    replies.push(await reply({ ...here, command, position, permission, room }));
  return replies;
}

interface Saying {
  readonly begun: Begun;
  readonly mayCreate: () => boolean;
}

/** The id of the comment that answers, null where nothing is said; `nowhere`: it is locked, or gone. */
async function say(
  here: AskedHere,
  replies: readonly Reply[],
  { begun, mayCreate }: Saying,
): Promise<string | null | "nowhere"> {
  const { question, parts } = here;
  const told = replies.flatMap(({ markdown }) => markdown ?? []);
  if (told.length === 0) return null;
  const { comment, url, asker } = question;
  const body = renderAnswer({ question: comment, url, asker, now: parts.clock.now(), replies: told });
  try {
    const there = await changed(here, begun, body);
    if (there !== null) return there;
    if (!mayCreate()) throw new Unavailable("doing what was asked took so long that another process may answer");
    return await created(here, begun.record, body);
  } catch (error) {
    if (!(error instanceof Refused) || error.reason === "unauthorized") throw error;
    return refused(error, here);
  }
}

/**
 * The answer that is there already, now with this text: the one that is noted, if nobody deleted it, else the one that we
 * created and did not note, or of which GitHub did not say that it did.
 */
async function changed(here: AskedHere, { record, again }: Begun, body: string): Promise<string | null> {
  const { question, pullRequest, repository, parts } = here;
  const noted = record.answer === null ? null : await edited(here, record.answer, body);
  if (noted !== null || !again) return noted;
  const { number } = pullRequestOf(pullRequest);
  const found = await parts.discussion.find(repository, number, answerMarker(question.comment));
  return found === undefined ? null : edited(here, found, body);
}

/** Null: it is not there any more. */
async function edited({ repository, parts }: AskedHere, comment: string, body: string): Promise<string | null> {
  const { discussion, clock, pace } = parts;
  pace.wrote("edit", repository.owner, clock.now());
  try {
    await discussion.update(repository, comment, body);
    return comment;
  } catch (error) {
    if (error instanceof Refused && error.reason === "missing") return null;
    throw error;
  }
}

async function created(here: AskedHere, record: AnswerRecord, body: string): Promise<string> {
  const { pullRequest, repository, parts } = here;
  parts.pace.wrote("say", repository.owner, parts.clock.now());
  const id = await parts.discussion.create(repository, pullRequestOf(pullRequest).number, body);
  await keep(here, { ...record, answer: id });
  return id;
}

/** Locked, or deleted: nobody can be told. Throws what may pass. */
async function refused(error: Refused, { pullRequest, repository, parts }: AskedHere): Promise<"nowhere"> {
  const standing = await parts.discussion.standing(repository, pullRequestOf(pullRequest).number);
  if (standing === "locked" || standing === "gone") return "nowhere";
  throw error;
}

const keep = ({ owner, pullRequest, parts }: AskedHere, record: AnswerRecord): Promise<void> =>
  parts.store.transaction((tx) => tx.saveAnswer(owner, pullRequest, record));
