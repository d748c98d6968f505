import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { median } from "../../src/core/statistics.js";
import { pick } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { openInbox } from "../../src/store/open-inbox.js";
import { atLeast, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { handled, look, until } from "../look.js";
import { isTaken, type Sent, send, signed, underAnotherId } from "../senders.js";

/** R11: payloads with anything in them. Each is read or parked with its reason, and none holds up another. */
export const poison: Experiment = {
  id: "R11",
  title: "poison",
  inTests: true,
  controls: [
    {
      says: "a payload that lacks what is read from it is a fault of ours, tried again and again",
      file: "src/flow/read-deliveries.ts",
      before: "if (error instanceof Unreadable) {",
      after: 'if (error instanceof Unreadable && error.message === "") {',
    },
    {
      says: "a body that is no JSON is a fault of ours",
      file: "src/github/payload.ts",
      before: "catch {\n    throw new Unreadable(",
      after: "catch {\n    throw new SyntaxError(",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(20, 4));
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const { WEBHOOK_SECRET: secret = "" } = world.environment();
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
    const models = [...webhooks.filter(({ source }) => source === "github"), ...(await examples(secret))];
    const all = [...mutants(campaign, models, secret), ...(await oddities(secret))];
    const sent = await send(app.url, all);
    await handled(url, 300_000);
    const figures = [...statuses(sent, all.length), ...(await outcomes(url))];
    figures.push(...(await beside(campaign, { app: app.url, url, healthy: webhooks, poison: await parkedOf(url, all) })));
    const alive = await fetch(`${app.url}/healthz`);
    return [...figures, exactly("the process lives on", alive.status, 200), ...(await replayed(url))];
  },
};

/** GitHub's own examples of all its events. */
async function examples(secret: string): Promise<Webhook[]> {
  const path = createRequire(import.meta.url).resolve("@octokit/webhooks-examples/api.github.com/index.json");
  const events = JSON.parse(await readFile(path, "utf8")) as { name: string; examples: object[] }[];
  return events.flatMap(({ name, examples: bodies }) =>
    bodies.map((body, index) => signed(JSON.stringify(body), { id: `example-${name}-${index}`, event: name, secret })),
  );
}

const WRONG: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 53 + 2,
    1e308,
    "",
    "x",
    "\ud800",
    "\u0000",
    "２０２４",
    "9007199254740993",
    [],
    {},
    [[]],
    [null],
  ],
  ...[{ __proto__: null, constructor: 1 }, "2024-13-45T99:99:99Z", "https://user:pass@[::1]:1/", "a".repeat(5000)],
];

/** Each with one to four things wrong: gone, added, null, of another type. */
function mutants({ random, of }: Campaign, models: readonly Webhook[], secret: string): Webhook[] {
  return Array.from({ length: of(10_000, 300) }, (_, index) => {
    const model = pick(random, models);
    const payload: unknown = JSON.parse(model.body);
    for (let times = 1 + Math.floor(random() * 4); times > 0; times--) spoil(random, payload);
    const event = random() < 0.03 ? "an_event_of_tomorrow" : (model.headers["x-github-event"] ?? "push");
    return signed(JSON.stringify(payload), { id: `mutant-${index}`, event, secret });
  });
}

/** Goes down a random way and makes something wrong where it ends. */
function spoil(random: () => number, payload: unknown): void {
  let at: unknown = payload;
  for (;;) {
    if (typeof at !== "object" || at === null) return;
    const entries = Object.entries(at);
    if (entries.length === 0) return;
    const [key, value] = pick(random, entries);
    const isLeaf = typeof value !== "object" || value === null;
    if (!isLeaf && random() < 0.7) {
      at = value;
      continue;
    }
    if (random() < 0.4) Reflect.deleteProperty(at, key);
    else Reflect.set(at, key, pick(random, WRONG));
    return;
  }
}

/** What no mutation makes: bytes that are no JSON, or more of it than anybody reads. */
async function oddities(secret: string): Promise<Webhook[]> {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  const bodies: Readonly<Record<string, string>> = {
    empty: "",
    null: "null",
    number: "42",
    list: "[]",
    "not-json": "{ this is none",
    xml: "<xml/>",
    "half-json": '{"action":"opened","pull_request":{',
    bom: '\ufeff{"action":"opened"}',
    deep: deep(5000),
    deeper: "[".repeat(200_000),
    prototype: '{"__proto__":{"action":"opened"},"action":"opened","pull_request":{"__proto__":{"id":1}}}',
    "long-integer": '{"action":"opened","pull_request":{"id":123456789012345678901234567890}}',
    surrogates: '{"action":"opened","pull_request":{"title":"\\ud800\\udc00\\ud800"}}',
    twice: '{"action":"opened","action":"closed"}',
    large: JSON.stringify({ action: "opened", pull_request: { body: "x".repeat(24 * 2 ** 20) } }),
  };
  return Object.entries(bodies).map(([name, body]) => signed(body, { id: `odd-${name}`, event: "pull_request", secret }));
}

function statuses(sent: readonly Sent[], count: number): Figure[] {
  return [
    atLeast("poisonous payloads sent", count, 300),
    exactly("answered with 5xx, or not at all", sent.filter(({ status }) => status === null || status >= 500).length, 0),
    exactly("not taken", sent.filter((one) => !isTaken(one)).length, 0),
  ];
}

async function outcomes(url: string): Promise<Figure[]> {
  const rows = await look<{ state: string; attempts: number; reason: string | null }>(
    url,
    "select state, attempts, reason from inbox",
  );
  const parked = rows.filter(({ state }) => state === "parked");
  // A fault of ours is parked under the name of its error.
  const faults = parked.filter(
    ({ reason }) => !/expected|cannot be read/i.test(reason ?? "") || /^\w*Error: /.test(reason ?? ""),
  );
  return [
    atLeast("parked", parked.length, 15),
    exactly("neither read nor parked", rows.filter(({ state }) => state === "pending").length, 0),
    exactly("parked without a reason that says what was expected", faults.length === 0 ? 0 : (faults[0]?.reason ?? "none"), 0),
  ];
}

/** Those that were parked; without the one of 24 MB, which takes longer than twenty healthy ones whatever is in it. */
async function parkedOf(url: string, sent: readonly Webhook[]): Promise<Webhook[]> {
  const rows = await look<{ id: string }>(url, "select id from inbox where state = 'parked'");
  const ids = new Set(rows.map(({ id }) => id));
  return sent.filter((webhook) => ids.has(webhook.id) && webhook.body.length < 2 ** 20);
}

interface Beside {
  readonly app: string;
  readonly url: string;
  readonly healthy: readonly Webhook[];
  readonly poison: readonly Webhook[];
}

/** How long the healthy ones take by themselves, and with poison between them, in turn. */
async function beside(campaign: Campaign, { app, url, healthy, poison: bad }: Beside): Promise<Figure[]> {
  const ratios: number[] = [];
  const some = Array.from({ length: campaign.of(2000, 400) }, (_, index) => healthy[index % healthy.length] as Webhook); // there are some
  for (let round = 0; round < campaign.of(7, 3); round++) {
    const good = (name: string) => some.map((webhook, index) => underAnotherId(webhook, `${name}-${round}-${index}`));
    const few = Array.from({ length: some.length / 20 }, (_, index) =>
      underAnotherId(pick(campaign.random, bad), `b-${round}-${index}`),
    );
    const alone = await took(app, url, good("alone"));
    const mixed = await took(
      app,
      url,
      [...good("mixed"), ...few].sort(() => campaign.random() - 0.5),
    );
    ratios.push(alone / mixed);
  }
  return [
    atLeast("healthy deliveries handled with one in twenty poisonous ÷ alone", median(ratios) ?? 0, campaign.of(0.9, 0.5)),
  ];
}

async function took(app: string, url: string, webhooks: readonly Webhook[]): Promise<number> {
  const began = performance.now();
  await send(app, webhooks);
  await handled(url);
  return performance.now() - began;
}

/** What is parked is tried again when it is asked for. Nothing was mended here, so it is parked again. */
async function replayed(url: string): Promise<Figure[]> {
  const inbox = await openInbox(url);
  try {
    const { parked } = await inbox.counts();
    const again = await inbox.retryDeliveries("all");
    await until("all is tried again", async () => (await inbox.counts()).pending === 0);
    return [
      exactly("parked ones that a retry made due", again.length, parked),
      exactly("and that were read again and parked again", (await inbox.counts()).parked, parked),
    ];
  } finally {
    await inbox.close();
  }
}
