import type { Clock, Log, Store } from "../ports.js";
import { migrate } from "./migrations.js";
import { forgetLeases } from "./outbox.js";
import { readiness } from "./readiness.js";
import { diskOf, keepReserve, NO_RESERVE, type Reserve } from "./reserve.js";
import type { Driver, Sql } from "./sql.js";
import { openSqlite } from "./sqlite.js";
import { tokensOn } from "./tokens.js";
import { queriesOn, transactionOn } from "./transaction.js";

export interface StoreOptions {
  readonly clock?: Clock;
  readonly log: Log;
  readonly reserve?: Reserve;
}

/**
 * Opens the database that a URL names, `sqlite:PATH` (`sqlite::memory:` for one that goes with the store) or
 * `postgres://…`, and migrates it. Throws `Unavailable` when it does not answer, an error when the URL is none of these
 * or a newer release has used the database.
 */
export async function openStore(url: string, options: StoreOptions): Promise<Store> {
  const driver = await openDriver(url, options);
  const { file } = driver;
  if (!file) return storeOn(driver, options);
  const reserve = await keepReserve({ file, log: options.log, disk: () => diskOf(file.path) });
  return storeOn(driver, { ...options, reserve });
}

/** `existing`: the database must be there, and is taken as it is. */
export async function openDriver(
  url: string,
  { log, existing = false }: StoreOptions & { existing?: boolean },
): Promise<Driver> {
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import("./postgres.js"); // so that its client is loaded only where it is used
    return openPostgres(url, log);
  }
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  if (path) return openSqlite(path, log, existing);
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
export async function storeOn(driver: Driver, { clock, log, reserve = NO_RESERVE }: StoreOptions): Promise<Store> {
  const guard = (error: unknown): never => {
    void reserve.noticed(error);
    throw error;
  };
  const guarded: Driver = {
    ...driver,
    transaction: (work) => driver.transaction(work).catch(guard),
    migration: (work) => driver.migration(work).catch(guard),
  };
  try {
    await migrate(guarded, { clock, log });
  } catch (error) {
    reserve.close();
    await driver.close();
    throw error;
  }
  return {
    ...queriesOn(driver),
    tokens: tokensOn(guarded),
    accept: whileThereIsRoom(driver.accept, reserve),
    transaction: (work) => guarded.transaction((sql) => lent(sql, (tx) => work(transactionOn(tx)))),
    forgetLeases: async (saidBy) => {
      if (driver.alone) await forgetLeases(guarded, saidBy);
    },
    ready: readiness(guarded, reserve),
    whileFull: reserve.whileGivenUp,
    close: () => {
      reserve.close();
      return driver.close();
    },
  };
}

/** What is in hand when the disk is found full is stored with the room that the reserve gives; what comes then is refused. */
function whileThereIsRoom(accept: Store["accept"], reserve: Reserve): Store["accept"] {
  return async (deliveries) => {
    reserve.assertKept();
    try {
      return await accept(deliveries);
    } catch (error) {
      if (await reserve.noticed(error)) return accept(deliveries);
      throw error;
    }
  };
}
