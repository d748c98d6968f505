import pg from "pg";
import { pick, shuffled } from "../../src/simulator/chance.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { atLeast, type Campaign, type Experiment, exactly } from "../experiment.js";
import { type Gate, gateTo, type Moment } from "../gate.js";
import { commentsOf } from "../lives.js";
import { finished, storedIds, until } from "../look.js";
import { creationsIn, differences, type Outcome, outcomeOf } from "../outcome.js";
import type { Running } from "../process.js";
import { isTaken, keyOf, post, send } from "../senders.js";

/** R12: of four processes on one PostgreSQL two are killed again and again, while they say something; each thing is said once. */
export const dyingWorkers: Experiment = {
  id: "R12",
  title: "crash between an effect and its note: two of four processes, again and again",
  postgres: true,
  inTests: true,
  controls: [
    {
      says: "a comment of ours that was not noted is not looked for",
      file: "src/flow/comment.ts",
      before: "record.comment ?? (await discussion.find(repository, number, MARKER))",
      after: "record.comment ?? undefined",
    },
    {
      says: "what one process carries out, another may begin as well",
      file: "src/flow/effects.ts",
      before: "const LEASE = 2 * MINUTE;",
      after: "const LEASE = 0 * MINUTE;",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const cluster = await campaign.cluster();
    const url = await cluster.database();
    const site = { campaign, world, url, killed: { before: 0, between: 0, after: 0, anywhere: 0 } };
    const { webhooks, taken } = await killAndKill(site);
    await finish(site, webhooks);
    const comments = [...commentsOf(world).values()];
    const disturbed = await outcomeOf(world, url);
    const stored = await storedIds(url);
    const { between, ...others } = site.killed;
    const kills = Object.values(others).reduce((sum, count) => sum + count, between);
    return [
      atLeast(`kills between an effect and its note, of ${kills}`, between, campaign.of(50, 1)),
      exactly(`acknowledged deliveries lost, of ${taken.size}`, [...taken].filter((key) => !stored.has(key)).length, 0),
      exactly("pull requests with a comment", comments.length, campaign.of(ROUNDS, FEW_ROUNDS) * LIVES),
      exactly("comments that were created", creationsIn(world), comments.length),
      exactly(
        `items and comments that differ from an undisturbed run, of ${disturbed.size}`,
        differences(disturbed, await undisturbed(site, webhooks)).length,
        0,
      ),
    ];
  },
};

const ROUNDS = 100;
const FEW_ROUNDS = 4;
/** Tickets that are lived from beginning to end in a round, each with a pull request. */
const LIVES = 3;

interface Site {
  readonly campaign: Campaign;
  readonly world: World;
  readonly url: string;
  /** How many, by when. */
  readonly killed: Record<Moment | "anywhere", number>;
}

interface Worker {
  readonly gate: Gate;
  app: Running;
}

const CREW = 4;
const DOOMED = 2;
const MOMENTS = ["between", "between", "before", "after"] as const satisfies readonly Moment[];

interface Delivered {
  readonly webhooks: readonly Webhook[];
  /** The keys of what was acknowledged. */
  readonly taken: ReadonlySet<string>;
}

/** Some tickets are lived in each round; while they are worked at, two of the four die, and others come. */
async function killAndKill(site: Site): Promise<Delivered> {
  const { random, of } = site.campaign;
  const webhooks: Webhook[] = [];
  const taken = new Set<string>();
  const crew = await Promise.all(Array.from({ length: CREW }, () => hire(site)));
  for (let round = 1; round <= of(ROUNDS, FEW_ROUNDS); round++) {
    const news = await live(site.world, round);
    const dying = killTwo(site, crew);
    const deliver = async (webhook: Webhook) => {
      const sent = await post(pick(random, crew).app.url, webhook);
      if (isTaken(sent)) taken.add(keyOf(webhook));
    };
    await Promise.all(news.map(deliver));
    webhooks.push(...news);
    await Promise.all([...(await dying)].map((worker) => revive(site, worker)));
  }
  await Promise.all(crew.map(({ app }) => app.end("SIGTERM")));
  return { webhooks, taken };
}

async function live(world: World, round: number): Promise<Webhook[]> {
  for (let number = round * LIVES; number < (round + 1) * LIVES; number++)
    await playTicketLife(world, GOLDEN_TIMES, { number, repository: `acme/web-${round}`, branch: `PROP-${number}` });
  return world.collect();
}

/** The first two that write a comment die over it; now and then, any two wherever they are. */
async function killTwo({ campaign: { random, of }, killed }: Site, crew: readonly Worker[]): Promise<ReadonlySet<Worker>> {
  const dead = new Set<Worker>();
  const die = (worker: Worker, when: keyof Site["killed"]) => {
    if (dead.size >= DOOMED || dead.has(worker)) return;
    dead.add(worker);
    killed[when]++;
    void worker.app.end("SIGKILL");
  };
  for (const worker of crew) {
    const moment = pick(random, MOMENTS.slice(0, of(MOMENTS.length, 1))); // so few rounds are for the moment that matters most
    worker.gate.arm({ moment, kill: () => die(worker, moment) });
  }
  const patience = Date.now() + (random() < of(0.75, 1) ? 10_000 : random() * 500);
  await until("two are dead", () => dead.size >= DOOMED || Date.now() > patience);
  for (const { gate } of crew) gate.arm(null);
  for (const worker of shuffled(random, crew)) die(worker, "anywhere");
  await Promise.all([...dead].map(({ app }) => app.exited));
  return dead;
}

async function hire(site: Site): Promise<Worker> {
  const gate = await gateTo(site.campaign, site.world.github.url);
  return { gate, app: await start(site, gate) };
}

const start = ({ campaign, world, url }: Site, { host }: Gate): Promise<Running> =>
  campaign.start({ ...world.environment(), DATABASE_URL: url, GHE_HOST: host });

async function revive(site: Site, worker: Worker): Promise<void> {
  worker.app = await start(site, worker.gate);
}

/** What the dead had begun is left alone until their leases run out: here they do at once, since nobody is alive. */
async function finish(site: Site, webhooks: readonly Webhook[]): Promise<void> {
  const client = new pg.Client(site.url);
  await client.connect();
  await client.query("update outbox set leased_until = 0 where leased_until is not null").finally(() => client.end());
  const { app } = await hire(site);
  await send(app.url, webhooks);
  await finished(site.url, 120_000);
  await app.end("SIGTERM");
}

/** The same history in an app of its own that nobody disturbs. */
async function undisturbed({ campaign, world }: Site, webhooks: readonly Webhook[]): Promise<Outcome> {
  const url = `sqlite:${await campaign.folder()}/leadtime.db`;
  const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
  await send(app.url, webhooks);
  await finished(url, 120_000);
  await app.end("SIGTERM");
  return outcomeOf(world, url);
}
