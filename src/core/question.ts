import type { Command } from "./command.js";
import type { Instant } from "./time.js";

/** Somebody at GitHub; the id tells whether the login is still theirs. */
export interface Person {
  readonly id: string;
  readonly login: string;
}

/** A comment in which somebody asks something of us. */
export interface Question {
  /** GitHub's id of the comment. */
  readonly comment: string;
  readonly url: string | null;
  readonly asker: Person;
  readonly askedAt: Instant;
  readonly commands: readonly Command[];
}

/** What somebody may do in a repository, from little to much; who may write may do what more powerful people may. */
export const PERMISSIONS = ["none", "read", "triage", "write"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What we know of our answer to a question. */
export interface AnswerRecord {
  /** The comment that asks. */
  readonly question: string;
  /** The id of who asks, and what: the same from the same person is answered once in a while. */
  readonly asker: string;
  readonly asked: string;
  readonly askedAt: Instant;
  readonly begunAt: Instant;
  /** GitHub's id of the comment that answers; null until there is one. */
  readonly answer: string | null;
  readonly state: "begun" | "done";
  /** Whether it may say what not everybody may read. */
  readonly told: boolean;
}

/** A question as it is told from others: what is asked, not where or when. */
export const askedIn = ({ commands }: Question): string => JSON.stringify(commands);
