import { shuffled } from "../../src/simulator/chance.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { type Rehearsal, type Results, rehearse } from "../rehearsal.js";
import { underAnotherId } from "../senders.js";

/** R8: whatever the order in which deliveries arrive, and however often, the same is stored, measured and said. */
export const reordering: Experiment = {
  id: "R8",
  title: "reordering: every order of a life, and random histories",
  inTests: true,
  controls: [
    {
      says: "what happens to a merge commit matters to its pull request only if it comes before something else does",
      file: "src/core/relation.ts",
      before: "...inRepository(event.repository, [event.mergeCommit]), ",
      after: "",
    },
  ],
  run: async (campaign) => {
    const lived = await liveOnce(campaign);
    const now = Date.now();
    return rehearse(campaign, { world: lived.world, now: () => now, still: true }, async (rehearsal) => {
      await rehearsal.deliver(lived.before);
      await rehearsal.rest();
      return [
        ...(await orders(campaign, rehearsal, lived.milestones)),
        ...(await histories(campaign, rehearsal, [...lived.milestones, ...lived.others])),
        exactly("faults in the log", rehearsal.errors.length, 0),
      ];
    });
  },
};

interface Lived {
  readonly world: World;
  /** What came before: the installation, the repository, the ticket. */
  readonly before: readonly Webhook[];
  /** Seven that enter stages. */
  readonly milestones: readonly Webhook[];
  readonly others: readonly Webhook[];
}

const BEFORE = ["installation", "installation_repositories", "repository", "jira:version_created", "jira:issue_created"];
const MILESTONES = [
  "In Progress",
  "pull_request opened",
  "pull_request_review submitted",
  "pull_request closed",
  "workflow_run completed",
  "deployment_status created",
  "jira:version_released",
];

/** The worked example of the published rule, from ticket to release; nothing of it is delivered yet. */
async function liveOnce(campaign: Campaign): Promise<Lived> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  await playTicketLife(world, GOLDEN_TIMES);
  const all = world.collect();
  const before = all.filter((webhook) => BEFORE.includes(namesOf(webhook).event));
  const milestones = all.filter((webhook) => MILESTONES.some((name) => Object.values(namesOf(webhook)).includes(name)));
  const others = all.filter((webhook) => !before.includes(webhook) && !milestones.includes(webhook));
  return { world, before, milestones, others };
}

/** What a delivery is called by: its event, with its action, and the status that a ticket went to. */
function namesOf({ headers, body }: Webhook) {
  const { action, webhookEvent, changelog } = JSON.parse(body);
  const event: string = headers["x-github-event"] ?? webhookEvent;
  return { event, withAction: `${event} ${action}`, status: changelog?.items[0]?.toString };
}

/** All orders: those that begin alike share that beginning. In small, all that begin with one random three. */
async function orders(campaign: Campaign, rehearsal: Rehearsal, milestones: readonly Webhook[]): Promise<Figure[]> {
  const trial = await tryOut(rehearsal, milestones);
  const first = shuffled(campaign.random, milestones).slice(0, campaign.of(0, 3));
  const follow = async (left: readonly Webhook[], told: number): Promise<void> => {
    if (left.length === 0) return trial.judge();
    for (const next of first[told] ? [first[told]] : left) {
      await rehearsal.undone(async () => {
        await rehearsal.deliver([next]);
        await rehearsal.rest();
        await follow(without(left, next), told + 1);
      });
    }
  };
  await follow(milestones, 0);
  return trial.figures(`orders of ${milestones.length} deliveries`);
}

const without = (all: readonly Webhook[], one: Webhook): Webhook[] => all.filter((other) => other !== one);

/** Part of the life arrives, in any order and some of it twice, and is done; so it goes on: what was lost comes when all else is done. */
async function histories(campaign: Campaign, rehearsal: Rehearsal, life: readonly Webhook[]): Promise<Figure[]> {
  const { random, of } = campaign;
  const trial = await tryOut(rehearsal, life);
  /** As many go on from one beginning. */
  const ways = of(4, 2);
  const goOn = async (told: readonly Webhook[], left: readonly Webhook[]): Promise<void> => {
    if (left.length === 0) return trial.judge();
    for (let way = 0; way < ways; way++) {
      const some = left.filter(() => random() < 0.6);
      const arriving = some.length > 0 ? some : left;
      const again = [...told, ...arriving].filter(() => random() < 0.2).map((one) => copyOf(random, one));
      await rehearsal.undone(async () => {
        await rehearsal.deliver(shuffled(random, [...arriving, ...again]));
        await rehearsal.rest();
        await goOn(
          [...told, ...arriving],
          left.filter((one) => !arriving.includes(one)),
        );
      });
    }
  };
  while (trial.tried() < of(10_000, 50)) await goOn([], life);
  return trial.figures("random histories");
}

/** The same again: delivered once more, or as from a second webhook that was set up for the same events. */
const copyOf = (random: () => number, webhook: Webhook): Webhook =>
  random() < 0.5 ? webhook : underAnotherId(webhook, "again");

interface Trial {
  /** Compares what stands with what stands after the same in order. */
  judge(): Promise<void>;
  tried(): number;
  figures(what: string): Figure[];
}

async function tryOut(rehearsal: Rehearsal, life: readonly Webhook[]): Promise<Trial> {
  const expected = await inOrder(rehearsal, life);
  let tried = 0;
  const differing = { events: 0, items: 0, comments: 0 };
  return {
    judge: async () => {
      const results = await rehearsal.results();
      tried++;
      for (const part of ["events", "items", "comments"] as const) if (results[part] !== expected[part]) differing[part]++;
    },
    tried: () => tried,
    figures: (what) => [
      ...Object.entries(differing).map(([part, count]) => exactly(`of ${tried} ${what}, those with other ${part}`, count, 0)),
      exactly(
        `the lead time that the comment tells after ${what}`,
        /### Lead time (.*?) · /.exec(expected.comments)?.[1] ?? "",
        "1h 10m",
      ),
    ],
  };
}

const inOrder = (rehearsal: Rehearsal, life: readonly Webhook[]): Promise<Results> =>
  rehearsal.undone(async () => {
    for (const webhook of life) {
      await rehearsal.deliver([webhook]);
      await rehearsal.rest();
    }
    return rehearsal.results();
  });
