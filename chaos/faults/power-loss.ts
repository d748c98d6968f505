import { join } from "node:path";
import Database from "better-sqlite3";
import { shuffled } from "../../src/simulator/chance.js";
import { openStore } from "../../src/store/open.js";
import { diskWith, type Image, type Reopened, readImage, reopen } from "../disk.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { silent } from "../inner.js";
import { liveSomeWeeks } from "../lives.js";
import { storedIds, until } from "../look.js";
import { acknowledgedBy, isAcknowledged, readRecording, type Step } from "../recording.js";
import { isTaken, send, underAnotherId } from "../senders.js";
import { syncShim } from "../sync-shim.js";

/** R2: whenever the power goes, what was acknowledged by then is on the disk, and the database opens whole. */
export const powerLoss: Experiment = {
  id: "R2",
  title: "power loss",
  compiler: true,
  inTests: true,
  controls: [
    {
      says: "for speed, deliveries are committed without a wait for the disk",
      file: "src/store/writer-thread.ts",
      before: "if (!proven) assertDurable(connection);",
      after: 'if (!proven) connection.pragma("synchronous = normal");',
    },
    {
      says: "a delivery is acknowledged before it is committed",
      file: "src/web/intake.ts",
      before: 'const isNew = await within(limits.storing, "the store", accepting);',
      after: "const isNew = true;\n    accepting.catch(() => undefined);",
    },
  ],
  run: async (campaign) => {
    const recorded = await record(campaign, campaign.of(2000, 80));
    const folder = await campaign.folder();
    return [...powerCuts(campaign, recorded, folder), ...prefixes(campaign, recorded, folder)];
  },
};

interface Recorded {
  /** What was on the disk before. */
  readonly before: Image;
  /** What the files held in the end, synced or not. */
  readonly after: Image;
  readonly steps: readonly Step[];
}

/** All that an app does to its database and answers while so many deliveries come in. */
async function record(campaign: Campaign, deliveries: number): Promise<Recorded> {
  const { world, webhooks } = await liveSomeWeeks(campaign, campaign.of(20, 2));
  const folder = await campaign.folder();
  const database = join(folder, "leadtime.db");
  const recording = join(folder, "recording");
  const environment = { ...world.environment(), DATABASE_URL: `sqlite:${database}` };
  await (await openStore(environment.DATABASE_URL, { log: silent })).close();
  const before = emptied(database);
  const shim = await syncShim(folder);
  const app = await campaign.start({ ...environment, ...shim.environment({}, { database, recording }) });
  const load = Array.from({ length: Math.ceil(deliveries / webhooks.length) }, (_, copy) =>
    webhooks.map((webhook) => (copy === 0 ? webhook : underAnotherId(webhook, String(copy)))),
  );
  const sent = await send(app.url, load.flat().slice(0, deliveries), { senders: campaign.of(48, 4) });
  await until("all is stored", async () => (await storedIds(environment.DATABASE_URL)).size === deliveries);
  await app.end("SIGKILL");
  const steps = readRecording(recording);
  const [told, noted] = [sent.filter(isTaken).length, acknowledgedBy(steps).size];
  if (told !== noted) throw new Error(`expected ${told} acknowledgements in the recording, found ${noted}`);
  return { before, after: readImage(database), steps };
}

/** With everything in the file and nothing in its -wal, so that what the -wal holds later is of the run. */
function emptied(database: string): Image {
  const connection = new Database(database);
  connection.pragma("wal_checkpoint(truncate)");
  connection.close();
  return readImage(database);
}

/** What was found when many images were opened. */
interface Findings {
  images: number;
  broken: number;
  readonly missing: Set<string>;
}

const nothingYet = (): Findings => ({ images: 0, broken: 0, missing: new Set() });

function note(findings: Findings, { whole, deliveries }: Reopened, expected: Iterable<string>): void {
  findings.images += 1;
  if (!whole) findings.broken += 1;
  for (const delivery of expected) if (!deliveries.has(delivery)) findings.missing.add(delivery);
}

/** How often the power goes between two syncs, where what is not synced is being written. */
const IN_BETWEEN = 0.005;

/** Cuts the power before each sync has taken effect, and at some moments in between. */
function powerCuts({ random }: Campaign, { before, steps }: Recorded, folder: string): Figure[] {
  const disk = diskWith(before);
  const answered = new Set<string>();
  const [synced, torn] = [nothingYet(), nothingYet()];
  for (const [number, step] of steps.entries()) {
    if (step.kind === "sync") note(synced, reopen(folder, disk.durable()), answered);
    if (step.kind === "sync" || random() < IN_BETWEEN) note(torn, reopen(folder, disk.torn(random)), answered);
    disk.happens(step, number);
    if (isAcknowledged(step)) answered.add(step.delivery);
  }
  note(synced, reopen(folder, disk.durable()), answered);
  const checkpoints = steps.filter((step) => step.kind === "sync" && step.file === 0).length;
  const run = `${synced.images - 1} syncs, ${checkpoints} of them a checkpoint's`;
  return [
    exactly(`acknowledged before their commit was synced, of ${answered.size} deliveries (${run})`, synced.missing.size, 0),
    exactly(
      `acknowledged, but missing after ${torn.images} power losses with some sectors written, of them`,
      torn.missing.size,
      0,
    ),
    exactly(`databases that do not open whole, of ${synced.images + torn.images}`, synced.broken + torn.broken, 0),
  ];
}

const WAL = 1;
const WAL_HEADER = 32;
const FRAME_HEADER = 24;
const SOME = 60;

/** Cuts the -wal that the run left behind after each of its frames; in small, after some of them. */
function prefixes(campaign: Campaign, { after: [database, wal], steps }: Recorded, folder: string): Figure[] {
  const begun = steps.findLastIndex((step) => step.kind === "write" && step.file === WAL && step.offset === 0);
  const frame = FRAME_HEADER + wal.readUInt32BE(8); // the size of a page
  const found = nothingYet();
  const frames = (wal.length - WAL_HEADER) / frame;
  const all = Array.from({ length: frames + 1 }, (_, count) => count);
  for (const count of campaign.size === "full" ? all : shuffled(campaign.random, all).slice(0, SOME)) {
    const end = WAL_HEADER + count * frame;
    const next = steps.findIndex((step, number) => {
      return number > begun && step.kind === "write" && step.file === WAL && step.offset >= end;
    });
    const by = next < 0 ? steps : steps.slice(0, next);
    note(found, reopen(folder, [database, wal.subarray(0, end)]), acknowledgedBy(by));
  }
  return [
    exactly(`-wal cut at ${found.images} of its ${frames + 1} boundaries: acknowledged, but missing`, found.missing.size, 0),
    exactly(`-wal cut at ${found.images} of its ${frames + 1} boundaries: databases that do not open whole`, found.broken, 0),
  ];
}
