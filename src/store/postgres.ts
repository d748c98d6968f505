import pg from "pg";
import { TimedOut, Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";
import { acceptance } from "./acceptance.js";
import { forPostgres } from "./dialect.js";
import { inTurn } from "./in-turn.js";
import type { Driver, Sql } from "./sql.js";
import { type Parameter, parametersOf, type Value } from "./value.js";

const INT8 = 20;
/** Counts, ids and milliseconds stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: "text" | "binary") =>
    id === INT8 ? Number : format === "binary" ? pg.types.getTypeParser(id, format) : pg.types.getTypeParser(id),
};

/**
 * SQLSTATE: the connection (08), resources such as disk, memory and connections (53), an operator or a timeout (57), the system (58);
 * read-only (25006), idle for too long (25P03), serialization (40001), deadlock (40P01), lock not available (55P03).
 */
const UNAVAILABLE = /^(?:08...|53...|57...|58...|25006|25P03|40001|40P01|55P03)$/;

const STATEMENT_TIMEOUT = "57014";

/** The commonest in words, for whoever is woken by them. */
const REASONS: Readonly<Record<string, string>> = {
  "25006": "it can only be read (25006)",
  "53100": "its disk is full (53100)",
  "53200": "it has no memory left (53200)",
  "53300": "it has no connection left (53300)",
  "57P01": "it is shutting down (57P01)",
  "57P03": "it is starting or shutting down (57P03)",
};

/** What a statement's failure means: `Unavailable` by its SQLSTATE, or whatever it is when the connection is lost. */
export function postgresFailure(error: unknown, lost: boolean): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!lost && !UNAVAILABLE.test(code)) return error;
  const reason = REASONS[code] ?? (code || "the connection was lost");
  if (!lost && code === STATEMENT_TIMEOUT) return new TimedOut("A statement took PostgreSQL too long", { cause: error });
  return new Unavailable(`The PostgreSQL database is unavailable: ${reason}`, { cause: error });
}

/** In the order of the keys, so that two transactions never wait for each other. */
const LOCK = `select pg_advisory_xact_lock(key)
  from (select distinct hashtextextended(value, 0) as key from LIST(?) order by key) as keys`;

/** The port over anything that runs PostgreSQL's statements. */
export const postgresSql = (run: (text: string, values: readonly Parameter[]) => Promise<unknown[]>): Sql => ({
  query: async <Row>(text: string, ...values: readonly Value[]) =>
    (await run(forPostgres(text), parametersOf(values))) as Row[], // the statement's text and `Row` are written together
  lock: async (names) => {
    if (names.length > 0) await run(forPostgres(LOCK), parametersOf([names]));
  },
});

type Run = (text: string, values?: readonly Parameter[]) => Promise<pg.QueryResult>;

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new Unavailable("The PostgreSQL database cannot be reached", { cause: error });
  }
}

/** Lends a connection to the work; one that broke is not used again. */
async function onConnection<T>(pool: pg.Pool, work: (run: Run) => Promise<T>): Promise<T> {
  const client = await connect(pool);
  let lost = false;
  const lose = () => {
    lost = true;
  };
  client.on("error", lose); // without a listener a dropped connection would end the process
  const turn = inTurn(); // one statement at a time: more is what a connection cannot do
  try {
    return await work((text, values = []) =>
      turn(() => client.query(text, [...values])).catch((error: unknown) => {
        throw postgresFailure(error, lost);
      }),
    );
  } finally {
    client.off("error", lose);
    client.release(lost);
  }
}

/** What waits for a lock reads what its holder committed: hence `read committed`, whatever the server's default. */
async function inTransaction<T>(run: Run, work: (sql: Sql) => Promise<T>): Promise<T> {
  await run("begin isolation level read committed");
  try {
    const result = await work(postgresSql(async (text, values) => (await run(text, values)).rows));
    const { command } = await run("commit");
    if (command !== "COMMIT") throw new Error("The transaction was undone: a statement in it failed outside of a savepoint");
    return result;
  } catch (error) {
    await run("rollback").catch(() => undefined); // a lost connection has undone it already
    throw error;
  }
}

/** A PostgreSQL server, over a pool of connections. */
export function openPostgres(url: string, log: Log): Driver {
  const pool = new pg.Pool({
    connectionString: url,
    types,
    application_name: "leadtime",
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    // A stuck replica must not keep its locks for good.
    idle_in_transaction_session_timeout: 60_000,
  });
  pool.on("error", (error) => log.warn({ reason: error.name }, "an idle connection to the database was lost"));
  const sql = postgresSql((text, values) => onConnection(pool, async (run) => (await run(text, values)).rows));
  return {
    alone: false,
    ...sql,
    accept: acceptance(sql),
    transaction: (work) => onConnection(pool, (run) => inTransaction(run, work)),
    close: () => pool.end(),
  };
}
