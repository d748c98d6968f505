import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import { instant } from "../../src/core/time.js";
import { seededRandom, shuffled } from "../../src/simulator/chance.js";
import { backlog, clock, filled, open, type Packed, timed, turn, workerOn } from "../backlog.js";
import { product } from "../product.js";
import type { Question } from "../question.js";

const DELIVERIES = 100_000;
/** Deliveries a second in a burst of the busiest installation that we know of. */
const BURST = 90;

/** How fast what came in during an outage is worked off, in the order in which it happened and in any other: with the same result. */
export const drain: Question = {
  title: `A backlog of ${DELIVERIES.toLocaleString("en")} deliveries, on SQLite`,
  goals: [
    { id: "P20a", what: "to events, × a burst of 90 a second", is: "at-least", floor: 50, stretch: 100 },
    { id: "P20b", what: "to events, in another order", is: "at-least", floor: 50, stretch: 100 },
  ],
  ask: async () => {
    const deliveries = await backlog(DELIVERIES);
    const inOrder = await drained(deliveries);
    const reorderedly = await drained(reordered(deliveries));
    if (inOrder.items !== reorderedly.items) throw new Error("In another order the items are others");
    const figures = { P20a: [inOrder.toEvents / BURST], P20b: [reorderedly.toEvents / BURST] };
    return { figures, notes: [`in order ${told(inOrder)}`, `in another order ${told(reorderedly)}: the same items`] };
  },
};

/** The inbox is worked off by the time at which a delivery came in. */
function reordered(deliveries: readonly Packed[]): Packed[] {
  const order = shuffled(seededRandom(20), deliveries);
  return order.map((one, index) => ({ ...one, receivedAt: instant(clock.now() - order.length + index) }));
}

interface Drained {
  /** Deliveries a second. */
  readonly toEvents: number;
  readonly toItems: number;
  /** A hash of all of them. */
  readonly items: string;
}

const told = ({ toEvents, toItems }: Drained): string =>
  `${toEvents.toFixed(0)} deliveries/s to events, ${toItems.toFixed(0)} to measured items`;

async function drained(deliveries: readonly Packed[]): Promise<Drained> {
  const { readDeliveries } = await product<typeof import("../../src/flow/read-deliveries.js")>("flow/read-deliveries.js");
  const { work } = await product<typeof import("../../src/flow/worker.js")>("flow/worker.js");
  const inbox = await filled(deliveries);
  try {
    const toEvents = await emptied(await inbox.copy(), async (worker) => (await readDeliveries(worker)) > 0);
    const url = await inbox.copy();
    const toItems = await emptied(url, work);
    const perSecond = (milliseconds: number) => (1000 * deliveries.length) / milliseconds;
    return { toEvents: perSecond(toEvents), toItems: perSecond(toItems), items: itemsIn(url) };
  } finally {
    await inbox.end();
  }
}

type Look = (worker: Awaited<ReturnType<typeof workerOn>>) => Promise<boolean>;

/** Milliseconds until there is nothing to do. */
async function emptied(url: string, look: Look): Promise<number> {
  const store = await open(url);
  const worker = await workerOn(store);
  const milliseconds = await timed(async () => {
    while (await look(worker)) await turn();
  });
  await store.close();
  return milliseconds;
}

function itemsIn(url: string): string {
  const database = new Database(url.replace("sqlite:", ""), { readonly: true });
  const hash = createHash("sha256");
  for (const row of database.prepare("select owner, ref, data from items order by owner, ref").iterate())
    hash.update(JSON.stringify(row));
  database.close();
  return hash.digest("hex");
}
