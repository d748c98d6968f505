import { createHmac } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { listDeliveries, retryDeliveries } from "../src/cli-deliveries.js";
import type { Delivery, Outcome, Store } from "../src/ports.js";
import type { Inbox } from "../src/store/deliveries.js";
import { openStore } from "../src/store/open.js";
import { openInbox } from "../src/store/open-inbox.js";
import { at, delivery } from "./store/builders.js";
import { silent } from "./store/databases.js";
import { testWorld } from "./support/app.js";
import { emptyFolder, runCommand, startCommand } from "./support/command.js";

// A process takes seconds to start where many tests share two processors.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let url: string;
beforeEach(async () => {
  folder = await emptyFolder();
  url = `sqlite:${join(folder, "leadtime.db")}`;
});

const run = (...parameters: string[]) => runCommand(folder, ["deliveries", ...parameters], { DATABASE_URL: url });
const seen = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 40_000, interval: 50 });

const PARKED: Outcome = { state: "parked", reason: "pull_request cannot be read: number: expected a number" };

/** A database of the app's with these deliveries; those with an outcome are settled so. */
async function filled(...deliveries: readonly (readonly [Delivery, Outcome?])[]): Promise<Store> {
  const store = await openStore(url, { log: silent });
  onTestFinished(() => store.close());
  for (const [one, outcome] of deliveries) {
    await store.accept([one]);
    if (outcome) await store.transaction((tx) => tx.settleDeliveries([{ delivery: one, outcome }]));
  }
  return store;
}

async function inboxOf(): Promise<Inbox> {
  const inbox = await openInbox(url);
  onTestFinished(() => inbox.close());
  return inbox;
}

const noon = at(Date.parse("2024-05-06T12:00:00Z"));
const a = delivery("a", { receivedAt: noon, body: new Uint8Array(24_140) });
const b = delivery("b", { receivedAt: noon, source: "jira", event: "" });

describe("leadtime deliveries", () => {
  const options = { parked: false, limit: 50, json: false };

  it("shows what came in, the newest first, and how many there are in each state", async () => {
    await filled([a, PARKED], [b], [delivery("c", { receivedAt: noon }), { state: "done" }]);
    const lines = (await listDeliveries(await inboxOf(), options)).split("\n");
    expect(lines).toEqual([
      "RECEIVED              STATE    EVENT         SIZE     ATTEMPTS  ID        REASON",
      "2024-05-06T12:00:00Z  done     pull_request  0.0 kB   0         github:c",
      "2024-05-06T12:00:00Z  pending  –             0.0 kB   0         jira:b",
      `2024-05-06T12:00:00Z  parked   pull_request  24.1 kB  0         github:a  ${PARKED.state === "parked" && PARKED.reason}`,
      "1 pending, 1 parked, 1 done",
    ]);
  });

  it("shows the parked ones alone, and says when there are more", async () => {
    await filled([a, PARKED], [b, PARKED], [delivery("c")]);
    const lines = (await listDeliveries(await inboxOf(), { ...options, parked: true, limit: 1 })).split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^RECEIVED/),
      expect.stringContaining("jira:b"),
      "The newest 1 of 2: --limit shows more.",
      "1 pending, 2 parked, 0 done",
    ]);
  });

  it("lets nobody write between its lines", async () => {
    const hostile = delivery("x\n1 pending\r\u001b[2J\u202e", { receivedAt: noon });
    await filled([hostile, { state: "parked", reason: "a\nb\u009b31m" }]);
    const text = await listDeliveries(await inboxOf(), options);
    expect(text.split("\n")).toHaveLength(3);
    expect(text).toContain("github:x 1 pending \\u001b[2J\\u202e  a b\\u009b31m");
  });

  it("says it for machines", async () => {
    await filled([a, PARKED]);
    expect(JSON.parse(await listDeliveries(await inboxOf(), { ...options, json: true }))).toEqual({
      deliveries: [
        {
          ...{ source: "github", id: "a", event: "pull_request", receivedAt: "2024-05-06T12:00:00Z" },
          ...{ state: "parked", attempts: 0, reason: expect.stringContaining("cannot be read"), sizeBytes: 24_140 },
        },
      ],
      counts: { pending: 0, parked: 1, done: 0 },
    });
  });
});

describe("leadtime deliveries retry", () => {
  it("makes parked ones due, by id and by source and id", async () => {
    await filled([a, PARKED], [b, PARKED], [delivery("c"), PARKED]);
    const inbox = await inboxOf();
    expect(await retryDeliveries(inbox, ["a", "jira:b", "a"], false)).toBe("2 deliveries are due again.");
    expect(await inbox.counts()).toEqual({ pending: 2, parked: 1, done: 0 });
    expect(await retryDeliveries(inbox, "all", true)).toBe('{"retried":[{"source":"github","id":"c"}]}');
    expect(await retryDeliveries(inbox, "all", false)).toBe("No delivery is parked.");
  });

  it.each([
    ["that is unknown", ["a", "nobody"], "no delivery has the id nobody. Nothing was changed"],
    ["that is not parked", ["a", "c"], "github:c is not parked: it is done. Nothing was changed"],
    ["of two sources", ["both"], "both may be github:both or jira:both: say which. Nothing was changed"],
    ["of the other source", ["jira:a"], "no delivery has the id jira:a. Nothing was changed"],
  ])("changes nothing when it is given one %s", async (_what, names, problem) => {
    const both = delivery("both");
    await filled([a, PARKED], [delivery("c"), { state: "done" }], [both, PARKED], [{ ...both, source: "jira" }, PARKED]);
    const inbox = await inboxOf();
    await expect(retryDeliveries(inbox, names, false)).rejects.toThrow(problem);
    expect(await inbox.counts()).toMatchObject({ pending: 0, parked: 3 });
    expect(await retryDeliveries(inbox, ["jira:both"], false)).toBe("1 delivery is due again.");
  });
});

const filesIn = async (path: string) =>
  Promise.all((await readdir(path)).sort().map(async (name) => [name, await readFile(join(path, name))]));

/** Delivers what cannot be read. */
async function poison(to: string, secret: string): Promise<void> {
  const headers = {
    ...{ "content-type": "application/json", "x-github-delivery": "poison", "x-github-event": "pull_request" },
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update("{}").digest("hex")}`,
  };
  const { status } = await fetch(`${to}/api/github/webhooks`, { method: "POST", headers, body: "{}" });
  expect(status).toBe(202);
}

describe("as a process", () => {
  it("sees and retries what a running app has parked, which takes it up by itself", async () => {
    const world = await testWorld();
    const variables = { ...world.environment(), DATABASE_URL: url, HOST: "127.0.0.1", PORT: "0", LOG_FORMAT: "json" };
    const app = startCommand(folder, ["start"], variables);
    const at = await seen(() => {
      const [, found] = /"url":"([^"]+)","msg":"leadtime is listening"/.exec(app.out()) ?? [];
      if (!found) throw new Error(app.out() + app.err());
      return found;
    });
    const parked = () => app.out().match(/"msg":"delivery parked/g)?.length ?? 0;
    await poison(at, world.environment().WEBHOOK_SECRET ?? "");
    await seen(() => expect(parked()).toBe(1));

    const shown = await run("--parked", "--json");
    expect({ code: shown.code, err: shown.err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(shown.out)).toMatchObject({ deliveries: [{ id: "poison", state: "parked" }], counts: { parked: 1 } });
    expect(await (await fetch(`${at}/readyz`)).json()).toMatchObject({
      status: "ready",
      degraded: ["1 parked delivery could not be handled"],
    });
    expect(await run("retry", "poison", "--json")).toMatchObject({
      code: 0,
      out: '{"retried":[{"source":"github","id":"poison"}]}\n',
    });
    await seen(() => expect(parked()).toBe(2));
    app.process.kill("SIGTERM");
    expect(await app.ended).toBe(0);
  });

  it("works while the app does not run, and ends with 1 and one line when it is asked for what is not there", async () => {
    await (await filled([a, PARKED])).close();
    expect(await run("retry", "nobody")).toEqual({
      ...{ code: 1, out: "", err: expect.any(String) },
      lines: ["leadtime: no delivery has the id nobody. Nothing was changed"],
    });
    expect(await run("retry", "--all")).toMatchObject({ code: 0, out: "1 delivery is due again.\n" });
    expect((await run()).out).toContain("1 pending, 0 parked, 0 done");
  });

  it.each([
    ["there is none", async () => {}, /^DATABASE_URL: there is no such database yet: start the app first/],
    [
      "is none",
      (file: string) => writeFile(file, "no database at all, but a text that is long enough. ".repeat(50)),
      /^DATABASE_URL: .*file is not a database/,
    ],
    [
      "is somebody else's",
      async (file: string) => void new Database(file).exec("create table a (b)").close(),
      /^DATABASE_URL: expected a database that leadtime has made, found another one/,
    ],
  ])("ends with 1, one line and no trace when the database %s", async (_what, make, line) => {
    await make(join(folder, "leadtime.db"));
    const before = await filesIn(folder);
    const { code, out, lines } = await run();
    expect(await filesIn(folder)).toEqual(before);
    expect({ code, out, lines }).toEqual({ code: 1, out: "", lines: [expect.stringMatching(line)] });
  });

  it.each([
    ["newer", "insert into migrations (version, name) values (99, 'of tomorrow')", /a newer release has used it/],
    [
      "older",
      "delete from migrations",
      /^DATABASE_URL: .* is at version 0, expected \d+: start the app of this release to migrate it/,
    ],
  ])("does not touch the database of a %s release", async (_what, change, line) => {
    await (await filled([a, PARKED])).close();
    new Database(join(folder, "leadtime.db")).exec(change).close();
    const { code, lines } = await run("retry", "--all");
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(line)] });
    const states = new Database(join(folder, "leadtime.db")).prepare("select state from inbox").pluck().all();
    expect(states).toEqual(["parked"]);
  });

  it.each([[["retry"]], [["retry", "--all", "a"]], [["--limit", "0"]], [["--limit", "many"]], [["--all"]]])(
    "ends with 2 when it is used wrongly: %s",
    async (parameters) => {
      const { code, out, err } = await run(...parameters);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain("Usage: leadtime deliveries");
    },
  );
});
