import { randomBytes } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import type { Webhook } from "../../src/simulator/webhook.js";
import { atMost, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { integrity, look, storedIds, until } from "../look.js";
import type { Running } from "../process.js";
import { endless, isTaken, keyOf, post, type Sent, send, signed } from "../senders.js";
import { type SmallDisk, smallDisk } from "../small-disk.js";
import { passed } from "../stall.js";

/** R4: something else fills the disk. What is refused leaves nothing behind, and when there is room again the app goes on by itself. */
export const fullDisk: Experiment = {
  id: "R4",
  title: "the disk is full",
  compiler: true,
  inTests: true,
  controls: [
    {
      says: "the reserve is kept also when the disk is full",
      file: "src/store/reserve.ts",
      before: "if (!saysFull(failure)) return false;",
      after: "return false;",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks } = await liveSomeWeeks(campaign, 3);
    const disk = await smallDisk(campaign, SIZE);
    const url = `sqlite:${disk.database}`;
    const environment = { ...world.environment(), ...disk.environment, DATABASE_URL: url, KEEP_DELIVERIES_DAYS: "1" };
    const app = await campaign.start(environment);
    const scene: Scene = { app, disk, url, webhooks, sent: [] };
    scene.sent.push(...(await send(app.url, bulky(world.environment().WEBHOOK_SECRET ?? ""))));
    await settled(scene);
    const times: Full[] = [];
    for (let round = 0; round < campaign.of(6, 1); round++) times.push(await fill(scene, `full-${round}`, disk.clear));
    const old = await makeOld(scene);
    const helped = await fill(scene, "old", () => undefined);
    return [...figuresOf(disk, [...times, helped]), ...whileFull(times), ...(await afterwards(scene, helped, old))];
  },
};

/** Bytes. */
const SIZE = 12 * 2 ** 20;
/** Bytes that are left when something else has filled it. */
const LEFT = 100_000;
const SENDERS = 48;

interface Scene {
  readonly app: Running;
  readonly disk: SmallDisk;
  readonly url: string;
  readonly webhooks: readonly Webhook[];
  /** All that was sent so far. */
  readonly sent: Sent[];
}

/** Some two megabytes that cannot be made smaller. */
const bulky = (secret: string): Webhook[] =>
  Array.from({ length: 64 }, (_, number) => {
    const body = JSON.stringify({ zen: randomBytes(32 * 1024).toString("base64") });
    return signed(body, { id: `bulky-${number}`, event: "ping", secret });
  });

/** All deliveries are read. Effects may wait longer: one that could not be noted as done is carried out again after its lease. */
const read = (url: string): Promise<void> =>
  until("all deliveries are read", async () => {
    const [row] = await look<{ n: number }>(url, "select count(*) as n from inbox where state = 'pending'");
    return row?.n === 0;
  });

/** All deliveries are read, and everything is in the database's file: its -wal could give no room. The reserve is kept. */
async function settled({ url, disk }: Scene): Promise<void> {
  await read(url);
  const connection = new Database(disk.database, { timeout: 5000 });
  connection.pragma("wal_checkpoint(truncate)");
  connection.close();
  const reserve = `${disk.database}.reserve`;
  await until("the reserve is kept", () => existsSync(reserve) && statSync(reserve).size > 0);
}

/** One time in which the disk was full. */
interface Full {
  readonly sent: readonly Sent[];
  /** Of those that were refused, how many are stored nevertheless. */
  readonly stored: number;
  /** Of /healthz, and of /readyz again and again. */
  readonly statuses: readonly [number, readonly number[]];
  /** Milliseconds until a delivery was taken and the app was ready. */
  readonly recovery: number;
}

/** Lets something else fill the disk, sends until all senders are refused, and makes room in the way that is handed in. */
async function fill(scene: Scene, name: string, makeRoom: () => void): Promise<Full> {
  const { app, disk, url, webhooks, sent } = scene;
  await settled(scene);
  const began = sent.length;
  let refused = 0;
  const told = (one: Sent): void => {
    sent.push(one);
    if (!isTaken(one)) refused += 1;
  };
  disk.fill(LEFT);
  await send(app.url, endless(webhooks, name), { senders: SENDERS, stopped: () => refused >= SENDERS, told });
  const statuses = [await statusOf(app, "/healthz"), await readyStatuses(app)] as const;
  const stored = await storedIds(url);
  const now = sent.slice(began);
  makeRoom();
  const recovery = await recovered(app, endless(webhooks, `${name}-afterwards`), told);
  await send(
    app.url,
    now.filter((one) => !isTaken(one)).map(({ webhook }) => webhook),
    { told },
  );
  return { sent: now, stored: now.filter((one) => !isTaken(one) && stored.has(keyOf(one.webhook))).length, statuses, recovery };
}

const statusOf = async (app: Running, path: string): Promise<number> => (await fetch(`${app.url}${path}`)).status;

/** Over more than a second: what is asked for in the same second may be one answer. */
async function readyStatuses(app: Running): Promise<number[]> {
  const statuses: number[] = [];
  for (let look = 0; look < 5; look++) {
    statuses.push(await statusOf(app, "/readyz"));
    await passed(400);
  }
  return statuses;
}

const NEVER = Number.POSITIVE_INFINITY;

/** Milliseconds until a delivery was taken and the app was ready. */
async function recovered(app: Running, webhooks: Iterator<Webhook>, told: (sent: Sent) => void): Promise<number> {
  const began = performance.now();
  const isRecovered = async () => {
    const { value, done } = webhooks.next();
    if (done) return false;
    const sent = await post(app.url, value);
    told(sent);
    return isTaken(sent) && (await statusOf(app, "/readyz")) === 200;
  };
  return until("the app recovers", isRecovered, 30_000).then(
    () => performance.now() - began,
    () => NEVER,
  );
}

/** Makes all that is done with older than it need be kept. Returns which deliveries those are. */
async function makeOld({ url, disk }: Scene): Promise<Set<string>> {
  await read(url);
  const connection = new Database(disk.database, { timeout: 5000 });
  const dated = connection.prepare(
    "update inbox set received_at = received_at - 2 * 86400000 where state = 'done' returning source || ' ' || id",
  );
  const old = dated.pluck().all().map(String);
  connection.close();
  return new Set(old);
}

function figuresOf({ kind }: SmallDisk, times: readonly Full[]): Figure[] {
  const refused = times.flatMap(({ sent }) => sent.filter((one) => !isTaken(one)));
  const otherwise = refused.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null);
  return [
    exactly(
      `${kind}, full ${times.length} times: refused but not by 503 and Retry-After, of ${refused.length}`,
      otherwise.length,
      0,
    ),
    exactly(
      "refused and yet stored",
      times.reduce((sum, { stored }) => sum + stored, 0),
      0,
    ),
  ];
}

function whileFull(times: readonly Full[]): Figure[] {
  const all = (statuses: readonly number[]) => [...new Set(statuses)].join();
  return [
    exactly("/healthz while it is full", all(times.map(({ statuses }) => statuses[0])), "200"),
    exactly("/readyz while it is full", all(times.flatMap(({ statuses }) => statuses[1])), "503"),
    atMost(
      "longest until the app goes on when there is room",
      Math.max(...times.map(({ recovery }) => recovery)) / 1000,
      5,
      " s",
    ),
  ];
}

/** `helped`: when there was no room but what deliveries took that need not be kept. */
async function afterwards({ app, disk, url, sent }: Scene, helped: Full, old: ReadonlySet<string>): Promise<Figure[]> {
  disk.clear();
  await read(url);
  const code = await app.end("SIGTERM");
  const stored = await storedIds(url);
  const taken = new Set(sent.filter(isTaken).map(({ webhook }) => keyOf(webhook)));
  const lost = [...taken].filter((key) => !stored.has(key) && !old.has(key));
  const dropped = [...old].filter((key) => !stored.has(key));
  const [row] = await look<{ n: number }>(
    url,
    "select count(*) as n from inbox where seq not in (select delivery from bodies)",
  );
  return [
    atMost(
      `until it goes on when only old deliveries can go (${dropped.length} of ${old.size} went)`,
      helped.recovery / 1000,
      5,
      " s",
    ),
    exactly(`acknowledged deliveries lost, of ${taken.size}`, lost.length, 0),
    exactly("deliveries without their body", row?.n ?? 0, 0),
    exactly("the file's integrity", await integrity(url), "ok"),
    exactly("exit code in the end", code ?? "none", 0),
  ];
}
