import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { Delivery } from "../../src/ports.js";
import { acceptance } from "../../src/store/acceptance.js";
import type { Sql } from "../../src/store/sql.js";
import type { Value } from "../../src/store/value.js";
import { delivery } from "./builders.js";

type Key = Pick<Delivery, "source" | "id">;

/** A database that answers when it is told to, and keeps what it was asked to insert. */
function slowDatabase() {
  const statements: Key[][] = [];
  const open: (() => void)[] = [];
  const query = (_text: string, rows: Value, _bodies: Value) => {
    const keys = (rows as readonly (readonly string[])[]).map(([source, id]) => ({ source, id }) as Key); // as they are handed over
    statements.push(keys);
    return new Promise<Key[]>((resolve) => open.push(() => resolve(keys)));
  };
  const sql = { query, lock: () => Promise.reject(new Error("not asked for")) } as unknown as Sql; // the one statement's form
  const answer = async () => {
    for (const one of open.splice(0)) one();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  };
  return { accept: acceptance(sql), statements, answer };
}

const some = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => delivery(`${prefix}${index}`));
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

it("stores what comes together by one statement, and tells each", async () => {
  const { accept, statements, answer } = slowDatabase();
  const told = Promise.all(some("id-", 60).map((one) => accept([one])));
  await turnOfTheLoop();
  expect(statements.map((keys) => keys.length)).toEqual([60]);
  await answer();
  expect((await told).flat()).toEqual(Array(60).fill(true));
});

it("has few statements under way, and stores together what came meanwhile", async () => {
  const { accept, statements, answer } = slowDatabase();
  const told: Promise<boolean[]>[] = [];
  for (const one of some("early-", 10)) {
    told.push(accept([one]));
    await turnOfTheLoop();
  }
  expect(statements.map((keys) => keys.length)).toEqual([1, 1, 1]);
  for (const one of some("late-", 100)) told.push(accept([one]));
  await turnOfTheLoop();
  expect(statements).toHaveLength(3);
  await answer();
  expect(statements.map((keys) => keys.length)).toEqual([1, 1, 1, 64, 43]);
  await answer();
  expect((await Promise.all(told)).flat()).toEqual(Array(110).fill(true));
});

it("closes a group whose bodies are large", async () => {
  const { accept, statements, answer } = slowDatabase();
  const body = randomBytes(6 * 1024 * 1024);
  const told = Promise.all(some("large-", 4).map((one) => accept([{ ...one, body }])));
  while (statements.flat().length < 4) await answer();
  expect(Math.max(...statements.map((keys) => keys.length))).toBeLessThan(4);
  await answer();
  expect((await told).flat()).toEqual(Array(4).fill(true));
});

it("names the keys of a statement in one order, so that replicas never wait for each other in a circle", async () => {
  const { accept, statements } = slowDatabase();
  for (const id of ["c", "a", "b"]) void accept([delivery(id)]);
  await turnOfTheLoop();
  expect(statements[0]?.map(({ id }) => id)).toEqual(["a", "b", "c"]);
});
