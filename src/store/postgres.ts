import pg from "pg";
import { TimedOut, Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";
import { acceptance } from "./acceptance.js";
import { forPostgres } from "./dialect.js";
import { inTurn } from "./in-turn.js";
import { isLostBy, postgresFailure } from "./postgres-failure.js";
import type { Driver, Sql } from "./sql.js";
import { type Parameter, parametersOf, type Value } from "./value.js";

const INT8 = 20;
/** Counts, ids and milliseconds stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: "text" | "binary") =>
    id === INT8 ? Number : format === "binary" ? pg.types.getTypeParser(id, format) : pg.types.getTypeParser(id),
};

/** Milliseconds. */
export interface PostgresLimits {
  /** The server ends a statement that takes longer. */
  readonly statement: number;
  /** A connection that does not answer for so long is given up: longer, so that what is only slow is ended by the server. */
  readonly answer: number;
  /** The same while deliveries are stored: shorter than their senders are kept waiting. */
  readonly acceptance: number;
}

const STATEMENT = 30_000;
const NETWORK = 5_000;
const ACCEPTANCE = 7_000;

/** A limit for statements in the URL goes before ours, as pg has it. */
function limitsOf(url: string): PostgresLimits {
  const statement = Number(/[?&]statement_timeout=(\d+)/.exec(url)?.[1]) || STATEMENT;
  return { statement, answer: statement + NETWORK, acceptance: ACCEPTANCE };
}

/**
 * In one order, so that two transactions never wait for each other. Of each space 1,024 keys at most: the server has room for
 * some thousands, whoever holds them; now and then somebody waits for a name that shares its key.
 */
const LOCK = `select pg_advisory_xact_lock(space, key)
  from (select distinct hashtext(value->>0) as space, cast(hashtextextended(value->>1, 0) & 1023 as integer) as key
    from ROWS(?) order by space, key) as keys`;

/** Who waits in vain for a lock did not have too much to do. */
function blameTheHolder(error: unknown): never {
  throw error instanceof TimedOut ? new Unavailable("Another transaction holds a lock for too long", { cause: error }) : error;
}

/** The port over anything that runs PostgreSQL's statements. */
export const postgresSql = (run: (text: string, values: readonly Parameter[]) => Promise<unknown[]>): Sql => ({
  query: async <Row>(text: string, ...values: readonly Value[]) =>
    (await run(forPostgres(text), parametersOf(values))) as Row[], // the statement's text and `Row` are written together
  lock: async (names) => {
    if (names.length > 0) await run(forPostgres(LOCK), parametersOf([names])).catch(blameTheHolder);
  },
});

/** Connections that are not used again: they broke, fell silent, or are no good any more. */
const LOST = new WeakSet<pg.ClientBase>();

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw new Unavailable("The PostgreSQL database cannot be reached", { cause: error });
  }
}

/** What the server answers, or the failure that a silence of so many milliseconds is. */
async function answered<T>(client: pg.ClientBase, answer: Promise<T>, patience: number): Promise<T> {
  if (patience === Number.POSITIVE_INFINITY) return answer;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      LOST.add(client);
      reject(new Error(`no answer within ${patience} ms`));
    }, patience);
  });
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}

type Run = (text: string, values?: readonly Parameter[]) => Promise<pg.QueryResult>;

function statementsOn(client: pg.ClientBase, patience: number): Run {
  const turn = inTurn(); // one statement at a time: more is what a connection cannot do
  const ask = async (text: string, values: readonly Parameter[]) => {
    if (LOST.has(client)) throw postgresFailure(undefined, true);
    try {
      return await answered(client, client.query(text, [...values]), patience);
    } catch (error) {
      if (isLostBy(error)) LOST.add(client);
      throw postgresFailure(error, LOST.has(client));
    }
  };
  return (text, values = []) => turn(() => ask(text, values));
}

/** Lends a connection to the work; one that is lost is not used again. */
async function onConnection<T>(pool: pg.Pool, patience: number, work: (run: Run) => Promise<T>): Promise<T> {
  const client = await connect(pool);
  try {
    return await work(statementsOn(client, patience));
  } finally {
    client.release(LOST.has(client));
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

const WITHOUT_LIMITS = "select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)";

function openPool(url: string, log: Log, { statement }: PostgresLimits): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    types,
    application_name: "leadtime",
    // What is not told that the other end is gone asks from time to time.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statement,
    // A replica that is stuck, or that nobody hears any more, must not keep its locks for longer than others may wait for them.
    idle_in_transaction_session_timeout: STATEMENT,
  });
  // From the first moment on: without a listener a connection that breaks would end the process.
  pool.on("connect", (client) => client.on("error", () => LOST.add(client)));
  pool.on("error", (error) => log.warn({ reason: error.name }, "an idle connection to the database was lost"));
  return pool;
}

/** A PostgreSQL server, over a pool of connections. */
export function openPostgres(url: string, log: Log, limits = limitsOf(url)): Driver {
  const pool = openPool(url, log, limits);
  const within = (patience: number) =>
    postgresSql((text, values) => onConnection(pool, patience, async (run) => (await run(text, values)).rows));
  return {
    alone: false,
    ...within(limits.answer),
    accept: acceptance(within(limits.acceptance)),
    transaction: (work) => onConnection(pool, limits.answer, (run) => inTransaction(run, work)),
    migration: (work) =>
      onConnection(pool, Number.POSITIVE_INFINITY, (run) =>
        inTransaction(run, async (sql) => {
          await sql.query(WITHOUT_LIMITS);
          return work(sql);
        }),
      ),
    close: () => pool.end(),
  };
}
