import { Agent, get } from "node:http";
import { join } from "node:path";
import { atMost, type Experiment, exactly } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { storedIds } from "../look.js";
import { endless, isTaken, keyOf, type Sent, send } from "../senders.js";
import { lockedFile, passed, sendInto } from "../stall.js";

/** R5: another process holds the database's lock for 6.5 s. The app answers all the time, and nobody waits for 8 s. */
export const lockedDatabase: Experiment = {
  id: "R5",
  title: "the database is locked by another process",
  inTests: true,
  controls: [
    {
      says: "SQLite itself waits for the lock, for 5 s",
      file: "src/store/sqlite-connection.ts",
      before: "BUSY_TIMEOUT_MS = 50;",
      after: "BUSY_TIMEOUT_MS = 5000;",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(20, 4));
    const database = join(await campaign.folder(), "leadtime.db");
    const url = `sqlite:${database}`;
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
    const stall = lockedFile(database);
    const sent: Sent[] = [];
    const lags: number[] = [];
    for (let round = 0; round < campaign.of(3, 1); round++) {
      // Readiness writes: whoever asks for it must not hold up others.
      const meanwhile = async () => {
        fetch(`${app.url}/readyz`).catch(() => undefined);
        lags.push(Math.max(...(await askForHealth(app.url, campaign.of(6500, 2500)))));
      };
      const part = await sendInto(app, endless(webhooks, String(round)), { stall, meanwhile });
      sent.push(...part.sent);
    }
    const refused = sent.filter((one) => !isTaken(one));
    const again = await send(
      app.url,
      refused.map(({ webhook }) => webhook),
    );
    const stored = await storedIds(url);
    const taken = [...sent, ...again].filter(isTaken);
    return [
      // What the app does about a lock is the same every time; what else the machine does is not.
      atMost(
        `longest wait for /healthz, in the calmest of ${lags.length} times`,
        Math.min(...lags),
        campaign.of(100, 1000),
        " ms",
      ),
      atMost(`slowest answer, of ${sent.length}`, Math.max(...sent.map(({ took }) => took)) / 1000, 8, " s"),
      exactly(
        `answered neither with 2xx nor with 503 and Retry-After, of ${refused.length} refused`,
        refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null).length,
        0,
      ),
      exactly("refused once more afterwards", again.filter((one) => !isTaken(one)).length, 0),
      exactly(
        `acknowledged deliveries lost, of ${taken.length}`,
        taken.filter(({ webhook }) => !stored.has(keyOf(webhook))).length,
        0,
      ),
    ];
  },
};

/** Asks for /healthz every 10 ms, for so many milliseconds; returns how many each answer took. */
async function askForHealth(url: string, lasts: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const ask = (): Promise<number> => {
    const began = performance.now();
    return new Promise((resolve) => {
      const note = () => resolve(performance.now() - began);
      get(`${url}/healthz`, { agent }, (answer) => answer.resume().once("end", note)).once("error", note);
    });
  };
  const asked: Promise<number>[] = [];
  const timer = setInterval(() => asked.push(ask()), 10);
  await passed(lasts);
  clearInterval(timer);
  const lags = await Promise.all(asked);
  agent.destroy();
  return lags;
}
