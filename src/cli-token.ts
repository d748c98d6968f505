import { table } from "./cli-table.js";
import { formatInstant, type Instant } from "./core/time.js";
import type { Scope, Token } from "./core/token.js";
import type { Account } from "./ports.js";
import type { TokenOffice } from "./store/open-tokens.js";
import { visible } from "./visible.js";
import type { Minted } from "./web/token.js";

export interface NewToken {
  readonly name: string;
  /** The login of a GitHub account. */
  readonly owner: string;
  readonly scopes: readonly Scope[];
  readonly now: Instant;
  readonly minted: Minted;
}

/** Makes a token. Returns what to print: its text is shown this once. Throws when the account is not known, or has one of that name. */
export async function createToken(office: TokenOffice, wanted: NewToken, json: boolean): Promise<string> {
  const { name, minted, now } = wanted;
  const { owner, login } = await accountCalled(office, wanted.owner);
  const scopes = [...new Set(wanted.scopes)].sort();
  const { id, text } = minted;
  const isNew = await office.addToken({ id, owner, name, scopes, createdAt: now }, minted.hash);
  if (!isNew) throw new Error(`${login} has a token called ${name} already: revoke it, or choose another name`);
  if (json) return JSON.stringify({ id, name, owner: login, scopes, createdAt: formatInstant(now), token: text });
  const about = `Token ${name} of ${login}, for ${scopes.join(", ")}. Keep it: it is not shown again.`;
  return [about, text].join("\n");
}

async function accountCalled(office: TokenOffice, login: string): Promise<Account> {
  const accounts = (await office.accounts()).filter(({ state }) => state !== "deleted");
  const found = accounts.find((account) => account.login.toLowerCase() === login.toLowerCase());
  if (found) return found;
  if (accounts.length === 0) throw new Error("no account is known yet: install the GitHub App on one, while the app runs");
  const known = accounts.map((account) => account.login).sort();
  throw new Error(`the GitHub App is installed on no account called ${visible(login)}, but on ${known.join(", ")}`);
}

const HEAD = ["NAME", "ACCOUNT", "SCOPES", "CREATED", "LAST USED", "REVOKED", "ID"];

/** What `leadtime token list` prints: all tokens, or an account's; never a secret. */
export async function listTokens(office: TokenOffice, owner: string | undefined, json: boolean): Promise<string> {
  const account = owner === undefined ? undefined : await accountCalled(office, owner);
  const tokens = await office.tokens(account?.owner);
  const logins = await loginsOf(office);
  const rows = tokens.map((token) => shown(token, logins));
  if (json) return JSON.stringify({ tokens: rows });
  const cells = rows.map(({ name, owner, scopes, createdAt, lastUsedAt, revokedAt, id }) => [
    ...[name, owner, scopes.join(","), createdAt, lastUsedAt ?? "never", revokedAt ?? "–", id],
  ]);
  return rows.length === 0 ? "There is no token." : table(HEAD, cells).join("\n");
}

const loginsOf = async (office: TokenOffice): Promise<ReadonlyMap<string, string>> =>
  new Map((await office.accounts()).map(({ owner, login }) => [owner, login]));

const shown = (token: Token, logins: ReadonlyMap<string, string>) => ({
  id: token.id,
  name: token.name,
  owner: logins.get(token.owner) ?? token.owner,
  scopes: token.scopes,
  createdAt: formatInstant(token.createdAt),
  lastUsedAt: token.lastUsedAt && formatInstant(token.lastUsedAt),
  revokedAt: token.revokedAt && formatInstant(token.revokedAt),
});

export interface Revocation {
  /** Its name or its id. */
  readonly token: string;
  readonly now: Instant;
}

/** Revokes a token: from now on it is good for nothing. Returns what to print. Throws when it cannot be told which one is meant. */
export async function revokeToken(office: TokenOffice, { token: wanted, now }: Revocation, json: boolean): Promise<string> {
  const logins = await loginsOf(office);
  const token = meant(await office.tokens(), wanted, logins);
  const revoked = await office.revokeToken(token.id, now);
  if (!revoked) throw new Error(`${visible(wanted)} was revoked just now, by somebody else`);
  const row = shown({ ...token, revokedAt: now }, logins);
  return json ? JSON.stringify(row) : `Token ${row.name} of ${row.owner} (${row.id}) is revoked.`;
}

function meant(tokens: readonly Token[], wanted: string, logins: ReadonlyMap<string, string>): Token {
  const called = tokens.filter(({ id, name }) => id === wanted || name === wanted);
  const live = called.filter(({ revokedAt }) => revokedAt === null);
  const [one, other] = live;
  if (other) {
    const ids = live.map((token) => `${token.id} (${logins.get(token.owner) ?? token.owner})`);
    throw new Error(`several tokens are called ${visible(wanted)}: say which, by its id: ${ids.join(", ")}`);
  }
  if (one) return one;
  const since = called.flatMap(({ revokedAt }) => revokedAt ?? []).at(-1);
  if (since !== undefined) throw new Error(`${visible(wanted)} is revoked since ${formatInstant(since)}`);
  throw new Error(`no token has the name or id ${visible(wanted)}: leadtime token list shows them`);
}
