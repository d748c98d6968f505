import type { Store } from "../../../src/ports.js";
import type { Driver } from "../../../src/store/sql.js";
import type { Kind } from "../databases.js";

/** What a contract is tried on. */
export interface Subject {
  readonly kind: Kind;
  /** A store on an empty database, through a driver that the test may watch. It is closed after the test. */
  store(watch?: (driver: Driver) => Driver): Promise<Store>;
}

export type Contract = (subject: Subject) => void;
