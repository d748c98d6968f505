import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "../../chaos/process.js";
import { ascending, percentile } from "../../src/core/statistics.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { type Question, repeated } from "../question.js";
import { type Watch, watchRequests } from "../watch.js";

/** Lives a repetition. */
const LIVES = 20;
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
