import pg from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { TimedOut, Unavailable } from "../../src/core/failure.js";
import { pullRequestRef, ticketRef } from "../../src/core/ref.js";
import type { Store } from "../../src/ports.js";
import { eventWrites } from "../../src/store/events.js";
import { migrate } from "../../src/store/migrations.js";
import { openStore, storeOn } from "../../src/store/open.js";
import { openPostgres } from "../../src/store/postgres.js";
import { postgresFailure } from "../../src/store/postgres-failure.js";
import { MIGRATIONS } from "../../src/store/schema.js";
import type { Driver, Sql } from "../../src/store/sql.js";
import { ACME, at, delivery, merged } from "./builders.js";
import { server, silent } from "./databases.js";
import { READY, scripted, TERMINATED } from "./scripted-server.js";

it("is unavailable when no server answers", async () => {
  const opening = openStore("postgres://nobody@127.0.0.1:1/nothing", { log: silent });
  await expect(opening).rejects.toThrow(Unavailable);
});

it.each(["08006", "53100", "53300", "57P01", "57014", "58030", "25006", "40001", "40P01", "55P03"])(
  "is unavailable at SQLSTATE %s",
  (code) => {
    expect(postgresFailure(Object.assign(new Error(), { code }), false)).toBeInstanceOf(Unavailable);
  },
);

it.each(["23505", "42601", "22021", "ERR_INVALID_ARG_TYPE"])("throws %s as it is", (code) => {
  const error = Object.assign(new Error(), { code });
  expect(postgresFailure(error, false)).toBe(error);
});

it("outlives a connection that ends in the moment in which it is made", async () => {
  const { url } = await scripted([READY, TERMINATED]);
  const driver = openPostgres(url, silent);
  await expect(driver.query("select 1")).rejects.toThrow(Unavailable);
  await driver.close();
});

it.each([
  ["a statement", (driver: Driver) => driver.query("select 1")],
  ["a transaction", (driver: Driver) => driver.transaction((sql) => sql.query("select 1"))],
  ["a delivery", (driver: Driver) => driver.accept([delivery("a")])],
])("gives up a connection that answers %s with silence, and makes another", async (_, work) => {
  const server = await scripted([READY]);
  const driver = openPostgres(server.url, silent, { statement: 1, answer: 20, acceptance: 20 });
  await expect(work(driver)).rejects.toThrow(Unavailable);
  await expect(work(driver)).rejects.toThrow(Unavailable);
  expect(server.connections()).toBe(2);
  await driver.close();
});

/** A gate that is opened once: two transactions meet at it. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

describe.each(server("server"))("on a server, $name", (kind) => {
  let driver: Driver;
  let store: Store;
  beforeEach(async () => {
    driver = await kind.fresh();
    store = await storeOn(driver, { log: silent });
  });
  afterEach(() => store.close());
  afterAll(() => kind.end());

  /** Runs the second piece of work while the first one's transaction is still open. */
  async function beside<A, B>(
    first: (tx: Parameters<Parameters<Store["transaction"]>[0]>[0]) => Promise<A>,
    second: () => Promise<B>,
  ) {
    const [done, over] = [gate(), gate()];
    const outer = store.transaction(async (tx) => {
      const result = await first(tx);
      done.open();
      await over.passed;
      return result;
    });
    await done.passed;
    const inner = await second().finally(over.open);
    return [await outer, inner] as const;
  }

  it("gives each of two transactions other dirty refs, and neither waits", async () => {
    const refs = [1, 2, 3].map(ticketRef);
    await store.transaction((tx) => tx.markDirty(ACME, refs));
    const [one, other] = await beside(
      (tx) => tx.takeDirty("measure", 2, at(0)),
      () => store.transaction((tx) => tx.takeDirty("measure", 2, at(0))),
    );
    expect([...one, ...other].map(({ ref }) => ref)).toEqual(refs);
    expect(await store.transaction((tx) => tx.takeDirty("measure", 2, at(0)))).toEqual([]);
  });

  it("lets a ref be marked while another transaction takes it, and keeps the mark", async () => {
    await store.transaction((tx) => tx.markDirty(ACME, [ticketRef(1)]));
    await beside(
      (tx) => tx.takeDirty("measure", 2, at(0)),
      () => store.transaction((tx) => tx.markDirty(ACME, [ticketRef(1)])),
    );
    expect(await store.transaction((tx) => tx.takeDirty("measure", 2, at(0)))).toHaveLength(1);
  });

  it("gives each of two transactions other deliveries and other effects", async () => {
    await store.accept([delivery("a"), delivery("b"), delivery("c")]);
    await store.transaction((tx) =>
      tx.want(
        ACME,
        [1, 2].map((number) => ({ kind: "comment", pullRequest: pullRequestRef(7, number) })),
        at(1),
      ),
    );
    const claim = async (tx: Parameters<Parameters<Store["transaction"]>[0]>[0]) => ({
      deliveries: (await tx.claimDeliveries(2, at(9_000))).length,
      effects: (await tx.claimEffects({ lane: "say", limit: 1, now: at(9_000), until: at(9_999) })).map(({ effect }) => effect),
    });
    const [one, other] = await beside(claim, () => store.transaction(claim));
    expect([one.deliveries, other.deliveries]).toEqual([2, 1]);
    expect(new Set([...one.effects, ...other.effects]).size).toBe(2);
    expect(one.effects).not.toEqual(other.effects);
  });

  it("lets the second wait for a lock, and then see what the first wrote", async () => {
    const order: string[] = [];
    const held = gate();
    const first = store.transaction(async (tx) => {
      await tx.lock(ACME, [ticketRef(2), ticketRef(1)]);
      held.open();
      await tx.append(ACME, [merged(1)]);
      await someoneWaits(driver);
      order.push("first");
    });
    await held.passed;
    const second = store.transaction(async (tx) => {
      await tx.lock(ACME, [ticketRef(1), ticketRef(3)]);
      order.push("second");
      return tx.events(ACME, [merged(1).ref]);
    });
    expect(await second).toHaveLength(1);
    await first;
    expect(order).toEqual(["first", "second"]);
  });

  it("never waits in a circle, in whatever order locks are named", async () => {
    const refs = [1, 2, 3, 4, 5, 6].map(ticketRef);
    const work = Array.from({ length: 20 }, (_, index) =>
      store.transaction((tx) => tx.lock(ACME, index % 2 ? refs : refs.toReversed())),
    );
    await Promise.all(work);
  });

  it("keeps the better observation that another transaction stored since ours was read", async () => {
    const best = merged(1, { at: at(1) });
    const stored = await driver.transaction((sql) => {
      const query: Sql["query"] = async (text, ...values) => {
        if (text.startsWith("insert into events")) await store.transaction((tx) => tx.append(ACME, [best]));
        return sql.query(text, ...values);
      };
      return eventWrites({ ...sql, query }).append(ACME, [merged(1, { at: at(2) })]);
    });
    expect(stored).toEqual([]);
    expect(await store.events(ACME, [best.ref])).toEqual([best]);
  });

  it("stores one delivery once when replicas accept it at once", async () => {
    const replicas = await Promise.all([1, 2, 3].map(() => openStore(kind.url, { log: silent })));
    const ids = Array.from({ length: 200 }, (_, index) => `id-${index}`);
    const told = await Promise.all(
      replicas.flatMap((replica, index) =>
        (index % 2 ? ids : ids.toReversed()).map(async (id) => ((await replica.accept([delivery(id)]))[0] ? 1 : 0)),
      ),
    );
    expect(told.reduce<number>((sum, one) => sum + one, 0)).toBe(200);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it("is unavailable when its connection is dropped, and goes on with another", async () => {
    const dropped = store.transaction(async (tx) => {
      await tx.append(ACME, [merged(1)]);
      await terminate(kind.url);
      await tx.append(ACME, [merged(2)]);
    });
    await expect(dropped).rejects.toThrow(Unavailable);
    expect(await store.events(ACME, [merged(1).ref])).toEqual([]);
    expect(await store.accept([delivery("a")])).toEqual([true]);
  });

  it("takes a connection that can only be read for one that is lost: another server may have taken over", async () => {
    await driver.query("set default_transaction_read_only = on"); // of the one connection that there is so far
    await expect(store.accept([delivery("a")])).rejects.toThrow(Unavailable);
    expect(await store.accept([delivery("a")])).toEqual([true]);
  });

  it("does not blame who waits for a lock in vain", async () => {
    const wait = () =>
      driver.transaction(async (sql) => {
        await sql.query("set local statement_timeout = 5");
        await sql.lock([["a space", "a name"]]);
      });
    const failure = await driver.transaction(async (sql) => {
      await sql.lock([["a space", "a name"]]);
      return wait().catch((error: unknown) => error);
    });
    expect(failure).toBeInstanceOf(Unavailable);
    expect(failure).not.toBeInstanceOf(TimedOut);
  });

  it("holds few locks for many names", async () => {
    await store.transaction(async (tx) => {
      await tx.lock(
        ACME,
        Array.from({ length: 5000 }, (_, index) => ticketRef(index)),
      );
      const [row] = await driver.query<{ n: number }>("select count(*) as n from pg_locks where locktype = 'advisory'");
      expect(row?.n).toBeGreaterThan(0);
      expect(row?.n).toBeLessThanOrEqual(1024);
    });
  });

  it("lets a migration, and the wait for another replica's, take as long as they take", async () => {
    const url = `${kind.url}%20-c%20lock_timeout%3D50`;
    const replicas = [1, 2].map(() => openPostgres(url, silent, { statement: 50, answer: 100, acceptance: 100 }));
    const slow = { name: "slow", statements: ["select pg_sleep(0.3)"] };
    const migrations = [...MIGRATIONS, slow];
    await Promise.all(replicas.map((replica) => migrate(replica, { log: silent, migrations })));
    expect(await driver.query("select name from migrations where name = 'slow'")).toHaveLength(1);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  it("says so when a statement failed and the work went on as if it had not", async () => {
    const work = driver.transaction(async (sql) => {
      await sql.query("select nonsense").catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/undone/);
  });

  it("is unavailable where it may only read, and when a statement takes too long", async () => {
    const reading = driver.transaction(async (sql) => {
      await sql.query("set transaction read only");
      await sql.query("delete from inbox");
    });
    await expect(reading).rejects.toThrow(Unavailable);
    const slow = driver.transaction(async (sql) => {
      await sql.query("set local statement_timeout = 5");
      await sql.query("select pg_sleep(1)");
    });
    await expect(slow).rejects.toThrow(Unavailable);
  });
});

/** Resolves once a transaction waits for a lock that another one holds. */
async function someoneWaits(driver: Driver): Promise<void> {
  const waiting = "select pid from pg_locks where locktype = 'advisory' and not granted";
  while ((await driver.query(waiting)).length === 0);
}

/** Ends the connection whose transaction is open and idle. */
async function terminate(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'leadtime' and state = 'idle in transaction'",
  );
  await client.end();
}
