import { afterAll, afterEach, beforeAll, describe } from "vitest";
import type { Store } from "../../src/ports.js";
import { storeOn } from "../../src/store/open.js";
import { answers } from "./contract/answers.js";
import { deliveries } from "./contract/deliveries.js";
import { dirtyRefs } from "./contract/dirty.js";
import { events } from "./contract/events.js";
import { inbox } from "./contract/inbox.js";
import { items } from "./contract/items.js";
import { memory } from "./contract/memory.js";
import { migrations } from "./contract/migrations.js";
import { outbox } from "./contract/outbox.js";
import { readiness } from "./contract/readiness.js";
import { relations } from "./contract/relations.js";
import { seen } from "./contract/seen.js";
import type { Subject } from "./contract/subject.js";
import { tokens } from "./contract/tokens.js";
import { kinds, silent } from "./databases.js";

const CONTRACTS = {
  memory,
  deliveries,
  inbox,
  readiness,
  "dirty refs": dirtyRefs,
  events,
  items,
  migrations,
  outbox,
  relations,
  answers,
  seen,
  tokens,
};
/** A database in this process takes some seconds to begin. */
const START_MS = 120_000;

describe.each(kinds())("the store on $name", (kind) => {
  const open: Store[] = [];
  const subject: Subject = {
    kind,
    store: async (watch = (driver) => driver) => {
      const store = await storeOn(watch(await kind.fresh()), { log: silent });
      open.push(store);
      return store;
    },
  };
  beforeAll(() => kind.begin(), START_MS);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });
  afterAll(() => kind.end());
  for (const [name, hold] of Object.entries(CONTRACTS)) describe(name, () => hold(subject));
});
