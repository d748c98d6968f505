import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { instant } from "../src/core/time.js";
import type { WorkerParts } from "../src/flow/worker.js";
import type { Delivery, Store } from "../src/ports.js";
import { seededRandom } from "../src/simulator/chance.js";
import { TEAMS, teamHistory } from "../src/simulator/team.js";
import type { Webhook } from "../src/simulator/webhook.js";
import { startWorld, type World } from "../src/simulator/world.js";
import { product } from "./product.js";

/** When all of it has happened. */
const NOW = Date.UTC(2026, 9, 1);
export const clock = { now: () => instant(NOW) };
export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A delivery whose body is compressed, as the inbox keeps it: so many would not fit into memory otherwise. */
export type Packed = Delivery;

/** Changes of one company: some ten thousand deliveries, in ten seconds. Twice as many would take far longer. */
const CHANGES = 600;
/** Between the ids of two companies. */
const APART = 200_000;

/**
 * Deliveries as GitHub and Jira send them, in the order in which they happened: of one company, and when these do not suffice of
 * further ones. `event`: of this event of GitHub's alone.
 */
export async function backlog(count: number, event?: string): Promise<Packed[]> {
  const packed: Packed[] = [];
  for (let company = 0; packed.length < count; company++) packed.push(...(await historyOf(company, event)));
  return packed.slice(0, count);
}

async function historyOf(company: number, event: string | undefined): Promise<Packed[]> {
  const world = await startWorld({ now: () => NOW });
  try {
    for (let id = 0; id < company * APART; id++) world.github.state.nextId();
    const packed: Packed[] = [];
    for (const { at, run } of teamHistory({ random: seededRandom(company), until: NOW, changes: CHANGES })) {
      await run(world);
      packed.push(...collected(world, { company, event, at }));
    }
    return packed;
  } finally {
    await world.close();
  }
}

interface Wanted {
  readonly company: number;
  readonly event: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

function collected(world: World, { company, event, at }: Wanted): Packed[] {
  const wanted = world.collect().filter((webhook) => event === undefined || eventOf(webhook) === event);
  return wanted.map((webhook) => ({
    source: webhook.source,
    id: `${company} ${webhook.id}`,
    event: eventOf(webhook),
    receivedAt: instant(at),
    body: deflateRawSync(Buffer.from(ownTickets(webhook.body, company)), { level: 1 }),
  }));
}

const eventOf = ({ headers }: Webhook): string => headers["x-github-event"] ?? "";

/** Jira's ids and keys are the same in each world: each company gets its own. */
function ownTickets(body: string, company: number): string {
  const keys = TEAMS.reduce((text, { project }) => text.replaceAll(project, `${project}${company}`), body);
  return keys.replace(/"id":"(2\d{4})"/g, (_, id: string) => `"id":"${Number(id) + company * APART}"`);
}

export const unpacked = (packed: Packed): Delivery => ({ ...packed, body: inflateRawSync(packed.body) });

/** What reads deliveries, as the app composes it. */
export async function sources(): Promise<WorkerParts["sources"]> {
  const { githubSource } = await product<typeof import("../src/github/deliveries.js")>("github/deliveries.js");
  const { jiraSource } = await product<typeof import("../src/jira/deliveries.js")>("jira/deliveries.js");
  return { github: githubSource({ appId: "4711" }), jira: jiraSource({ baseUrl: "https://jira.example" }) };
}

export async function workerOn(store: Store): Promise<WorkerParts> {
  const policy = { configuration: null, jira: { configured: true, owners: null } };
  return { store, sources: await sources(), policy, clock, log: silent };
}

export async function open(url: string): Promise<Store> {
  const { openStore } = await product<typeof import("../src/store/open.js")>("store/open.js");
  return openStore(url, { clock, log: silent });
}

export async function fill(store: Store, deliveries: readonly Packed[]): Promise<void> {
  for (let start = 0; start < deliveries.length; start += 500)
    await store.accept(deliveries.slice(start, start + 500).map(unpacked));
}

/** Databases in files, each a copy of one that was filled once. */
export interface Filled {
  /** Of a fresh copy. */
  copy(): Promise<string>;
  end(): Promise<void>;
}

export async function filled(deliveries: readonly Packed[]): Promise<Filled> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
  const full = join(folder, "full");
  const store = await open(`sqlite:${join(full, "leadtime.db")}`);
  await fill(store, deliveries);
  await store.close();
  return {
    copy: async () => {
      const copy = join(folder, "copy");
      await rm(copy, { recursive: true, force: true });
      await cp(full, copy, { recursive: true });
      return `sqlite:${join(copy, "leadtime.db")}`;
    },
    end: () => rm(folder, { recursive: true }),
  };
}

/** Milliseconds that it takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Lets the event loop go on, as `flow/loop.ts` does between two looks. */
export const turn = (): Promise<void> => new Promise((next) => setImmediate(next));
