import { expect, it, vi } from "vitest";
import { DAY, instant } from "../../src/core/time.js";
import { openStore } from "../../src/store/open.js";
import { openInbox } from "../../src/store/open-inbox.js";
import { delivery } from "../store/builders.js";
import { silent } from "../store/databases.js";
import { stage, testSettings, testWorld } from "../support/app.js";

vi.setConfig({ testTimeout: 60_000 });

it("drops deliveries KEEP_DELIVERIES_DAYS after they came in, and keeps those that could not be handled", async () => {
  const { databaseUrl } = await testSettings(await testWorld());
  const url = databaseUrl.reveal();
  const before = await openStore(url, { log: silent });
  const daysAgo = (days: number, id: string) =>
    delivery(id, { event: "sponsorship", receivedAt: instant(Date.now() - days * DAY) });
  await before.accept([daysAgo(8, "old"), daysAgo(6, "young"), { ...daysAgo(8, "parked"), event: "pull_request" }]);
  await before.close();

  const app = await stage({ DATABASE_URL: url, KEEP_DELIVERIES_DAYS: "7" });
  await app.app.idle();
  await app.restart();
  await vi.waitFor(
    async () => {
      const inbox = await openInbox(url);
      const counts = await inbox.counts().finally(() => inbox.close());
      expect(counts).toEqual({ pending: 0, parked: 1, done: 1 });
    },
    { timeout: 30_000, interval: 100 },
  );
});
