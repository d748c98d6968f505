import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "../../chaos/process.js";
import { ascending, percentile } from "../../src/core/statistics.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { type Question, repeated } from "../question.js";
import { type Watch, watchRequests } from "../watch.js";

/** Questions a repetition, each from somebody else, so that none is answered by a change. */
const QUESTIONS = 20;
const COMMANDS = ["/leadtime", "/leadtime explain", "/leadtime report", "/leadtime profile", "/leadtime unlink PROP-7"];
const OPEN = { ...GOLDEN_TIMES, approved: null, merged: null, ci: null, deployed: null, done: null, released: null };

/**
 * How long after a comment with a command is delivered the request arrives that writes the answer, less the time in which the
 * simulated GitHub and Jira were busy answering what the app had to ask meanwhile. The app is a process of its own.
 */
export const questionToAnswer: Question = {
  title: "From a slash command to its answer, against the simulated GitHub and Jira",
  goals: [
    { id: "question-to-answer.p95", what: "ms above the simulator's own, 95 of 100", is: "at-most", floor: 150, stretch: null },
  ],
  ask: async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
    const world = await startWorld({ now: Date.now });
    const watch = watchRequests();
    const settings = { ...world.environment(), DATABASE_URL: `sqlite:${join(folder, "leadtime.db")}` };
    const app = await startProcess(settings, { built: true });
    let asker = 0;
    try {
      world.target(app.url);
      await playTicketLife(world, OPEN);
      await watch.quiet();
      for (const command of COMMANDS) await asked({ world, watch }, command, ++asker); // warms both up
      const figures = await repeated(async () => {
        const took: number[] = [];
        for (let question = 0; question < QUESTIONS; question++) {
          took.push(await asked({ world, watch }, COMMANDS[question % COMMANDS.length] ?? "", ++asker));
        }
        return { "question-to-answer.p95": percentile(ascending(took), 95) ?? 0 };
      });
      return { figures, notes: [] };
    } finally {
      watch.end();
      await app.end("SIGTERM");
      await world.close();
      await rm(folder, { recursive: true });
    }
  },
};

interface Scene {
  readonly world: World;
  readonly watch: Watch;
}

/** Milliseconds from the delivery of a question to its answer. */
async function asked({ world, watch }: Scene, body: string, asker: number): Promise<number> {
  const answer = watch.next("POST", /\/issues\/1\/comments$/);
  const sent = performance.now();
  void world.github.comment({ repository: "acme/web", number: 1, body, by: `asker-${asker}`, at: Date.now() });
  const came = await answer;
  await watch.quiet();
  return came - sent - watch.busy(sent, came);
}
