import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Logger, run, runMigrations } from "graphile-worker";
import pg from "pg";
import { canStartCluster, startCluster } from "../../chaos/cluster.js";
import type { Store } from "../../src/ports.js";
import { clock, open, timed } from "../backlog.js";
import { type Question, repeated } from "../question.js";

const JOBS = 20_000;
const AT_ONCE = 500;

const version = (): string => {
  const path = createRequire(import.meta.url).resolve("graphile-worker/package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version; // as npm says
};

/** How fast deliveries are claimed and settled, beside a job queue that is made for it; neither does anything with them. */
export const claim: Question = {
  title: `${JOBS.toLocaleString("en")} deliveries claimed and settled on PostgreSQL, beside graphile-worker ${version()}`,
  goals: [{ id: "P16", what: "deliveries ÷ jobs of graphile-worker, in batches", is: "at-least", floor: 0.5, stretch: 0.75 }],
  ask: async () => {
    if (!canStartCluster()) throw new Error("Expected the programs of a PostgreSQL server, found none");
    const cluster = await startCluster();
    try {
      const url = await cluster.database();
      const store = await open(url);
      const pool = new pg.Pool({ connectionString: url, max: 12 });
      pool.on("error", () => {});
      await runMigrations({ pgPool: pool, logger });
      const notes: string[] = [];
      const figures = await repeated(async () => {
        await pool.query("select graphile_worker.add_job('nothing', '{}'::json) from generate_series(1, $1)", [JOBS]);
        const jobs = await timed(() => runJobs(pool));
        await accept(store);
        const deliveries = await timed(() => claimAll(store));
        notes.push(`${perSecond(deliveries)} deliveries/s, ${perSecond(jobs)} jobs/s`);
        return { P16: jobs / deliveries };
      });
      await store.close();
      await pool.end();
      return { figures, notes };
    } finally {
      await cluster.end();
    }
  },
};

const perSecond = (milliseconds: number): string => ((1000 * JOBS) / milliseconds).toFixed(0);
const logger = new Logger(() => () => {});

/** As graphile-worker is fastest; releases before 0.17 know no local queue, and leave these settings alone. */
const BATCHED = { concurrentJobs: 24, localQueue: { size: AT_ONCE }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

async function runJobs(pool: pg.Pool): Promise<void> {
  let count = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const nothing = () => {
    if (++count === JOBS) finish();
  };
  const preset = { worker: { ...BATCHED, logger } };
  const runner = await run({ pgPool: pool, preset, taskList: { nothing }, noHandleSignals: true });
  await finished;
  await runner.stop();
}

let accepted = 0;

async function accept(store: Store): Promise<void> {
  const body = new TextEncoder().encode("{}");
  for (let start = 0; start < JOBS; start += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, () => ({ source: "github" as const, id: `d${++accepted}`, event: "push" }));
    await store.accept(batch.map((one) => ({ ...one, receivedAt: clock.now(), body })));
  }
}

async function claimAll(store: Store): Promise<void> {
  let count = -1;
  while (count !== 0) {
    count = await store.transaction(async (tx) => {
      const claimed = await tx.claimDeliveries(AT_ONCE, clock.now());
      await tx.settleDeliveries(claimed.map((delivery) => ({ delivery, outcome: { state: "done" } })));
      return claimed.length;
    });
  }
}
