import type { Server, ServerResponse } from "node:http";

/** Milliseconds: longer than the store may take, shorter than what stops us waits before it kills. */
const PATIENCE = 8500;

/**
 * How to stop a server: it takes no more connections, cuts those that idle, and answers what is under way
 * with `Connection: close`. What then still is not done after `patience` milliseconds is cut.
 */
export function drainOf(server: Server): (patience?: number) => Promise<void> {
  const running = new Set<ServerResponse>();
  let closing = false;
  const track = (_request: unknown, response: ServerResponse): void => {
    response.shouldKeepAlive &&= !closing;
    running.add(response);
    response.once("close", () => running.delete(response));
  };
  server.prependListener("request", track).prependListener("checkContinue", track);
  return (patience = PATIENCE) =>
    new Promise((resolve) => {
      closing = true;
      for (const response of running) if (!response.headersSent) response.shouldKeepAlive = false;
      const timer = setTimeout(() => server.closeAllConnections(), patience);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
}
