import { createHmac, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { pino } from "pino";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { instant } from "../../src/core/time.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { openStore } from "../../src/store/open.js";
import { type Stage, stage } from "../support/app.js";
import { eventually } from "../support/jira.js";

let all: Stage;
let file: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "leadtime-inbox-"));
  file = join(folder, "leadtime.db");
  all = await stage({ DATABASE_URL: `sqlite:${file}` });
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

interface Given {
  readonly id?: string;
  readonly event?: string;
  readonly secret?: string;
  readonly to?: "github" | "jira";
  readonly headers?: Readonly<Record<string, string>>;
}

/** Delivers a well-signed body; the answer's status. */
async function deliver(
  body: string,
  { id = randomUUID(), event = "ping", to = "github", ...given }: Given = {},
): Promise<number> {
  const { WEBHOOK_SECRET = "", JIRA_WEBHOOK_SECRET = "" } = all.world.environment();
  const secret = given.secret ?? (to === "github" ? WEBHOOK_SECRET : JIRA_WEBHOOK_SECRET);
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const named =
    to === "github"
      ? { "x-github-delivery": id, "x-github-event": event, "x-hub-signature-256": signature }
      : { "x-atlassian-webhook-identifier": id, "x-hub-signature": signature };
  const headers = { "content-type": "application/json", ...named, ...given.headers };
  const answer = await fetch(`${all.app.url}/api/${to}/webhooks`, { method: "POST", headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

/** Looks into the database beside the app. */
function inDatabase<Row>(query: string): Row[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(query).all() as Row[]; // the query and `Row` are written together
  } finally {
    database.close();
  }
}

interface Stored {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
}
const inbox = () => inDatabase<Stored>("select id, state, reason from inbox order by received_at, id");
const count = (table: string) => inDatabase<{ n: number }>(`select count(*) as n from ${table}`)[0]?.n;

describe("what we do not know", () => {
  it("is accepted, done at once, and makes no work", async () => {
    await all.app.idle();
    const before = [count("events"), count("outbox"), all.world.github.requests.length];
    const statuses = [
      await deliver("{}", { event: "sponsorship" }),
      await deliver(JSON.stringify({ action: "invented", zen: "…" }), { event: "event_of_tomorrow" }),
      await deliver(JSON.stringify({ webhookEvent: "comment_created" }), { to: "jira" }),
      await deliver(JSON.stringify({ webhookEvent: "sprint_closed", timestamp: 1 }), { to: "jira" }),
    ];
    await all.app.idle();
    expect(statuses).toEqual([202, 202, 200, 200]);
    expect(inbox().map(({ state, reason }) => [state, reason])).toEqual(Array(4).fill(["done", null]));
    expect([count("events"), count("outbox"), all.world.github.requests.length]).toEqual(before);
  });
});

describe("a poisonous delivery", () => {
  it.each([
    ["is no JSON", "{ this is none", { event: "pull_request" }],
    ["is empty", "", { event: "push" }],
    ["is null", "null", { event: "pull_request" }],
    ["lacks everything", JSON.stringify({ action: "opened" }), { event: "pull_request" }],
    ["has wrong types", JSON.stringify({ action: "closed", number: "one", pull_request: [] }), { event: "pull_request" }],
    ["is nested deeply", "[".repeat(100_000), { event: "pull_request" }],
    ["is a ticket without fields", JSON.stringify({ webhookEvent: "jira:issue_updated" }), { to: "jira" }],
    ["is no JSON from Jira", "<xml/>", { to: "jira" }],
  ] as const)("that %s is parked with the reason, and holds up no other", async (_what, body, given) => {
    expect(await deliver(body, { ...given, id: "poison" })).toBeLessThan(300);
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    const poison = inbox().filter(({ id }) => id === "poison");
    const others = inbox().filter(({ id }) => id !== "poison");
    expect(poison).toEqual([{ id: "poison", state: "parked", reason: expect.stringMatching(/expected|cannot be read/) }]);
    expect(others.every(({ state }) => state === "done")).toBe(true);
    expect(all.comments()).toEqual([expect.stringContaining("### Lead time 1h 10m")]);
  });
});

describe("a delivery that is known", () => {
  it("is answered again, and nothing is done twice", async () => {
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    // GitHub tells of our comment, too, after it has answered.
    const written = all.world.github.requests.filter(({ method, path }) => method !== "GET" && path.includes("/comments"));
    const told = () =>
      all.world.webhooks.attempts.filter(({ webhook }) => webhook.headers["x-github-event"] === "issue_comment");
    await eventually(() => expect(told()).toHaveLength(written.length));
    await all.app.idle();
    const sent = all.world.webhooks.attempts.map(({ webhook }) => webhook);
    const asked = all.world.github.requests.length;
    const before = [count("inbox"), count("events")];
    const statuses = await all.world.send([...sent, ...sent]);
    await all.app.idle();
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect([count("inbox"), count("events")]).toEqual(before);
    expect(all.world.github.requests.length).toBe(asked);
    expect(all.comments()).toHaveLength(1);
  });
});

describe("a secret", () => {
  const OLD = { github: "an old secret of GitHub's", jira: "an old secret of Jira's" };
  it("that was replaced is accepted as long as it is named, and no other", async () => {
    await all.restart({ WEBHOOK_SECRET_PREVIOUS: OLD.github, JIRA_WEBHOOK_SECRET_PREVIOUS: OLD.jira });
    expect([await deliver("{}"), await deliver("{}", { secret: OLD.github })]).toEqual([202, 202]);
    expect([await deliver("{}", { to: "jira" }), await deliver("{}", { to: "jira", secret: OLD.jira })]).toEqual([200, 200]);
    expect(await deliver("{}", { secret: OLD.jira })).toBe(401);
    expect(await deliver("{}", { to: "jira", secret: OLD.github })).toBe(401);
    await all.restart();
    expect([await deliver("{}"), await deliver("{}", { secret: OLD.github })]).toEqual([202, 401]);
    expect([await deliver("{}", { to: "jira" }), await deliver("{}", { to: "jira", secret: OLD.jira })]).toEqual([200, 401]);
  });
});

describe("a delivery that is refused", () => {
  it.each([
    ["wrongly signed", 401, { secret: "not one of our secrets" }],
    ["signed in upper case", 401, { headers: { "x-hub-signature-256": `sha256=${"A".repeat(64)}` } }],
    ["without a name", 400, { headers: { "x-github-delivery": "" } }],
    ["a form", 415, { headers: { "content-type": "application/x-www-form-urlencoded" } }],
  ] as const)("since it is %s leaves nothing behind", async (_why, status, given) => {
    expect(await deliver("{}", given)).toBe(status);
    expect(count("inbox")).toBe(0);
  });

  it("since it is too large leaves nothing behind", async () => {
    expect(await deliver(`"${"x".repeat(25 * 1024 * 1024)}"`).catch(() => 413)).toBe(413);
    expect(count("inbox")).toBe(0);
  });
});

describe("while the database is locked by another process", () => {
  it("answers 503, and takes the delivery when it is sent again", async () => {
    await playTicketLife(all.world, { ...GOLDEN_TIMES, done: null, released: null });
    await all.app.idle();
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec("begin immediate");
    const late = randomUUID();
    expect(await deliver("{}", { id: late })).toBe(503);
    expect((await fetch(`${all.app.url}/healthz`)).status).toBe(200);
    other.exec("rollback");
    expect(await deliver("{}", { id: late })).toBe(202);
    await all.world.jira.transition({ issue: "PROP-1460", status: "Done", at: GOLDEN_TIMES.done ?? 0 });
    await all.app.idle();
    expect(inbox().every(({ state }) => state === "done")).toBe(true);
    await eventually(() => expect(all.comments()[0]).toContain("| Done | 3m |"));
  });
});

describe("a restart", () => {
  it("goes on with what was stored and not yet read", async () => {
    const { world, app } = all;
    world.target(undefined);
    await playTicketLife(world, GOLDEN_TIMES);
    await app.close();
    const store = await openStore(`sqlite:${file}`, { log: pino({ level: "silent" }) });
    const receivedAt = instant(Date.now());
    const stored = world.collect().map(({ source, id, headers, body }) => {
      return { source, id, event: headers["x-github-event"] ?? "", receivedAt, body: Buffer.from(body) };
    });
    await store.accept(stored);
    await store.close();
    await all.restart();
    await all.app.idle();
    expect(all.comments()).toEqual([expect.stringContaining("### Lead time 1h 10m")]);
    expect(inbox().every(({ state }) => state === "done")).toBe(true);
  });
});
