import { expect, it } from "vitest";
import { Unavailable } from "../../../src/core/failure.js";
import { migrate } from "../../../src/store/migrations.js";
import { storeOn } from "../../../src/store/open.js";
import { MIGRATIONS } from "../../../src/store/schema.js";
import { at } from "../builders.js";
import { silent } from "../databases.js";
import type { Contract } from "./subject.js";

export const migrations: Contract = ({ kind }) => {
  it("run once, however many start at once", async () => {
    const driver = await kind.fresh();
    const clock = { now: () => at(5) };
    await Promise.all([1, 2, 3].map(() => migrate(driver, { clock, log: silent })));
    const rows = await driver.query<{ version: number; applied_at: number }>("select version, applied_at from migrations");
    expect(rows).toEqual(MIGRATIONS.map((_, index) => ({ version: index + 1, applied_at: 5 })));
    const store = await storeOn(driver, { log: silent });
    await store.ready();
    await store.close();
  });

  it("leave nothing behind when one fails", async () => {
    const driver = await kind.fresh();
    const broken = [...MIGRATIONS, { name: "broken", statements: ["create table half (id integer)", "create nonsense"] }];
    await expect(migrate(driver, { log: silent, migrations: broken })).rejects.toThrow();
    const store = await storeOn(driver, { log: silent });
    await store.ready();
    await driver.transaction((sql) => sql.query("create table half (id integer)"));
    await store.close();
  });

  it("add to a database that has some of them", async () => {
    const driver = await kind.fresh();
    await migrate(driver, { log: silent });
    const added = { name: "added", statements: ["create table added (body BYTES)"] };
    await migrate(driver, { log: silent, migrations: [...MIGRATIONS, added] });
    expect(await driver.query("select * from added")).toEqual([]);
    await driver.close();
  });

  it("refuse a database that a newer release has used", async () => {
    const driver = await kind.fresh();
    await migrate(driver, { log: silent });
    await driver.transaction((sql) => sql.query("insert into migrations (version, name) values (99, 'of tomorrow')"));
    await expect(storeOn(driver, { log: silent })).rejects.toThrow(/version 99, this release knows up to \d+: a newer release/);
  });

  it("make the store unready while they are not done", async () => {
    const driver = await kind.fresh();
    const store = await storeOn(driver, { log: silent });
    await driver.transaction((sql) => sql.query("delete from migrations"));
    await expect(store.ready()).rejects.toThrow(Unavailable);
    await store.close();
  });
};
