import type { Owner } from "../core/ref.js";
import type { Sql } from "./sql.js";

/** What is looked up by: a text, or several. */
export type Key = string | readonly string[];

/** Of a key that is several texts, these with spaces between. */
interface Sought {
  readonly sought: string;
}

/**
 * A statement that is given an account and a list of keys, each once, and whose rows name in `sought` the key that they
 * belong to. Of one key, what it finds is returned in the statement's order.
 */
export type LookUp = <Row extends Sought, Value>(
  text: string,
  read: (row: Row) => Value,
) => (owner: Owner, keys: readonly Key[]) => Promise<Value[]>;

/** Runs the statement at each call. */
export const lookUpAlone =
  (sql: Sql): LookUp =>
  (text, read) =>
  async (owner, keys) =>
    (await sql.query<Parameters<typeof read>[0]>(text, owner, keys)).map(read);

/**
 * Runs the statement once for all calls that are made before anybody has to wait: of things that are worked on side by side,
 * each step is one statement.
 */
export const lookUpTogether =
  (sql: Sql): LookUp =>
  (text, read) => {
    const find = finder(sql, text, read);
    const waiting = new Map<Owner, Waiting<ReturnType<typeof read>>>();
    const begin = (owner: Owner) => {
      const keys = new Map<string, Key>();
      const found = soon().then(() => {
        waiting.delete(owner);
        return find(owner, keys);
      });
      waiting.set(owner, { keys, found });
      return { keys, found };
    };
    return async (owner, keys) => {
      const asked = waiting.get(owner) ?? begin(owner);
      for (const key of keys) asked.keys.set(nameOf(key), key);
      return of(keys, await asked.found);
    };
  };

type Found<Value> = ReadonlyMap<string, readonly Value[]>;

interface Waiting<Value> {
  readonly keys: Map<string, Key>;
  readonly found: Promise<Found<Value>>;
}

const nameOf = (key: Key): string => (typeof key === "string" ? key : key.join(" "));

/** When everything that can go on without waiting has gone on. */
const soon = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const finder =
  <Row extends Sought, Value>(sql: Sql, text: string, read: (row: Row) => Value) =>
  async (owner: Owner, keys: ReadonlyMap<string, Key>): Promise<Found<Value>> => {
    const found = new Map<string, Value[]>([...keys.keys()].map((name) => [name, []]));
    if (keys.size === 0) return found;
    for (const row of await sql.query<Row>(text, owner, [...keys.values()])) found.get(row.sought)?.push(read(row));
    return found;
  };

const of = <Value>(keys: readonly Key[], found: Found<Value>): Value[] =>
  [...new Set(keys.map(nameOf))].flatMap((name) => found.get(name) ?? []);
