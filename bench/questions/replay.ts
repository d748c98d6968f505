import { inflateRawSync } from "node:zlib";
import { backlog, type Filled, filled, open, type Packed, timed, turn, workerOn } from "../backlog.js";
import { product } from "../product.js";
import { type Question, repeated } from "../question.js";

const DELIVERIES = 10_000;

/**
 * How fast a full inbox becomes events, beside what nobody can do without: to inflate and to parse the bodies. In turn, batch by
 * batch. Of `pull_request` alone, since those are of the size that the goal was set with, and of everything that teams do.
 */
export const replay: Question = {
  title: `Replay of ${DELIVERIES.toLocaleString("en")} deliveries to events, on SQLite`,
  goals: [
    { id: "P12a", what: "pull requests (22 kB) to events ÷ inflate and parse", is: "at-least", floor: 0.5, stretch: 0.65 },
    { id: "P12b", what: "of all kinds (11 kB) to events ÷ inflate and parse", is: "at-least", floor: 0.5, stretch: 0.65 },
  ],
  ask: async () => {
    const notes: string[] = [];
    const one = async (id: string, event?: string) => {
      const deliveries = await backlog(DELIVERIES, event);
      const inbox = await filled(deliveries);
      try {
        return await repeated(async () => {
          const { ours, yardstick } = await replayOf(inbox, deliveries);
          notes.push(`${id}: ${perDelivery(ours)} µs a delivery, ${perDelivery(yardstick)} to inflate and parse it`);
          return { [id]: yardstick / ours };
        });
      } finally {
        await inbox.end();
      }
    };
    return { figures: { ...(await one("P12a", "pull_request")), ...(await one("P12b")) }, notes };
  },
};

const perDelivery = (milliseconds: number): string => ((1000 * milliseconds) / DELIVERIES).toFixed(0);

/** Milliseconds. */
async function replayOf(inbox: Filled, deliveries: readonly Packed[]) {
  const { readDeliveries } = await product<typeof import("../../src/flow/read-deliveries.js")>("flow/read-deliveries.js");
  const store = await open(await inbox.copy());
  const worker = await workerOn(store);
  let [ours, yardstick, read] = [0, 0, 0];
  for (let count = -1; count !== 0; ) {
    ours += await timed(async () => {
      count = await readDeliveries(worker);
    });
    const bodies = deliveries.slice(read, read + count).map(({ body }) => body);
    yardstick += await timed(() => bodies.map((body) => JSON.parse(inflateRawSync(body).toString()) !== null));
    read += count;
    await turn();
  }
  await store.close();
  return { ours, yardstick };
}
