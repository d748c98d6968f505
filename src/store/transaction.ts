import { refKind } from "../core/ref.js";
import type { Queries, Transaction } from "../ports.js";
import { answerQueries, answerWrites } from "./answers.js";
import { commentQueries, commentWrites } from "./comments.js";
import { backlogOf, inboxWrites } from "./deliveries.js";
import { dirtyOf } from "./dirty.js";
import { eventQueries, eventWrites } from "./events.js";
import { inboxOf } from "./inbox.js";
import { itemQueries, itemWrites } from "./items.js";
import { linkQueries, linkWrites } from "./links.js";
import { type LookUp, lookUpAlone, lookUpTogether } from "./lookup.js";
import { memoryOf, memoryQueries } from "./memory.js";
import { outboxOf } from "./outbox.js";
import { relationQueries } from "./relations.js";
import { seenQueries } from "./seen.js";
import type { Sql } from "./sql.js";

export const queriesOn = (sql: Sql, lookUp: LookUp = lookUpAlone(sql)): Queries => ({
  ...eventQueries(sql, lookUp),
  ...relationQueries(lookUp),
  ...linkQueries(lookUp),
  ...itemQueries(sql),
  ...commentQueries(sql),
  ...answerQueries(sql),
  ...backlogOf(sql),
  ...seenQueries(sql),
  ...memoryQueries(sql),
});

export const transactionOn = (sql: Sql): Transaction => ({
  ...queriesOn(sql, lookUpTogether(sql)),
  ...inboxOf(sql),
  ...inboxWrites(sql),
  ...eventWrites(sql),
  ...dirtyOf(sql),
  ...linkWrites(sql),
  ...itemWrites(sql),
  ...outboxOf(sql),
  ...commentWrites(sql),
  ...answerWrites(sql),
  ...memoryOf(sql),
  savepoint: savepoints(sql),
  lock: (owner, refs) => sql.lock(refs.map((ref) => [`${owner} ${refKind(ref)}`, ref])),
});

/** Savepoints nest: each is named by its depth. */
function savepoints(sql: Sql): Transaction["savepoint"] {
  let depth = 0;
  return async (work) => {
    const name = `savepoint_${++depth}`;
    await sql.query(`savepoint ${name}`);
    try {
      const result = await work();
      await sql.query(`release savepoint ${name}`);
      return result;
    } catch (error) {
      await sql.query(`rollback to savepoint ${name}`);
      await sql.query(`release savepoint ${name}`);
      throw error;
    } finally {
      depth--;
    }
  };
}
