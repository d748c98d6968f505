import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Delivery, Log } from "../ports.js";
import { isPlace, type Place, sharedBytes } from "./shared-bytes.js";

/** Deliveries that were handed in together. */
export type Batch = readonly Delivery[];

export interface Failure {
  readonly message: string;
  readonly unavailable: boolean;
  /** SQLite's. */
  readonly code: string;
}

/** What became of the oldest batches, so many of them: of each delivery, whether it is new; or why none of them is stored. */
export type Answer = { readonly batches: number } & (
  | { readonly fresh: readonly (readonly boolean[])[] }
  | { readonly failure: Failure }
);

/** A delivery on its way to the thread: its body lies in the shared memory, or goes along where that is full. */
export type Handed = Omit<Delivery, "body"> & { readonly body: Place | Uint8Array };

/** What the thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly memory: SharedArrayBuffer;
}

export interface Thread {
  /** Starts it where it does not run. The process lives on until all is answered. */
  send(batches: readonly Batch[]): void;
  /** The process may end: nothing is awaited. */
  rest(): void;
  /** Resolves when it has ended, and its connection with it. */
  end(): Promise<void>;
}

export interface ThreadOptions {
  readonly file: string;
  readonly log: Log;
  readonly answered: (answer: Answer) => void;
  /** It ended by itself: what was sent and is not answered may or may not be stored. */
  readonly died: () => void;
}

/** Bytes of bodies on their way that cost no more than one copy. */
const SHARED = 4 * 1024 * 1024;

/** The thread of `writer-thread.ts`, started when it is first needed, and again when it was needed after it died. */
export function openThread({ file, log, answered, died }: ThreadOptions): Thread {
  const shared = sharedBytes(SHARED);
  const unanswered: Handed[][] = [];
  let running: Worker | undefined;

  const hand = (delivery: Delivery): Handed => ({ ...delivery, body: shared.put(delivery.body) ?? delivery.body });
  const release = (batches: number) => {
    const over = unanswered.splice(0, batches).flat();
    shared.release(over.filter(({ body }) => isPlace(body)).length);
  };
  const start = () => {
    const worker = startWorker({ file, memory: shared.memory });
    worker.on("message", (answer: Answer) => {
      release(answer.batches);
      answered(answer);
    });
    worker.on("error", (error) => log.error({ err: error }, "the thread that stores deliveries failed"));
    worker.once("exit", () => {
      if (running !== worker) return;
      running = undefined;
      release(unanswered.length);
      died();
    });
    return worker;
  };
  return {
    send: (batches) => {
      running ??= start();
      running.ref();
      const handed = batches.map((batch) => batch.map(hand));
      unanswered.push(...handed);
      running.postMessage(handed);
    },
    rest: () => running?.unref(),
    end: async () => {
      const worker = running;
      running = undefined;
      if (!worker) return;
      const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve())); // also when it fails just now
      worker.ref();
      worker.postMessage("end");
      await ended;
    },
  };
}

function startWorker(workerData: ThreadData): Worker {
  const options = { workerData, execArgv: [] };
  if (import.meta.url.endsWith(".js")) return new Worker(new URL("writer-thread.js", import.meta.url), options);
  // Tests and development run the sources: what compiles them has to be asked for in each thread.
  const source = fileURLToPath(new URL("writer-thread.ts", import.meta.url));
  const [compiler, path] = [createRequire(source).resolve("tsx/cjs/api"), source].map((one) => JSON.stringify(one));
  return new Worker(`require(${compiler}).require(${path}, ${path})`, { ...options, eval: true });
}
