import { pick, shuffled } from "../../src/simulator/chance.js";
import { playTicketLife, type TicketTimes } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { atLeast, type Campaign, type Experiment, exactly } from "../experiment.js";
import { type Results, rehearse } from "../rehearsal.js";

/** R13: clocks of others that are a day off, go backwards or stand; ours as well. */
export const skewedClocks: Experiment = {
  id: "R13",
  title: "clock skew",
  inTests: true,
  controls: [
    {
      says: "a lead time is negative",
      file: "src/core/lead-time.ts",
      before: "Math.max(0, at - clock)",
      after: "at - clock",
    },
    {
      says: "what is out of order does not say so",
      file: "src/core/lead-time.ts",
      before: 'state: entry.at < clock ? "out-of-order"',
      after: 'state: entry.at < clock - 1000 * 3600 * 24 * 365 ? "out-of-order"',
    },
    {
      says: "of events at the same moment the one that came last is the last",
      file: "src/core/event.ts",
      before: "JSON.stringify(one) >= JSON.stringify(other) ? one : other",
      after: "JSON.stringify(one).length < 0 ? one : other",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const lives = campaign.of(150, 8);
    for (let number = 1; number <= lives; number++) await playTicketLife(world, skewed(campaign), { number });
    const webhooks = world.collect();
    const straight = await heard(campaign, world, [webhooks]);
    const jumbled = shuffled(campaign.random, webhooks);
    const half = Math.floor(jumbled.length / 2);
    const crooked = await heard(campaign, world, [jumbled.slice(0, half), jumbled.slice(half)]);
    const times = timesIn(straight);
    return [
      atLeast(`lead times measured, of ${lives} lives`, times.length, lives),
      atLeast(
        "stages that were entered before their clock",
        times.flatMap(({ stages }) => stages).filter(({ state }) => state === "out-of-order").length,
        lives / 4,
      ),
      exactly(
        "negative durations",
        times.filter(({ total, stages }) => (total ?? 0) < 0 || stages.some(({ leadTime }) => (leadTime ?? 0) < 0)).length,
        0,
      ),
      exactly(
        "lead times that differ from a plain recomputation, flag included",
        times.filter((time) => !isRight(time)).length,
        0,
      ),
      exactly("results that depend on the order of arrival and on our own clock", different(straight, crooked), 0),
    ];
  },
};

const SECOND = 1000;
const DAY = 86_400 * SECOND;

/** Where calendars stumble: summer time begins and ends, a leap day, a leap second, the turn of a year, and an ordinary day. */
const STUMBLES = [
  "2024-03-31T00:58:00Z",
  "2024-10-27T00:58:00Z",
  "2024-02-29T23:58:00Z",
  "2016-12-31T23:59:58Z",
  "2023-12-31T23:58:00Z",
  "2024-05-06T10:00:00Z",
];

/** A life in which every step has its own clock: right, at the same second, or up to a day off. */
function skewed({ random }: Campaign): TicketTimes {
  const begins = Date.parse(pick(random, STUMBLES));
  let now = begins;
  const next = (): Date => {
    now += pick(random, [0, 0, SECOND, 60 * SECOND, 3600 * SECOND]);
    const off = pick(random, [0, 0, 0, (random() * 2 - 1) * DAY, -DAY, DAY]);
    return new Date(Math.round((now + off) / SECOND) * SECOND);
  };
  return {
    ...{ created: new Date(begins), inProgress: next(), commit: next(), opened: next(), approved: next() },
    ...{ merged: next(), ci: next(), deployed: next(), done: next(), released: next() },
  };
}

/** What is measured when this is heard; our own clock jumps a day to and fro meanwhile. */
async function heard(campaign: Campaign, world: World, parts: readonly (readonly Webhook[])[]): Promise<Results> {
  const all: Results[] = [];
  const began = Date.now();
  let jump = 0;
  await rehearse(campaign, { world, now: () => began + jump, still: true }, async (rehearsal) => {
    for (const part of parts) {
      jump = (campaign.random() * 2 - 1) * DAY;
      await rehearsal.deliver(part);
      await rehearsal.rest();
    }
    // What was put off while the clock was behind.
    jump = 3 * DAY;
    await rehearsal.rest();
    all.push(await rehearsal.results());
  });
  const [results] = all;
  if (!results) throw new Error("nothing was heard");
  return results;
}

interface Measured {
  readonly startedAt: number | null;
  readonly total: number | null;
  readonly calculation: string;
  readonly stages: readonly { readonly state: string; readonly enteredAt?: number; readonly leadTime: number | null }[];
}

function timesIn({ items }: Results): Measured[] {
  const rows = JSON.parse(items) as { data: string }[];
  return rows
    .flatMap(({ data }) => (JSON.parse(data) as { leadTimes: Measured[] }).leadTimes)
    .filter(({ startedAt }) => startedAt !== null);
}

/** The rule of docs/lead-time.md, once more and by itself. */
function isRight({ startedAt, total, stages }: Measured): boolean {
  let clock = startedAt ?? 0;
  let sum = 0;
  for (const { state, enteredAt, leadTime } of stages) {
    if (enteredAt === undefined) continue;
    const early = enteredAt < clock;
    if (state !== (early ? "out-of-order" : "reached") || leadTime !== (early ? 0 : enteredAt - clock)) return false;
    clock = Math.max(clock, enteredAt);
    sum += leadTime;
  }
  return sum === total;
}

/** What is told of otherwise, by ids; but for what we asked and when: that depends on what was known. */
function different(one: Results, other: Results): string | number {
  const [before, after] = [factsIn(one), factsIn(other)];
  const events = [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id) !== after.get(id));
  const items = one.items === other.items ? [] : ["items"];
  const comments = one.comments === other.comments ? [] : ["comments"];
  return [...events, ...items, ...comments].join(", ") || 0;
}

function factsIn({ events }: Results): Map<string, string> {
  const rows = JSON.parse(events) as { id: string; data: string }[];
  return new Map(
    rows.flatMap(({ id, data }) => {
      const { readAt, ...event } = JSON.parse(data) as { readAt?: number; type: string };
      return readAt === undefined && event.type !== "commit.traced" ? [[id, JSON.stringify(event)]] : [];
    }),
  );
}
