import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Webhook } from "../../src/simulator/webhook.js";
import { atLeast, atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { storedIds } from "../look.js";
import { isTaken, keyOf, type Sent, send, underAnotherId } from "../senders.js";

/** S18: what nobody expected, over and over: rejections that nothing handles, a thread that dies, an exception that nothing catches. */
export const lastResort: Experiment = {
  id: "S18",
  title: "last resort",
  inTests: true,
  controls: [
    {
      says: "a rejection that nothing handled ends the process",
      file: "src/ending.ts",
      before: 'process.on("unhandledRejection", (error) =>',
      after: 'process.on("disconnect", (error: unknown) =>',
    },
    {
      says: "who waits for a thread that died is told that it stored",
      file: "src/store/writer.ts",
      before: 'fail(handed.splice(0), "The thread',
      after: 'for (const { batch, resolve } of handed.splice(0)) resolve(batch.map(() => true));\n      fail([], "The thread',
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, 4);
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const environment = { ...world.environment(), DATABASE_URL: url };
    const lasts = campaign.of(30_000, 3000);
    return [
      ...(await livesOn(campaign, { environment, webhooks, lasts, url })),
      ...(await endsInOrder(campaign, { environment, webhooks, lasts, url })),
    ];
  },
};

interface Scene {
  readonly environment: Readonly<Record<string, string>>;
  readonly webhooks: readonly Webhook[];
  /** Milliseconds. */
  readonly lasts: number;
  readonly url: string;
}

/** In the main thread rejections that nothing handles, once it is ready for them; in every other thread an exception soon after it began. */
const AILING = `import { isMainThread } from "node:worker_threads";
const reject = () => { if (process.listenerCount("unhandledRejection") > 0) void Promise.reject(new Error("planted")); };
if (isMainThread) setInterval(reject, 20).unref();
else setTimeout(() => { throw new Error("planted"); }, 200 + Math.random() * 300);`;

const THROWING = `import { isMainThread } from "node:worker_threads";
const ready = () => process.listenerCount("uncaughtException") > 0 && process.listenerCount("SIGTERM") > 0;
const look = setInterval(() => {
  if (!ready()) return;
  clearInterval(look);
  setTimeout(() => { throw new Error("planted"); }, DELAY);
}, 20);
if (!isMainThread) clearInterval(look);`;

/** A process that runs this besides. */
async function withBesides(campaign: Campaign, { environment }: Scene, code: string) {
  const path = join(await campaign.folder(), "besides.mjs");
  await writeFile(path, code);
  return campaign.start({ ...environment, NODE_OPTIONS: `--import ${pathToFileURL(path).href}` });
}

async function livesOn(campaign: Campaign, scene: Scene): Promise<Figure[]> {
  const app = await withBesides(campaign, scene, AILING);
  let ended = false;
  void app.exited.then(() => (ended = true));
  const end = Date.now() + scene.lasts;
  const sent = await send(app.url, endless(scene.webhooks, "ailing"), { stopped: () => Date.now() > end });
  const alive = !ended && (await fetch(`${app.url}/healthz`).catch(() => null)) !== null;
  const log = app.written();
  const code = alive ? await app.end("SIGTERM") : null;
  const deaths = log.split("the thread that stores deliveries failed").length - 1;
  const rejections = log.split("a failure that nothing handled").length - 1;
  return [
    atLeast("rejections that nothing handled, and were logged", rejections, 10),
    atLeast("deaths of the thread that stores deliveries", deaths, 2),
    exactly("the process ended by that", Number(!alive), 0),
    exactly("exit code in the end, when a thread may just die", code ?? "none", 0),
    ...(await kept(scene, sent)),
  ];
}

async function endsInOrder(campaign: Campaign, scene: Scene): Promise<Figure[]> {
  const runs = campaign.of(10, 1);
  const codes: (number | null)[] = [];
  const all: Sent[] = [];
  let longest = 0;
  for (let run = 0; run < runs; run++) {
    const delay = 500 + Math.floor(campaign.random() * 1000);
    const app = await withBesides(campaign, scene, THROWING.replace("DELAY", String(delay)));
    let ended = false;
    const exited = app.exited.finally(() => {
      ended = true;
    });
    all.push(
      ...(await send(app.url, endless(scene.webhooks, `thrown-${run}`), {
        stopped: () => ended || app.written().includes("nothing caught"),
      })),
    );
    const began = Date.now();
    codes.push(await exited);
    longest = Math.max(longest, Date.now() - began);
  }
  return [
    exactly(`exit codes after an exception that nothing caught, in ${runs} runs`, [...new Set(codes)].join(), "1"),
    atMost("longest time until the end", longest / 1000, 10, " s"),
    ...(await kept(scene, all)),
  ];
}

async function kept({ url }: Scene, sent: readonly Sent[]): Promise<Figure[]> {
  const taken = sent.filter(isTaken).map(({ webhook }) => keyOf(webhook));
  const stored = await storedIds(url);
  return [exactly(`acknowledged deliveries lost, of ${taken.length}`, taken.filter((key) => !stored.has(key)).length, 0)];
}

function* endless(webhooks: readonly Webhook[], name: string): Generator<Webhook> {
  for (let round = 0; ; round++) for (const webhook of webhooks) yield underAnotherId(webhook, `${name}-${round}`);
}
