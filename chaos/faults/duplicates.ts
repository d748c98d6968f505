import { Agent } from "node:http";
import { pick } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { canStartCluster } from "../cluster.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { commentsOf, liveSomeWeeks } from "../lives.js";
import { finished, look } from "../look.js";
import { creationsIn, differences, outcomeOf, writesTo } from "../outcome.js";
import type { Running } from "../process.js";
import { isTaken, post, type Sent } from "../senders.js";

const SENDERS = 16;

/** R7: each delivery comes once to five times at the same moment, to any of the replicas, and counts once. */
export const duplicates: Experiment = {
  id: "R7",
  title: "duplicates, also to several replicas",
  inTests: true,
  controls: [
    {
      says: "a delivery may be stored several times",
      file: "src/store/schema.ts",
      before: "unique (source, id))`,",
      after: "unique (source, id, seq))`,",
    },
  ],
  run: async (campaign) => {
    const file = `sqlite:${await campaign.folder()}/leadtime.db`;
    const figures = await deliverSeveralTimes(campaign, { name: "SQLite", url: file, replicas: 1 });
    if (campaign.size === "small" || !canStartCluster()) return figures;
    const cluster = await campaign.cluster();
    for (const replicas of [2, 4]) {
      const name = `PostgreSQL with ${replicas} replicas`;
      figures.push(...(await deliverSeveralTimes(campaign, { name, url: await cluster.database(), replicas })));
    }
    return figures;
  },
};

interface Subject {
  readonly name: string;
  readonly url: string;
  readonly replicas: number;
}

async function deliverSeveralTimes(campaign: Campaign, { name, url, replicas }: Subject): Promise<Figure[]> {
  const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(40, 8));
  const environment = { ...world.environment(), DATABASE_URL: url };
  const apps: Running[] = [];
  for (let started = 0; started < replicas; started++) apps.push(await campaign.start(environment));
  const urls = apps.map((app) => app.url);
  const sent = await sendCopies(campaign, webhooks, urls);
  await finished(url);
  const [before, created, written] = [await outcomeOf(world, url), creationsIn(world), writesTo(world)];
  const again = await sendCopies(campaign, webhooks, urls);
  await finished(url);
  const after = await outcomeOf(world, url);
  for (const app of apps) await app.end("SIGTERM");

  const comments = [...commentsOf(world).values()];
  const severalComments = comments.filter(({ length }) => length > 1).length;
  const refused = [...sent, ...again].filter((one) => !isTaken(one)).length;
  return [
    exactly(`${name}: answers other than 2xx, of ${sent.length + again.length}`, refused, 0),
    exactly(`${name}: rows that were stored, of ${webhooks.length} deliveries`, await rowsIn(url), webhooks.length),
    exactly(`${name}: deliveries of GitHub that were new other than once`, notNewOnce(webhooks, sent), 0),
    exactly(`${name}: pull requests with more than one comment, of ${comments.length}`, severalComments, 0),
    exactly(`${name}: comments that were created`, created, comments.length),
    exactly(`${name}: items and comments changed when all came again`, differences(before, after).length, 0),
    exactly(`${name}: requests to GitHub that write, when all came again`, writesTo(world) - written, 0),
  ];
}

async function rowsIn(url: string): Promise<number> {
  const [row] = await look<{ n: number | string }>(url, "select count(*) as n from inbox");
  return Number(row?.n ?? 0);
}

/** Who answers 202 took it for new, which of all copies, wherever they went, one is. Jira wants 200 for all. */
function notNewOnce(webhooks: readonly Webhook[], sent: readonly Sent[]): number {
  const fresh = new Map<string, number>();
  for (const { webhook, status } of sent) if (status === 202) fresh.set(webhook.id, (fresh.get(webhook.id) ?? 0) + 1);
  return webhooks.filter(({ source, id }) => source === "github" && fresh.get(id) !== 1).length;
}

/** Senders that take one delivery at a time and send all its copies at once. */
async function sendCopies({ random }: Campaign, webhooks: readonly Webhook[], urls: readonly string[]): Promise<Sent[]> {
  const agent = new Agent({ keepAlive: true });
  const waiting = webhooks[Symbol.iterator]();
  const sent: Sent[] = [];
  const sender = async () => {
    for (const webhook of waiting) {
      const copies = Array.from({ length: 1 + Math.floor(random() * 5) }, () => post(pick(random, urls), webhook, agent));
      sent.push(...(await Promise.all(copies)));
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  agent.destroy();
  return sent;
}
