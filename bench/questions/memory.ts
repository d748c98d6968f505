import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onStand } from "../intake.js";
import { type Question, repeated } from "../question.js";

const FEW = 60_000;
const MANY = 600_000;

/** Whether what comes in leaves something behind in memory. One run: it takes minutes. */
export const memory: Question = {
  title: `Memory after ${MANY.toLocaleString("en")} deliveries`,
  goals: [{ id: "P11", what: "memory after 600,000 deliveries ÷ after 60,000", is: "at-most", floor: 1.1, stretch: 1.05 }],
  ask: () =>
    onStand(async ({ folder, sender, open }) => {
      const { server } = await open("durable", "durable", { database: `sqlite:${join(folder, "durable.db")}` });
      const load = { port: server.port, path: "/api/github/webhooks", connections: 64 };
      const after = async (deliveries: number) => {
        await sender.send({ ...load, deliveries });
        return (await server.usage()).rss;
      };
      const few = await after(FEW);
      const many = await after(MANY - FEW);
      const [before, now] = [few, many].map((bytes) => (bytes / 1024 ** 2).toFixed(0));
      return { figures: { P11: [many / few] }, notes: [`${before} MiB, then ${now} MiB`] };
    }),
};

/** Pages until SQLite empties its log, and a page's bytes, with its head in the log. */
const CHECKPOINT = 1000 * (8192 + 24);
const READERS = 4;

/** Whether readers keep SQLite from emptying its log. */
export const log: Question = {
  title: "SQLite's log while the API is read without end",
  goals: [
    { id: "P19", what: "the log's size under load and reading ÷ at a checkpoint", is: "at-most", floor: 2, stretch: 1.2 },
  ],
  ask: () =>
    onStand(async ({ folder, open }) => {
      const path = join(folder, "durable.db");
      const { server, measure } = await open("durable", "durable", { database: `sqlite:${path}` });
      let over = false;
      let read = 0;
      const reader = async () => {
        for (; !over; read++) await (await fetch(`http://127.0.0.1:${server.port}/api/v1/work-items/PROP-1`)).text();
      };
      const readers = Promise.all(Array.from({ length: READERS }, reader));
      const figures = await repeated(async () => {
        const [largest] = await Promise.all([largestWhile(`${path}-wal`), measure()]);
        return { P19: largest / CHECKPOINT };
      });
      over = true;
      await readers;
      return { figures, notes: [`${read} answers of the API meanwhile`] };
    }),
};

/** Bytes, as seen over some two seconds. */
async function largestWhile(path: string): Promise<number> {
  let largest = 0;
  for (let look = 0; look < 80; look++) {
    largest = Math.max(largest, (await stat(path)).size);
    await wait(25);
  }
  return largest;
}
