import type { Owner } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { Scope, Token } from "../core/token.js";
import type { Tokens } from "../ports.js";
import type { Driver } from "./sql.js";
import type { Value } from "./value.js";

const COLUMNS = `id, owner, name, scopes, created_at as "createdAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;
const ONE = `select ${COLUMNS}, hash from tokens where id = ?`;
const ALL = `select ${COLUMNS} from tokens order by owner, name, created_at, id`;
const OF_OWNER = `select ${COLUMNS} from tokens where owner = ? order by name, created_at, id`;

const ADD = `insert into tokens (id, owner, name, scopes, hash, created_at) values (?, ?, ?, ?, ?, ?)
  on conflict do nothing returning id`;
const REVOKE = "update tokens set revoked_at = ? where id = ? and revoked_at is null returning id";
const USED = "update tokens set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)";

/** API tokens, as an operator manages them. */
export interface ManagedTokens extends Tokens {
  /** All, or an account's, revoked ones too; by account and name. */
  tokens(owner?: Owner): Promise<Token[]>;
  /** Returns false when the account has one of that name. */
  addToken(token: Pick<Token, "id" | "owner" | "name" | "scopes" | "createdAt">, hash: Uint8Array): Promise<boolean>;
  /** Returns false when there is none, or it was revoked already. */
  revokeToken(id: string, at: Instant): Promise<boolean>;
}

interface Row extends Omit<Token, "scopes"> {
  readonly scopes: string;
}

const tokenOf = ({ scopes, ...row }: Row): Token => ({ ...row, scopes: scopes.split(" ") as Scope[] }); // only `addToken` writes it

/** Each token is read anew whenever it is used, so that one that another process revoked is good for nothing at once. */
export function tokensOn(driver: Driver): ManagedTokens {
  const write = (text: string, ...values: readonly Value[]) => driver.transaction((sql) => sql.query(text, ...values));
  return {
    token: async (id) => {
      const [row] = await driver.query<Row & { readonly hash: Uint8Array }>(ONE, id);
      if (!row) return undefined;
      const { hash, ...token } = row;
      return { token: tokenOf(token), hash };
    },
    anyToken: async () => (await driver.query("select 1 as one from tokens limit 1")).length > 0,
    tokens: async (owner) => {
      const rows = owner === undefined ? await driver.query<Row>(ALL) : await driver.query<Row>(OF_OWNER, owner);
      return rows.map(tokenOf);
    },
    addToken: async ({ id, owner, name, scopes, createdAt }, hash) =>
      (await write(ADD, id, owner, name, scopes.join(" "), hash, createdAt)).length > 0,
    revokeToken: async (id, at) => (await write(REVOKE, at, id)).length > 0,
    tokenUsed: async (id, at) => {
      await write(USED, at, id, at);
    },
  };
}
