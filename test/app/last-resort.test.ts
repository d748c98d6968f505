import { createHmac } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, it, vi } from "vitest";
import { testWorld } from "../support/app.js";
import { emptyFolder, type Run, startCommand } from "../support/command.js";

// A process takes seconds to start where many tests share two processors.
vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = fileURLToPath(new URL("../support/failing-app.ts", import.meta.url));
const seen = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 40_000, interval: 20 });

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly url?: string;
}
const lines = (run: Run): Line[] =>
  run
    .out()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line); // the log's lines are such objects

async function failing(kind: "rejection" | "exception", closing: "app" | "slowly" | "never") {
  const world = await testWorld();
  const folder = await emptyFolder();
  const file = join(folder, "leadtime.db");
  const secret = world.environment().WEBHOOK_SECRET ?? "";
  const variables = {
    ...world.environment(),
    DATABASE_URL: `sqlite:${file}`,
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_FORMAT: "json",
  };
  const run = startCommand(folder, [kind, closing], { ...variables, program: PROGRAM });
  const ready = await seen(() => {
    const found = lines(run).find(({ msg }) => msg === "leadtime is listening");
    if (!found) throw new Error(run.out() + run.err());
    return found;
  });
  const deliver = async (id: string): Promise<number> => {
    const signature = `sha256=${createHmac("sha256", secret).update("{}").digest("hex")}`;
    const named = { "x-github-delivery": id, "x-github-event": "sponsorship", "x-hub-signature-256": signature };
    const headers = { "content-type": "application/json", ...named };
    const answer = await fetch(`${ready.url}/api/github/webhooks`, { method: "POST", headers, body: "{}" });
    return answer.status;
  };
  return { run, file, deliver, fault: () => run.process.kill("SIGUSR2") };
}

const ofLevel = (run: Run, level: number): Line[] => lines(run).filter((line) => line.level === level);
const FAULT = { name: "Error", message: "a fault of ours", stack: expect.stringContaining("failing-app.ts") };
const [ERROR, FATAL] = [50, 60];

it("a rejection that nothing handled is logged, without what the error carries, and the app goes on", async () => {
  const { run, deliver, fault } = await failing("rejection", "app");
  fault();
  await seen(() =>
    expect(ofLevel(run, ERROR)).toMatchObject([{ err: FAULT, msg: expect.stringContaining("the app goes on") }]),
  );
  expect(await deliver("a")).toBe(202);
  run.process.kill("SIGTERM");
  expect(await run.ended).toBe(0);
  expect(run.out() + run.err()).not.toContain("canary");
});

it("an exception that nothing caught is logged, and the app ends with 1 after what is under way is stored and answered", async () => {
  const { run, deliver, fault, file } = await failing("exception", "app");
  const sending = Array.from({ length: 60 }, (_, index) => deliver(`d${index}`).catch(() => 0));
  await Promise.any(sending);
  fault();
  expect(await run.ended).toBe(1);
  const accepted = (await Promise.all(sending)).flatMap((status, index) => (status === 202 ? [`d${index}`] : []));
  const stored = new Database(file, { readonly: true }).prepare("select id from inbox").pluck().all();
  expect(stored).toEqual(expect.arrayContaining(accepted));
  expect(ofLevel(run, FATAL)).toMatchObject([{ err: FAULT, msg: expect.stringContaining("the app ends") }]);
  expect(run.out() + run.err()).not.toContain("canary");
});

it("closing is waited for, unless a second exception comes", async () => {
  const patient = await failing("exception", "slowly");
  patient.fault();
  expect(await patient.run.ended).toBe(1);
  expect(lines(patient.run).map(({ msg }) => msg)).toContain("closed");
  const hasty = await failing("exception", "slowly");
  hasty.fault();
  await seen(() => expect(ofLevel(hasty.run, FATAL)).toHaveLength(1));
  hasty.fault();
  expect(await hasty.run.ended).toBe(1);
  expect(ofLevel(hasty.run, FATAL)).toHaveLength(2);
  expect(lines(hasty.run).map(({ msg }) => msg)).not.toContain("closed");
});

it("closing that hangs does not keep the process", async () => {
  const [excepted, signalled] = await Promise.all([failing("exception", "never"), failing("exception", "never")]);
  excepted.fault();
  signalled.run.process.kill("SIGTERM");
  expect(await Promise.all([excepted.run.ended, signalled.run.ended])).toEqual([1, 1]);
});
