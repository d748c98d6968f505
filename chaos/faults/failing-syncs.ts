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
 * R3: syncs fail with EIO, each of the first 200 in some life, and what they should have kept is gone. No delivery of such a
 * commit is acknowledged, and the app goes on, or says with its exit code that it cannot.
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
    const firsts = Array.from({ length: FIRST + EVERY }, (_, index) => index + 1);
    const rows = rowsOf(campaign.size === "full" ? firsts : shuffled(campaign.random, firsts).slice(0, 3));
    const found: Findings = { failed: new Set(), acknowledged: 0, early: new Set(), lost: 0, gone: [] };
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

/** The syncs of a first start, which makes the database: of them one fails in a life. */
const FIRST = 12;
/** Of those after, every twentieth fails in a life: in twenty lives, each. */
const EVERY = 20;
const LAST = 200;
/** Lives with one database: it stays small, and every start but the first is a restart after faults. */
const TOGETHER = 5;

/** The syncs that fail first in the lives with one database. */
function rowsOf(firsts: readonly number[]): number[][] {
  const rows: number[][] = [];
  for (const first of firsts) {
    const last = rows.at(-1);
    if (last && last.length < TOGETHER && first > FIRST) last.push(first);
    else rows.push([first]);
  }
  return rows;
}

interface Findings {
  /** The numbers of syncs that failed in some life. */
  readonly failed: Set<number>;
  acknowledged: number;
  /** Acknowledged, but not on the disk. */
  readonly early: Set<string>;
  /** Acknowledged, but not stored in the end. */
  lost: number;
  /** The first syncs to fail in lives in which the app then neither took a delivery nor ended with an exit code that says so. */
  readonly gone: number[];
}

const figuresOf = ({ failed, acknowledged, early, lost, gone }: Findings): Figure[] => [
  exactly(
    `acknowledged before their commit was synced, of ${acknowledged}; ${failed.size} of the syncs 1 to ${Math.max(...failed)} failed`,
    early.size,
    0,
  ),
  exactly("lives in which the app neither went on nor ended with an exit code", gone.join() || 0, 0),
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

/** The lives of an app with one database. Syncs fail in each but the last. */
async function live(row: Row, firsts: readonly number[]): Promise<void> {
  const { campaign, environment, folder, shim, found } = row;
  const url = `sqlite:${databaseOf(row)}`;
  const taken = new Set<string>();
  for (const first of firsts) {
    const before = readImage(databaseOf(row));
    if (!(await goesOn(row, first, taken))) found.gone.push(first);
    const steps = readRecording(recordingOf(row));
    for (let number = first; number <= shim.count(); number += EVERY) found.failed.add(number);
    for (const delivery of notOnDisk(before, steps, folder)) found.early.add(delivery);
  }
  const app = await campaign.start({ ...environment, DATABASE_URL: url });
  await finished(url);
  await app.end("SIGTERM");
  const stored = await storedIds(url);
  found.acknowledged += taken.size;
  found.lost += [...taken].filter((key) => !stored.has(key)).length;
}

/** One life, in which syncs fail from this one on. Returns whether the app takes deliveries in the end, or ended as it should. */
async function goesOn(row: Row, first: number, taken: Set<string>): Promise<boolean> {
  const { campaign, environment, shim } = row;
  const disk = { database: databaseOf(row), recording: recordingOf(row) };
  const faults = { failFrom: first, failCount: campaign.of(1, 3), failEvery: EVERY };
  const faulty = { ...environment, DATABASE_URL: `sqlite:${disk.database}`, ...shim.environment(faults, disk) };
  try {
    const app = await campaign.start(faulty);
    return await withstands(app, row, { enough: campaign.of(LAST, first + EVERY) + AFTER, first, taken });
  } catch (error) {
    if (error instanceof EndedEarly) return isFailure(error.code);
    throw error;
  }
}

const isFailure = (code: number | null): boolean => code !== null && code !== 0;

/** Syncs that are looked at after one that failed. */
const AFTER = 3;

async function withstands(
  app: Running,
  { shim, webhooks }: Row,
  { enough, first, taken }: { readonly enough: number; readonly first: number; readonly taken: Set<string> },
): Promise<boolean> {
  let code: number | null | undefined;
  void app.exited.then((given) => {
    code = given;
  });
  const note = (sent: Sent) => void (isTaken(sent) && taken.add(keyOf(sent.webhook)));
  const stopped = () => code !== undefined || shim.count() >= enough;
  await send(app.url, endless(webhooks, String(first)), { senders: 4, stopped, told: note });
  const goesOn = await takesAgain(endless(webhooks, `${first}-afterwards`), async (webhook) => {
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

/** The acknowledged deliveries of a life that the disk lacks, at the syncs after those that failed and in the end. */
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
    if (step.kind === "sync" && step.failed) left = AFTER;
    if (isAcknowledged(step)) answered.add(step.delivery);
  }
  compare();
  return missing;
}
