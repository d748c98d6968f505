import { Unavailable } from "../core/failure.js";
import { type Inbox, inboxQueries, inboxWrites } from "./deliveries.js";
import { assertMigrated } from "./migrations.js";
import { openDriver } from "./open.js";
import type { Driver } from "./sql.js";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * A database that the app uses or has used, beside it: nothing is made, and nothing is migrated. Throws when the database is
 * not there, is none of ours, or is not at the version that this release works with.
 */
export async function openExisting(url: string): Promise<Driver> {
  const driver = await openDriver(url, { log: silent, existing: true });
  try {
    await assertMigrated(driver);
  } catch (error) {
    await driver.close();
    if (error instanceof Unavailable) throw error;
    throw new Error("expected a database that leadtime has made, found another one", { cause: error });
  }
  return driver;
}

/** The inbox of a database, whether the app runs or not (`openExisting`). */
export async function openInbox(url: string): Promise<Inbox> {
  const driver = await openExisting(url);
  return {
    ...inboxQueries(driver),
    retryDeliveries: (which) => driver.transaction((sql) => inboxWrites(sql).retryDeliveries(which)),
    close: () => driver.close(),
  };
}
