import { join } from "node:path";
import { instant, milliseconds } from "../../src/core/time.js";
import { IN_DOUBT } from "../../src/flow/effects.js";
import { MARKER } from "../../src/render/comment.js";
import { seededRandom } from "../../src/simulator/chance.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { openStore } from "../../src/store/open.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { type HandClock, handClock, type Inner, silent, startInner } from "../inner.js";
import { awayForADay, killedWhileAsking, realLimits, triedInVain } from "../outage.js";
import { type Seen, trouble } from "../trouble.js";

/** R10: however GitHub and Jira fail, they are asked when they allow it, each pull request gets one comment, and all is made good. */
export const badAnswers: Experiment = {
  id: "R10",
  title: "GitHub and Jira answer badly, late or not at all",
  inTests: true,
  controls: [
    {
      says: "other questions of the account do not wait as long as GitHub asked for",
      file: "src/flow/effects.ts",
      before: "alone: retryAt !== undefined }",
      after: "alone: retryAt === 0 }",
    },
    {
      says: "what is under way goes on asking when GitHub wants to be left alone",
      file: "src/github/client.ts",
      before: "if (clock.now() < retryAt) throw",
      after: "if (clock.now() < 0) throw",
    },
    {
      says: "a comment that was created and not noted is created again",
      file: "src/flow/comment.ts",
      before: "?? (await discussion.find(repository, number, MARKER))",
      after: "?? undefined",
    },
    {
      says: "a page of HTML passes for a good answer",
      file: "src/github/client.ts",
      before: "if (answer.ok && body && !isJson(body))",
      after: "if (answer.redirected && body && !isJson(body))",
    },
    {
      says: "a call to Jira may take as long as it likes",
      file: "src/jira/client.ts",
      before: "signal: AbortSignal.timeout(limit),",
      after: "signal: AbortSignal.timeout(limit * 1000),",
    },
  ],
  run: async (campaign) => [
    ...(await scenarios(campaign)),
    ...(await awayForADay(campaign)),
    ...(await triedInVain(campaign)),
    ...(campaign.size === "full" ? [...(await realLimits(campaign)), ...(await killedWhileAsking(campaign))] : []),
  ],
};

/** Real milliseconds that a call may take here; ten seconds in the app. */
const PATIENCE = milliseconds(1000);
/** Scenarios at once; each of them waits for most of its time. */
const AT_ONCE = 6;

/** Every so many scenarios the store is a file, which is closed and opened again. */
const ON_FILE = 10;

/** More than a line uses. */
const IDS = 100_000;

interface Told extends Seen {
  readonly comments: number;
  readonly complete: boolean;
  readonly stuck: boolean;
  readonly restarts: number;
}

async function scenarios(campaign: Campaign): Promise<Figure[]> {
  const count = campaign.of(1000, 25);
  const seeds = Array.from({ length: count }, () => Math.floor(campaign.random() * 2 ** 31));
  const folder = await campaign.folder();
  const all: Told[] = [];
  const line = async (lane: number): Promise<void> => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    // Octokit remembers installations by their ids alone: each line has its own.
    for (let id = 0; id < lane * IDS; id++) world.github.state.nextId();
    for (let number = lane; number < count; number += AT_ONCE) {
      const url = `sqlite:${join(folder, `${number}.db`)}`;
      all.push(await scenario(world, { number, url, random: seededRandom(seeds[number] ?? 0) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => line(lane)));
  const sum = (of: (told: Told) => number): number => all.reduce((total, told) => total + of(told), 0);
  const [calls, bad, restarts] = [sum((told) => told.calls.length), sum((told) => told.bad), sum((told) => told.restarts)];
  const tried = `${count} scenarios, ${calls} calls, ${bad} bad answers, ${restarts} restarts`;
  return [
    exactly(
      `calls before the time that was asked for (${tried})`,
      sum((told) => told.tooSoon.length),
      0,
    ),
    exactly("pull requests with more than one comment", all.filter(({ comments }) => comments > 1).length, 0),
    exactly("pull requests whose comment did not come to say all", all.filter(({ complete }) => !complete).length, 0),
    exactly("scenarios that did not come to an end", all.filter(({ stuck }) => stuck).length, 0),
  ];
}

interface Scenario {
  readonly number: number;
  readonly url: string;
  readonly random: () => number;
}

/** A ticket's life, told in portions while up to five things go wrong, some of them more than once. */
async function scenario(world: World, { number, url, random }: Scenario): Promise<Told> {
  world.collect(); // what the last scenario's comment gave rise to
  const repository = `team-${number}/web`;
  await playTicketLife(world, GOLDEN_TIMES, { repository, number: 1000 + number, version: `1.${number}` });
  const webhooks = world.collect();
  const clock = handClock(Date.now());
  const watch = trouble(world, clock);
  const restarting = random() < 0.5;
  const onFile = number % ON_FILE === 0; // opening a file costs more than all the rest of a scenario
  const open = () => openStore(onFile ? url : "sqlite::memory:", { clock, log: silent });
  let store = await open();
  const inner = startInner({ world, store, clock, patience: PATIENCE, between: watch.between });
  let restarts = 0;
  const restart = async (): Promise<void> => {
    if (!restarting) return;
    restarts++;
    if (!onFile) return inner.restart(store);
    await store.close();
    store = await open();
    await store.forgetLeases(instant(clock.now() + IN_DOUBT));
    inner.restart(store);
  };
  watch.brew(random, number);
  const ended = await living(inner, { webhooks, clock, random, restart });
  world.github.faults.clear();
  world.jira.faults.clear();
  const comments = world.github.commentsOf({ repository, number: 1 }).filter(({ body }) => body.startsWith(MARKER));
  if (ended) await store.close();
  const complete = comments.every(({ body }) => body.includes("### Lead time 1h 10m") && !body.includes("Still to come"));
  return { ...watch.seen, restarts, comments: comments.length, complete: complete && comments.length > 0, stuck: !ended };
}

interface Living {
  readonly webhooks: readonly Webhook[];
  readonly clock: HandClock;
  readonly random: () => number;
  readonly restart: () => Promise<void>;
}

/** The longest that what is due may take, in real milliseconds, before it is taken to hang for good. */
const ENDLESS = 30_000;
const MOST_STEPS = 1000;

/** Lives on until nothing is left to do. Returns whether it came to that. */
async function living(inner: Inner, { webhooks, clock, random, restart }: Living): Promise<boolean> {
  const portions = inPortions(webhooks, random);
  for (let step = 0, idle = 0; step < MOST_STEPS && idle < 2; step++) {
    await inner.accept(portions.shift() ?? []);
    if (step % 2 === 1 && step < 8) await restart();
    if (!(await isOver(inner.settle(), ENDLESS))) return false;
    const due = inner.dueNext();
    idle = due !== undefined || portions.length > 0 ? 0 : idle + 1;
    clock.forward(someOf(random, (due ?? clock.now() + A_WHILE) - clock.now()));
  }
  return inner.dueNext() === undefined;
}

/** Longer than what is said waits for Jira, in milliseconds. */
const A_WHILE = 2500;

const someOf = (random: () => number, wait: number): number => (random() < 0.5 ? wait : Math.ceil(random() * wait));

/** Three of them, in order. */
function inPortions(webhooks: readonly Webhook[], random: () => number): Webhook[][] {
  const cut = () => Math.floor(random() * webhooks.length);
  const [first = 0, second = 0] = [cut(), cut()].sort((one, other) => one - other);
  return [webhooks.slice(0, first), webhooks.slice(first, second), webhooks.slice(second)];
}

async function isOver(work: Promise<void>, patience: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patience);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
