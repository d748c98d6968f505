import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";
import { inTurn } from "./in-turn.js";
import type { Driver, Sql } from "./sql.js";
import { assertDurable, attempt, BUSY_TIMEOUT_MS, patiently, runner, wantDurable } from "./sqlite-connection.js";
import type { Value } from "./value.js";
import { openWriter } from "./writer.js";

/** Of a new database, in bytes: three compressed webhooks fit one page, so that fewer bytes are written for each. */
const PAGE_SIZE = 8192;

async function connect(file: string, options: Database.Options): Promise<Database.Database> {
  const connection = await patiently(() => new Database(file, { ...options, timeout: BUSY_TIMEOUT_MS }));
  if (!options.readonly && !options.fileMustExist) {
    connection.pragma(`page_size = ${PAGE_SIZE}`);
    await patiently(() => connection.pragma("journal_mode = wal"));
  }
  wantDurable(connection);
  return connection;
}

/** A transaction of its own on the writing connection; `commit` has reached the disk when it returns. */
function writing(writer: Database.Database): Driver["transaction"] {
  const run = runner(writer);
  return async (work) => {
    const query = async <Row>(text: string, ...values: readonly Value[]): Promise<Row[]> => {
      // A full disk may undo the whole transaction: what follows must not be committed statement by statement.
      if (!writer.inTransaction) throw new Unavailable("The SQLite database has undone the transaction");
      return attempt(() => run<Row>(text, values));
    };
    // Transactions exclude each other, so every name is free.
    const sql: Sql = { query, lock: async () => undefined };
    await patiently(() => run("begin immediate", []));
    try {
      const result = await work(sql);
      await query("commit");
      return result;
    } finally {
      if (writer.inTransaction) attempt(() => run("rollback", []));
    }
  };
}

/** Where `:memory:` is kept: a folder that goes with the store, since a second connection cannot see another's memory. */
function place(path: string): { readonly file: string; readonly leave: () => void } {
  if (path === ":memory:") {
    const folder = mkdtempSync(join(tmpdir(), "leadtime-"));
    return { file: join(folder, "leadtime.db"), leave: () => rmSync(folder, { recursive: true, force: true }) };
  }
  // What private repositories and tickets say is nobody else's; SQLite's files beside it take over its mode.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  return { file: path, leave: () => undefined };
}

function found(path: string): ReturnType<typeof place> {
  if (existsSync(path)) return { file: path, leave: () => undefined };
  throw new Error("there is no such database yet: start the app first, or in the folder where it is started");
}

/**
 * A database in a file, made with its folder when there is none; `:memory:` is a file that `close` removes.
 * `existing`: it must be there, and is taken as it is.
 * One connection writes, a transaction at a time; another one reads, and never waits for a transaction. Deliveries are
 * written by a thread that takes turns with them (`writer.ts`).
 */
export async function openSqlite(path: string, log: Log, existing = false): Promise<Driver> {
  const { file, leave } = existing ? found(path) : place(path);
  const writer = await connect(file, { fileMustExist: existing });
  const reader = await connect(file, { readonly: true });
  const read = runner(reader);
  const write = writing(writer);
  const turn = inTurn();
  const deliveries = openWriter(file, { turn, log });
  let proven = false;
  const transaction: Driver["transaction"] = (work) =>
    turn(async () => {
      const result = await write(work);
      if (!proven) assertDurable(writer);
      proven = true;
      return result;
    });
  log.debug({ database: "sqlite" }, "the database is open");
  const compact = () => turn(async () => attempt(() => compacted(writer)));
  return {
    alone: true,
    ...(path === ":memory:" ? {} : { file: { path, compact } }),
    query: (text, ...values) => patiently(() => read(text, values)),
    lock: async () => {
      throw new Error("Locks are held until a transaction ends: ask for them inside one");
    },
    accept: deliveries.accept,
    transaction,
    migration: transaction,
    close: async () => {
      await deliveries.close();
      await turn(async () => {
        reader.close();
        writer.close();
        leave();
      });
    },
  };
}

/** Empties the write-ahead log into the database and cuts it. Returns the bytes inside the database's file that are free. */
function compacted(writer: Database.Database): number {
  writer.pragma("wal_checkpoint(truncate)");
  return Number(writer.pragma("freelist_count", { simple: true })) * Number(writer.pragma("page_size", { simple: true }));
}
