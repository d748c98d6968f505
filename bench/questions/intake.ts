import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { onStand } from "../intake.js";
import { type Question, repeated } from "../question.js";

/** What it costs that a delivery is durable before it is acknowledged, in time, processor and room. */
export const intake: Question = {
  title: "Intake on SQLite, 64 connections",
  goals: [
    { id: "P1", what: "durable ÷ nothing stored (C1)", is: "at-least", floor: 0.6, stretch: 0.8 },
    { id: "P2", what: "durable ÷ a Probot handler with one insert each", is: "at-least", floor: 4, stretch: 6 },
    { id: "P3", what: "CPU of a durable delivery ÷ C1's", is: "at-most", floor: 1.9, stretch: 1.4 },
    { id: "P17", what: "bytes stored ÷ bytes of bodies", is: "at-most", floor: 0.25, stretch: 0.18 },
  ],
  ask: () =>
    onStand(async ({ folder, open, notes }) => {
      const bytes = await open("C0, the body is read", "bytes");
      const c1 = await open("C1, signature and parsing, nothing stored", "nothing-stored");
      const durable = await open("durable", "durable", { database: `sqlite:${join(folder, "durable.db")}` });
      const plain = await open("a Probot handler with one insert each", "plain", { database: join(folder, "plain.db") });
      const figures = await repeated(async () => {
        await bytes.measure();
        const yardstick = await c1.measure();
        const before = await stored(folder);
        const ours = await durable.measure();
        const after = await stored(folder);
        const naive = await plain.measure();
        return {
          P1: ours.perSecond / yardstick.perSecond,
          P2: ours.perSecond / naive.perSecond,
          P3: ours.cpu / yardstick.cpu,
          P17: (after - before) / ours.bytes,
        };
      });
      return { figures, notes: notes() };
    }),
};

/** Bytes of the durable database, its log included. */
async function stored(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("durable.db"));
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
