import { createHmac } from "node:crypto";
import type { Role } from "../../src/simulator/github-state.js";
import { GOLDEN_TIMES, playTicketLife, type TicketTimes } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import type { Stage } from "./app.js";

export const REPOSITORY = "acme/web";
/** A ticket with a pull request that waits for its approval. */
export const OPEN: TicketTimes = {
  ...GOLDEN_TIMES,
  ...{ approved: null, merged: null, ci: null, deployed: null, done: null, released: null },
};

/** Lives a ticket until its pull request is open, in a repository of that visibility. */
export async function opened(
  { world, app }: Stage,
  options: Parameters<typeof playTicketLife>[2] = {},
  times: TicketTimes = OPEN,
): Promise<void> {
  await playTicketLife(world, times, options);
  await app.idle();
}

export interface Heard {
  /** What our App wrote on the comment, in the order in which it came. */
  readonly reactions: readonly string[];
  /** Our answer; undefined: none. */
  readonly answer: string | undefined;
}

/** Says something on the pull request, now; returns the comment's id. */
export function say(world: World, body: string, by = "alice", at: number = Date.now()): Promise<number> {
  return world.github.comment({ repository: REPOSITORY, number: 1, body, by, at });
}

/** What came of a comment. */
export function heard({ github }: World, comment: number): Heard {
  const all = github.commentsOf({ repository: REPOSITORY, number: 1 });
  const marker = `<!-- leadtime:answer ${comment} -->\n`;
  const [answer, ...more] = all.filter(({ body, byApp }) => byApp && body.startsWith(marker));
  if (more.length > 0) throw new Error(`comment ${comment} has ${more.length + 1} answers`);
  const asked = all.find(({ id }) => id === comment);
  return { reactions: asked?.reactions.map(({ content }) => content) ?? [], answer: answer?.body };
}

/** Says it, and waits for what comes of it. */
export async function ask({ world, app }: Stage, body: string, by = "alice", at?: number): Promise<Heard> {
  const comment = await say(world, body, by, at);
  await app.idle();
  return heard(world, comment);
}

/** All that our App wrote in answer to anybody. */
export const answers = ({ github }: World): string[] =>
  github
    .commentsOf({ repository: REPOSITORY, number: 1 })
    .flatMap(({ body, byApp }) => (byApp && body.startsWith("<!-- leadtime:answer") ? [body] : []));

export const giveRole = ({ github }: World, login: string, role: Role): void =>
  github.setRole({ repository: REPOSITORY, login, role });

/** Delivers a comment as GitHub signs it, changed by hand; returns the status of the answer. */
export async function deliverChanged({ world, app }: Stage, body: string, change: (payload: Payload) => void): Promise<number> {
  world.target(undefined);
  await say(world, body);
  const [webhook] = world.collect();
  world.target(app.url);
  if (!webhook) throw new Error("a comment is told of");
  const payload = JSON.parse(webhook.body) as Payload; // as the simulator wrote it
  change(payload);
  const text = JSON.stringify(payload);
  const secret = world.environment().WEBHOOK_SECRET ?? "";
  const signature = `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`;
  const headers = { ...webhook.headers, "x-hub-signature-256": signature };
  return (await fetch(`${app.url}/api/github/webhooks`, { method: "POST", headers, body: text })).status;
}

export interface Payload {
  action: string;
  issue: { pull_request?: unknown };
  comment: { id: number; body: string; user: { login: string; type: string; id: number } | null };
}
