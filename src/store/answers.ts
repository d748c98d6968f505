import type { AnswerRecord } from "../core/question.js";
import type { Ref } from "../core/ref.js";
import type { Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

const ANSWERS = `select question, asker, asked, asked_at as "askedAt", begun_at as "begunAt", answer, state, told from answers
  where owner = ? and pull_request = ? order by asked_at, question`;

const TOLD = `select distinct pull_request as "pullRequest" from answers
  where owner = ? and told = 1 and pull_request in (select value from LIST(?)) order by pull_request`;

interface Row extends Omit<AnswerRecord, "told"> {
  readonly told: number;
}

export const answerQueries = (sql: Sql): Pick<Queries, "answers" | "toldAnswers"> => ({
  answers: async (owner, pullRequest) =>
    (await sql.query<Row>(ANSWERS, owner, pullRequest)).map((row) => ({ ...row, told: row.told === 1 })),
  toldAnswers: async (owner, pullRequests) => {
    if (pullRequests.length === 0) return [];
    const told = await sql.query<{ pullRequest: Ref }>(TOLD, owner, pullRequests);
    return told.map(({ pullRequest }) => pullRequest);
  },
});

const SAVE = `insert into answers (owner, pull_request, question, asker, asked, asked_at, begun_at, answer, state, told)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (owner, pull_request, question) do update set answer = excluded.answer, state = excluded.state, told = excluded.told`;

export const answerWrites = (sql: Sql): Pick<Transaction, "saveAnswer"> => ({
  saveAnswer: async (owner, pullRequest, { question, asker, asked, askedAt, begunAt, answer, state, told }) => {
    const values = [question, asker, asked, askedAt, begunAt, answer, state, told ? 1 : 0];
    await sql.query(SAVE, owner, pullRequest, ...values);
  },
});
