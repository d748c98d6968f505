import type { AnswerRecord } from "../core/question.js";
import type { Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

const ANSWERS = `select question, asker, asked, asked_at as "askedAt", begun_at as "begunAt", answer, state from answers
  where owner = ? and pull_request = ? order by asked_at, question`;

export const answerQueries = (sql: Sql): Pick<Queries, "answers"> => ({
  answers: (owner, pullRequest) => sql.query<AnswerRecord>(ANSWERS, owner, pullRequest),
});

const SAVE = `insert into answers (owner, pull_request, question, asker, asked, asked_at, begun_at, answer, state)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (owner, pull_request, question) do update set answer = excluded.answer, state = excluded.state`;

export const answerWrites = (sql: Sql): Pick<Transaction, "saveAnswer"> => ({
  saveAnswer: async (owner, pullRequest, { question, asker, asked, askedAt, begunAt, answer, state }) => {
    await sql.query(SAVE, owner, pullRequest, question, asker, asked, askedAt, begunAt, answer, state);
  },
});
