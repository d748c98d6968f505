import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds without a request after which the app has done all there was to do. */
const QUIET = 300;

/** Looks at the requests that the simulated servers of this process answer. Times as `performance.now()` tells them. */
export interface Watch {
  /** Resolves to when the next such request comes. */
  next(method: string, path: RegExp): Promise<number>;
  /** How long, of this time, they had something to answer. */
  busy(from: number, until: number): number;
  /** Resolves when nothing has come for a while. */
  quiet(): Promise<void>;
  end(): void;
}

interface Seen {
  readonly from: number;
  until: number;
}

export function watchRequests(): Watch {
  const seen = new Map<unknown, Seen>();
  const awaited: { method: string; path: RegExp; tell: (time: number) => void }[] = [];
  const onStart = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }; // as Node documents the channel
    const now = performance.now();
    seen.set(request, { from: now, until: Number.POSITIVE_INFINITY });
    const index = awaited.findIndex(({ method, path }) => method === request.method && path.test(request.url ?? ""));
    for (const { tell } of index < 0 ? [] : awaited.splice(index, 1)) tell(now);
  };
  const onFinish = (message: unknown) => {
    const one = seen.get((message as { request: IncomingMessage }).request); // as Node documents the channel
    if (one) one.until = performance.now();
  };
  subscribe("http.server.request.start", onStart);
  subscribe("http.server.response.finish", onFinish);
  return {
    next: (method, path) => new Promise((tell) => awaited.push({ method, path, tell })),
    busy: (from, until) => covered([...seen.values()], { from, until }),
    quiet: async () => {
      while ([...seen.values()].some(({ until }) => until > performance.now() - QUIET)) await wait(QUIET / 10);
    },
    end: () => {
      unsubscribe("http.server.request.start", onStart);
      unsubscribe("http.server.response.finish", onFinish);
    },
  };
}

/** How much of a time others cover, those that overlap counted once. */
function covered(others: readonly Seen[], { from, until }: Seen): number {
  let reached = from;
  let sum = 0;
  for (const other of [...others].sort((one, another) => one.from - another.from)) {
    const [start, end] = [Math.max(other.from, reached), Math.min(other.until, until)];
    if (end > start) {
      sum += end - start;
      reached = end;
    }
  }
  return sum;
}
