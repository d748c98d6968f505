import { readdirSync, readFileSync } from "node:fs";
import { atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { finished, look, until } from "../look.js";
import type { Running } from "../process.js";
import { endless, isTaken, send } from "../senders.js";

/** R20: a long time at full speed, the worker included: memory, handles and threads stay flat. */
export const soak: Experiment = {
  id: "R20",
  title: "soak",
  inTests: false,
  controls: [
    {
      says: "what was answered is never forgotten",
      file: "src/web/drain.ts",
      before: "        all[place] = undefined;\n        free.push(place);\n",
      after: "",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, 20);
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
    const before = sampleOf(app);
    const samples: Sample[] = [];
    const watching = setInterval(() => samples.push(sampleOf(app)), 200);
    campaign.onEnd(() => clearInterval(watching));
    const began = Date.now();
    const { taken, refused } = await sendLong(app, endless(webhooks), campaign);
    const minutes = Math.round((Date.now() - began) / 6000) / 10;
    clearInterval(watching);
    await finished(url, 300_000);
    const [row] = await look<{ n: number }>(url, "select count(*) as n from inbox");
    return [
      exactly(`acknowledged deliveries lost in ${minutes} min, of ${taken}`, taken - (row?.n ?? 0), 0),
      exactly("refused", refused, 0),
      ...flat(samples, before, await rested(app, before)),
    ];
  },
};

const MINUTE = 60_000;
const MOST = 1_000_000;
/** What was sent so far is forgotten. */
const AT_ONCE = 20_000;

async function sendLong(app: Running, webhooks: ReturnType<typeof endless>, campaign: Campaign) {
  const end = Date.now() + campaign.of(10, 0.3) * MINUTE;
  let taken = 0;
  let refused = 0;
  while (Date.now() < end && taken < MOST) {
    let sent = 0;
    const stopped = () => Date.now() > end || ++sent > AT_ONCE;
    const part = await send(app.url, webhooks, { stopped });
    taken += part.filter(isTaken).length;
    refused += part.filter((one) => !isTaken(one)).length;
  }
  return { taken, refused };
}

interface Sample {
  /** Mebibytes. */
  readonly memory: number;
  readonly handles: number;
  readonly threads: number;
}

const PAGES_EACH = 2 ** 20 / 4096;

function sampleOf({ pid }: Running): Sample {
  const [, resident = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  const [handles, threads] = ["fd", "task"].map((folder) => readdirSync(`/proc/${pid}/${folder}`).length);
  return { memory: Number(resident) / PAGES_EACH, handles: handles ?? 0, threads: threads ?? 0 };
}

/** Handles that come with use, once: files of the thread that writes, connections to GitHub and Jira. */
const ONCE = 10;

/** When the connections of the senders are closed. */
async function rested(app: Running, before: Sample): Promise<Sample> {
  const isClosed = () => sampleOf(app).handles <= before.handles + ONCE;
  await until("the connections are closed", isClosed, 8000).catch(() => undefined); // then there are more handles
  return sampleOf(app);
}

/** The highest of the last third against the highest of the second, for the first warms up: what grows has grown by then. */
function flat(samples: readonly Sample[], before: Sample, after: Sample): Figure[] {
  const third = Math.floor(samples.length / 3);
  const highest = (part: readonly Sample[], of: (sample: Sample) => number) => Math.max(...part.map(of));
  const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const [from, to] = [second, last].map((part) => highest(part, ({ memory }) => memory));
  const threads = highest(second, (sample) => sample.threads);
  const grown = (100 * ((to ?? 0) - (from ?? 0))) / (from ?? 1);
  return [
    atMost(`memory more in the last third than in the second (${Math.round(to ?? 0)} MiB)`, grown, 10, " %"),
    atMost("handles more after it than before", after.handles - before.handles, ONCE),
    atMost("threads more after it than when it had warmed up", after.threads - threads, 0),
  ];
}
