import { pick } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import type { World } from "../../src/simulator/world.js";
import { canStartCluster } from "../cluster.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { commentsOf, type Lived, liveSomeWeeks } from "../lives.js";
import { finished, integrity, look, storedIds, until } from "../look.js";
import { isTaken, keyOf, send, underAnotherId } from "../senders.js";

/** R1: killed at any moment under 48 senders, nothing acknowledged is lost and nothing is done twice. */
export const killing: Experiment = {
  id: "R1",
  title: "kill -9 anywhere",
  inTests: true,
  controls: [
    {
      says: "a delivery is acknowledged before it is committed",
      file: "src/web/intake.ts",
      before: 'const isNew = await within(limits.storing, "the store", accepting);',
      after: "const isNew = true;\n    accepting.catch(() => undefined);",
    },
    {
      says: "an effect is settled before it is carried out",
      file: "src/flow/effects.ts",
      before: "  const { events, owner, outcome, back = false } = await attempt(claimed, parts);",
      after: `  await parts.store.transaction((tx) => tx.settleEffect(claimed, { state: "done" }));
  const { events, owner, outcome, back = false } = await attempt(claimed, parts);`,
    },
    {
      says: "a delivery may be stored twice",
      file: "src/store/schema.ts",
      before: "unique (source, id))`",
      after: "check (size >= 0))`",
    },
  ],
  run: async (campaign) => {
    const lived = await liveSomeWeeks(campaign, campaign.of(40, 6));
    const file = `sqlite:${await campaign.folder()}/leadtime.db`;
    const figures = await killed(campaign, lived, { name: "SQLite", url: file, kills: campaign.of(200, 3) });
    if (campaign.size === "small" || !canStartCluster()) return figures;
    const cluster = await campaign.cluster();
    const server = { name: "PostgreSQL", url: await cluster.database(), kills: 50 };
    return [...figures, ...(await killed(campaign, await liveSomeWeeks(campaign, 40), server))];
  },
};

interface Subject {
  readonly name: string;
  readonly url: string;
  readonly kills: number;
}

/** Deliveries that come in between two kills, at most. */
const A_ROUND = 600;

async function killed(campaign: Campaign, { world, webhooks }: Lived, { name, url, kills }: Subject): Promise<Figure[]> {
  const environment = { ...world.environment(), DATABASE_URL: url };
  const taken = new Set<string>();
  const told = (sent: Parameters<typeof isTaken>[0]) => void (isTaken(sent) && taken.add(keyOf(sent.webhook)));
  for (let round = 0; round < kills; round++) {
    const app = await campaign.start(environment);
    let stopped = false;
    const sending = send(app.url, load(campaign, webhooks, round), { told, stopped: () => stopped });
    // By what was taken, and not by time: a slow machine has as much under way.
    const enough = taken.size + Math.floor(campaign.random() * (A_ROUND / 2));
    await Promise.race([sending, until("so many are taken", () => taken.size >= enough, 1000).catch(() => undefined)]);
    await app.end("SIGKILL");
    stopped = true;
    await sending;
  }
  const asking = campaign.of(20, 3);
  for (let round = 0; round < asking; round++) {
    const app = await campaign.start(environment);
    await send(app.url, webhooks, { told });
    await nextQuestion(world);
    await app.end("SIGKILL");
  }
  const app = await campaign.start(environment);
  await send(app.url, webhooks, { told });
  await finished(url, 300_000);
  await app.end("SIGTERM");
  const stored = await storedIds(url);
  const [rows] = await look<{ n: number | string }>(url, "select count(*) as n from inbox");
  const twice = [...commentsOf(world).values()].filter(({ length }) => length > 1).length;
  const figures = [
    exactly(`${name}: acknowledged deliveries lost in ${kills + asking} kills, of ${taken.size}`, lostOf(taken, stored), 0),
    exactly(`${name}: deliveries stored more than once, of ${stored.size}`, Number(rows?.n) - stored.size, 0),
    exactly(`${name}: pull requests with more than one comment, of ${commentsOf(world).size}`, twice, 0),
    exactly(
      `${name}: items and comments that differ from an uninterrupted run`,
      await differing(campaign, { world, webhooks }, url),
      0,
    ),
  ];
  return name === "SQLite" ? [...figures, exactly("SQLite: the file's integrity", await integrity(url), "ok")] : figures;
}

/** Somebody is asked for something by the app now; or nothing is left to ask. */
async function nextQuestion({ github, jira }: World): Promise<void> {
  const asked = () => github.requests.length + jira.requests.length;
  const before = asked();
  await until("a question", () => asked() > before, 1000).catch(() => undefined);
}

const lostOf = (taken: ReadonlySet<string>, stored: ReadonlySet<string>): number =>
  [...taken].filter((key) => !stored.has(key)).length;

/** Webhooks in any order, each under an id of its own; every fourth as it is. */
function* load({ random }: Campaign, webhooks: readonly Webhook[], round: number): Generator<Webhook> {
  for (let number = 0; number < A_ROUND; number++) {
    const webhook = pick(random, webhooks);
    yield random() < 0.25 ? webhook : underAnotherId(webhook, `${round}-${number}`);
  }
}

/** Plays the same to an app that nobody disturbs, and compares what both have: items by their bytes, comments by their texts. */
async function differing(campaign: Campaign, { world, webhooks }: Lived, url: string): Promise<number> {
  const comments = commentsOf(world);
  const calm = `sqlite:${await campaign.folder()}/leadtime.db`;
  const app = await campaign.start({ ...world.environment(), DATABASE_URL: calm });
  await send(app.url, webhooks, { senders: 1 });
  await finished(calm, 300_000);
  await app.end("SIGTERM");
  const [disturbed, undisturbed] = [await itemsOf(url), await itemsOf(calm)];
  const refs = new Set([...disturbed.keys(), ...undisturbed.keys()]);
  const calmComments = commentsOf(world);
  const pulls = new Set([...comments.keys(), ...calmComments.keys()]);
  return (
    [...refs].filter((ref) => disturbed.get(ref) !== undisturbed.get(ref)).length +
    [...pulls].filter((pull) => comments.get(pull)?.join() !== calmComments.get(pull)?.join()).length
  );
}

async function itemsOf(url: string): Promise<Map<string, string>> {
  const rows = await look<{ ref: string; data: string }>(url, "select ref, data from items");
  return new Map(rows.map(({ ref, data }) => [ref, data]));
}
