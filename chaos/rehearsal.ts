import { join } from "node:path";
import type { Event } from "../src/core/event.js";
import { type Instant, instant } from "../src/core/time.js";
import { EffectRunner } from "../src/flow/effects.js";
import { work } from "../src/flow/worker.js";
import { githubSource } from "../src/github/deliveries.js";
import { jiraSource } from "../src/jira/deliveries.js";
import type { CodeHost, Delivery, Discussion, Log, Tracker } from "../src/ports.js";
import type { Webhook } from "../src/simulator/webhook.js";
import type { World } from "../src/simulator/world.js";
import { pack } from "../src/store/body.js";
import { inTurn } from "../src/store/in-turn.js";
import { storeOn } from "../src/store/open.js";
import type { Driver, Sql } from "../src/store/sql.js";
import { openSqlite } from "../src/store/sqlite.js";
import { adapters } from "./adapters.js";
import type { Campaign } from "./experiment.js";

/** What stands when all that came in is done: as texts, so that they compare by their bytes. */
export interface Results {
  /** All events but those that only tell of what had to be asked on the way: that depends on what was known when. */
  readonly events: string;
  readonly items: string;
  readonly comments: string;
}

/**
 * The app behind its intake, in this process and on a clock of the experiment's own: the real store in a file, readers, worker
 * and effects. Whatever it did can be undone, so that thousands of histories can begin from one state.
 */
export interface Rehearsal {
  /** Hands in deliveries, which are read in this order. */
  deliver(webhooks: readonly Webhook[]): Promise<void>;
  /** Does all that is due. */
  rest(): Promise<void>;
  results(): Promise<Results>;
  /** Does the work, then winds everything back to where it was. */
  undone<T>(work: () => Promise<T>): Promise<T>;
  /** Deliveries by what became of them: `done`, `parked`, `pending`. */
  states(): Promise<ReadonlyMap<string, number>>;
  /** Errors in the log: bugs. */
  readonly errors: readonly string[];
}

interface Options {
  readonly world: World;
  readonly now: () => number;
  /** Whether nothing happens in the world any more: then it is asked each question once. */
  readonly still: boolean;
}

const POLICY = { configuration: null, jira: { configured: true, owners: null } };

/** Runs the work with an app of its own. */
export async function rehearse<T>(
  campaign: Campaign,
  options: Options,
  play: (rehearsal: Rehearsal) => Promise<T>,
): Promise<T> {
  const { log, errors } = listeningLog();
  const driver = await openSqlite(join(await campaign.folder(), "leadtime.db"), log);
  try {
    return await driver.transaction(async (sql) => play(await rehearsalOn(sql, { ...options, log, errors })));
  } finally {
    await driver.close();
  }
}

function listeningLog(): { readonly log: Log; readonly errors: string[] } {
  const errors: string[] = [];
  const nothing = () => {};
  const error: Log["error"] = (fields, message) => void errors.push(`${message}: ${JSON.stringify(fields)}`);
  return { log: { debug: nothing, info: nothing, warn: nothing, error }, errors };
}

interface Listening extends Options {
  readonly log: Log;
  readonly errors: readonly string[];
}

async function rehearsalOn(sql: Sql, { world, now, still, log, errors }: Listening): Promise<Rehearsal> {
  const clock = { now: () => instant(now()) };
  const store = await storeOn(within(sql), { clock, log });
  const { JIRA_BASE_URL: baseUrl = "", APP_ID: appId = "" } = world.environment();
  const sources = { github: githubSource({ appId }), jira: jiraSource({ baseUrl }) };
  const asked = adapters(world, { clock, log });
  const codeHost = still ? rememberingHost(asked.codeHost) : asked.codeHost;
  const tracker = still ? rememberingTracker(asked.tracker) : asked.tracker;
  const wall = createWall();
  const effects = new EffectRunner({
    ...{ store, policy: POLICY, clock, log, codeHost, tracker, publicUrl: null },
    ...{ proposals: asked.proposals, checks: asked.checks },
    discussion: wall.discussion,
  });
  let arrived = 0;
  return {
    errors,
    deliver: async (webhooks) => {
      const deliveries = webhooks.map(({ source, id, headers, body }) => ({
        ...{ source, id, event: headers["x-github-event"] ?? "", body: Buffer.from(body) },
        receivedAt: later(clock.now(), arrived++),
      }));
      await store.accept(deliveries);
    },
    rest: async () => {
      for (let something = true; something; ) {
        const worked = await work({ store, sources, policy: POLICY, clock, log });
        something = (await effects.look()) || worked;
        await effects.settled();
      }
    },
    results: async () => ({ ...(await stored(sql)), comments: wall.text() }),
    undone: (work) => wall.undone(() => undone(sql, work)),
    states: async () => {
      const rows = await sql.query<{ state: string; n: number }>("select state, count(*) as n from inbox group by state");
      return new Map(rows.map(({ state, n }) => [state, n]));
    },
  };
}

/** What arrives is read in the order of its time. */
const later = (now: Instant, position: number): Instant => instant(now + position);

/** Savepoints of one name nest: the innermost is meant. */
async function undone<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.query("savepoint undone");
  try {
    return await work();
  } finally {
    await sql.query("rollback to savepoint undone");
    await sql.query("release savepoint undone");
  }
}

/** A database inside of one transaction: its own transactions are savepoints, one at a time. */
function within(sql: Sql): Driver {
  const turn = inTurn();
  const transaction: Driver["transaction"] = (work) => turn(() => kept(sql, work));
  return {
    alone: true,
    query: (text, ...values) => turn(() => sql.query(text, ...values)),
    lock: (names) => sql.lock(names),
    accept: (deliveries) => turn(() => accepted(sql, deliveries)),
    transaction,
    migration: transaction,
    close: async () => undefined,
  };
}

async function accepted(sql: Sql, deliveries: readonly Delivery[]): Promise<boolean[]> {
  const fresh: boolean[] = [];
  for (const { source, id, event, receivedAt, body } of deliveries) {
    const text =
      "insert into inbox (source, id, event, received_at, size) values (?, ?, ?, ?, ?) on conflict do nothing returning seq";
    const [row] = await sql.query<{ seq: number }>(text, source, id, event, receivedAt, body.byteLength);
    if (row) await sql.query("insert into bodies (delivery, body) values (?, ?)", row.seq, await pack(body));
    fresh.push(row !== undefined);
  }
  return fresh;
}

async function kept<T>(sql: Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  await sql.query("savepoint within");
  try {
    const result = await work(sql);
    await sql.query("release savepoint within");
    return result;
  } catch (error) {
    await sql.query("rollback to savepoint within");
    await sql.query("release savepoint within");
    throw error;
  }
}

const ASKED: Event["type"] = "commits.compared";

async function stored(sql: Sql): Promise<Pick<Results, "events" | "items">> {
  const events = await sql.query(`select owner, id, data from events where type <> '${ASKED}' order by owner, id`);
  // What was measured before any account was known is shown to nobody once there is one.
  const items = await sql.query("select owner, ref, data from items where owner <> '0' order by owner, ref");
  return { events: JSON.stringify(events), items: JSON.stringify(items) };
}

/** Where comments are put up: a GitHub that can be wound back. */
function createWall() {
  let texts: ReadonlyMap<string, string> = new Map();
  const put = (comment: string, body: string) => {
    texts = new Map([...texts, [comment, body]]);
    return comment;
  };
  const discussion: Discussion = {
    find: async ({ ref }, number) => (texts.has(`${ref}#${number}`) ? `${ref}#${number}` : undefined),
    create: async ({ ref }, number, body) => put(`${ref}#${number}`, body),
    update: async (_repository, comment, body) => void put(comment, body),
    standing: async () => "open",
    react: async () => undefined,
    permission: async () => "none",
  };
  const undone = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = texts;
    const result = await work();
    texts = before;
    return result;
  };
  return { discussion, undone, text: () => JSON.stringify([...texts].sort()) };
}

type Ask<Question extends readonly unknown[], Answer> = (...question: Question) => Promise<Answer>;

function remembered<Question extends readonly unknown[], Answer>(ask: Ask<Question, Answer>): Ask<Question, Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (...question) => {
    const key = JSON.stringify(question);
    const answer = known.get(key) ?? ask(...question);
    known.set(key, answer);
    return answer;
  };
}

const rememberingHost = (host: CodeHost): CodeHost => ({
  pullRequest: remembered(host.pullRequest),
  commits: remembered(host.commits),
  trace: remembered(host.trace),
  compare: remembered(host.compare),
  release: remembered(host.release),
  configuration: remembered(host.configuration),
});

const rememberingTracker = ({ ticket, projects }: Tracker): Tracker => ({
  ticket: remembered(ticket),
  projects: remembered(projects),
});
