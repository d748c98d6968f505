import { expect, it } from "vitest";
import { Unavailable } from "../../../src/core/failure.js";
import type { Driver } from "../../../src/store/sql.js";
import type { Contract } from "./subject.js";

export const readiness: Contract = ({ store: open }) => {
  it("is shown by a write, and many that ask share one", async () => {
    let writes = 0;
    const store = await open((driver: Driver) => ({
      ...driver,
      transaction: (work) => {
        writes++;
        return driver.transaction(work);
      },
    }));
    writes = 0;
    await Promise.all(Array.from({ length: 50 }, () => store.ready()));
    await store.ready();
    expect(writes).toBe(1);
  });

  it("is lost while nothing can be written, although everything can be read, and comes back", async () => {
    let full = false;
    const store = await open((driver: Driver) => ({
      ...driver,
      transaction: (work) => (full ? Promise.reject(new Unavailable("the disk is full")) : driver.transaction(work)),
    }));
    full = true;
    await expect(store.ready()).rejects.toThrow("the disk is full");
    expect(await store.accounts()).toEqual([]);
    full = false;
    await expect.poll(() => store.ready().then(() => "ready", String), { timeout: 5000 }).toBe("ready");
  });
};
