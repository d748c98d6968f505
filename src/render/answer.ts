import type { Person } from "../core/question.js";
import { formatMinute, type Instant } from "../core/time.js";
import { MAX_COMMENT } from "./comment.js";
import { code, link } from "./markdown.js";

/** The first line of our answer: by it, which names the comment that asks, and its author it is found again. */
export const answerMarker = (question: string): string => `<!-- leadtime:answer ${question} -->`;

export interface AnswerInput {
  readonly question: string;
  readonly url: string | null;
  readonly asker: Person;
  /** When it is so. */
  readonly now: Instant;
  /** What each command gets, in safe Markdown. */
  readonly replies: readonly string[];
}

/** What stands in place of an answer that not everybody may read. */
export const renderHidden = (question: string): string =>
  `${answerMarker(question)}\nThis was answered when fewer people could read here. Ask again for what may be told now.\n`;

/** For the marker, the last line and what is between the replies. */
const AROUND = 1000;
const BETWEEN = "\n\n---\n\n";
const LEFT_OUT = "The rest is too long for one comment: ask for it by itself.";
const MAX_LOGIN = 60;

/** How long each of so many replies may be. */
export const roomFor = (replies: number): number => Math.floor((MAX_COMMENT - AROUND) / Math.max(1, replies)) - BETWEEN.length;

/** One comment for everything that was asked in one; who asked is told, but not notified. */
export function renderAnswer({ question, url, asker, now, replies }: AnswerInput): string {
  const about = `Answer to ${link("this comment", url)} of ${code(asker.login, MAX_LOGIN) || "somebody"}, as of ${formatMinute(now)} (UTC)`;
  return `${answerMarker(question)}\n${fitting(replies).join(BETWEEN)}\n\n<sub>${about}</sub>\n`;
}

function fitting(replies: readonly string[]): string[] {
  const kept: string[] = [];
  let room = MAX_COMMENT - AROUND;
  for (const reply of replies) {
    room -= reply.length + BETWEEN.length;
    if (room < 0) return [...kept, LEFT_OUT];
    kept.push(reply);
  }
  return kept;
}
