import type { LeadTime, MeasuredItem } from "../../src/core/measurement.js";
import { TRIGGER_NAMES } from "../../src/core/profile.js";
import { DAY, HOUR, MINUTE, SECOND } from "../../src/core/time.js";
import { pick, shuffled } from "../../src/simulator/chance.js";
import { playTicketLife, type TicketTimes } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { startWorld, type World } from "../../src/simulator/world.js";
import { atLeast, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { type Rehearsal, type Results, rehearse } from "../rehearsal.js";

/** R13: clocks that disagree, jump back, are moved for the summer or read the same twice: no time is negative, and what is odd is said. */
export const clockSkew: Experiment = {
  id: "R13",
  title: "clock skew",
  inTests: true,
  controls: [
    {
      says: "a stage that was entered before the one before it takes negative time",
      file: "src/core/lead-time.ts",
      before: "const leadTime = milliseconds(Math.max(0, entry.at - clock));",
      after: "const leadTime = milliseconds(entry.at - clock);",
    },
    {
      says: "what happens at one moment is in the order in which it was heard of",
      file: "src/core/entry.ts",
      before: "  return a.id < b.id ? -1 : Number(a.id > b.id);",
      after: "  return 0;",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const lived = await liveBySkewedClocks(campaign, world);
    const now = Date.now();
    const toldAgain = (webhooks: readonly Webhook[]): Promise<Lived> =>
      rehearse(campaign, { world, now: () => now, still: true }, async (rehearsal) => {
        await rehearsal.deliver(webhooks);
        await rehearsal.rest();
        return whatStands(rehearsal, webhooks);
      });
    const inAnyOrder = await toldAgain(shuffled(campaign.random, lived.webhooks));
    const inOtherZones = await toldAgain(lived.webhooks.map((webhook) => inAnotherZone(campaign.random, webhook)));
    const unread = lived.unread + inAnyOrder.unread + inOtherZones.unread;
    return [
      ...figuresOf(lived),
      exactly("texts that differ when all comes in another order, by a clock that is right", differences(lived, inAnyOrder), 0),
      exactly("texts that differ when times are told in other zones", differences(lived, inOtherZones), 0),
      exactly(`deliveries that were not read, of ${3 * lived.webhooks.length}`, unread, 0),
    ];
  },
};

interface Lived {
  readonly webhooks: readonly Webhook[];
  readonly results: Results;
  readonly unread: number;
}

/**
 * Tickets are lived from beginning to end; what happens is stamped by clocks that disagree, and the app has one of its own.
 * Each has a repository of its own: GitHub's clock may jump back in the middle of a change, not between two that build on each other.
 */
async function liveBySkewedClocks(campaign: Campaign, world: World): Promise<Lived> {
  const { random, of } = campaign;
  let skew = 0;
  return rehearse(campaign, { world, now: () => Date.now() + skew, still: false }, async (rehearsal) => {
    const webhooks: Webhook[] = [];
    for (let number = 1; number <= of(300, 20); number++) {
      const where = { number, version: `1.${number}`, repository: `acme/web-${number}`, branch: `PROP-${number}` };
      await playTicketLife(world, number === 1 ? overLeapSecond() : skewedTimes(random), where);
      const news = world.collect();
      for (const part of [news.slice(0, news.length / 2), news.slice(news.length / 2)]) {
        skew = pick(random, [0, DAY, -DAY]);
        await rehearsal.deliver(part);
        await rehearsal.rest();
      }
      webhooks.push(...news);
    }
    return whatStands(rehearsal, webhooks);
  });
}

async function whatStands(rehearsal: Rehearsal, webhooks: readonly Webhook[]): Promise<Lived> {
  const unread = webhooks.length - ((await rehearsal.states()).get("done") ?? 0);
  return { webhooks, results: await rehearsal.results(), unread };
}

/** When clocks are moved, get a second more, or stand on a day that most years do not have; and an ordinary day. */
const ODD_TIMES = [
  ...["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2017-01-01T00:00:00Z", "2024-02-29T00:00:00Z"],
  "2024-05-06T10:00:00Z",
];
const GAPS = [0, 0, SECOND, MINUTE, 20 * MINUTE, 3 * HOUR];
const SKEWS = [0, 0, SECOND, -SECOND, HOUR, -HOUR, DAY, -DAY];
const CLOCKS = ["Jira's", "the machine's", "GitHub's", "the runner's"] as const;

/** What happens, in the order of the published rule, and whose clock stamps it. */
const STEPS: readonly (readonly [keyof TicketTimes, (typeof CLOCKS)[number]])[] = [
  ["created", "Jira's"],
  ["inProgress", "Jira's"],
  ["commit", "the machine's"],
  ["opened", "GitHub's"],
  ["approved", "GitHub's"],
  ["merged", "GitHub's"],
  ["ci", "the runner's"],
  ["deployed", "GitHub's"],
  ["done", "Jira's"],
  ["released", "Jira's"],
];

/** A life that begins about an odd moment. Every clock is off by something, and one of them may jump back by a day. */
function skewedTimes(random: () => number): TicketTimes {
  const skews = new Map(CLOCKS.map((clock) => [clock, pick(random, SKEWS)]));
  const jumping = pick(random, [...CLOCKS, null]);
  const jumpsAt = Math.floor(random() * STEPS.length);
  let time = Date.parse(pick(random, ODD_TIMES)) - pick(random, GAPS);
  const times = STEPS.map(([step, clock], index) => {
    time += pick(random, GAPS);
    const jump = clock === jumping && index >= jumpsAt ? DAY : 0;
    return [step, time + (skews.get(clock) ?? 0) - jump] as const;
  });
  return Object.fromEntries(times) as Record<keyof TicketTimes, number>; // `STEPS` has them all
}

/** All that happens does so in the first second after a leap second. */
const overLeapSecond = (): TicketTimes =>
  Object.fromEntries(STEPS.map(([step]) => [step, AFTER_LEAP])) as Record<keyof TicketTimes, number>; // `STEPS` has them all

function figuresOf({ results }: Lived): Figure[] {
  const rows: { readonly data: string }[] = JSON.parse(results.items);
  const items = rows.map(({ data }): MeasuredItem => JSON.parse(data));
  const leadTimes = items.flatMap((item) => item.leadTimes);
  const stages = leadTimes.flatMap((leadTime) => leadTime.stages);
  const durations = [
    ...leadTimes.map(({ total }) => total),
    ...stages.map(({ leadTime }) => leadTime),
    ...items.flatMap(({ timeInStatus }) => timeInStatus?.map(({ duration }) => duration) ?? []),
  ].filter((duration) => duration !== null);
  const odd = stages.filter(({ state }) => state === "out-of-order").length;
  return [
    exactly(`durations below zero, of ${durations.length}`, durations.filter((duration) => duration < 0).length, 0),
    atLeast("stages that were entered before the one before them", odd, 1),
    exactly(
      "stages that are flagged wrongly, or timed wrongly",
      leadTimes.reduce((sum, one) => sum + misjudged(one), 0),
      0,
    ),
    exactly("of these, flagged ones that comments do not tell", untold(items, results), 0),
    exactly(
      `events of ${items.length} items that have no place of their own in the order`,
      items.reduce((sum, one) => sum + misplaced(one), 0),
      0,
    ),
  ];
}

/** The published rule once more: a stage takes the time since the latest entry before it, and none when it was entered earlier. */
function misjudged({ startedAt, stages, total }: LeadTime): number {
  let clock = startedAt ?? 0;
  let sum = 0;
  const wrong = stages.filter((stage) => {
    if (!("enteredAt" in stage)) return false;
    const takes = Math.max(0, stage.enteredAt - clock);
    const isLate = stage.enteredAt < clock;
    clock = Math.max(clock, stage.enteredAt);
    sum += takes;
    return stage.leadTime !== takes || (stage.state === "out-of-order") !== isLate;
  });
  return wrong.length + Number((total ?? 0) !== sum);
}

/** By time, then by kind, then by id. */
function misplaced({ events }: MeasuredItem): number {
  const kinds: readonly string[] = TRIGGER_NAMES;
  return events.filter((event, index) => {
    const before = events[index - 1];
    if (!before) return false;
    const steps = [event.at - before.at, kinds.indexOf(event.type) - kinds.indexOf(before.type), event.id > before.id ? 1 : -1];
    return (steps.find((step) => step !== 0) ?? 0) < 0;
  }).length;
}

/** The comment of a ticket's pull request tells of the ticket's own profile. */
function untold(items: readonly MeasuredItem[], results: Results): number {
  const comments = new Map<string, string>(JSON.parse(results.comments));
  const wrong = items.filter(({ kind, leadTimes, pullRequests }) => {
    const [ref] = pullRequests.map((head) => `${head.repository}#${head.number}`);
    const told = comments.get(ref ?? "")?.match(/ · out of order \|/g)?.length ?? 0;
    const flagged = leadTimes[0]?.stages.filter(({ state }) => state === "out-of-order").length ?? 0;
    return kind === "ticket" && told !== flagged;
  });
  return wrong.length;
}

const differences = (one: Lived, other: Lived): number =>
  Number(one.results.items !== other.results.items) + Number(one.results.comments !== other.results.comments);

const TIME = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{3})?(Z|\+0000)"/g;
const ZONES = ["+00:00", "+01:00", "+02:00", "-04:00", "-09:30", "+05:45", "+14:00", "-12:00"];
/** The second before it was the sixty-first of its minute. */
const AFTER_LEAP = Date.parse("2017-01-01T00:00:00Z");

/** The same moments as clocks elsewhere show them. */
const inAnotherZone = (random: () => number, webhook: Webhook): Webhook => ({
  ...webhook,
  body: webhook.body.replace(TIME, (_, time: string, fraction = "", zone: string) => {
    const to = pick(random, ZONES);
    const [hours = 0, minutes = 0] = to.slice(1).split(":").map(Number);
    const offset = (to.startsWith("-") ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
    const at = Date.parse(`${time}Z`);
    const local = new Date(at + offset).toISOString().slice(0, 19);
    return `"${at === AFTER_LEAP ? leapSecond(offset) : local}${fraction}${zone === "Z" ? to : to.replace(":", "")}"`;
  }),
});

const leapSecond = (offset: number): string => `${new Date(AFTER_LEAP + offset - SECOND).toISOString().slice(0, 17)}60`;
