import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shuffled } from "../../src/simulator/chance.js";
import { startWorld } from "../../src/simulator/world.js";
import { migrate } from "../../src/store/migrations.js";
import { openDriver } from "../../src/store/open.js";
import { MIGRATIONS, type Migration } from "../../src/store/schema.js";
import { canStartCluster } from "../cluster.js";
import { type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { silent } from "../inner.js";
import { look } from "../look.js";
import { runIn } from "../plant.js";
import { EndedEarly } from "../process.js";

/** R15: a migration that is killed at any moment has not happened, replicas take turns, and an older release leaves a newer one's database alone. */
export const migrating: Experiment = {
  id: "R15",
  title: "migration",
  inTests: true,
  controls: [
    {
      says: "a migration is not entered in the ledger",
      file: "src/store/migrations.ts",
      before: "await sql.query(entry, index + 1, name, clock?.now() ?? null);",
      after: "",
    },
    {
      says: "the database of a newer release is taken as our own",
      file: "src/store/migrations.ts",
      before: "refuseNewer(version, migrations.length);",
      after: "",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const folder = await campaign.folder();
    let files = 0;
    const freshFile = async () => {
      const path = join(folder, `${++files}.db`);
      await writeFile(path, ""); // an empty database to SQLite, too
      return `sqlite:${path}`;
    };
    const kinds: Kind[] = [{ name: "SQLite", shape: ["select name, sql from sqlite_master order by name"], fresh: freshFile }];
    if (campaign.size === "full" && canStartCluster()) {
      const cluster = await campaign.cluster();
      kinds.push({ name: "PostgreSQL", shape: SHAPE_ON_SERVER, fresh: cluster.database });
    }
    const figures: Figure[] = [];
    for (const kind of kinds) figures.push(...(await migrated(campaign, kind, world.environment())));
    return figures;
  },
};

interface Kind {
  readonly name: string;
  /** Queries that tell the tables and indexes. */
  readonly shape: readonly string[];
  /** Of a new, empty database. */
  fresh(): Promise<string>;
}

const SHAPE_ON_SERVER = [
  `select table_name, column_name, data_type, collation_name, column_default, is_nullable, is_identity
    from information_schema.columns where table_schema = 'public' order by 1, 2`,
  "select indexdef from pg_indexes where schemaname = 'public' order by 1",
];

const shapeOf = async (url: string, { shape }: Kind): Promise<string> =>
  JSON.stringify(await Promise.all(shape.map((text) => look(url, text))));

const versionsOf = async (url: string): Promise<string> =>
  (await look<{ version: number }>(url, "select version from migrations order by 1")).map(({ version }) => version).join();

async function migrated(campaign: Campaign, kind: Kind, environment: Environment): Promise<Figure[]> {
  const goal = await kind.fresh();
  await bring(goal, MIGRATIONS);
  const whole = await shapeOf(goal, kind);
  return [
    ...(await killed(campaign, kind, whole)),
    ...(await together(campaign, kind, { environment, whole })),
    await refused(campaign, kind, environment),
  ];
}

type Environment = Readonly<Record<string, string>>;

/** Does to a database what is still to be done of these. */
async function bring(url: string, migrations: readonly Migration[]): Promise<void> {
  const driver = await openDriver(url, { log: silent });
  await migrate(driver, { log: silent, migrations });
  await driver.close();
}

/** As a release with the first migrations, so many of them, has left it. */
const begin = async (url: string, version: number): Promise<void> => {
  if (version > 0) await bring(url, MIGRATIONS.slice(0, version));
};

interface Killed {
  readonly version: number;
  readonly moment: number;
  /** Whether what was left is the schema before or the newest one. */
  readonly clean: boolean;
  /** Whether the next start brought it to the newest one, each migration done once. */
  readonly completed: boolean;
}

/** From each earlier schema, of which version 0 is the empty database, to the newest one. */
async function killed({ size, random }: Campaign, kind: Kind, whole: string): Promise<Figure[]> {
  const kills: Killed[] = [];
  for (let version = 0; version < MIGRATIONS.length; version++) {
    const all = Array.from({ length: await momentsFrom(kind, version) }, (_, index) => index + 1);
    const moments = size === "full" ? all : shuffled(random, all).slice(0, 3);
    for (const moment of moments) kills.push(await killedAt(kind, { version, moment, whole }));
  }
  const from = `${kind.name}, from each of ${MIGRATIONS.length} earlier schemas (0: empty), killed at ${kills.length} moments`;
  const list = (some: readonly Killed[]) => some.map(({ version, moment }) => `${version}:${moment}`).join() || 0;
  return [
    exactly(`${from}: left neither as it was nor done`, list(kills.filter(({ clean }) => !clean)), 0),
    exactly(`${from}: not done once by the next start`, list(kills.filter(({ completed }) => !completed)), 0),
  ];
}

async function killedAt(
  kind: Kind,
  { version, moment, whole }: { readonly version: number; readonly moment: number; readonly whole: string },
): Promise<Killed> {
  const url = await kind.fresh();
  await begin(url, version);
  const before = await shapeOf(url, kind);
  const { code, out } = await migrateInProcess(url, moment);
  if (code !== null) throw new Error(`expected the migration to be killed, but it ended with ${code}: ${out}`);
  const left = await shapeOf(url, kind);
  await bring(url, MIGRATIONS).catch(() => undefined); // then it is not complete
  const completed = (await shapeOf(url, kind)) === whole && (await versionsOf(url)) === VERSIONS;
  return { version, moment, clean: left === before || left === whole, completed };
}

const VERSIONS = MIGRATIONS.map((_, index) => index + 1).join();
const ROOT = join(import.meta.dirname, "..", "..");

const migrateInProcess = (url: string, killedAt: number) =>
  runIn(ROOT, ["--import", "tsx", "chaos/migrating-process.ts", url, String(killedAt)]);

async function momentsFrom(kind: Kind, version: number): Promise<number> {
  const url = await kind.fresh();
  await begin(url, version);
  const { code, out } = await migrateInProcess(url, 0);
  if (code !== 0) throw new Error(`expected the migration of ${kind.name} to succeed, but it ended with ${code}: ${out}`);
  return Number(out);
}

interface Expected {
  readonly environment: Environment;
  /** The newest schema. */
  readonly whole: string;
}

/** Three replicas start on a new database at the same moment. */
async function together(campaign: Campaign, kind: Kind, { environment, whole }: Expected): Promise<Figure[]> {
  const rounds = campaign.of(8, 1);
  let failed = 0;
  let wrong = 0;
  for (let round = 0; round < rounds; round++) {
    const url = await kind.fresh();
    const starts = [1, 2, 3].map(() => campaign.start({ ...environment, DATABASE_URL: url }));
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === "fulfilled") await start.value.end("SIGTERM");
      else failed += 1;
    }
    if ((await shapeOf(url, kind)) !== whole || (await versionsOf(url)) !== VERSIONS) wrong += 1;
  }
  return [
    exactly(`${kind.name}: replicas that did not start, of ${3 * rounds}, three at once`, failed, 0),
    exactly(`${kind.name}: databases that three at once did not bring to the newest schema, of ${rounds}`, wrong, 0),
  ];
}

/** A newer release has used the database: this one must not start on it, and must say why. */
async function refused(campaign: Campaign, kind: Kind, environment: Environment): Promise<Figure> {
  const url = await kind.fresh();
  const tomorrow = { name: "of tomorrow", statements: [] };
  await bring(url, [...MIGRATIONS, tomorrow]);
  const what = `${kind.name}: a start on the database of a newer release`;
  try {
    await campaign.start({ ...environment, DATABASE_URL: url });
    return exactly(what, "started", REFUSED);
  } catch (error) {
    if (!(error instanceof EndedEarly)) throw error;
    const says = /DATABASE_URL: .*a newer release has used it/.test(error.message);
    return exactly(what, `code ${error.code}, ${says ? "and says so" : "without a reason"}`, REFUSED);
  }
}

const REFUSED = "code 1, and says so";
