import { instant } from "../src/core/time.js";
import { migrate } from "../src/store/migrations.js";
import { openDriver } from "../src/store/open.js";
import type { Driver } from "../src/store/sql.js";

/*
 * Migrates a database and, if a second parameter says so, is killed at that moment: before the n-th statement, before the
 * commit, or after it. Writes how many moments there were. A process of its own, for faults/migrating.ts.
 */
const [url = "", last = "0"] = process.argv.slice(2);
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

let moments = 0;
function pass(): void {
  moments += 1;
  if (moments === Number(last)) process.kill(process.pid, "SIGKILL");
}

const opened = await openDriver(url, { log });
const driver: Driver = {
  ...opened,
  migration: async (work) => {
    const result = await opened.migration(async (sql) => {
      const query: typeof sql.query = (text, ...values) => {
        pass();
        return sql.query(text, ...values);
      };
      const given = await work({ ...sql, query });
      pass();
      return given;
    });
    pass();
    return result;
  },
};
await migrate(driver, { clock: { now: () => instant(Date.now()) }, log });
await driver.close();
process.stdout.write(String(moments));
