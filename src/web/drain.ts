import type { Server, ServerResponse } from "node:http";

/** Milliseconds: longer than the store may take, shorter than what stops us waits before it kills. */
const PATIENCE = 8500;

/**
 * How to stop a server: it takes no more connections, cuts those that idle, and answers what is under way
 * with `Connection: close`. What then still is not done after `patience` milliseconds is cut.
 */
export function drainOf(server: Server): (patience?: number) => Promise<void> {
  const running = places<ServerResponse>();
  let closing = false;
  const track = (_request: unknown, response: ServerResponse): void => {
    response.shouldKeepAlive &&= !closing;
    const leave = running.enter(response);
    response.once("close", leave);
  };
  server.prependListener("request", track).prependListener("checkContinue", track);
  return (patience = PATIENCE) =>
    new Promise((resolve) => {
      closing = true;
      for (const response of running.taken()) if (!response.headersSent) response.shouldKeepAlive = false;
      const timer = setTimeout(() => server.closeAllConnections(), patience);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
}

/**
 * What is there now. A Set would do, but one that thousands a second go through costs more than all else here: V8 chains its
 * outgrown tables, and what they held is kept until the whole heap is collected.
 */
function places<T>() {
  const all: (T | undefined)[] = [];
  const free: number[] = [];
  return {
    enter: (one: T): (() => void) => {
      const place = free.pop() ?? all.length;
      all[place] = one;
      return () => {
        all[place] = undefined;
        free.push(place);
      };
    },
    taken: (): T[] => all.filter((one) => one !== undefined),
  };
}
