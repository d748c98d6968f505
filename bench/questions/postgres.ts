import { canStartCluster, startCluster } from "../../chaos/cluster.js";
import { onStand } from "../intake.js";
import { type Question, repeated } from "../question.js";

/** Intake on a PostgreSQL server of its own, with its ordinary settings. Needs PostgreSQL's programs. */
export const postgres: Question = {
  title: "Intake on PostgreSQL, 64 connections",
  goals: [
    { id: "P15a", what: "PostgreSQL: durable ÷ C1", is: "at-least", floor: 0.3, stretch: 0.45 },
    { id: "P15b", what: "PostgreSQL: durable ÷ one insert each", is: "at-least", floor: 1.4, stretch: 1.9 },
  ],
  ask: async () => {
    if (!canStartCluster()) throw new Error("Expected the programs of a PostgreSQL server, found none");
    const cluster = await startCluster();
    try {
      return await onStand(async ({ open, notes }) => {
        const c1 = await open("C1, nothing stored", "nothing-stored");
        const durable = await open("durable", "durable", { database: await cluster.database() });
        const each = await open("one insert each, 10 connections", "insert-each", { database: await cluster.database() });
        const figures = await repeated(async () => {
          const yardstick = await c1.measure();
          const ours = await durable.measure();
          const one = await each.measure();
          return { P15a: ours.perSecond / yardstick.perSecond, P15b: ours.perSecond / one.perSecond };
        });
        return { figures, notes: notes() };
      });
    } finally {
      await cluster.end();
    }
  },
};
