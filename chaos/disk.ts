import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Step } from "./recording.js";

/** What is on a disk of an SQLite database's file and of its -wal. */
export type Image = readonly [database: Buffer, wal: Buffer];

export interface Disk {
  /** The steps of a recording, one after another, numbered from 0 on. */
  happens(step: Step, number: number): void;
  /** What a power loss leaves now if nothing is kept that was not synced. What a failed sync should have kept is gone for good. */
  durable(): Image;
  /** What it leaves if of the rest some sectors were written, any of them. */
  torn(random: () => number): Image;
}

type Change = Extract<Step, { kind: "write" | "cut" }>;

interface File {
  bytes: Buffer;
  size: number;
  pending: { readonly change: Change; readonly number: number }[];
}

const SECTOR = 512;

export function readImage(path: string): Image {
  const content = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));
  return [content(path), content(`${path}-wal`)];
}

/** A disk that holds this. */
export function diskWith(before: Image): Disk {
  const files = before.map((bytes): File => ({ bytes: Buffer.from(bytes), size: bytes.length, pending: [] }));
  const imageOf = (content: (file: File) => Buffer): Image => {
    const [database = NOTHING, wal = NOTHING] = files.map(content);
    return [database, wal];
  };
  return {
    happens: (step, number) => {
      if (step.kind === "answer" || step.kind === "other") return;
      const file = files[step.file];
      if (!file) throw new Error(`expected a file of the database, received number ${step.file}`);
      if (step.kind !== "sync") return void file.pending.push({ change: step, number });
      const waiting = file.pending.filter((one) => one.number < step.began);
      file.pending = file.pending.filter((one) => one.number >= step.began);
      if (!step.failed) for (const { change } of waiting) apply(file, change);
    },
    durable: () => imageOf(({ bytes, size }) => bytes.subarray(0, size)),
    torn: (random) => {
      const kept = random();
      return imageOf(({ bytes, size, pending }) => {
        const copy: File = { bytes: Buffer.from(bytes.subarray(0, size)), size, pending: [] };
        for (const change of pending.flatMap((one) => sectorsOf(one.change))) if (random() < kept) apply(copy, change);
        return copy.bytes.subarray(0, copy.size);
      });
    },
  };
}

const NOTHING = Buffer.alloc(0);

function apply(file: File, change: Change): void {
  if (change.kind === "cut") {
    file.bytes.fill(0, Math.min(change.size, file.size));
    grow(file, change.size);
    file.size = change.size;
    return;
  }
  const end = change.offset + change.bytes.length;
  grow(file, end);
  change.bytes.copy(file.bytes, change.offset);
  file.size = Math.max(file.size, end);
}

function grow(file: File, size: number): void {
  if (size <= file.bytes.length) return;
  const larger = Buffer.alloc(size * 2);
  file.bytes.copy(larger, 0, 0, file.size);
  file.bytes = larger;
}

/** A write as the disk does it: each sector by itself. */
function sectorsOf(change: Change): Change[] {
  if (change.kind === "cut") return [change];
  const { file, offset, bytes } = change;
  const sectors: Change[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(bytes.length, start + SECTOR - ((offset + start) % SECTOR));
    sectors.push({ kind: "write", file, offset: offset + start, bytes: bytes.subarray(start, end) });
    start = end;
  }
  return sectors;
}

export interface Reopened {
  /** Whether it opened and its integrity is as it should be. */
  readonly whole: boolean;
  /** `source id` of each. */
  readonly deliveries: ReadonlySet<string>;
}

/** Puts the image into the folder, over the one before, and opens it as the app would. */
export function reopen(folder: string, [database, wal]: Image): Reopened {
  const path = join(folder, "image.db");
  writeFileSync(path, database);
  writeFileSync(`${path}-wal`, wal);
  rmSync(`${path}-shm`, { force: true });
  try {
    const connection = new Database(path);
    try {
      connection.pragma("synchronous = off"); // closing it moves the -wal into the file, which nobody needs
      const whole = connection.pragma("integrity_check", { simple: true }) === "ok";
      const begun = connection.prepare("select 1 from sqlite_master where name = 'inbox'").get() !== undefined;
      const keys = begun
        ? connection.prepare("select source || ' ' || id from inbox join bodies on delivery = seq").pluck().all()
        : [];
      return { whole, deliveries: new Set(keys.map(String)) };
    } finally {
      connection.close();
    }
  } catch {
    return { whole: false, deliveries: new Set() };
  }
}
