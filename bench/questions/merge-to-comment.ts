import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startProcess } from "../../chaos/process.js";
import { ascending, percentile } from "../../src/core/statistics.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { type Question, repeated } from "../question.js";

/** Lives a repetition. */
const LIVES = 20;
/** Milliseconds without a request after which the app has done all there was to do. */
const QUIET = 300;
const BEFORE_MERGE = { ...GOLDEN_TIMES, merged: null, ci: null, deployed: null, done: null, released: null };

/**
 * How long after a merge is delivered the request arrives that writes the comment, less the time in which the simulated GitHub
 * and Jira were busy answering what the app had to ask meanwhile. The app is a process of its own.
 */
export const mergeToComment: Question = {
  title: "From a merge to its comment, against the simulated GitHub and Jira",
  goals: [
    {
      id: "merge-to-comment.p50",
      what: "ms above the simulator's own, half of them",
      is: "at-most",
      floor: 100,
      stretch: null,
    },
    { id: "merge-to-comment.p95", what: "ms above the simulator's own, 95 of 100", is: "at-most", floor: 100, stretch: null },
  ],
  ask: async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
    const world = await startWorld({ now: Date.now });
    const watch = watchRequests();
    const settings = { ...world.environment(), DATABASE_URL: `sqlite:${join(folder, "leadtime.db")}` };
    const app = await startProcess(settings, { built: true });
    let number = 0;
    try {
      world.target(app.url);
      await live({ world, watch, url: app.url }, ++number); // warms both up, and lets the app get to know the repository
      const figures = await repeated(async () => {
        const took: number[] = [];
        for (let life = 0; life < LIVES; life++) took.push(await live({ world, watch, url: app.url }, ++number));
        const sorted = ascending(took);
        return { "merge-to-comment.p50": percentile(sorted, 50) ?? 0, "merge-to-comment.p95": percentile(sorted, 95) ?? 0 };
      });
      return { figures, notes: [] };
    } finally {
      watch.end();
      await app.end("SIGTERM");
      await world.close();
      await rm(folder, { recursive: true });
    }
  },
};

interface Scene {
  readonly world: World;
  readonly watch: Watch;
  /** The app's. */
  readonly url: string;
}

/** Lives a ticket up to its merge, and measures from there. Milliseconds. */
async function live({ world, watch, url }: Scene, number: number): Promise<number> {
  const branch = `feature/PROP-${number}-login`;
  const { pullRequests, repository } = await playTicketLife(world, BEFORE_MERGE, { number, branch });
  const [pullRequest] = pullRequests;
  if (!pullRequest) throw new Error("expected a pull request in each life");
  await watch.quiet();
  world.target(undefined);
  await world.github.merge({ repository, number: pullRequest.number, method: "merge", by: "bob", at: Date.now() });
  const webhooks = world.collect();
  world.target(url);
  const merge = webhooks.findIndex(({ headers }) => headers["x-github-event"] === "pull_request");
  for (const webhook of webhooks.slice(0, merge)) await world.webhooks.send(webhook);
  const comment = watch.next("POST", new RegExp(`/issues/${pullRequest.number}/comments$`));
  const sent = performance.now();
  for (const webhook of webhooks.slice(merge)) void world.webhooks.send(webhook);
  const came = await comment;
  await watch.quiet();
  return came - sent - watch.busy(sent, came);
}

/** Looks at the requests that the simulated servers of this process answer. Times as `performance.now()` tells them. */
interface Watch {
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

function watchRequests(): Watch {
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
