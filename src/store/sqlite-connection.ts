import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { Unavailable } from "../core/failure.js";
import { forSqlite, isForEach } from "./dialect.js";
import { parametersOf, rowsOf, type Value } from "./value.js";

/** How long SQLite itself may wait for a lock: the event loop stands still meanwhile. */
export const BUSY_TIMEOUT_MS = 50;
/** Between two attempts the event loop is free. With the waits this gives up after 3 s: two such rows fit a webhook's 8 s. */
const PAUSE_MS = 50;
const ATTEMPTS = 30;
/** As long as all attempts together, for a thread that nobody waits for. */
export const PATIENCE_MS = ATTEMPTS * (BUSY_TIMEOUT_MS + PAUSE_MS);
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

/** `Unavailable` by SQLite's code, or the error itself. */
export function sqliteFailure(error: unknown): unknown {
  const reason = REASONS[codeOf(error)];
  return reason ? new Unavailable(`The SQLite database is unavailable: ${reason}`, { cause: error }) : error;
}

export function attempt<T>(job: () => T): T {
  try {
    return job();
  } catch (error) {
    throw sqliteFailure(error);
  }
}

/** Tries again, without holding up the event loop, while another process holds the lock. */
export async function patiently<T>(job: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return job();
    } catch (error) {
      if (codeOf(error) !== "SQLITE_BUSY" || attempt === ATTEMPTS) throw sqliteFailure(error);
    }
    await pause(PAUSE_MS);
  }
}

export type Run = <Row>(text: string, values: readonly Value[]) => Row[];

/** Runs statements on a connection, each prepared once: their texts are constants. */
export function runner(connection: Database.Database): Run {
  const prepared = new Map<string, Prepared>();
  const preparing = (text: string): Prepared => {
    const made = prepare(connection, text);
    prepared.set(text, made);
    return made;
  };
  return <Row>(text: string, values: readonly Value[]): Row[] => {
    const statement = prepared.get(text) ?? preparing(text);
    return statement.forEach ? rowsOf(values).flatMap((row) => run<Row>(statement, row)) : run(statement, values);
  };
}

function run<Row>({ statement, answers }: Prepared, values: readonly Value[]): Row[] {
  const parameters = parametersOf(values);
  if (answers) return statement.all(...parameters) as Row[]; // the statement's text and `Row` are written together
  statement.run(...parameters);
  return [];
}

interface Prepared {
  readonly statement: Database.Statement;
  /** Whether it answers with rows. */
  readonly answers: boolean;
  readonly forEach: boolean;
}

function prepare(connection: Database.Database, text: string): Prepared {
  const statement = connection.prepare(forSqlite(text));
  return { statement, answers: statement.reader, forEach: isForEach(text) };
}

/** better-sqlite3 is built with NORMAL for WAL files; said out loud, FULL holds from the first write on. */
export function wantDurable(connection: Database.Database): void {
  connection.pragma("synchronous = full");
}

/** Call after the first write: before it SQLite does not tell what it will do. */
export function assertDurable(connection: Database.Database): void {
  const level = connection.pragma("synchronous", { simple: true });
  if (level !== FULL) throw new Error(`Expected SQLite to run with synchronous = ${FULL} (full), but it runs with ${level}`);
}
