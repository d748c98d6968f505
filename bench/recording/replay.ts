import { deepStrictEqual } from "node:assert/strict";
import type { Event } from "../../src/core/event.js";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { type Owner, SHARED } from "../../src/core/ref.js";
import { instant } from "../../src/core/time.js";
import { absorb } from "../../src/flow/absorb.js";
import { type WorkerParts, work } from "../../src/flow/worker.js";
import { githubSource } from "../../src/github/deliveries.js";
import { codeHost } from "../../src/github/history.js";
import { jiraTracker } from "../../src/jira/history.js";
import type { Log, Store } from "../../src/ports.js";
import { storeOn } from "../../src/store/open.js";
import type { Driver } from "../../src/store/sql.js";
import type { Kind } from "../../test/store/databases.js";
import { deliveriesOf, recordedOctokit, repositoryOf } from "./github.js";
import { recordedJira } from "./jira.js";
import type { Recording } from "./rows.js";

/** What a recording comes to, measured. */
export interface Replayed {
  readonly pullRequests: readonly MeasuredItem[];
  readonly tickets: readonly MeasuredItem[];
  /** Deliveries and reads that were fed in. */
  readonly fed: number;
  /** What the worker complained of. */
  readonly complaints: readonly string[];
}

/** Twice, in two orders. Throws when they do not come to the same. */
export async function replayTwice(recording: Recording, database: Kind): Promise<Replayed> {
  await database.begin();
  try {
    const one = await replay(recording, await database.fresh(), 1);
    const other = await replay(recording, await database.fresh(), 2);
    deepStrictEqual(other, one, "two orders of arrival came to different items");
    return one;
  } finally {
    await database.end();
  }
}

type Step = (parts: WorkerParts) => Promise<unknown>;

/** The recording was made before. */
const NOW = instant(Date.UTC(2022, 10, 1));
const BATCH = 50;

/** Feeds a recording, in an order that the seed decides, through adapters, store and worker, until nothing is left to measure. */
export async function replay(recording: Recording, database: Driver, seed: number): Promise<Replayed> {
  const complaints: string[] = [];
  const complain = (fields: object, message: string) => complaints.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: () => {}, info: () => {}, warn: complain, error: complain };
  const clock = { now: () => NOW };
  const store = await storeOn(database, { clock, log });
  try {
    const policy = { configuration: null, jira: { configured: true, owners: null } };
    const parts: WorkerParts = { store, sources: { github: githubSource() }, policy, clock, log };
    const steps = shuffled([...deliveries(recording), ...githubReads(recording), ...jiraReads(recording)], seed);
    for (const [index, step] of steps.entries()) {
      await step(parts);
      if (index % BATCH === BATCH - 1) await work(parts);
    }
    while (await work(parts));
    return { ...(await itemsOf(store, recording)), fed: steps.length, complaints };
  } finally {
    await store.close();
  }
}

const deliveries = (recording: Recording): Step[] =>
  deliveriesOf(recording, NOW).map(
    (delivery) =>
      ({ store }) =>
        store.accept([delivery]),
  );

function githubReads(recording: Recording): Step[] {
  const repository = repositoryOf(recording);
  const listed = new Set(recording.commits.map(({ pull_number }) => pull_number));
  return recording.pullRequests.flatMap((row): Step[] => {
    const { number, head } = row;
    const octokit = recordedOctokit({ ...recording, pullRequests: [row] });
    const host = ({ clock, log }: WorkerParts) => codeHost({ octokit: async () => octokit, clock, log, check: () => [] });
    const read: Step = async (parts) => keep(parts, repository.owner, await host(parts).pullRequest(repository, number));
    const list: Step = async (parts) => keep(parts, repository.owner, await host(parts).commits(repository, number, head.sha));
    return listed.has(number) ? [read, list] : [read];
  });
}

function jiraReads(recording: Recording): Step[] {
  const client = recordedJira(recording);
  const tracker = ({ clock }: WorkerParts) => jiraTracker({ client, baseUrl: "https://jira.example.com", clock });
  return [
    async (parts) => keep(parts, SHARED, await tracker(parts).projects()),
    ...recording.issues.map(
      ({ key }): Step =>
        async (parts) =>
          keep(parts, SHARED, await tracker(parts).ticket(key)),
    ),
  ];
}

const keep = ({ store, clock }: WorkerParts, owner: Owner, events: readonly Event[]) =>
  store.transaction((tx) => absorb(tx, owner, events, clock.now()));

async function itemsOf(store: Store, recording: Recording): Promise<Pick<Replayed, "pullRequests" | "tickets">> {
  const { owner } = repositoryOf(recording);
  const items = async (from: typeof owner, kind: "pull-request" | "ticket") => {
    const refs = await store.subjects(from, kind);
    const found = await Promise.all(refs.map((ref) => store.item(owner, ref)));
    return found.flatMap((item) => item ?? []).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  };
  return { pullRequests: await items(owner, "pull-request"), tickets: await items(SHARED, "ticket") };
}

/** Fisher and Yates, with a small generator of its own (mulberry32): the same seed gives the same order. */
export function shuffled<Value>(values: readonly Value[], seed: number): Value[] {
  const random = generator(seed);
  const rest = [...values];
  return values.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1));
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
  };
}
