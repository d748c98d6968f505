import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import { openStore } from "../../src/store/open.js";
import { openSqlite } from "../../src/store/sqlite.js";
import { ACME, at, delivery, merged } from "./builders.js";
import { silent } from "./databases.js";

let file = "";
const open = () => openStore(`sqlite:${file}`, { log: silent });
const events = [merged(1)];
const refs = events.map(({ ref }) => ref);

beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), "leadtime-sqlite-")), "some", "folder", "leadtime.db");
});
afterEach(() => rm(dirname(dirname(dirname(file))), { recursive: true }));

/** The longest time in which the event loop did not turn, in milliseconds, while the work ran. */
async function longestHalt(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  await work().finally(() => clearInterval(timer));
  return longest;
}

it("makes files that nobody else may read", async () => {
  const store = await open();
  await store.accept([delivery("a")]);
  const modes = [dirname(file), file, `${file}-wal`, `${file}-shm`].map((path) => statSync(path).mode & 0o077);
  await store.close();
  expect(modes).toEqual([0, 0, 0, 0]);
});

it("finds what was accepted when it is opened again", async () => {
  const first = await open();
  await first.accept([delivery("a")]);
  await first.transaction((tx) => tx.append(ACME, events));
  await first.close();
  const second = await open();
  expect(await second.accept([delivery("a"), delivery("b")])).toEqual([false, true]);
  expect(await second.events(ACME, refs)).toEqual(events);
  await second.close();
});

it("has committed what it accepted, for every other process to see", async () => {
  const store = await open();
  const other = new Database(file, { readonly: true });
  await store.accept([delivery("a")]);
  expect(other.prepare("select id from inbox").pluck().all()).toEqual(["a"]);
  other.close();
  await store.close();
});

it("waits for the disk at every commit", async () => {
  const driver = await openSqlite(file, silent);
  await driver.transaction((sql) => sql.query("create table written (id integer)"));
  const level = await driver.transaction((sql) => sql.query("pragma synchronous"));
  expect(level).toEqual([{ synchronous: 2 }]);
  expect(await driver.query("pragma journal_mode")).toEqual([{ journal_mode: "wal" }]);
  await driver.close();
});

it("reads while a transaction is under way", async () => {
  const store = await open();
  await store.transaction(async (tx) => {
    await tx.append(ACME, events);
    expect(await store.events(ACME, refs)).toEqual([]);
  });
  await store.close();
});

it("commits late, with the event loop free, when another process holds the lock for a while", async () => {
  const store = await open();
  const other = new Database(file);
  other.exec("begin immediate");
  setTimeout(() => other.exec("commit"), 700);
  const halt = await longestHalt(async () => expect(await store.accept([delivery("a")])).toEqual([true]));
  expect(halt).toBeLessThan(400);
  other.close();
  await store.close();
});

it("is unavailable, with the event loop free, while another process holds the lock for long", async () => {
  const store = await open();
  const other = new Database(file);
  other.exec("begin immediate");
  const halt = await longestHalt(() => expect(store.accept([delivery("a")])).rejects.toThrow(Unavailable));
  expect(halt).toBeLessThan(400);
  await expect(store.ready()).rejects.toThrow(Unavailable);
  other.exec("commit");
  expect(await store.accept([delivery("a")])).toEqual([true]);
  other.close();
  await store.close();
});

it("is unavailable when the disk is full, and keeps what it had", async () => {
  const driver = await openSqlite(file, silent);
  await driver.transaction((sql) => sql.query("create table filled (body BYTES)"));
  const filling = driver.transaction(async (sql) => {
    await sql.query("insert into filled values (?)", new Uint8Array(10));
    await sql.query("pragma max_page_count = 10");
    await sql.query("insert into filled values (?)", new Uint8Array(1_000_000));
  });
  await expect(filling).rejects.toThrow(Unavailable);
  expect(await driver.query("select * from filled")).toEqual([]);
  await driver.transaction((sql) => sql.query("pragma max_page_count = 10000"));
  await driver.transaction((sql) => sql.query("insert into filled values (?)", new Uint8Array(1_000_000)));
  expect(await driver.query("select * from filled")).toHaveLength(1);
  await driver.close();
});

it("commits nothing of a transaction that SQLite has undone by itself", async () => {
  const driver = await openSqlite(file, silent);
  await driver.transaction((sql) => sql.query("create table written (id integer)"));
  const undone = driver.transaction(async (sql) => {
    await sql.query("insert into written values (1)");
    await sql.query("rollback"); // as SQLite does by itself on some failures
    await sql.query("insert into written values (2)");
  });
  await expect(undone).rejects.toThrow(Unavailable);
  expect(await driver.query("select * from written")).toEqual([]);
  await driver.close();
});

it("throws a mistake of ours as it is", async () => {
  const driver = await openSqlite(file, silent);
  await expect(driver.query("select nonsense")).rejects.toThrow(Database.SqliteError);
  await driver.close();
});

it("keeps a database in memory to itself, and leaves nothing of it", async () => {
  const [one, other] = await Promise.all([1, 2].map(() => openStore("sqlite::memory:", { log: silent })));
  expect(await one?.accept([delivery("a")])).toEqual([true]);
  expect(await other?.accept([delivery("a")])).toEqual([true]);
  expect(await one?.transaction((tx) => tx.claimDeliveries(9, at(9_000)))).toHaveLength(1);
  await Promise.all([one?.close(), other?.close()]);
  expect(existsSync(":memory:")).toBe(false);
});

it("says what a database URL looks like, without repeating a password", async () => {
  const opening = openStore("mysql://root:secret@localhost/leadtime", { log: silent });
  await expect(opening).rejects.toThrow(/^Expected a database URL.*"mysql:"$/);
});
