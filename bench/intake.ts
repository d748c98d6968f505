import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../src/core/statistics.js";
import { type Sending, type Serving, sending, serve } from "./processes.js";
import type { Mode } from "./server.js";

const PATH = "/api/github/webhooks";
/** Of one measurement, in milliseconds. */
const LASTING = 2000;
const CONNECTIONS = 64;

/** One measurement of a server that takes deliveries in. */
export interface Taken {
  readonly deliveries: number;
  readonly perSecond: number;
  /** Microseconds of processor time a delivery, all threads together. */
  readonly cpu: number;
  /** Milliseconds to the answer. */
  readonly p50: number;
  readonly p99: number;
  /** Of the bodies. */
  readonly bytes: number;
}

/** Servers to measure in turn, a sender, and a folder of their own. */
export interface Stand {
  readonly folder: string;
  readonly sender: Sending;
  /** Starts a server and warms it up. `name`: for the notes. */
  open(name: string, mode: Mode, options?: Parameters<typeof serve>[1]): Promise<Measurable>;
  /** Of each server the medians of all its measurements. */
  notes(): string[];
}

export interface Measurable {
  readonly server: Serving;
  measure(): Promise<Taken>;
}

/** Lends a stand to the work, and clears it away. */
export async function onStand<T>(work: (stand: Stand) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
  const sender = await sending();
  const servers: Serving[] = [];
  const seen = new Map<string, Taken[]>();
  const open: Stand["open"] = async (name, mode, options) => {
    const server = await serve(mode, options);
    servers.push(server);
    const taken: Taken[] = [];
    seen.set(name, taken);
    await take(server, sender);
    return {
      server,
      measure: async () => {
        const one = await take(server, sender);
        taken.push(one);
        return one;
      },
    };
  };
  try {
    return await work({ folder, sender, open, notes: () => [...seen].map(([name, taken]) => noteOf(name, taken)) });
  } finally {
    await Promise.all([sender, ...servers].map((one) => one.end()));
    await rm(folder, { recursive: true });
  }
}

async function take(server: Serving, sender: Sending): Promise<Taken> {
  const before = await server.usage();
  const sent = await sender.send({ port: server.port, path: PATH, connections: CONNECTIONS, milliseconds: LASTING });
  const { cpu } = await server.usage();
  return { ...sent, cpu: (cpu - before.cpu) / sent.deliveries };
}

function noteOf(name: string, taken: readonly Taken[]): string {
  const middle = (of: keyof Taken) => median(taken.map((one) => one[of])) ?? Number.NaN;
  const [perSecond, cpu] = [middle("perSecond"), middle("cpu")].map(Math.round);
  return `${name}: ${perSecond}/s, ${cpu} µs CPU each, p50 ${middle("p50").toFixed(1)} ms, p99 ${middle("p99").toFixed(1)} ms`;
}
