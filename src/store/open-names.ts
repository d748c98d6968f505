import type { Queries } from "../ports.js";
import { openExisting } from "./open-inbox.js";
import { queriesOn } from "./transaction.js";

/** What names came up, for whom they are compared with those in a file. */
export type Names = Pick<Queries, "accounts" | "events" | "namesSeen" | "statusesSeen"> & { close(): Promise<void> };

/** The names in a database, whether the app runs or not (`openExisting`). */
export async function openNames(url: string): Promise<Names> {
  const driver = await openExisting(url);
  return { ...queriesOn(driver), close: () => driver.close() };
}
