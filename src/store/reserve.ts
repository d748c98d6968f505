import { createCipheriv } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";
import type { DatabaseFile } from "./sql.js";

/*
 * A full disk cannot be helped by deleting: SQLite needs room for that, too. So a file beside the database holds some:
 *   none ──the database is as large as it──► kept ──a write found the disk full──► given up ──there is room for it again──► kept
 * Its room lets what is in hand be finished and what is old be dropped; nothing new is taken in meanwhile.
 */
export interface Reserve {
  /** Throws `Unavailable` while it is given up. */
  assertKept(): void;
  /** Gives it up if the failure of a write says that the disk is full. Resolves to whether it says so: now the write may be tried again. */
  noticed(failure: unknown): Promise<boolean>;
  /** Calls the listener about once a second while it is given up: what may go should go now. */
  whileGivenUp(listener: () => void): void;
  close(): void;
}

/** Where there is none: a server sees to its own disk, and a database in memory goes with the process. */
export const NO_RESERVE: Reserve = {
  assertKept: () => undefined,
  noticed: async () => false,
  whileGivenUp: () => undefined,
  close: () => undefined,
};

const MEBIBYTE = 1024 * 1024;
const LARGEST = 16 * MEBIBYTE;
/** Of a small disk, this part. */
const SHARE = 1 / 8;
/** Of the reserve, this part. */
const FOR_THE_LOG = 1 / 4;
/** Milliseconds between two looks whether it can be made. */
const LOOK_EVERY = 1000;

export interface ReserveOptions {
  readonly file: DatabaseFile;
  readonly log: Log;
  /** Of the disk on which the database is, in bytes. */
  readonly disk: () => Promise<{ readonly size: number; readonly free: number }>;
}

export async function keepReserve({ file, log, disk }: ReserveOptions): Promise<Reserve> {
  const path = `${file.path}.reserve`;
  const size = Math.min(LARGEST, Math.floor((await disk()).size * SHARE));
  const needed = 2 * size;
  const listeners: (() => void)[] = [];
  let state = stateOf(await sizeOf(path), size);
  let timer: NodeJS.Timeout | undefined;
  let firstLook: Promise<void> | undefined;
  let closed = false;

  /**
   * How large it may be, in bytes; 0: there is no room. Room inside the database's file is as good as room on the disk, but for
   * the reserve itself, and for the log, which grows before any of it comes into the file: the reserve is a little smaller then.
   */
  const room = async (): Promise<number> => {
    if (state === "none") return ((await sizeOf(file.path)) ?? 0) >= size && (await disk()).free >= needed ? size : 0;
    const inFile = await file.compact();
    const { free } = await disk();
    const possible = Math.min(size, free - Math.floor(size * FOR_THE_LOG));
    return possible >= size / 2 && free + inFile >= needed ? possible : 0;
  };
  const make = async (): Promise<boolean> => {
    const bytes = await room();
    if (bytes === 0) return false;
    await fill(path, bytes);
    if (state === "given up") log.info({ reserve: bytes }, "the disk has room again: deliveries are taken in");
    state = "kept";
    return true;
  };
  const look = async (): Promise<void> => {
    if (state === "kept") return;
    const made = await make().catch((error: unknown) => {
      log.debug({ err: error }, "the reserve could not be made");
      return false;
    });
    if (made || closed) return;
    if (state === "given up") for (const tell of listeners) tell();
    timer = setTimeout(look, LOOK_EVERY).unref();
  };
  const giveUp = (): void => {
    state = "given up";
    empty(path);
    log.error({ reserve: size, needed }, "the disk is full: deliveries are refused until there is room");
    clearTimeout(timer);
    firstLook = look();
  };
  await look();
  return {
    assertKept: () => {
      if (state !== "given up") return;
      const room = Math.ceil(needed / MEBIBYTE);
      throw new Unavailable(`The disk of the SQLite database is full: nothing is taken in until ${room} MiB are free`);
    },
    noticed: async (failure) => {
      if (!saysFull(failure)) return false;
      if (state !== "given up") giveUp();
      await firstLook;
      return true;
    },
    whileGivenUp: (listener) => void listeners.push(listener),
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** The disk on which a file is. */
export async function diskOf(file: string): ReturnType<ReserveOptions["disk"]> {
  const { blocks, bavail, bsize } = await statfs(dirname(file));
  return { size: blocks * bsize, free: bavail * bsize };
}

/** Undefined for a file that is not there. */
const sizeOf = async (path: string): Promise<number | undefined> => (await stat(path).catch(() => undefined))?.size;

type State = "none" | "kept" | "given up";

/** Given up, it is empty, so that the next start knows. On a full disk none may be made where there was none. */
function empty(path: string): void {
  try {
    writeFileSync(path, "");
  } catch {
    rmSync(path, { force: true });
  }
}

function stateOf(found: number | undefined, size: number): State {
  if (found === 0) return "given up";
  return found !== undefined && found >= size / 2 && found <= size ? "kept" : "none";
}

/** Written in full, with bytes that no file system makes smaller, and under its name only when it is whole. */
async function fill(path: string, size: number): Promise<void> {
  const part = `${path}.part`;
  const cipher = createCipheriv("aes-256-ctr", Buffer.alloc(32), Buffer.alloc(16));
  const file = await open(part, "w", 0o600);
  try {
    for (let rest = size; rest > 0; rest -= MEBIBYTE) await file.write(cipher.update(Buffer.alloc(Math.min(rest, MEBIBYTE))));
    await file.sync();
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(part, path);
}

/** SQLite's code, of the failure or of what caused it. */
function saysFull(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false;
  return ("code" in failure && failure.code === "SQLITE_FULL") || saysFull(failure.cause);
}
