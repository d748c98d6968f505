import { assertMigrated } from "./migrations.js";
import type { Reserve } from "./reserve.js";
import type { Driver } from "./sql.js";

const WRITE = `insert into memory (name, value) values ('last written to see whether it can be', ?)
  on conflict (name) do update set value = excluded.value`;

/** Milliseconds for which an answer holds, so that many that ask cost one write. */
const HOLDS = 1000;

/** Rejects when the database cannot be read and written to, is not at the version that this release works with, or its disk is full. */
export function readiness(driver: Driver, reserve: Reserve): () => Promise<void> {
  let asking: Promise<void> | undefined;
  let times = 0;
  const ask = async () => {
    await assertMigrated(driver);
    await driver.transaction((sql) => sql.query(WRITE, String(++times)));
  };
  const forgetLater = () => void setTimeout(() => (asking = undefined), HOLDS).unref();
  return async () => {
    reserve.assertKept();
    if (!asking) {
      asking = ask();
      asking.then(forgetLater, forgetLater);
    }
    return asking;
  };
}
