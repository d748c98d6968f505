import { join } from "node:path";
import { syncShim } from "../../chaos/sync-shim.js";
import { onStand } from "../intake.js";
import { type Question, repeated } from "../question.js";

/** Intake where every wait for the disk takes longer: this is where committing together decides. Needs a C compiler and Linux. */
export const slowDisk: Question = {
  title: "Intake on SQLite, 64 connections, on slow disks",
  goals: [
    { id: "P4a", what: "durable, syncs take 2 ms longer ÷ C1", is: "at-least", floor: 0.4, stretch: 0.55 },
    { id: "P4b", what: "durable, syncs take 10 ms longer ÷ C1", is: "at-least", floor: 0.15, stretch: 0.2 },
    { id: "P5", what: "deliveries a sync", is: "at-least", floor: 16, stretch: 25 },
  ],
  ask: () =>
    onStand(async ({ folder, open, notes }) => {
      const shim = await syncShim(folder);
      const c1 = await open("C1, nothing stored", "nothing-stored");
      const durable = await open("durable, all delays together", "durable", {
        database: `sqlite:${join(folder, "durable.db")}`,
        env: shim.environment(),
      });
      const figures = await repeated(async () => {
        const yardstick = await c1.measure();
        shim.change({});
        const before = shim.count();
        const { deliveries } = await durable.measure();
        const syncs = shim.count() - before;
        shim.change({ delay: 2 });
        const slow = await durable.measure();
        shim.change({ delay: 10 });
        const slower = await durable.measure();
        return {
          P4a: slow.perSecond / yardstick.perSecond,
          P4b: slower.perSecond / yardstick.perSecond,
          P5: deliveries / syncs,
        };
      });
      return { figures, notes: notes().slice(0, 1) };
    }),
};
