import type { Clock, Log, Store } from "../ports.js";
import { acceptance } from "./inbox.js";
import { assertMigrated, migrate } from "./migrations.js";
import { forgetLeases } from "./outbox.js";
import { openPostgres } from "./postgres.js";
import type { Driver, Sql } from "./sql.js";
import { openSqlite } from "./sqlite.js";
import { queriesOn, transactionOn } from "./transaction.js";

export interface StoreOptions {
  readonly clock?: Clock;
  readonly log: Log;
}

/**
 * Opens the database that a URL names, `sqlite:PATH` (`sqlite::memory:` for one that goes with the store) or
 * `postgres://…`, and migrates it. Throws `Unavailable` when it does not answer, an error when the URL is none of these
 * or a newer release has used the database.
 */
export const openStore = async (url: string, options: StoreOptions): Promise<Store> =>
  storeOn(await openDriver(url, options.log), options);

async function openDriver(url: string, log: Log): Promise<Driver> {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, log);
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  if (path) return openSqlite(path, log);
  // The rest of the URL may hold a password.
  const scheme = url.slice(0, url.indexOf(":") + 1);
  throw new Error(`Expected a database URL, sqlite:PATH or postgres://…, but it begins with "${scheme}"`);
}

/** Lends the connection for the work's time only: what is asked of it later must not slip into another transaction. */
async function lent<T>(sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  let over = false;
  const check = () => {
    if (over) throw new Error("The transaction is over: use what it was given only until its work is done");
  };
  try {
    return await work({
      query: async (text, ...values) => {
        check();
        return sql.query(text, ...values);
      },
      lock: async (names) => {
        check();
        return sql.lock(names);
      },
    });
  } finally {
    over = true;
  }
}

/** The store on a database; it is closed again when it cannot be migrated. */
export async function storeOn(driver: Driver, { clock, log }: StoreOptions): Promise<Store> {
  try {
    await migrate(driver, { clock, log });
  } catch (error) {
    await driver.close();
    throw error;
  }
  return {
    ...queriesOn(driver),
    accept: acceptance(driver),
    transaction: (work) => driver.transaction((sql) => lent(sql, (tx) => work(transactionOn(tx)))),
    forgetLeases: async () => {
      if (driver.alone) await forgetLeases(driver);
    },
    ready: () => assertMigrated(driver),
    close: () => driver.close(),
  };
}
