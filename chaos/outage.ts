import { DAY, HOUR, MINUTE, milliseconds, SECOND } from "../src/core/time.js";
import type { Outcome } from "../src/ports.js";
import { MARKER } from "../src/render/comment.js";
import { pick } from "../src/simulator/chance.js";
import { GOLDEN_TIMES, playTicketLife } from "../src/simulator/stories.js";
import { startWorld, type World } from "../src/simulator/world.js";
import { openStore } from "../src/store/open.js";
import { adapters, type Between } from "./adapters.js";
import { atMost, type Campaign, exactly, type Figure } from "./experiment.js";
import { type HandClock, handClock, type Inner, silent, startInner } from "./inner.js";
import { until } from "./look.js";
import { send } from "./senders.js";
import { type Asked, type Seen, trouble } from "./trouble.js";

const REPOSITORY = "acme/web";
const PATIENCE = milliseconds(5 * SECOND);
const ALWAYS = 1_000_000;

interface Scene {
  readonly world: World;
  readonly clock: HandClock;
  readonly inner: Inner;
  readonly seen: Seen;
  /** How many effects were parked. */
  parked(): number;
}

/** An app that has to read and to say all that some tickets' lives bring, once whatever `spoil` does is done. */
async function scene(
  campaign: Campaign,
  { lives, spoil, check }: { readonly lives: number; readonly spoil?: (world: World) => void } & Pick<Between, "check">,
): Promise<Scene> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  const at = new Date("2024-05-06T08:00:00Z");
  await world.github.install({ account: "acme", at });
  await world.github.createRepository({ repository: REPOSITORY, files: { ".github/leadtime.yml": "{}" }, at });
  for (let number = 1; number <= lives; number++) {
    await playTicketLife(world, GOLDEN_TIMES, { repository: REPOSITORY, number, branch: `PROP-${number}` });
  }
  spoil?.(world);
  const clock = handClock(Date.now());
  const store = await openStore("sqlite::memory:", { clock, log: silent });
  campaign.onEnd(() => store.close());
  const watch = trouble(world, clock);
  let parked = 0;
  const settled = ({ state }: Outcome): void => {
    if (state === "parked") parked++;
  };
  const between = { ...watch.between, ...(check ? { check } : {}) };
  const inner = startInner({ world, store, clock, patience: PATIENCE, between, settled });
  await inner.accept(world.collect());
  return { world, clock, inner, seen: watch.seen, parked: () => parked };
}

/** Lives on for a time; `isOver` ends it sooner. */
async function live({ inner, clock }: Scene, time: number, isOver: () => boolean = () => false): Promise<void> {
  const end = clock.now() + time;
  while (clock.now() < end) {
    await inner.settle();
    if (isOver()) return;
    clock.forward(Math.min(inner.dueNext() ?? end, end, clock.now() + HOUR) - clock.now());
  }
}

/** The most calls of one question in one hour of the day, counted from the first of all. */
function mostInAnHour({ calls }: Seen, asked: Asked, hours: { readonly from: number; readonly to: number }): number {
  const first = calls[0]?.at ?? 0;
  const counts = new Map<string, number>();
  for (const call of calls) {
    const hour = Math.floor((call.at - first) / HOUR);
    const key = `${hour} ${call.what}`;
    if (call.asked === asked && hour >= hours.from && hour < hours.to) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

const commented = (world: World, lives: number): number =>
  Array.from({ length: lives }, (_, index) => bodiesOf(world, index + 1)).filter((bodies) => bodies.some(isWhole)).length;

const isWhole = (body: string): boolean => body.includes("### Lead time 1h 10m") && !body.includes("Still to come");

/** Both are away for a day: how often each question is asked, and how soon all is made good when they are back. */
export async function awayForADay(campaign: Campaign): Promise<Figure[]> {
  const lives = campaign.of(2, 1);
  const time = campaign.of(DAY, HOUR);
  const on = await scene(campaign, {
    lives,
    spoil: ({ github, jira }) => {
      github.faults.next({ path: /^\/repos\//, times: ALWAYS, answer: { status: 502 } });
      jira.faults.next({ times: ALWAYS, answer: { status: 503 } });
    },
  });
  await live(on, time);
  const [first, later, all] = [
    { from: 0, to: 1 },
    { from: 1, to: time / HOUR },
    { from: 0, to: time / HOUR },
  ];
  const away = `both away for ${time / HOUR} h`;
  const figures = [
    atMost(`${away}: tries of one question to GitHub in the first hour`, mostInAnHour(on.seen, "GitHub", first), 12),
    atMost(`${away}: tries of one question to GitHub in an hour after that`, mostInAnHour(on.seen, "GitHub", later), 1),
    atMost(`${away}: tries of one ticket in an hour`, mostInAnHour(on.seen, "Jira", all), 66),
    exactly(`${away}: questions that were given up`, on.parked(), 0),
  ];
  on.world.github.faults.clear();
  on.world.jira.faults.clear();
  const back = on.clock.now();
  await live(on, 3 * HOUR, () => commented(on.world, lives) === lives);
  return [
    ...figures,
    exactly(`both back: pull requests without their whole comment, of ${lives}`, lives - commented(on.world, lives), 0),
    atMost("both back: until the last comment", (on.clock.now() - back) / MINUTE, 61, " min"),
  ];
}

/** What is refused for good, and what fails by a fault of ours: how often it is tried. */
export async function triedInVain(campaign: Campaign): Promise<Figure[]> {
  const statuses = campaign.of(5, 2);
  let refusals = 0;
  for (const status of [403, 404, 410, 422, 451].slice(0, statuses)) {
    const spoil = ({ github }: World) =>
      github.faults.next({ path: /\/pulls\/1\/commits$/, times: ALWAYS, answer: { status, body: { message: "No." } } });
    const on = await scene(campaign, { lives: 1, spoil });
    await live(on, DAY);
    const asked = on.seen.calls.filter(({ what }) => what.endsWith("/pulls/1/commits")).length;
    refusals = Math.max(refusals, on.parked() === 1 ? asked : Number.POSITIVE_INFINITY);
  }
  const check = () => {
    throw new TypeError("a fault of ours");
  };
  const ours = await scene(campaign, { lives: 1, check });
  await live(ours, DAY);
  const file = /\/web\/contents\//;
  const tries = ours.seen.calls.filter(({ what }) => file.test(what)).length;
  return [
    atMost(`refused for good (${statuses} statuses): calls until it is parked`, refusals, 1),
    atMost("a fault of ours: tries until it is parked", ours.parked() === 1 ? tries : Number.POSITIVE_INFINITY, 10),
  ];
}

/** Calls with the app's own limit of ten seconds, to those that hang or drip. */
export async function realLimits(campaign: Campaign): Promise<Figure[]> {
  const { world, clock } = await scene(campaign, { lives: 1 });
  await world.github.install({ account: "other", at: GOLDEN_TIMES.created });
  const [acme, other] = [...world.github.state.installations.keys()].map(String);
  const { codeHost, tracker } = adapters(world, { clock, log: silent });
  const ask = (installation = "", number = 1) => {
    const names = { owner: "github:1", ref: "github:repository:1", name: REPOSITORY, defaultBranch: "main" };
    return codeHost.pullRequest({ ...names, installation } as Parameters<typeof codeHost.pullRequest>[0], number); // only the name is used
  };
  await ask(acme);
  const { github, jira } = world;
  github.faults.next({ path: /\/access_tokens$/, answer: "hang" });
  github.faults.next({ path: /\/pulls\/1$/, answer: "drip" });
  github.faults.next({ path: /\/pulls\/2$/, answer: "hang" });
  jira.faults.next({ path: /\/issue\/PROP-1$/, answer: "drip" });
  jira.faults.next({ path: /\/issue\/PROP-2$/, answer: "hang" });
  const asked = [ask(other), ask(acme), ask(acme, 2), tracker.ticket("PROP-1"), tracker.ticket("PROP-2")];
  const times = await Promise.all(asked.map(secondsOf));
  return [
    atMost(
      `the longest of ${times.length} calls that hang or drip (ten seconds, and what a timer is late)`,
      Math.max(...times),
      10.5,
      " s",
    ),
  ];
}

async function secondsOf(question: Promise<unknown>): Promise<number> {
  const began = performance.now();
  const failed = await question.then(
    () => false,
    () => true,
  );
  return failed ? (performance.now() - began) / SECOND : Number.POSITIVE_INFINITY;
}

/** A process that is killed while GitHub or Jira is about to answer, with the work done or not. */
export async function killedWhileAsking(campaign: Campaign): Promise<Figure[]> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  const environment = { ...world.environment(), DATABASE_URL: `sqlite:${await campaign.folder()}/leadtime.db` };
  const kills = campaign.of(10, 2);
  let incomplete = 0;
  for (let number = 1; number <= kills; number++) {
    world.target(undefined);
    await playTicketLife(world, GOLDEN_TIMES, { repository: REPOSITORY, number, branch: `PROP-${number}` });
    const first = await campaign.start(environment);
    const killed = killAt(world, Math.floor(campaign.random() * 12), () => {
      void first.end("SIGKILL");
      return pick(campaign.random, ["hang", "drop-answer"]);
    });
    const webhooks = world.collect();
    await send(first.url, webhooks);
    await killed;
    await first.exited;
    const second = await campaign.start(environment);
    await send(second.url, webhooks); // those that it did not acknowledge, and those that it did
    const whole = () => bodiesOf(world, number).some(isWhole);
    await until("the comment is whole", whole).catch(() => incomplete++);
    await second.end("SIGTERM");
  }
  const twice = Array.from({ length: kills }, (_, index) => bodiesOf(world, index + 1)).filter(
    ({ length }) => length > 1,
  ).length;
  return [
    exactly(`killed in the middle of a call ${kills} times: pull requests with more than one comment`, twice, 0),
    exactly(`killed in the middle of a call ${kills} times: comments that did not come to say all`, incomplete, 0),
  ];
}

const bodiesOf = ({ github }: World, number: number): string[] =>
  github
    .commentsOf({ repository: REPOSITORY, number })
    .map(({ body }) => body)
    .filter((body) => body.startsWith(MARKER));

/** Calls `kill` when so many calls were let pass; resolves then, or when no more come. */
async function killAt({ github, jira }: World, passing: number, kill: () => "hang" | "drop-answer"): Promise<void> {
  let left = passing;
  let last = Date.now();
  let over = false;
  const answer = () => {
    last = Date.now();
    if (over || left-- > 0) return undefined;
    over = true;
    return kill();
  };
  for (const { faults } of [github, jira]) faults.next({ times: ALWAYS, answer });
  await until("the call has come", () => over || Date.now() - last > 2000);
  if (!over) kill();
  for (const { faults } of [github, jira]) faults.clear();
}
