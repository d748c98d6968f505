import { Socket } from "node:net";
import type { Webhook } from "../../src/simulator/webhook.js";
import { atMost, type Campaign, type Experiment, exactly } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { storedIds } from "../look.js";
import { endless, isTaken, keyOf, type Sent, send } from "../senders.js";
import { passed } from "../stall.js";

/** R14: SIGTERM while 48 senders send. What is acknowledged stays, and the end comes soon and cleanly. */
export const stopping: Experiment = {
  id: "R14",
  title: "SIGTERM under load",
  inTests: false,
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
      before: "response.writeHead(answer.status, headers).end(text);",
      after: "response.writeHead(answer.status, headers).write(text.slice(1), () => response.destroy());",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(20, 4));
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const environment = { ...world.environment(), DATABASE_URL: url };
    const runs = campaign.of(50, 3);
    const found: Found = { taken: new Set(), cut: 0, codes: [], longest: 0 };
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

interface Found {
  readonly taken: Set<string>;
  /** Answers that broke off behind a 2xx. */
  cut: number;
  readonly codes: (number | null)[];
  /** Milliseconds. */
  longest: number;
}

interface Stop {
  readonly environment: Readonly<Record<string, string>>;
  readonly webhooks: readonly Webhook[];
  readonly run: number;
  readonly found: Found;
}

/** They go on sending until it has ended. */
async function stop(campaign: Campaign, { environment, webhooks, run, found }: Stop): Promise<void> {
  const app = await campaign.start(environment);
  let ended = false;
  const told = (sent: Sent): void => {
    if (isTaken(sent)) found.taken.add(keyOf(sent.webhook));
    if (sent.brokeOff !== null && sent.brokeOff < 300) found.cut += 1;
  };
  const sending = send(app.url, endless(webhooks, String(run)), { stopped: () => ended, told });
  const silent = run % 10 === 0 ? await holdOn(app.url) : undefined;
  await passed(50 + campaign.random() * 300);
  const began = performance.now();
  found.codes.push(await app.end("SIGTERM"));
  found.longest = Math.max(found.longest, performance.now() - began);
  ended = true;
  silent?.destroy();
  await sending;
}

/** A connection that says nothing: it must not hold up the end. */
function holdOn(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = new Socket();
  socket.on("error", () => undefined);
  return new Promise((resolve) => socket.connect(Number(port), hostname, () => resolve(socket)));
}
