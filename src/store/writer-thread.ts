import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { Unavailable } from "../core/failure.js";
import type { Delivery } from "../ports.js";
import { packSync } from "./body.js";
import { isPlace } from "./shared-bytes.js";
import { assertDurable, PATIENCE_MS, sqliteFailure, wantDurable } from "./sqlite-connection.js";
import type { Answer, Failure, Handed, ThreadData } from "./thread.js";
import { storable } from "./value.js";

/*
 * The thread that stores deliveries: all batches that wait are stored by one commit, so that they share the wait for the
 * disk. It writes when it is handed something, and only then: whose turn it is to write is decided in `writer.ts`.
 */

/** So many deliveries close a group: those that wait longest are told first. */
const GROUP = 256;

type Batches = readonly (readonly Handed[])[];

/** `size`: of the body, before it was compressed, in bytes. */
type Packed = Delivery & { readonly size: number };

function insertion(connection: Database.Database): (delivery: Packed) => boolean {
  const insert = connection.prepare(
    "insert into inbox (source, id, event, received_at, size) values (?, ?, ?, ?, ?) on conflict do nothing",
  );
  const insertBody = connection.prepare("insert into bodies (delivery, body) values (?, ?)");
  return ({ source, id, event, receivedAt, size, body }) => {
    const { changes, lastInsertRowid } = insert.run(source, storable(id), storable(event), receivedAt, size);
    if (changes > 0) insertBody.run(lastInsertRowid, body);
    return changes > 0;
  };
}

interface Storing {
  /** Stores batches by one commit. Of each delivery, whether it is new. */
  store(batches: Batches): boolean[][];
  close(): void;
}

function openStoring({ file, memory }: ThreadData): Storing {
  const connection = new Database(file, { timeout: PATIENCE_MS, fileMustExist: true });
  wantDurable(connection);
  const insert = insertion(connection);
  const pack = (delivery: Handed): Packed => {
    const { body } = delivery;
    const bytes = isPlace(body) ? new Uint8Array(memory, body.start, body.length) : body;
    return { ...delivery, size: bytes.byteLength, body: packSync(bytes) };
  };
  const commit = connection.transaction((batches: readonly Packed[][]) => batches.map((batch) => batch.map(insert)));
  let proven = false;
  return {
    store: (batches) => {
      const fresh = commit.immediate(batches.map((batch) => batch.map(pack)));
      if (!proven) assertDurable(connection);
      proven = true;
      return fresh;
    },
    close: () => connection.close(),
  };
}

/** An error in the form in which it can be sent to another thread. */
function failureOf(error: unknown): Failure {
  const failure = sqliteFailure(error);
  const cause = failure instanceof Unavailable ? failure.cause : failure;
  return {
    message: failure instanceof Error ? failure.message : String(failure),
    unavailable: failure instanceof Unavailable,
    code: cause instanceof Database.SqliteError ? cause.code : "",
  };
}

/** With what else waits already. */
function groupFrom(port: MessagePort, first: Batches): Batches {
  const group = [...first];
  while (group.length < GROUP) {
    const more = receiveMessageOnPort(port);
    if (!more) break;
    group.push(...(more.message as Batches)); // what `writer.ts` sends
  }
  return group;
}

function serve(port: MessagePort, data: ThreadData): void {
  let storing: Storing | undefined;
  const answer = (batches: Batches): Answer => {
    try {
      storing ??= openStoring(data);
      return { batches: batches.length, fresh: storing.store(batches) };
    } catch (error) {
      return { batches: batches.length, failure: failureOf(error) };
    }
  };
  port.on("message", (first: Batches | "end") => {
    if (first !== "end") return port.postMessage(answer(groupFrom(port, first)));
    storing?.close();
    port.close();
  });
}

if (parentPort) serve(parentPort, workerData as ThreadData); // as `writer.ts` starts it
