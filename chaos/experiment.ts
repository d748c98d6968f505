import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../src/simulator/chance.js";
import { type Cluster, startCluster } from "./cluster.js";
import { type Running, type StartOptions, startProcess } from "./process.js";

/** What was measured, beside its goal. */
export interface Figure {
  readonly what: string;
  readonly measured: string | number;
  /** As RELIABILITY states it: `0`, `≤ 10 s`. */
  readonly goal: string;
  readonly holds: boolean;
}

/** A mistake of one line that the experiment must notice, or it proves nothing. */
export interface Bug {
  /** What was got wrong, in words. */
  readonly says: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly before: string;
  readonly after: string;
}

/** `small`: a seeded part, in seconds, as a control needs it and the ordinary tests run it. */
export type Size = "full" | "small";

/** One fault or attack, what must hold under it, and the bugs that turn it red. */
export interface Experiment {
  /** `R1`, `S4`. */
  readonly id: string;
  readonly title: string;
  /** Needs the programs of a PostgreSQL server. */
  readonly postgres?: boolean;
  /** Needs a C compiler, and Linux: it stands between the app and the disk. */
  readonly compiler?: boolean;
  /** Whether `npm test` runs its small part. */
  readonly inTests: boolean;
  run(campaign: Campaign): Promise<Figure[]>;
  readonly controls: readonly Bug[];
}

/** What an experiment may use; all of it goes when the experiment ends. */
export interface Campaign {
  readonly size: Size;
  /** In [0, 1), from the campaign's seed. */
  readonly random: () => number;
  /** One number for the full campaign, one for a small part. */
  of(full: number, small: number): number;
  /** A new empty folder. */
  folder(): Promise<string>;
  /** `leadtime start` as a process of its own. */
  start(environment: Readonly<Record<string, string>>, options?: StartOptions): Promise<Running>;
  /** A PostgreSQL server of this experiment's own. */
  cluster(): Promise<Cluster>;
  /** Last in, first out. */
  onEnd(undo: () => unknown): void;
}

export interface Conditions {
  readonly size: Size;
  readonly seed: number;
  /** Whether `dist/` is up to date: processes start faster from it. */
  readonly built: boolean;
}

export const figure = (what: string, measured: string | number, goal: string, holds: boolean): Figure => ({
  what,
  measured,
  goal,
  holds,
});

/** A figure that must be exactly this. */
export const exactly = (what: string, measured: number | string, goal: number | string): Figure =>
  figure(what, measured, String(goal), measured === goal);

/** A figure that must not be more than this; `unit` is written behind both. */
export const atMost = (what: string, measured: number, goal: number, unit = ""): Figure =>
  figure(what, `${rounded(measured)}${unit}`, `≤ ${goal}${unit}`, measured <= goal);

export const atLeast = (what: string, measured: number, goal: number, unit = ""): Figure =>
  figure(what, `${rounded(measured)}${unit}`, `≥ ${goal}${unit}`, measured >= goal);

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

/** Runs an experiment and cleans up after it. What it throws is a fault of the experiment, not a finding. */
export async function conduct(experiment: Experiment, { size, seed, built }: Conditions): Promise<Figure[]> {
  const undo: (() => unknown)[] = [];
  const onEnd = (work: () => unknown) => void undo.unshift(work);
  const campaign: Campaign = {
    size,
    random: seededRandom(seed),
    of: (full, small) => (size === "full" ? full : small),
    onEnd,
    folder: async () => {
      const made = await mkdtemp(join(tmpdir(), `leadtime-chaos-${experiment.id}-`));
      onEnd(() => rm(made, { recursive: true, force: true }));
      return made;
    },
    start: async (environment, options = {}) => {
      const running = await startProcess(environment, { built, ...options });
      onEnd(() => running.end("SIGKILL"));
      return running;
    },
    cluster: async () => {
      const cluster = await startCluster();
      onEnd(cluster.end);
      return cluster;
    },
  };
  try {
    return await experiment.run(campaign);
  } finally {
    for (const work of undo) await work();
  }
}
