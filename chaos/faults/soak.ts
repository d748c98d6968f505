import { readdirSync, readFileSync } from "node:fs";
import type { Webhook } from "../../src/simulator/webhook.js";
import { atMost, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { finished, look, until } from "../look.js";
import { isTaken, send, underAnotherId } from "../senders.js";

/** R20: a long time at full speed, the worker included: memory, handles and threads stay flat. */
export const soak: Experiment = {
  id: "R20",
  title: "soak",
  inTests: false,
  controls: [
    {
      says: "every delivery is kept in memory",
      file: "src/web/backlog.ts",
      before: "let requests = 0;",
      after:
        "let requests = 0;\n  const kept: Uint8Array[] = [];\n  setInterval(() => kept.push(new Uint8Array(8_000_000).fill(1)), 50).unref();",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, 20);
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
    const minutes = campaign.of(10, 0.4);
    const end = Date.now() + minutes * 60_000;
    // The first third warms up: caches fill, the engine compiles.
    const samples: Sample[] = [];
    const watching = setInterval(() => samples.push(sampleOf(app.pid)), 200);
    campaign.onEnd(() => clearInterval(watching));
    let taken = 0;
    const full = await send(app.url, endless(webhooks), {
      told: (sent) => void (isTaken(sent) && taken++),
      stopped: () => Date.now() > end,
    }).then((sent) => sent.filter((one) => !isTaken(one)).length);
    await finished(url, 300_000);
    const after = await rested(app.pid);
    clearInterval(watching);
    const [row] = await look<{ n: number }>(url, "select count(*) as n from inbox");
    return [
      exactly(`acknowledged deliveries lost in ${minutes} min, of ${taken}`, taken - (row?.n ?? 0), 0),
      exactly("refused for want of room", full, 0),
      ...flat(samples, after),
    ];
  },
};

interface Sample {
  /** Bytes. */
  readonly memory: number;
  readonly handles: number;
  readonly threads: number;
}

const PAGE = 4096;

function sampleOf(pid: number): Sample {
  const [, resident = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  const threads = readdirSync(`/proc/${pid}/task`).length;
  return { memory: Number(resident) * PAGE, handles: readdirSync(`/proc/${pid}/fd`).length, threads };
}

/** When the connections of the senders are closed. */
async function rested(pid: number): Promise<Sample> {
  let least = sampleOf(pid);
  const began = Date.now();
  await until("connections are closed", () => {
    const now = sampleOf(pid);
    if (now.handles < least.handles) least = now;
    return Date.now() - began > 8000;
  });
  return { ...sampleOf(pid), handles: least.handles };
}

/** The highest of the last third against the highest of the second: what grows has grown by then. */
function flat(samples: readonly Sample[], after: Sample): Figure[] {
  const third = Math.floor(samples.length / 3);
  const highest = (part: readonly Sample[], of: (sample: Sample) => number) => Math.max(...part.map(of));
  const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const slope =
    (100 * (highest(last, ({ memory }) => memory) - highest(second, ({ memory }) => memory))) /
    highest(second, ({ memory }) => memory);
  const [first] = samples;
  return [
    atMost(
      `memory more in the last third than in the second (${Math.round(highest(last, ({ memory }) => memory) / 2 ** 20)} MiB)`,
      slope,
      10,
      " %",
    ),
    atMost("handles more after it than at its beginning", after.handles - (first?.handles ?? 0), 4),
    atMost("threads more after it than when it had warmed up", after.threads - highest(second, ({ threads }) => threads), 0),
  ];
}

function* endless(webhooks: readonly Webhook[]): Generator<Webhook> {
  for (let round = 0; ; round++) for (const webhook of webhooks) yield underAnotherId(webhook, String(round));
}
