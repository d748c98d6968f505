import { MINUTE } from "../core/time.js";
import type { Scope, Token } from "../core/token.js";
import type { Clock, Log, Tokens } from "../ports.js";
import { type Refusal, refuse } from "./answer.js";
import { within } from "./deadline.js";
import { createRateLimit, type Rate } from "./rate-limit.js";
import { isToken, tokenId } from "./token.js";

/** Of each token, whatever it is used for: what no sane client needs, and the app bears easily. */
export const TOKEN_RATE: Rate = { burst: 600, perSecond: 10 };
/** Milliseconds that the database may take to look a token up. */
const PATIENCE = 5000;

export interface AuthorizeOptions {
  readonly tokens: Pick<Tokens, "token" | "tokenUsed">;
  readonly clock: Clock;
  readonly log: Log;
  readonly rate?: Rate;
}

export type Authorization = { readonly token: Token } | { readonly refusal: Refusal };
/** `headers`: all `Authorization` headers of a request. */
export type Authorize = (headers: readonly string[] | undefined, scope: Scope) => Promise<Authorization>;

/**
 * Finds out by its token who asks, and whether it may be used for that. A token that is malformed, unknown or revoked gets the
 * same answer in the same time. It is found by its id, which is no secret; its hash is compared in constant time.
 */
export function createAuthorize({ tokens, clock, log, rate = TOKEN_RATE }: AuthorizeOptions): Authorize {
  const waitFor = createRateLimit(rate, clock);
  const note = noteOfUse({ tokens, clock, log });
  const find = async (headers: readonly string[]): Promise<Token | undefined> => {
    const text = tokenIn(headers);
    const id = tokenId(text);
    const found = id === undefined ? undefined : await within(PATIENCE, "the database", tokens.token(id));
    return isToken(text, found?.hash) && found?.token.revokedAt === null ? found.token : undefined;
  };
  return async (headers = [], scope) => {
    try {
      const token = await find(headers);
      if (!token) return { refusal: headers.length === 0 ? NO_TOKEN : BAD_TOKEN };
      note(token);
      const seconds = waitFor(token.id);
      if (seconds > 0) return { refusal: tooMany(seconds) };
      return token.scopes.includes(scope) ? { token } : { refusal: outOfScope(scope) };
    } catch (error) {
      log.warn({ err: error }, "a token could not be looked up");
      return { refusal: UNKNOWN_FOR_NOW };
    }
  };
}

const SCHEME = /^(?:Bearer|Apikey) +(\S{1,200})$/i;

/** Empty when there is none, or more than one. */
const tokenIn = ([header, ...others]: readonly string[]): string =>
  (others.length === 0 && SCHEME.exec(header ?? "")?.[1]) || "";

const CHALLENGE = { "www-authenticate": 'Bearer realm="leadtime"' };
const HOW = "send Authorization: Bearer TOKEN; `leadtime token create` makes one";
export const NO_TOKEN = refuse(401, "no-token", `expected an API token: ${HOW}`, CHALLENGE);
const BAD_TOKEN = refuse(401, "bad-token", `the Authorization is no token that is good here: ${HOW}`, CHALLENGE);
const UNKNOWN_FOR_NOW = refuse(503, "unavailable", "the token could not be looked up", { "retry-after": "10" });

const outOfScope = (scope: Scope): Refusal => refuse(403, "out-of-scope", `this token lacks the scope ${scope}`);

const tooMany = (seconds: number): Refusal =>
  refuse(429, "too-many-requests", `this token has made too many requests: wait ${seconds} s`, {
    "retry-after": String(seconds),
  });

/** Records a token's last use, at most once a minute and beside the request, which does not wait for it. */
function noteOfUse({ tokens, clock, log }: Pick<AuthorizeOptions, "tokens" | "clock" | "log">): (token: Token) => void {
  const noted = new Map<string, number>();
  return ({ id, lastUsedAt }) => {
    const now = clock.now();
    if (now - Math.max(noted.get(id) ?? 0, lastUsedAt ?? 0) < MINUTE) return;
    noted.set(id, now);
    tokens
      .tokenUsed(id, now)
      .catch((error: unknown) => log.warn({ err: error, token: id }, "the use of a token was not recorded"));
  };
}
