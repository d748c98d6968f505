import type { Delivery } from "../ports.js";
import type { Value } from "./value.js";

/** A connection, as the statements of the store see it. Every statement is written once, in the words of `dialect.ts`. */
export interface Sql {
  /**
   * Runs one statement. `Row` is what its select list or `returning` says; integers are numbers, bytes `Uint8Array`.
   * Throws `Unavailable` when the database is busy, lost, full or read-only.
   */
  query<Row>(text: string, ...values: readonly Value[]): Promise<Row[]>;
  /** Waits until no other transaction holds any of these, then holds them until this one ends. */
  lock(names: readonly LockName[]): Promise<void>;
}

/** What is locked. Who locks names of several spaces, one after another, does so in one order of the spaces everywhere. */
export type LockName = readonly [space: string, name: string];

export interface DatabaseFile {
  readonly path: string;
  /** Gives back to the disk what the database does not need now. Returns the bytes inside its file that are free for what is stored next. */
  compact(): Promise<number>;
}

/** A database. Outside of `transaction` it is only read. */
export interface Driver extends Sql {
  /** Whether one process at a time uses it: then what another one left behind is nobody's. */
  readonly alone: boolean;
  /** Where it is a file of ours. */
  readonly file?: DatabaseFile;
  /** As `Store` has it. Calls that come at about the same time are committed together. */
  accept(deliveries: readonly Delivery[]): Promise<boolean[]>;
  /** Commits what the work wrote once it resolves; undoes it and throws on when it rejects. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The same, however long it and its wait for another one take. */
  migration<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
