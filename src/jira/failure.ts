import { HttpException } from "jira.js/clients/httpException";
import { z } from "zod";
import { Refused, Unavailable, Unreadable } from "../core/failure.js";
import { type Instant, instant, SECOND } from "../core/time.js";

/**
 * What a failed question to Jira means: `Refused` (404, 401, 403) or `Unavailable` (all else that is outside);
 * anything that is neither is a bug of ours and is returned as it came.
 * The SDK's errors carry our Authorization header, so they are never kept as a cause.
 */
export function jiraFailure(error: unknown, asked: { readonly what: string; readonly now: Instant }): unknown {
  if (error instanceof HttpException) return error.response instanceof Error ? error.response : answered(error, asked);
  if (error instanceof Unreadable) return new Unavailable(error.message, { cause: error });
  if (!(error instanceof Error && "isAxiosError" in error)) return error;
  const code = "code" in error ? String(error.code) : error.name;
  const reason = code === "ERR_CANCELED" ? "no whole answer in time" : code;
  return new Unavailable(`Jira could not be reached (${reason}) when asked for ${asked.what}`);
}

function answered(error: HttpException, { what, now }: { what: string; now: Instant }): Error {
  const { status } = error;
  if (status === 404 || status === 410) return new Refused("missing", `Jira does not know ${what}, or does not show it to us`);
  if (status === 401) return new Refused("unauthorized", `Jira does not accept our token when asked for ${what}`);
  if (status === 403) return new Refused("forbidden", `Jira does not let our account read ${what}`);
  if (status >= 300 && status < 400) {
    const cure = "set JIRA_BASE_URL to the address where Jira itself answers";
    return new Unavailable(`Jira redirects (${status}) when asked for ${what}; redirects are not followed: ${cure}`);
  }
  return new Unavailable(`Jira answered ${status} when asked for ${what}`, { retryAt: retryAt(error.cause, now) });
}

const RESPONSE = z.object({ response: z.object({ headers: z.object({ "retry-after": z.string() }) }) });

/** From when to ask again: `Retry-After` in seconds or as a date, never sooner than in a second (Jira sends 0 too). */
function retryAt(cause: unknown, now: Instant): Instant | undefined {
  const header = RESPONSE.safeParse(cause).data?.response.headers["retry-after"].trim();
  if (header === undefined) return undefined;
  const at = /^\d{1,9}$/.test(header) ? now + Number(header) * SECOND : Date.parse(header);
  return Number.isNaN(at) ? undefined : instant(Math.max(at, now + SECOND));
}
