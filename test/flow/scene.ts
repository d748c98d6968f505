import { onTestFinished } from "vitest";
import type { Effect } from "../../src/core/effect.js";
import type { Event, EventOf } from "../../src/core/event.js";
import { graphRef, owner, type Ref } from "../../src/core/ref.js";
import { touchedBy, withLanes } from "../../src/core/relation.js";
import { type Affected, affectedBy } from "../../src/flow/affected.js";
import { Gathering } from "../../src/flow/gather.js";
import type { Transaction } from "../../src/ports.js";
import { storeOn } from "../../src/store/open.js";
import type { Driver, Sql } from "../../src/store/sql.js";
import { openSqlite } from "../../src/store/sqlite.js";
import { silent } from "../store/databases.js";
import { at, REPOSITORY, repository } from "../support/builders.js";

export const OWNER = owner(10);
const policy = { configuration: null, jira: { configured: true, owners: null } };

export const watched = (since: string): EventOf<"repository.watched"> => ({
  ...repository({ at: at(since) }),
  type: "repository.watched",
  id: `${REPOSITORY}:watched`,
  repository: REPOSITORY,
});

/** GitHub's answer about two commits. */
export const compared = (
  base: string,
  head: string,
  status: EventOf<"commits.compared">["status"],
  ahead: readonly string[] = [],
): EventOf<"commits.compared"> => ({
  ...repository(),
  type: "commits.compared",
  id: `github:compare:1:${base}...${head}`,
  repository: REPOSITORY,
  ref: graphRef(1, head),
  base,
  head,
  status,
  ahead,
});

type Values = Parameters<Sql["query"]> extends [string, ...infer Rest] ? Rest : never;

/** Counts the rows that a database gives out. */
function counting(driver: Driver, count: { rows: number }): Driver {
  const counted = (sql: Sql): Sql => ({
    lock: (names) => sql.lock(names),
    query: async <Row>(text: string, ...values: Values) => {
      const found = await sql.query<Row>(text, ...values);
      count.rows += found.length;
      return found;
    },
  });
  return { ...driver, ...counted(driver), transaction: (work) => driver.transaction((sql) => work(counted(sql))) };
}

/** A store of the test's own in which a private repository is known. */
export async function scene() {
  const count = { rows: 0 };
  const store = await storeOn(counting(await openSqlite(":memory:", silent), count), { log: silent });
  onTestFinished(() => store.close());
  const follow = (tx: Transaction, refs: readonly Ref[]): Promise<Affected> =>
    affectedBy(tx, new Gathering(tx, { owner: OWNER, policy, jira: true }), refs);
  /** Stores events; returns what they affect. */
  const learn = (...events: Event[]): Promise<Affected> =>
    store.transaction(async (tx) => {
      const changed = await tx.append(OWNER, withLanes(events));
      return follow(tx, [...new Set(changed.flatMap(touchedBy))].sort());
    });
  const ask = async (...events: Event[]): Promise<string[]> => comparisons((await learn(...events)).wants);
  /** How many rows are read to find out what these refs affect. */
  const rowsFor = async (...refs: Ref[]): Promise<number> => {
    const before = count.rows;
    await store.transaction((tx) => follow(tx, refs));
    return count.rows - before;
  };
  await learn(repository());
  return { store, learn, ask, rowsFor };
}

/** `base→head` of each comparison that is wanted. */
export const comparisons = (wants: readonly Effect[]): string[] =>
  wants.flatMap((effect) => (effect.kind === "compare" ? [`${effect.base}→${effect.head}`] : [])).sort();
