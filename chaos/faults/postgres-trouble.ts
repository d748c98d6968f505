import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { pick } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import type { World } from "../../src/simulator/world.js";
import type { Cluster } from "../cluster.js";
import { atLeast, atMost, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { look, storedIds, until } from "../look.js";
import { isTaken, keyOf, post, type Sent, underAnotherId } from "../senders.js";
import { type Wire, wireTo } from "../wire.js";

/** R17: whatever becomes of PostgreSQL, nothing acknowledged is lost, senders are told to come again, and all goes on by itself. */
export const postgresTrouble: Experiment = {
  id: "R17",
  title: "PostgreSQL crashes, hangs up, is full, slow or read-only",
  postgres: true,
  inTests: false,
  controls: [
    {
      says: "nobody listens when a connection that is not in use is lost",
      file: "src/store/postgres.ts",
      before: 'pool.on("error", (error) => log.warn({ reason: error.name },',
      after: 'pool.on("remove", () => log.warn({},',
    },
    {
      says: "a connection that fell silent is waited for without end",
      file: "src/store/postgres.ts",
      before: "if (patience === Number.POSITIVE_INFINITY) return answer;",
      after: "if (patience > 0) return answer;",
    },
    {
      says: "a connection that can only be read is used again",
      file: "src/store/postgres-failure.ts",
      before: "57P..|25006|",
      after: "57P..|",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(20, 4));
    const cluster = await campaign.cluster();
    const url = await cluster.database();
    const wire = await wireTo(campaign, url);
    const figures: Figure[] = [];
    for (const trouble of troublesOf({ cluster, url, wire })) {
      figures.push(...(await bear(trouble, { campaign, world, webhooks, url, wire })));
      if (campaign.size === "small" && !figures.every(({ holds }) => holds)) break; // that is all that a control asks
    }
    return figures;
  },
};

/** Milliseconds: for most troubles the app's own, 30 s, is longer than an experiment should last. */
const STATEMENT_TIMEOUT = 1500;
const SENDERS = 6;
const RECOVERY = 10;

interface Answered extends Sent {
  /** When the answer came, by `performance.now()`. */
  readonly at: number;
}

interface Traffic {
  /** All answers so far, in their order. */
  readonly answered: readonly Answered[];
  stop(): Promise<readonly Answered[]>;
}

/** Deliveries that keep coming, each under an id of its own, over a connection of its own. */
function startTraffic({ random }: Campaign, appUrl: string, webhooks: readonly Webhook[]): Traffic {
  const answered: Answered[] = [];
  let stopped = false;
  let number = 0;
  const sender = async () => {
    while (!stopped) {
      const sent = await post(appUrl, underAnotherId(pick(random, webhooks), String(++number)));
      answered.push({ ...sent, at: performance.now() });
      await pause(30);
    }
  };
  const senders = Array.from({ length: SENDERS }, sender);
  return {
    answered,
    stop: async () => {
      stopped = true;
      await Promise.all(senders);
      return answered;
    },
  };
}

interface Trouble {
  readonly what: string;
  /** Seconds within which all has to go on, if they are others than `RECOVERY`. */
  readonly within?: number;
  /** In a full campaign the app bears it with its own limits: for how many milliseconds, and within how many seconds all has to go on. */
  readonly own?: { readonly lasts: number; readonly within: number };
  /** What stands in the app's log afterwards. */
  readonly told?: string;
  begin(): Promise<void>;
  end(): Promise<void>;
}

interface Site {
  readonly campaign: Campaign;
  readonly world: World;
  readonly webhooks: readonly Webhook[];
  readonly url: string;
  readonly wire: Wire;
}

/** An app has the trouble for a while; then how long it takes until deliveries are taken, and worked at, again. */
async function bear({ what, within: usual = RECOVERY, own, told = "", begin, end }: Trouble, site: Site): Promise<Figure[]> {
  const { campaign, world, webhooks, url, wire } = site;
  const full = campaign.size === "full";
  const { lasts, within } = (full && own) || { lasts: full ? 3000 : 2000, within: usual };
  const DATABASE_URL = full && own ? wire.url : `${wire.url}?statement_timeout=${STATEMENT_TIMEOUT}`;
  const app = await campaign.start({ ...world.environment(), DATABASE_URL });
  const { answered, stop } = startTraffic(campaign, app.url, webhooks);
  campaign.onEnd(stop);
  await until("deliveries are taken", () => areTaken(answered, 0), PATIENCE);
  const first = answered.length;
  await begin();
  await pause(lasts);
  await end();
  const over = performance.now();
  const recovered = await until(what, () => goesOn(url, answered, over), PATIENCE + within * 1000).then(
    () => (performance.now() - over) / 1000,
    () => Number.POSITIVE_INFINITY,
  );
  const meanwhile = answered.slice(first);
  await stop();
  await app.end("SIGKILL");
  wire.cut(); // also what fell silent, which would hold its locks
  wire.mend();
  const taken = answered.filter(isTaken);
  const stored = await storedIds(url);
  const busy = meanwhile.filter(({ status }) => status === 503).length;
  const others = meanwhile.filter((one) => !isTaken(one) && one.status !== 503).length;
  return [
    atLeast(`${what}: answers 503, of ${meanwhile.length} meanwhile`, busy, 1),
    exactly(`${what}: answers that were neither 2xx nor 503`, others, 0),
    exactly(
      `${what}: acknowledged deliveries lost, of ${taken.length}`,
      taken.filter(({ webhook }) => !stored.has(keyOf(webhook))).length,
      0,
    ),
    atMost(`${what}: until deliveries are taken and worked at again`, recovered, within, " s"),
    ...(told ? [exactly(`${what}: "${told}" in the log`, app.written().includes(told) ? "yes" : "no", "yes")] : []),
  ];
}

/** Answers in a row after which deliveries are taken. */
const IN_A_ROW = 10;
const PATIENCE = 20_000;

function areTaken(answered: readonly Answered[], since: number): boolean {
  const last = answered.slice(-IN_A_ROW);
  return last.length === IN_A_ROW && last.every((one) => isTaken(one) && one.at > since);
}

async function goesOn(url: string, answered: readonly Answered[], over: number): Promise<boolean> {
  const first = answered.find((one) => isTaken(one) && one.at > over);
  return areTaken(answered, over) && isDone(url, first);
}

async function isDone(url: string, sent: Sent | undefined): Promise<boolean> {
  const [row] = await look<{ state: string }>(url, `select state from inbox where id = '${sent?.webhook.id}'`);
  return row?.state === "done";
}

interface Scene {
  readonly cluster: Cluster;
  readonly url: string;
  readonly wire: Wire;
}

function troublesOf({ cluster, url, wire }: Scene): Trouble[] {
  return [
    { what: "crash and restart", begin: () => cluster.stop("immediate"), end: () => cluster.start() },
    { what: "connections cut", begin: async () => wire.cut(), end: async () => wire.mend() },
    {
      what: "connections that fall silent",
      within: 20,
      own: { lasts: 3000, within: 45 },
      begin: async () => wire.silence(),
      end: async () => {},
    },
    terminated(cluster),
    noneLeft(cluster),
    locked(url),
    readOnly(cluster, url),
  ];
}

async function ask(url: string, text: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);
const TERMINATE = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'leadtime'";

/** All connections, every now and then. */
function terminated({ adminUrl }: Cluster): Trouble {
  let over = false;
  const terminating = async () => {
    for (; !over; await pause(50)) await ask(adminUrl, TERMINATE);
  };
  let running = Promise.resolve();
  return {
    what: "backends terminated",
    begin: async () => {
      running = terminating();
    },
    end: () => {
      over = true;
      return running;
    },
  };
}

/** Others hold every connection that the server has to give. */
function noneLeft({ adminUrl }: Cluster): Trouble {
  const held: pg.Client[] = [];
  const hold = async (): Promise<void> => {
    const client = new pg.Client(adminUrl);
    client.on("error", () => undefined);
    await client.connect();
    held.push(client);
  };
  const holdAll = async () => {
    for (let left = true; left; )
      left = await hold().then(
        () => true,
        () => false,
      );
  };
  return {
    what: "no connection left",
    begin: async () => {
      await holdAll();
      // Whatever the app still had, others get; it may be quicker once or twice.
      for (let tries = 0; tries < 10; tries++) {
        await held[0]?.query(TERMINATE);
        await holdAll();
      }
    },
    end: async () => {
      await Promise.all(held.map((client) => client.end()));
    },
  };
}

/** The inbox is locked for longer than a statement may take. */
function locked(url: string): Trouble {
  const client = new pg.Client(url);
  return {
    what: "statements that time out",
    own: { lasts: 35_000, within: RECOVERY },
    told: "A statement took PostgreSQL too long",
    begin: async () => {
      await client.connect();
      await client.query("begin");
      await client.query("lock table inbox in access exclusive mode");
    },
    end: () => client.end(),
  };
}

/** As after a fail-over: the connections that were made meanwhile stay as they are. */
function readOnly({ adminUrl }: Cluster, url: string): Trouble {
  const set = (how: string) => ask(adminUrl, `alter database ${nameOf(url)} ${how}`);
  return {
    what: "a database that can only be read",
    begin: async () => {
      await set("set default_transaction_read_only = on");
      await ask(adminUrl, TERMINATE);
    },
    end: () => set("reset default_transaction_read_only"),
  };
}
