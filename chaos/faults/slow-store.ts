import { join } from "node:path";
import { canStartCluster } from "../cluster.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { type Lived, liveSomeWeeks } from "../lives.js";
import { storedIds } from "../look.js";
import { endless, isTaken, keyOf, send } from "../senders.js";
import { lockedFile, lockedTable, passed, type Stall, sendInto } from "../stall.js";
import { syncShim } from "../sync-shim.js";

/** R6: the store does not commit for longer than anybody waits: GitHub hangs up after 10 s. Nothing is acknowledged meanwhile. */
export const slowStore: Experiment = {
  id: "R6",
  title: "the store is slower than 9 s",
  compiler: true,
  inTests: false,
  controls: [
    {
      says: "what takes too long is acknowledged as under way",
      file: "src/web/intake.ts",
      before: "return UNSTORED;",
      after: "return STORED[source.name].accepted;",
    },
  ],
  run: async (campaign) => {
    const lived = await liveSomeWeeks(campaign, 3);
    const ways = [slowDisk, lockedBySomeone];
    if (campaign.size === "full" && canStartCluster()) ways.push(lockedOnServer);
    const figures = await Promise.all(ways.map(async (way) => slowed(campaign, lived, await way(campaign))));
    return figures.flat();
  },
};

interface Way {
  readonly what: string;
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stall: Stall;
}

/** Milliseconds. */
const SLOW = 9500;

async function slowDisk(campaign: Campaign): Promise<Way> {
  const folder = await campaign.folder();
  const shim = await syncShim(folder);
  const stall = async () => {
    shim.change({ delay: SLOW });
    return async () => shim.change({});
  };
  return {
    what: "every sync takes 9.5 s",
    url: `sqlite:${join(folder, "leadtime.db")}`,
    environment: shim.environment(),
    stall,
  };
}

async function lockedBySomeone(campaign: Campaign): Promise<Way> {
  const database = join(await campaign.folder(), "leadtime.db");
  return {
    what: "another process holds the lock for 9.5 s",
    url: `sqlite:${database}`,
    environment: {},
    stall: lockedFile(database),
  };
}

async function lockedOnServer(campaign: Campaign): Promise<Way> {
  const url = await (await campaign.cluster()).database();
  return { what: "PostgreSQL locks the table for 9.5 s", url, environment: {}, stall: lockedTable(url) };
}

async function slowed(
  campaign: Campaign,
  { world, webhooks }: Lived,
  { what, url, environment, stall }: Way,
): Promise<Figure[]> {
  const app = await campaign.start({ ...world.environment(), ...environment, DATABASE_URL: url });
  const { sent, early } = await sendInto(app, endless(webhooks), { stall, meanwhile: () => passed(SLOW) });
  const refused = sent.filter((one) => !isTaken(one));
  const again = await send(
    app.url,
    refused.map(({ webhook }) => webhook),
  );
  const taken = [...sent, ...again].filter(isTaken);
  const stored = await storedIds(url);
  await app.end("SIGTERM");
  return [
    exactly(`${what}: acknowledged meanwhile, of ${sent.length} that were sent`, early, 0),
    exactly(
      `${what}: refused once more afterwards, of ${refused.length} that were refused`,
      again.filter((one) => !isTaken(one)).length,
      0,
    ),
    exactly(
      `${what}: acknowledged deliveries lost, of ${taken.length}`,
      taken.filter(({ webhook }) => !stored.has(keyOf(webhook))).length,
      0,
    ),
  ];
}
