import { Socket } from "node:net";
import type { Webhook } from "../../src/simulator/webhook.js";
import { atMost, type Campaign, type Experiment, exactly } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { storedIds } from "../look.js";
import { isTaken, keyOf, send, underAnotherId } from "../senders.js";

/** R14: SIGTERM while 48 senders send. What is acknowledged stays, and the end comes soon and cleanly. */
export const stopping: Experiment = {
  id: "R14",
  title: "SIGTERM under load",
  inTests: true,
  controls: [
    {
      says: "an end in order tells the supervisor that it failed",
      file: "src/ending.ts",
      before: 'process.once("SIGTERM", () => void end(0))',
      after: 'process.once("SIGTERM", () => void end(1))',
    },
    {
      says: "an answer is cut off behind its first line",
      file: "src/web/answer.ts",
      before: "response.writeHead(status, all).end(text);",
      after: "response.writeHead(status, all).write(text.slice(1), () => response.destroy());",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(20, 4));
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const environment = { ...world.environment(), DATABASE_URL: url };
    const runs = campaign.of(50, 3);
    const found = { taken: new Set<string>(), cut: 0, codes: [] as (number | null)[], longest: 0 };
    for (let run = 0; run < runs; run++) await stop(campaign, { environment, webhooks, run, found });
    const stored = await storedIds(url);
    return [
      exactly(`acknowledged deliveries lost in ${runs} ends, of ${found.taken.size}`, lost(found.taken, stored), 0),
      exactly("ends with another exit code than 0", found.codes.filter((code) => code !== 0).length, 0),
      atMost("longest end", found.longest / 1000, 10, " s"),
      exactly("answers that broke off behind a 2xx", found.cut, 0),
    ];
  },
};

const lost = (taken: ReadonlySet<string>, stored: ReadonlySet<string>): number =>
  [...taken].filter((key) => !stored.has(key)).length;

interface Stop {
  readonly environment: Readonly<Record<string, string>>;
  readonly webhooks: readonly Webhook[];
  readonly run: number;
  readonly found: { readonly taken: Set<string>; cut: number; readonly codes: (number | null)[]; longest: number };
}

async function stop(campaign: Campaign, { environment, webhooks, run, found }: Stop): Promise<void> {
  const app = await campaign.start(environment);
  let stopped = false;
  const sending = send(app.url, endless(webhooks, run), { stopped: () => stopped });
  const held = await holdOn(app.url);
  await new Promise((resolve) => setTimeout(resolve, 50 + campaign.random() * 300));
  const began = Date.now();
  const ending = app.end("SIGTERM");
  stopped = true;
  const sent = await sending;
  found.codes.push(await ending);
  held.destroy();
  found.longest = Math.max(found.longest, Date.now() - began);
  for (const one of sent) if (isTaken(one)) found.taken.add(keyOf(one.webhook));
  found.cut += sent.filter(({ brokeOff }) => brokeOff !== null && brokeOff < 300).length;
}

function* endless(webhooks: readonly Webhook[], run: number): Generator<Webhook> {
  for (let round = 0; ; round++) for (const webhook of webhooks) yield underAnotherId(webhook, `${run}-${round}`);
}

/** A connection that says nothing: it must not hold up the end. */
function holdOn(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = new Socket();
  socket.on("error", () => undefined);
  return new Promise((resolve) => socket.connect(Number(port), hostname, () => resolve(socket)));
}
