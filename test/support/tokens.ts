import { randomBytes } from "node:crypto";
import { createToken, revokeToken } from "../../src/cli-token.js";
import { instant } from "../../src/core/time.js";
import type { Scope } from "../../src/core/token.js";
import { openTokens, type TokenOffice } from "../../src/store/open-tokens.js";
import { mintToken } from "../../src/web/token.js";

async function onTokens<T>(databaseUrl: string, work: (office: TokenOffice) => Promise<T>): Promise<T> {
  const office = await openTokens(databaseUrl);
  return work(office).finally(office.close);
}

/** A new token of an account, made as the command line does it, beside the app. */
export const makeToken = (databaseUrl: string, owner: string, ...scopes: readonly Scope[]): Promise<string> =>
  onTokens(databaseUrl, async (office) => {
    const minted = mintToken(randomBytes);
    const now = instant(Date.now());
    const made = await createToken(office, { name: minted.id, owner, scopes, now, minted }, true);
    return (JSON.parse(made) as { token: string }).token; // as `--json` prints it
  });

export const revoke = (databaseUrl: string, token: string): Promise<string> =>
  onTokens(databaseUrl, (office) => revokeToken(office, { token: token.split("_")[1] ?? "", now: instant(Date.now()) }, false));
