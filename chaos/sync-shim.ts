import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const SOURCE = join(import.meta.dirname, "sync-shim.c");

export interface SyncFaults {
  /** Milliseconds that every sync takes longer. */
  readonly delay?: number;
  /** The number of the first sync that fails with EIO, from 1 on, and how many do. */
  readonly failFrom?: number;
  readonly failCount?: number;
}

export interface SyncShim {
  /** What a process has to be started with. */
  environment(faults?: SyncFaults): Record<string, string>;
  /** How many syncs there have been, in the process that was started last. */
  count(): number;
}

/** Compiles the shim (needs a C compiler, as better-sqlite3 does) into a folder. Linux only. */
export async function syncShim(folder: string): Promise<SyncShim> {
  const library = join(folder, "sync-shim.so");
  const counted = join(folder, "syncs");
  await promisify(execFile)("cc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"]);
  const text = (value: number | undefined): string => String(value ?? 0);
  return {
    environment: ({ delay, failFrom, failCount } = {}) => ({
      LD_PRELOAD: library,
      SYNC_COUNT_FILE: counted,
      SYNC_DELAY_MS: text(delay),
      SYNC_FAIL_FROM: text(failFrom),
      SYNC_FAIL_COUNT: text(failCount ?? 1),
    }),
    count: () => Number(readFileSync(counted).readBigInt64LE()),
  };
}
