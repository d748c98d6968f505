import { execFile, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const SOURCE = join(import.meta.dirname, "sync-shim.c");

/** What goes wrong with the disk; nothing unless told. */
export interface SyncFaults {
  /** Milliseconds that every sync takes longer. */
  readonly delay?: number;
  /** The number of the first sync that fails with EIO, from 1 on, and how many do: one unless told. */
  readonly failFrom?: number;
  readonly failCount?: number;
  /** After how many syncs as many fail again; never unless told. */
  readonly failEvery?: number;
  /** Bytes that all files in the database's folder may take. */
  readonly room?: number;
}

/** The paths of an SQLite database and of a recording that is made of it (recording.ts). */
export interface Disk {
  readonly database?: string;
  readonly recording?: string;
}

export interface SyncShim {
  /** What a process has to be started with; its syncs are counted from 0 on. */
  environment(faults?: SyncFaults, disk?: Disk): Record<string, string>;
  /** What goes wrong from now on, in a process that runs already. */
  change(faults: SyncFaults): void;
  /** How many syncs there have been, in the process that was started last. */
  count(): number;
}

export const canCompile = (): boolean => process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;

const BYTES_EACH = 8;

/** Compiles the shim (needs a C compiler) into a folder. Linux only. */
export async function syncShim(folder: string): Promise<SyncShim> {
  const library = join(folder, "sync-shim.so");
  const control = join(folder, "sync-control");
  const options = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"];
  await promisify(execFile)("cc", [...options, "-o", library, SOURCE, "-ldl", "-lpthread"]);
  writeFileSync(control, new BigInt64Array(6));
  const change = ({ delay = 0, failFrom = 0, failCount = 1, failEvery = 0, room = 0 }: SyncFaults) => {
    const file = openSync(control, "r+");
    const numbers = BigInt64Array.from([delay, failFrom, failCount, failEvery, room], BigInt);
    writeSync(file, numbers, 0, numbers.byteLength, BYTES_EACH); // behind the count, which is the program's
    closeSync(file);
  };
  return {
    environment: (faults = {}, { database, recording } = {}) => {
      change(faults);
      return {
        LD_PRELOAD: library,
        SYNC_CONTROL: control,
        ...(database !== undefined && { DISK_FILES: database }),
        ...(recording !== undefined && { DISK_RECORD: recording }),
      };
    },
    change,
    count: () => Number(readFileSync(control).readBigInt64LE()),
  };
}
