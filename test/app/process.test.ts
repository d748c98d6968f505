import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { startApp } from "../../src/app.js";
import { MARKER } from "../../src/render/comment.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import type { World } from "../../src/simulator/world.js";
import { testSettings, testWorld } from "../support/app.js";
import { holdingBack, type Running, startProcess } from "../support/process.js";

const COMMENTS = /\/issues\/1\/comments$/;
const LONG = 90_000;

const ours = ({ github }: World) =>
  github.commentsOf({ repository: "acme/web", number: 1 }).filter(({ body }) => body.startsWith(MARKER));
const asked = ({ github }: World, method: string, path: RegExp) =>
  github.requests.filter((request) => request.method === method && path.test(request.path));
const until = <Found>(look: () => Found, timeout = 20_000) => vi.waitFor(look, { timeout, interval: 5 });

async function settings(world: World): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-process-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { ...world.environment(), DATABASE_URL: `sqlite:${join(folder, "leadtime.db")}` };
}

/** The webhooks of a ticket's whole life, which are still to be delivered. */
async function lived(world: World): Promise<Webhook[]> {
  await playTicketLife(world, GOLDEN_TIMES);
  return world.collect();
}

/** Delivers in order; each is accepted. */
async function deliver(world: World, webhooks: readonly Webhook[]): Promise<void> {
  const statuses = await world.send(webhooks);
  expect(statuses.filter((status) => status === null || status >= 300)).toEqual([]);
}

/** Whether the comment says the whole life. */
const complete = (world: World) => {
  expect(ours(world)).toHaveLength(1);
  expect(ours(world)[0]?.body).toContain("### Lead time 1h 10m · 🟢 good");
  expect(ours(world)[0]?.body).not.toContain("Still to come");
};

/** What the API tells of the ticket, but for the time in its last status, which goes on. */
async function item(url: string): Promise<unknown> {
  const told: unknown = await (await fetch(`${url}/api/v1/work-items/PROP-1460`)).json();
  return { ...Object(told), timeInStatus: undefined };
}

it(
  "has one comment when it is killed between creating it and noting it",
  async () => {
    const world = await testWorld();
    const webhooks = await lived(world);
    const environment = await settings(world);
    const GHE_HOST = await holdingBack(world.github.url, (method, path) => method === "POST" && COMMENTS.test(path));
    const first = await startProcess({ ...environment, GHE_HOST });
    world.target(first.url);
    await deliver(world, webhooks);
    await until(() => expect(ours(world)).toHaveLength(1));
    expect(await first.end("SIGKILL")).toBeNull();
    const before = ours(world)[0];
    const second = await startProcess(environment);
    await until(() => complete(world));
    expect(ours(world)[0]?.id).toBe(before?.id);
    expect(asked(world, "POST", COMMENTS)).toHaveLength(1);
    expect(await second.end("SIGTERM")).toBe(0);
  },
  LONG,
);

it(
  "loses nothing and does nothing twice when it is killed at any moment",
  async () => {
    const world = await testWorld();
    const webhooks = await lived(world);
    const environment = await settings(world);
    // Killed when so many deliveries were accepted, or so many questions asked, whichever a seed picked.
    const moments = [
      { accepted: 3 },
      { accepted: 9, asked: 2 },
      { accepted: webhooks.length, asked: 5 },
      { accepted: webhooks.length, asked: 8 },
      { accepted: webhooks.length, asked: 11 },
    ];
    let running: Running | undefined;
    let delivered = 0;
    for (const moment of moments) {
      running = await startProcess(environment);
      world.target(running.url);
      await deliver(world, webhooks.slice(delivered, moment.accepted));
      delivered = Math.max(delivered, moment.accepted);
      const questions = () => world.github.requests.length + world.jira.requests.length;
      if (moment.asked !== undefined) await until(() => expect(questions()).toBeGreaterThanOrEqual(moment.asked));
      await running.end("SIGKILL");
    }
    running = await startProcess(environment);
    world.target(running.url);
    await until(() => complete(world));
    const told = await item(running.url);
    const body = ours(world)[0]?.body;

    const undisturbed = await startApp(await testSettings(world));
    onTestFinished(() => undisturbed.close());
    world.target(undisturbed.url);
    await deliver(world, webhooks);
    await undisturbed.idle();
    expect(told).toEqual(await item(undisturbed.url));
    expect(ours(world).map((comment) => comment.body)).toEqual([body]);
  },
  LONG,
);

it(
  "drains on SIGTERM within ten seconds, with a backlog, deliveries coming in and a GitHub that hangs",
  async () => {
    const world = await testWorld();
    const webhooks = await lived(world);
    const environment = await settings(world);
    const running = await startProcess(environment);
    world.github.faults.next({ path: /^\/repos/, times: 1000, answer: "hang" });
    world.target(running.url);
    const copies = Array.from({ length: 40 }, (_, copy) => webhooks.map((webhook) => again(webhook, copy))).flat();
    const sending = Promise.all(chunks(copies, 16).map((part) => world.send(part)));
    await until(() => expect(world.github.requests.some(({ path }) => path.startsWith("/repos"))).toBe(true));
    const since = Date.now();
    expect(await running.end("SIGTERM")).toBe(0);
    expect(Date.now() - since).toBeLessThan(10_000);
    await sending;

    world.github.faults.clear();
    const second = await startProcess(environment);
    world.target(second.url);
    const refused = world.webhooks.attempts.filter(({ status }) => status === null || status >= 300);
    await deliver(
      world,
      refused.map(({ webhook }) => webhook),
    );
    await until(() => complete(world), 40_000);
    expect(await second.end("SIGTERM")).toBe(0);
  },
  LONG,
);

/** The same delivery under another id. */
function again(webhook: Webhook, copy: number): Webhook {
  const id = webhook.source === "github" ? "x-github-delivery" : "x-atlassian-webhook-identifier";
  return { ...webhook, headers: { ...webhook.headers, [id]: `${webhook.headers[id]}-${copy}` } };
}

const chunks = <Item>(items: readonly Item[], count: number): Item[][] =>
  Array.from({ length: count }, (_, chunk) => items.filter((__, index) => index % count === chunk));

const ANSWER = "<!-- leadtime:answer";
const answered = ({ github }: World) =>
  github.commentsOf({ repository: "acme/web", number: 1 }).filter(({ body }) => body.startsWith(ANSWER));

it.each([
  ["creating its answer and noting it", (method: string, path: string) => method === "POST" && COMMENTS.test(path)],
  ["👀 and the answer", (method: string, path: string) => method === "POST" && /\/reactions$/.test(path)],
] as const)("answers a command once when it is killed between %s", { timeout: LONG }, async (_, heldBack) => {
  const world = await testWorld();
  const open = { ...GOLDEN_TIMES, approved: null, merged: null, ci: null, deployed: null, done: null, released: null };
  await playTicketLife(world, open);
  await world.github.comment({ repository: "acme/web", number: 1, body: "/leadtime", by: "bob", at: Date.now() });
  const environment = await settings(world);
  const first = await startProcess({ ...environment, GHE_HOST: await holdingBack(world.github.url, heldBack) });
  world.target(first.url);
  await deliver(world, world.collect());
  await until(() => expect(world.github.requests.some(({ method, path }) => heldBack(method, path))).toBe(true));
  expect(await first.end("SIGKILL")).toBeNull();
  const second = await startProcess(environment);
  const [question] = world.github.commentsOf({ repository: "acme/web", number: 1 });
  await until(() => expect(question?.reactions.map(({ content }) => content)).toEqual(["eyes", "rocket"]));
  expect(answered(world)).toEqual([expect.objectContaining({ body: expect.stringContaining("Waiting for **Approval**") })]);
  expect(asked(world, "POST", COMMENTS)).toHaveLength(1);
  expect(await second.end("SIGTERM")).toBe(0);
});
