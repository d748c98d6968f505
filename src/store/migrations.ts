import { Unavailable } from "../core/failure.js";
import type { Clock, Log } from "../ports.js";
import { MIGRATIONS, type Migration } from "./schema.js";
import type { Driver, Sql } from "./sql.js";

const LEDGER = "create table if not exists migrations (version integer primary key, name TEXT not null, applied_at bigint)";

async function versionOf(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ version: number }>("select coalesce(max(version), 0) as version from migrations");
  return row?.version ?? 0;
}

/**
 * Brings the database to the newest version, in one transaction: replicas that start together take turns, and a
 * migration that is killed has not happened. Throws when a newer release has been here.
 */
export async function migrate(
  driver: Driver,
  { clock, log, migrations = MIGRATIONS }: { clock?: Clock | undefined; log: Log; migrations?: readonly Migration[] },
): Promise<void> {
  const from = await driver.migration(async (sql) => {
    await sql.lock([["database", "migrations"]]);
    await sql.query(LEDGER);
    const version = await versionOf(sql);
    refuseNewer(version, migrations.length);
    for (const [index, { name, statements }] of migrations.entries()) {
      if (index < version) continue;
      const entry = "insert into migrations (version, name, applied_at) values (?, ?, ?)";
      await sql.query(entry, index + 1, name, clock?.now() ?? null);
      for (const statement of statements) await sql.query(statement);
    }
    return version;
  });
  const to = migrations.length;
  if (from === 0) log.info({ to }, "the database was new: its tables were made");
  else if (from < to) log.info({ from, to }, "the database of an older release was migrated to this one's version");
}

function refuseNewer(version: number, known: number): void {
  if (version <= known) return;
  const hint = "run that release, or restore a backup from before it";
  throw new Unavailable(
    `The database is at version ${version}, this release knows up to ${known}: a newer release has used it; ${hint}`,
  );
}

/** Throws `Unavailable` when the database does not answer, or is not at the version this release works with. */
export async function assertMigrated(driver: Driver): Promise<void> {
  const version = await versionOf(driver);
  if (version === MIGRATIONS.length) return;
  refuseNewer(version, MIGRATIONS.length);
  throw new Unavailable(
    `The database is at version ${version}, expected ${MIGRATIONS.length}: start the app of this release to migrate it`,
  );
}
