import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";
import { forSqlite } from "./dialect.js";
import { inTurn } from "./in-turn.js";
import type { Driver, Sql } from "./sql.js";
import { parametersOf, type Value } from "./value.js";

/** How long SQLite itself may wait for a lock: the event loop stands still meanwhile. */
const BUSY_TIMEOUT_MS = 50;
/** Between two attempts the event loop is free. With the waits this gives up after 3 s: two such rows fit a webhook's 8 s. */
const PAUSE_MS = 50;
const ATTEMPTS = 30;
/** `PRAGMA synchronous` as a number: a commit is on the disk before it returns. */
const FULL = 2;

/** By the first two words of SQLite's code. */
const REASONS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: "another process holds its lock",
  SQLITE_LOCKED: "another connection holds its lock",
  SQLITE_FULL: "the disk is full",
  SQLITE_READONLY: "it can only be read",
  SQLITE_IOERR: "the disk does not answer",
  SQLITE_CANTOPEN: "its file cannot be opened",
  SQLITE_PROTOCOL: "another process holds its lock",
};

const codeOf = (error: unknown): string => (error instanceof Database.SqliteError ? error.code.split("_", 2).join("_") : "");

function translated(error: unknown): unknown {
  const reason = REASONS[codeOf(error)];
  return reason ? new Unavailable(`The SQLite database is unavailable: ${reason}`, { cause: error }) : error;
}

function attempt<T>(job: () => T): T {
  try {
    return job();
  } catch (error) {
    throw translated(error);
  }
}

/** Tries again, without holding up the event loop, while another process holds the lock. */
async function patiently<T>(job: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return job();
    } catch (error) {
      if (codeOf(error) !== "SQLITE_BUSY" || attempt === ATTEMPTS) throw translated(error);
    }
    await pause(PAUSE_MS);
  }
}

type Run = <Row>(text: string, values: readonly Value[]) => Row[];

/** Runs statements on a connection, each prepared once: their texts are constants. */
function runner(connection: Database.Database): Run {
  const prepared = new Map<string, Database.Statement>();
  return <Row>(text: string, values: readonly Value[]): Row[] => {
    const statement = prepared.get(text) ?? connection.prepare(forSqlite(text));
    prepared.set(text, statement);
    const parameters = parametersOf(values);
    if (statement.reader) return statement.all(...parameters) as Row[]; // the statement's text and `Row` are written together
    statement.run(...parameters);
    return [];
  };
}

async function connect(file: string, options: Database.Options): Promise<Database.Database> {
  const connection = await patiently(() => new Database(file, { ...options, timeout: BUSY_TIMEOUT_MS }));
  if (!options.readonly) await patiently(() => connection.pragma("journal_mode = wal"));
  // better-sqlite3 is built with NORMAL for WAL files; said out loud, FULL holds from the first write on.
  connection.pragma("synchronous = full");
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

function assertDurable(writer: Database.Database): void {
  const level = writer.pragma("synchronous", { simple: true });
  if (level !== FULL) throw new Error(`Expected SQLite to run with synchronous = ${FULL} (full), but it runs with ${level}`);
}

/** Where `:memory:` is kept: a folder that goes with the store, since a second connection cannot see another's memory. */
function place(path: string): { readonly file: string; readonly leave: () => void } {
  if (path === ":memory:") {
    const folder = mkdtempSync(join(tmpdir(), "leadtime-"));
    return { file: join(folder, "leadtime.db"), leave: () => rmSync(folder, { recursive: true, force: true }) };
  }
  mkdirSync(dirname(path), { recursive: true });
  return { file: path, leave: () => undefined };
}

/**
 * A database in a file, made with its folder when there is none; `:memory:` is a file that `close` removes.
 * One connection writes, a transaction at a time; another one reads, and never waits for a transaction.
 */
export async function openSqlite(path: string, log: Log): Promise<Driver> {
  const { file, leave } = place(path);
  const writer = await connect(file, {});
  const reader = await connect(file, { readonly: true });
  const read = runner(reader);
  const write = writing(writer);
  const turn = inTurn();
  let proven = false;
  log.debug({ database: "sqlite" }, "the database is open");
  return {
    alone: true,
    query: (text, ...values) => patiently(() => read(text, values)),
    lock: async () => {
      throw new Error("Locks are held until a transaction ends: ask for them inside one");
    },
    transaction: (work) =>
      turn(async () => {
        const result = await write(work);
        if (!proven) assertDurable(writer);
        proven = true;
        return result;
      }),
    close: () =>
      turn(async () => {
        reader.close();
        writer.close();
        leave();
      }),
  };
}
