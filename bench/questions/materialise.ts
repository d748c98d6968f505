import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event } from "../../src/core/event.js";
import type { Owner } from "../../src/core/ref.js";
import type { Reading, Transaction } from "../../src/ports.js";
import { backlog, clock, open, sources, timed, turn, unpacked, workerOn } from "../backlog.js";
import { product } from "../product.js";
import { type Question, repeated } from "../question.js";

const DELIVERIES = 10_000;
const AT_ONCE = 500;

/** What it costs to measure items whenever a batch of their events is stored, as the worker does, beside what it costs to store these. */
export const materialise: Question = {
  title: `The events of ${DELIVERIES.toLocaleString("en")} deliveries stored, with and without measuring, on SQLite`,
  goals: [{ id: "P13", what: "events stored and items measured ÷ events stored", is: "at-most", floor: 2.5, stretch: 1.8 }],
  ask: async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
    const readings = await readAll();
    const { withLanes } = await product<typeof import("../../src/core/relation.js")>("core/relation.js");
    const { absorb } = await product<typeof import("../../src/flow/absorb.js")>("flow/absorb.js");
    const notes: string[] = [];
    let number = 0;
    const run = async (store: Storing, measured: boolean) => {
      const path = join(folder, `${++number}.db`);
      const milliseconds = await storeAll({ url: `sqlite:${path}`, readings, store, measured });
      await rm(path);
      return milliseconds;
    };
    try {
      const figures = await repeated(async () => {
        const stored = await run((tx, owner, events) => tx.append(owner, withLanes(events)), false);
        const both = await run((tx, owner, events) => absorb(tx, owner, events, clock.now()), true);
        notes.push(`${stored.toFixed(0)} ms to store, ${both.toFixed(0)} to measure as well`);
        return { P13: both / stored };
      });
      return { figures, notes };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function readAll(): Promise<Reading[]> {
  const reading = await sources();
  const deliveries = await backlog(DELIVERIES);
  return deliveries.flatMap((delivery) => reading[delivery.source]?.read(unpacked(delivery)) ?? []);
}

type Storing = (tx: Transaction, owner: Owner, events: readonly Event[]) => Promise<unknown>;

interface Run {
  readonly url: string;
  readonly readings: readonly Reading[];
  readonly store: Storing;
  readonly measured: boolean;
}

/** Milliseconds. */
async function storeAll({ url, readings, store: keep, measured }: Run): Promise<number> {
  const { measureDirty } = await product<typeof import("../../src/flow/measure-dirty.js")>("flow/measure-dirty.js");
  const store = await open(url);
  const worker = await workerOn(store);
  const milliseconds = await timed(async () => {
    for (let start = 0; start < readings.length; start += AT_ONCE) {
      const batch = byOwner(readings.slice(start, start + AT_ONCE));
      await store.transaction(async (tx) => {
        for (const [owner, events] of batch) await keep(tx, owner, events);
      });
      await turn();
      while (measured && (await measureDirty(worker)) > 0) await turn();
    }
  });
  await store.close();
  return milliseconds;
}

function byOwner(readings: readonly Reading[]): [Owner, Event[]][] {
  const events = new Map<Owner, Event[]>(readings.map(({ owner }) => [owner, []]));
  for (const reading of readings) events.get(reading.owner)?.push(...reading.events);
  return [...events].sort(([one], [other]) => (one < other ? -1 : 1));
}
