import Database from "better-sqlite3";
import pg from "pg";
import type { Webhook } from "../src/simulator/webhook.js";
import type { Running } from "./process.js";
import { isTaken, type Sent, send } from "./senders.js";

/** Begins to keep a database from committing; what it returns ends that. */
export type Stall = () => Promise<() => Promise<void>>;

/** Another process, we, holds the lock of an SQLite database. */
export const lockedFile =
  (path: string): Stall =>
  async () => {
    const connection = new Database(path, { timeout: 5000 });
    connection.exec("begin immediate");
    return async () => void connection.exec("rollback").close();
  };

/** Another session, ours, holds the lock of the table that deliveries go into. */
export const lockedTable =
  (url: string): Stall =>
  async () => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query("begin");
    await client.query("lock table inbox in exclusive mode");
    return () => client.end();
  };

export interface Stalled {
  readonly sent: readonly Sent[];
  /** Those that were acknowledged although nothing can have been committed since they were sent. */
  readonly early: number;
}

/** Milliseconds before and after, in which the app is in full use. */
const AROUND = 500;

/** Sends webhooks from 48 senders, before, during and after a stall that lasts as long as `meanwhile`. */
export async function sendInto(
  app: Running,
  webhooks: Iterable<Webhook>,
  { stall, meanwhile }: { readonly stall: Stall; readonly meanwhile: () => Promise<void> },
): Promise<Stalled> {
  let began = Number.POSITIVE_INFINITY;
  let stopped = false;
  let early = 0;
  const told = (sent: Sent): void => {
    if (isTaken(sent) && performance.now() - sent.took > began) early += 1;
  };
  const sending = send(app.url, webhooks, { stopped: () => stopped, told });
  await passed(AROUND);
  const end = await stall();
  began = performance.now();
  await meanwhile();
  began = Number.POSITIVE_INFINITY;
  await end();
  await passed(AROUND);
  stopped = true;
  return { sent: await sending, early };
}

export const passed = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
