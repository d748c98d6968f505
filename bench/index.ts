import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../src/core/statistics.js";
import { load } from "./load.js";

/*
 * What does it cost that a delivery is durable before it is acknowledged? The real intake (signature, commit with
 * synchronous=FULL, 202) against a server that checks the same signature, parses the body and stores nothing; in turn, so
 * that a machine that slows down slows both. Only the ratio says something.
 */
const REPETITIONS = 5;
const REQUESTS = 4000;
const CONNECTIONS = 64;
const FLOOR = 0.6;

async function rate(mode: "nothing-stored" | "durable", folder: string): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", "bench/server.ts", mode, join(folder, "bench.db")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer]; // the address, in one line
    return await load({ url: line.toString().trim(), requests: REQUESTS, connections: CONNECTIONS });
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
}

const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
try {
  const ratios: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const nothing = await rate("nothing-stored", folder);
    const durable = await rate("durable", folder);
    ratios.push(durable / nothing);
    process.stdout.write(`${Math.round(nothing)} requests/s with nothing stored, ${Math.round(durable)} durable\n`);
  }
  const result = median(ratios) ?? 0;
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  process.stdout.write(`durable ÷ nothing stored: ${result.toFixed(2)} [${range}]; goal ≥ ${FLOOR}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
