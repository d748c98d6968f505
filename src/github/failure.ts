import { Refused, Unanswered, Unavailable, Unreadable } from "../core/failure.js";
import { DAY, HOUR, type Instant, instant, MINUTE, SECOND } from "../core/time.js";
import type { Clock } from "../ports.js";

/** Asks GitHub, and throws what a failure means: `Refused` or `Unavailable`, with `what` was asked for in the message. */
export async function asking<T>(what: string, clock: Clock, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw githubFailure(error, what, clock.now());
  }
}

/**
 * What a failed question to GitHub means, by status, headers, address and the page it refers to; a bug of ours is returned as it came.
 * The SDK's errors carry the request with its body, so they are never kept as a cause.
 */
export function githubFailure(error: unknown, what: string, now: Instant): unknown {
  if (error instanceof Unreadable) return new Unavailable(error.message, { cause: error });
  if (!isRequestFailure(error)) return error;
  const { status, request, response } = error;
  if (!request || !response) return silence(error, `GitHub could not be reached (${codeOf(error)}) when asked to ${what}`);
  const headers = new Map(Object.entries(response.headers));
  const said = `GitHub answered ${status} when asked to ${what}`;
  if (status === 429 || (status === 403 && (isLimited(headers) || isAboutLimits(response.data)))) {
    return new Unavailable(said, { retryAt: retryAt(headers, now) ?? instant(now + MINUTE) });
  }
  // The token of an installation is asked for on the way: an installation that is gone or suspended refuses it.
  if (request.url.endsWith("/access_tokens") && [403, 404].includes(status)) return new Refused("unauthorized", said);
  const reason = refusalOf(status, request.method);
  if (reason) return new Refused(reason, said);
  const options = { retryAt: retryAt(headers, now) };
  return [502, 504].includes(status) ? silence(error, said, options) : new Unavailable(said, options);
}

/** Nobody knows whether what was to be created is; to change it once more does no harm. */
function silence(
  { request }: RequestFailure,
  said: string,
  options: { readonly retryAt?: Instant | undefined } = {},
): Unavailable {
  return request?.method === "POST" ? new Unanswered(said, options) : new Unavailable(said, options);
}

/** Until when GitHub wants to be left alone, if the answer says so: for an hour at most, since no limit lasts longer. */
export function leftAloneUntil(error: unknown, now: Instant): Instant | undefined {
  const failure = githubFailure(error, "anything", now);
  if (!(failure instanceof Unavailable) || failure.retryAt === undefined) return undefined;
  return instant(Math.min(failure.retryAt, now + HOUR));
}

/** Octokit's error, told by its shape: several copies of the class may be about. No response: none came, or not in time. */
interface RequestFailure extends Error {
  readonly status: number;
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: { readonly headers: Readonly<Record<string, string | number | undefined>>; readonly data?: unknown };
}
const isRequestFailure = (error: unknown): error is RequestFailure =>
  error instanceof Error && "status" in error && typeof error.status === "number";

/** For the answers that are expected in one place, before they become a failure. */
export const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  isRequestFailure(error) && error.response !== undefined && statuses.includes(error.status);

const codeOf = ({ cause, name }: Error): string => {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(reason instanceof Error)) return name;
  return "code" in reason && typeof reason.code === "string" ? reason.code : reason.name;
};

/** Null: it may go better later. GitHub answers 422 for commits it does not have, and for texts it does not take. */
function refusalOf(status: number, method: string): Refused["reason"] | null {
  switch (status) {
    case 401:
      return "unauthorized";
    case 404:
    case 410:
      return "missing";
    case 422:
      return method === "GET" ? "missing" : "forbidden";
    case 400:
    case 403:
    case 451:
      return "forbidden";
    default:
      return null;
  }
}

type Headers = ReadonlyMap<string, string | number | undefined>;
const isLimited = (headers: Headers): boolean =>
  headers.has("retry-after") || String(headers.get("x-ratelimit-remaining")) === "0";

/** A secondary limit may come without any header; the page that GitHub refers to tells it from a missing permission. */
const isAboutLimits = (data: unknown): boolean =>
  typeof data === "object" &&
  data !== null &&
  "documentation_url" in data &&
  typeof data.documentation_url === "string" &&
  data.documentation_url.includes("rate-limits");

/**
 * From when to ask again, in a second at the soonest, in a day at the latest: `Retry-After` in seconds or as a date, else the
 * limit's reset. These are times by GitHub's clock, which the answer tells; ours may be another.
 */
function retryAt(headers: Headers, now: Instant): Instant | undefined {
  const text = (name: string) => String(headers.get(name) ?? "").trim();
  const theirs = Date.parse(text("date"));
  const ahead = Number.isFinite(theirs) ? now - theirs : 0;
  const after = text("retry-after");
  const at = /^\d{1,9}$/.test(after) ? now + Number(after) * SECOND : Date.parse(after) + ahead;
  const reset = text("x-ratelimit-remaining") === "0" ? Number(text("x-ratelimit-reset")) * SECOND + ahead : Number.NaN;
  const known = [at, reset].find((time) => Number.isFinite(time));
  return known === undefined ? undefined : instant(Math.min(Math.max(known, now + SECOND), now + DAY));
}
