import { join } from "node:path";
import { shuffled } from "../../src/simulator/chance.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import { diskWith, type Image, readImage, reopen } from "../disk.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { liveSomeWeeks } from "../lives.js";
import { finished, storedIds } from "../look.js";
import { EndedEarly, type Running } from "../process.js";
import { isAcknowledged, readRecording, type Step } from "../recording.js";
import { endless, isTaken, keyOf, post, type Sent, send, signed } from "../senders.js";
import { type SyncShim, syncShim } from "../sync-shim.js";

/**
 * R3: the n-th sync fails with EIO, and what it should have kept is gone. No delivery of its commit is acknowledged, and the
 * app goes on, or says with its exit code that it cannot.
 */
export const failingSyncs: Experiment = {
  id: "R3",
  title: "a sync fails",
  compiler: true,
  inTests: true,
  controls: [
    {
      says: "deliveries of a commit that failed are told to be stored",
      file: "src/store/writer-thread.ts",
      before: "return { batches: batches.length, failure: failureOf(error) };",
      after: "return { batches: batches.length, fresh: batches.map((batch) => batch.map(() => true)) };",
    },
  ],
  run: async (campaign) => {
    const { world, webhooks: lived } = await liveSomeWeeks(campaign, 3);
    // Of the few lives in small most must hit commits of deliveries: these make no other work.
    const webhooks = campaign.size === "full" ? lived : pings(world.environment().WEBHOOK_SECRET ?? "");
    const all = Array.from({ length: LAST }, (_, index) => index + 1);
    const rows = rowsOf(campaign.size === "full" ? all : shuffled(campaign.random, all.slice(0, 60)).slice(0, 3));
    const found: Findings = { failed: 0, acknowledged: 0, early: new Set(), lost: 0, gone: [] };
    const lane = async (): Promise<void> => {
      const shim = await syncShim(await campaign.folder());
      for (let row = rows.shift(); row; row = rows.shift()) {
        const folder = await campaign.folder();
        await live({ campaign, environment: world.environment(), folder, shim, webhooks, found }, row);
      }
    };
    await Promise.all([lane(), lane()]);
    return figuresOf(found);
  },
};

const LAST = 200;
/** The syncs of a first start, which makes the database. */
const FIRST = 12;
/** Lives with one database: it stays small, and every start but the first is a restart after a fault. */
const TOGETHER = 10;

/** Which syncs fail with one database, one in each of its lives. */
function rowsOf(numbers: readonly number[]): number[][] {
  const rows: number[][] = [];
  for (const number of numbers) {
    const last = rows.at(-1);
    if (last && last.length < TOGETHER && number > FIRST) last.push(number);
    else rows.push([number]);
  }
  return rows;
}

interface Findings {
  /** Syncs that failed. */
  failed: number;
  acknowledged: number;
  /** Acknowledged, but not on the disk. */
  readonly early: Set<string>;
  /** Acknowledged, but not stored in the end. */
  lost: number;
  /** The syncs after which the app neither took a delivery nor ended with an exit code that says so. */
  readonly gone: number[];
}

const figuresOf = ({ failed, acknowledged, early, lost, gone }: Findings): Figure[] => [
  exactly(`acknowledged before their commit was synced, of ${acknowledged}; ${failed} syncs failed`, early.size, 0),
  exactly("syncs whose failure the app neither survived nor ended for with an exit code", gone.join() || 0, 0),
  exactly(`acknowledged deliveries lost, of ${acknowledged}`, lost, 0),
];

interface Row {
  readonly campaign: Campaign;
  readonly environment: Readonly<Record<string, string>>;
  /** Has the database, and the recording of the present life. */
  readonly folder: string;
  readonly shim: SyncShim;
  readonly webhooks: readonly Webhook[];
  readonly found: Findings;
}

const databaseOf = ({ folder }: Row): string => join(folder, "leadtime.db");
const recordingOf = ({ folder }: Row): string => join(folder, "recording");

/** The lives of an app with one database. A sync fails in each but the last. */
async function live(row: Row, numbers: readonly number[]): Promise<void> {
  const { campaign, environment, folder, found } = row;
  const url = `sqlite:${databaseOf(row)}`;
  const taken = new Set<string>();
  for (const number of numbers) {
    const before = readImage(databaseOf(row));
    if (!(await goesOn(row, number, taken))) found.gone.push(number);
    for (const delivery of notOnDisk(before, readRecording(recordingOf(row)), folder)) found.early.add(delivery);
  }
  const app = await campaign.start({ ...environment, DATABASE_URL: url });
  await finished(url);
  await app.end("SIGTERM");
  const stored = await storedIds(url);
  found.acknowledged += taken.size;
  found.lost += [...taken].filter((key) => !stored.has(key)).length;
}

/** One life, in which the sync with this number fails. Returns whether the app took deliveries afterwards, or ended as it should. */
async function goesOn(row: Row, number: number, taken: Set<string>): Promise<boolean> {
  const { campaign, environment, shim, found } = row;
  const disk = { database: databaseOf(row), recording: recordingOf(row) };
  const failCount = campaign.of(1, 3);
  const faulty = {
    ...environment,
    DATABASE_URL: `sqlite:${disk.database}`,
    ...shim.environment({ failFrom: number, failCount }, disk),
  };
  try {
    const app = await campaign.start(faulty);
    return await withstands(app, row, { number, taken });
  } catch (error) {
    if (error instanceof EndedEarly) return isFailure(error.code);
    throw error;
  } finally {
    found.failed += Math.max(0, Math.min(failCount, shim.count() - number + 1));
  }
}

const isFailure = (code: number | null): boolean => code !== null && code !== 0;

/** Syncs from the one that fails on. */
const AFTER = 6;

async function withstands(
  app: Running,
  { shim, webhooks }: Row,
  { number, taken }: { readonly number: number; readonly taken: Set<string> },
): Promise<boolean> {
  let code: number | null | undefined;
  void app.exited.then((given) => {
    code = given;
  });
  const note = (sent: Sent) => void (isTaken(sent) && taken.add(keyOf(sent.webhook)));
  const stopped = () => code !== undefined || shim.count() >= number + AFTER;
  await send(app.url, endless(webhooks, String(number)), { senders: 4, stopped, told: note });
  const goesOn = await takesAgain(endless(webhooks, `${number}-afterwards`), async (webhook) => {
    const sent = await post(app.url, webhook);
    note(sent);
    return code !== undefined || isTaken(sent);
  });
  if (code !== undefined) return isFailure(code);
  await app.end("SIGKILL");
  return goesOn;
}

const pings = (secret: string): Webhook[] =>
  Array.from({ length: 20 }, (_, number) => signed('{"zen":"…"}', { id: `ping-${number}`, event: "ping", secret }));

/** Whether one of fifty tries, in five seconds, succeeds. */
async function takesAgain(webhooks: Iterable<Webhook>, attempt: (webhook: Webhook) => Promise<boolean>): Promise<boolean> {
  let tries = 0;
  for (const webhook of webhooks) {
    if (await attempt(webhook)) return true;
    if (++tries === 50) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** The acknowledged deliveries of a life that the disk lacks, at the syncs after the one that failed and in the end. */
function notOnDisk(before: Image, steps: readonly Step[], folder: string): Set<string> {
  const disk = diskWith(before);
  const answered = new Set<string>();
  const missing = new Set<string>();
  const compare = () => {
    const { whole, deliveries } = reopen(folder, disk.durable());
    if (!whole) missing.add("the database does not open whole");
    for (const delivery of answered) if (!deliveries.has(delivery)) missing.add(delivery);
  };
  let left: number | undefined;
  for (const [number, step] of steps.entries()) {
    if (step.kind === "sync" && left !== undefined && left-- > 0) compare();
    disk.happens(step, number);
    if (step.kind === "sync" && step.failed) left ??= AFTER;
    if (isAcknowledged(step)) answered.add(step.delivery);
  }
  compare();
  return missing;
}
