import type { Queries } from "../ports.js";
import { openExisting } from "./open-inbox.js";
import { type ManagedTokens, tokensOn } from "./tokens.js";
import { queriesOn } from "./transaction.js";

/** Tokens, for who manages them, and the accounts that they may belong to. */
export interface TokenOffice extends ManagedTokens {
  accounts: Queries["accounts"];
  close(): Promise<void>;
}

/** The tokens of a database, whether the app runs or not (`openExisting`). */
export async function openTokens(url: string): Promise<TokenOffice> {
  const driver = await openExisting(url);
  return { ...tokensOn(driver), accounts: queriesOn(driver).accounts, close: () => driver.close() };
}
