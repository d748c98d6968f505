import type { Log } from "./ports.js";

/** Milliseconds from the first reason to end until the end, whatever hangs: who stops us kills after ten seconds. */
const AT_LAST = 9500;

/**
 * Sees to it that the process ends in order: on SIGTERM and SIGINT with code 0, on an exception that nothing caught with code 1,
 * so that who watches over it starts it anew. Both close first what is handed to the returned function; a second signal, a
 * second exception, or a close that hangs ends the process at once. A rejection that nothing caught is logged, and that is all:
 * nothing is acknowledged before it is stored, and what was not done is done again.
 */
export function endInOrder(log: Log & Fatal, flush: () => Promise<void>): (close: () => Promise<void>) => void {
  let close = async () => {};
  let ending = false;
  const exit = (code: number) => void flush().finally(() => process.exit(code));
  const end = async (code: number) => {
    ending = true;
    setTimeout(() => process.exit(1), AT_LAST);
    try {
      await close();
      exit(code);
    } catch (error) {
      log.error({ err: error }, "the app could not be closed in order");
      exit(1);
    }
  };
  process.on("unhandledRejection", (error) =>
    log.error({ err: asError(error) }, "a failure that nothing handled; the app goes on"),
  );
  process.on("uncaughtException", (error) => {
    log.fatal({ err: asError(error) }, "an exception that nothing caught; the app ends");
    if (ending) exit(1);
    else void end(1);
  });
  return (closing) => {
    close = closing;
    process.once("SIGTERM", () => void end(0)).once("SIGINT", () => void end(0));
  };
}

/** Anything may be thrown. Of what is no error, only what it is may be told: it may be a payload. */
const asError = (thrown: unknown): Error =>
  thrown instanceof Error
    ? thrown
    : new Error(typeof thrown === "string" ? thrown : `thrown: ${Object.prototype.toString.call(thrown)}`);

interface Fatal {
  fatal(fields: object, message: string): void;
}
