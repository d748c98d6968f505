import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, type RunSettings, startApp } from "./app.js";
import { readSettings } from "./settings.js";
import { seededRandom } from "./simulator/chance.js";
import { GOLDEN_TIMES, playTicketLife } from "./simulator/stories.js";
import { playSteps, teamHistory } from "./simulator/team.js";
import { startWorld, type World } from "./simulator/world.js";

export interface DemoOptions {
  /** End after the comment. */
  readonly once: boolean;
  readonly port: number;
  readonly say: (text: string) => void;
  /** Resolves when somebody wants it to end. */
  readonly stopped: Promise<unknown>;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** The same made-up team in every demo. */
const TEAM = 1460;
const PATIENCE = 60_000;
const LOOK_EVERY = 50;

/** Plays a ticket's whole life to the real app, against a GitHub and a Jira on this machine, and shows what it makes of it. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-demo-"));
  const world = await startWorld({ now: options.now });
  try {
    const app = await startApp(demoSettings(world, { folder, port: options.port }));
    try {
      world.target(app.url);
      await show(world, app, options);
    } finally {
      await app.close();
    }
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function demoSettings(world: World, { folder, port }: { readonly folder: string; readonly port: number }): RunSettings {
  const settings = readSettings({
    ...world.environment(),
    DATABASE_URL: `sqlite:${join(folder, "leadtime.db")}`,
    HOST: "127.0.0.1",
    PORT: String(port),
    LOG_LEVEL: "warn",
  });
  if (settings.mode !== "run") throw new Error("the demo's settings name no App");
  return settings;
}

async function show(world: World, app: App, options: DemoOptions): Promise<void> {
  const { say } = options;
  say("A GitHub, a Jira and leadtime run on this machine. A ticket is created, worked on, merged, deployed and released …\n");
  const { key, repository, pullRequests } = await playTicketLife(world, GOLDEN_TIMES);
  const [pullRequest] = pullRequests;
  if (!pullRequest) throw new Error("the ticket's story has a pull request");
  await until(options, `${key} to be complete`, () => isComplete(app, key));
  const comment = await until(options, "the comment to be complete", async () => {
    const [last] = world.github.commentsOf({ repository, number: pullRequest.number }).slice(-1);
    return /still to come/i.test(last?.body ?? "") ? undefined : last?.body;
  });
  say(`The comment that now stands on ${repository}#${pullRequest.number}:\n\n${comment}\n`);
  if (options.once) return;
  say("Some months of a made-up team's work are being delivered …");
  let stopped = false;
  void options.stopped.then(() => {
    stopped = true;
  });
  await playSteps(world, teamHistory({ random: seededRandom(TEAM), until: options.now() }), () => stopped);
  if (stopped) return;
  say("\nAsk for a work item, or a pull request; the team's tickets are SHOP-1 … and PAY-1 …:\n");
  const asked = [`work-items/${key}`, "work-items/SHOP-3", "pull-requests/acme/shop/5", "pull-requests/acme/payments/2"];
  for (const path of asked) say(`  curl ${app.url}/api/v1/${path}`);
  say("\nIt runs until Ctrl-C.");
  await options.stopped;
}

async function isComplete({ url }: App, key: string): Promise<true | undefined> {
  const answer = await fetch(`${url}/api/v1/work-items/${key}`);
  if (!answer.ok) return undefined;
  const { leadTimes } = (await answer.json()) as { leadTimes: { status: string }[] }; // our own API's answer
  return leadTimes[0]?.status === "complete" || undefined;
}

async function until<Found>({ now, wait }: DemoOptions, what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = now() + PATIENCE;
  while (now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(LOOK_EVERY);
  }
  throw new Error(`waited ${PATIENCE / 1000} s in vain for ${what}`);
}
