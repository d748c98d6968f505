import { randomBytes } from "node:crypto";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Unavailable } from "../../src/core/failure.js";
import { storeOn } from "../../src/store/open.js";
import { keepReserve } from "../../src/store/reserve.js";
import { openSqlite } from "../../src/store/sqlite.js";
import { recordingLog } from "../web/web.js";
import { at, delivery } from "./builders.js";
import { silent } from "./databases.js";

const MEBIBYTE = 1024 * 1024;
const DISK = 8 * MEBIBYTE;
/** An eighth of the disk. */
const SIZE = MEBIBYTE;
const FULL = new Unavailable("The SQLite database is unavailable: the disk is full", {
  cause: Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" }),
});

let file = "";
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-reserve-"));
  file = join(folder, "leadtime.db");
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const seen = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 8000, interval: 20 });
const reserved = async () => (await stat(`${file}.reserve`).catch(() => undefined))?.size;

/** A reserve on a disk of which the test says what is free. */
async function onDisk(room: { free: number; inFile: number }, bytes = SIZE) {
  await writeFile(file, Buffer.alloc(bytes));
  const log = recordingLog();
  const disk = async () => ({ size: DISK, free: room.free });
  const reserve = await keepReserve({ file: { path: file, compact: async () => room.inFile }, log, disk });
  onTestFinished(() => reserve.close());
  const told = () => log.lines.filter(({ level }) => level !== "debug").map(({ level, message }) => `${level}: ${message}`);
  return { reserve, told };
}

describe("the reserve", () => {
  it("is kept beside a database that is as large, written in full", async () => {
    await onDisk({ free: DISK, inFile: 0 });
    const { size, blocks } = await stat(`${file}.reserve`);
    expect([size, blocks * 512 >= SIZE]).toEqual([SIZE, true]);
  });

  it.each([
    ["the database is small", SIZE - 1, DISK],
    ["the disk is nearly full", SIZE, 2 * SIZE - 1],
  ])("is not made while %s, and everything is taken in", async (_what, bytes, free) => {
    const { reserve } = await onDisk({ free, inFile: 0 }, bytes);
    expect(await reserved()).toBeUndefined();
    reserve.assertKept();
  });

  it("is made as soon as the database has grown", async () => {
    await onDisk({ free: DISK, inFile: 0 }, 10);
    await writeFile(file, Buffer.alloc(SIZE));
    await seen(async () => expect(await reserved()).toBe(SIZE));
  });

  it("is given up when the disk is full, says so once, and is back when there is room for twice as much", async () => {
    const room = { free: DISK, inFile: 0 };
    const { reserve, told } = await onDisk(room);
    room.free = 0;
    expect(await Promise.all([reserve.noticed(FULL), reserve.noticed(FULL)])).toEqual([true, true]);
    expect(await reserved()).toBe(0);
    expect(() => reserve.assertKept()).toThrow(
      /^The disk of the SQLite database is full: nothing is taken in until 2 MiB are free$/,
    );
    let called = 0;
    reserve.whileGivenUp(() => called++);
    room.free = 2 * SIZE - 1;
    await seen(() => expect(called).toBeGreaterThan(1));
    expect(() => reserve.assertKept()).toThrow(Unavailable);
    room.free = 2 * SIZE;
    await seen(() => reserve.assertKept());
    expect(await reserved()).toBe(SIZE);
    expect(told()).toEqual([
      "error: the disk is full: deliveries are refused until there is room",
      "info: the disk has room again: deliveries are taken in",
    ]);
  });

  it("counts what is free inside the database's file, but for itself", async () => {
    const room = { free: DISK, inFile: DISK };
    const { reserve } = await onDisk(room);
    room.free = 0.75 * SIZE - 1;
    await reserve.noticed(FULL);
    expect(() => reserve.assertKept()).toThrow(Unavailable);
    room.free = 0.75 * SIZE;
    await seen(() => reserve.assertKept());
    expect(await reserved()).toBe(SIZE / 2);
  });

  it("leaves the log room to grow, and is kept over a restart as it is", async () => {
    const room = { free: DISK, inFile: DISK };
    const { reserve } = await onDisk(room);
    room.free = SIZE;
    await reserve.noticed(FULL);
    await seen(() => reserve.assertKept());
    expect(await reserved()).toBe(0.75 * SIZE);
    reserve.close();
    const { reserve: next } = await onDisk({ free: 0, inFile: 0 });
    next.assertKept();
    expect(await reserved()).toBe(0.75 * SIZE);
  });

  it("stays given up over a restart", async () => {
    const room = { free: DISK, inFile: 0 };
    const { reserve } = await onDisk(room);
    room.free = 0;
    await reserve.noticed(FULL);
    reserve.close();
    const { reserve: next } = await onDisk({ free: 2 * SIZE - 1, inFile: 0 });
    expect(() => next.assertKept()).toThrow(Unavailable);
  });

  it("is left alone by every other failure", async () => {
    const { reserve } = await onDisk({ free: DISK, inFile: 0 });
    const failures = [new Error("full"), new Unavailable("full"), "SQLITE_FULL"];
    expect(await Promise.all(failures.map((failure) => reserve.noticed(failure)))).toEqual([false, false, false]);
    reserve.assertKept();
  });
});

it("a store on a full disk keeps what is in hand, refuses what comes next, and takes in again when there is room", async () => {
  const driver = await openSqlite(file, silent);
  const room = { free: 0 };
  const disk = async () => ({ size: DISK, free: room.free });
  if (!driver.file) throw new Error("a database in a file knows its file");
  const reserve = await keepReserve({ file: driver.file, log: silent, disk });
  let full = false;
  const accept: typeof driver.accept = (deliveries) => {
    if (!full) return driver.accept(deliveries);
    full = false; // as soon as the reserve is given up
    return Promise.reject(FULL);
  };
  const store = await storeOn({ ...driver, accept }, { log: silent, reserve });
  onTestFinished(() => store.close());
  const one = (id: string) => store.accept([delivery(id, { body: randomBytes(100), receivedAt: at(1) })]);
  full = true;
  expect(await one("in hand")).toEqual([true]);
  await expect(one("next")).rejects.toThrow(/disk .* is full/);
  await expect(store.ready()).rejects.toThrow(/disk .* is full/);
  room.free = DISK;
  await seen(async () => expect(await one("next")).toEqual([true]));
  await store.ready();
});
