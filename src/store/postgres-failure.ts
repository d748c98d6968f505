import { TimedOut, Unavailable } from "../core/failure.js";

/**
 * SQLSTATE: the connection (08), resources such as disk, memory and connections (53), an operator or a timeout (57), the system (58);
 * read-only (25006), a transaction idle (25P03) or open (25P04) for too long, serialization (40001), deadlock (40P01), lock not available (55P03).
 */
const UNAVAILABLE = /^(?:08...|53...|57...|58...|25006|25P0[34]|40001|40P01|55P03)$/;

/** Of these, what says that the connection is at an end, or leads to a server that can only be read since another one took over. */
const NO_GOOD = /^(?:08...|57P..|25006|25P0[34])$/;

const STATEMENT_TIMEOUT = "57014";

/** The commonest in words, for whoever is woken by them. */
const REASONS: Readonly<Record<string, string>> = {
  "25006": "it can only be read (25006)",
  "53100": "its disk is full (53100)",
  "53200": "it has no memory left (53200)",
  "53300": "it has no connection left (53300)",
  "57P01": "it is shutting down (57P01)",
  "57P03": "it is starting or shutting down (57P03)",
};

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

/** Whether the connection on which a statement failed so is of no use any more. */
export const isLostBy = (error: unknown): boolean => NO_GOOD.test(codeOf(error));

/** What a statement's failure means: `Unavailable` by its SQLSTATE, or whatever it is when the connection is lost. */
export function postgresFailure(error: unknown, lost: boolean): unknown {
  const code = codeOf(error);
  if (!lost && !UNAVAILABLE.test(code)) return error;
  const reason = REASONS[code] ?? (code || "the connection was lost");
  if (!lost && code === STATEMENT_TIMEOUT) return new TimedOut("A statement took PostgreSQL too long", { cause: error });
  return new Unavailable(`The PostgreSQL database is unavailable: ${reason}`, { cause: error });
}
