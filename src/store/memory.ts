import type { Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

const REMEMBER = `insert into memory (name, value) values (?, ?)
  on conflict (name) do update set value = excluded.value where memory.value <> excluded.value returning name`;

export const memoryQueries = (sql: Sql): Pick<Queries, "remembered"> => ({
  remembered: async (name) => (await sql.query<{ value: string }>("select value from memory where name = ?", name))[0]?.value,
});

export const memoryOf = (sql: Sql): Pick<Transaction, "remember"> => ({
  remember: async (name, value) => (await sql.query(REMEMBER, name, value)).length > 0,
});
