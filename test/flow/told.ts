import { onTestFinished } from "vitest";
import type { Event } from "../../src/core/event.js";
import { owner } from "../../src/core/ref.js";
import type { WorkerParts } from "../../src/flow/worker.js";
import type { Clock, Delivery, Reading, Source, Store } from "../../src/ports.js";
import { storeOn } from "../../src/store/open.js";
import type { Driver, Sql } from "../../src/store/sql.js";
import { openSqlite } from "../../src/store/sqlite.js";
import { account, delivery } from "../store/builders.js";
import { silent } from "../store/databases.js";
import { at, later, pullRequest, repository } from "../support/builders.js";

export const OWNER = owner(10);
const policy = { configuration: null, jira: { configured: true, owners: null } };

/** A clock that a test moves on. */
export function clockFrom(start: string): Clock & { move(milliseconds: number): void } {
  let now = at(start);
  return {
    now: () => now,
    move: (milliseconds) => {
      now = later(now, milliseconds);
    },
  };
}

/** Deliveries whose bodies are readings. */
const github: Source = {
  name: "github",
  read: ({ body }) => JSON.parse(new TextDecoder().decode(body)) as Reading, // only `telling` writes them
};

/** A delivery that tells these events; `notifies`: the id of the one that it is about. */
export const telling = (
  id: string,
  events: readonly Event[],
  { notifies = null as string | null, time = "12:00" } = {},
): Delivery =>
  delivery(id, {
    body: new TextEncoder().encode(JSON.stringify({ owner: OWNER, events, notifies, wants: [] })),
    receivedAt: at(time),
  });

export const partsOn = (store: Store, clock: Clock): WorkerParts => ({
  store,
  sources: { github },
  policy,
  clock,
  log: silent,
});

type Values = Parameters<Sql["query"]> extends [string, ...infer Rest] ? Rest : never;

/** Looks at each statement of a transaction before it is run. */
export function watched(driver: Driver, look: (text: string, values: Values) => void): Driver {
  const looking = (sql: Sql): Sql => ({
    lock: (names) => sql.lock(names),
    query: async <Row>(text: string, ...values: Values) => {
      look(text, values);
      return sql.query<Row>(text, ...values);
    },
  });
  return { ...driver, transaction: (run) => driver.transaction((sql) => run(looking(sql))) };
}

/** A store of the test's own, each of whose statements is looked at. */
export async function watchedStore(look: (text: string, values: Values) => void = () => {}): Promise<Store> {
  const store = await storeOn(watched(await openSqlite(":memory:", silent), look), { log: silent });
  onTestFinished(() => store.close());
  return store;
}

/** Looks for what is inserted into a table and contains a word, and fails. */
export const poison =
  (table: string, word: string, error: Error = new Error("poison")) =>
  (text: string, values: Values): void => {
    if (text.startsWith(`insert into ${table} `) && JSON.stringify(values).includes(word)) throw error;
  };

export const opened = (number: number, title: string): Event[] => {
  const { described, opened } = pullRequest(number);
  return [account(10), repository(), described(at("10:10"), { title }), opened(at("10:10"))];
};
