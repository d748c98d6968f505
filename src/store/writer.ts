import { Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";
import type { Turn } from "./in-turn.js";
import { type Answer, type Batch, type Failure, openThread } from "./thread.js";

export interface Writer {
  accept(deliveries: Batch): Promise<boolean[]>;
  /** Takes no more; resolves when what was taken is stored. */
  close(): Promise<void>;
}

interface Call {
  readonly batch: Batch;
  readonly resolve: (fresh: boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Deliveries are compressed and stored by a thread, on a connection of its own, so that the event loop never waits for the
 * disk. That connection and the one of transactions do not contend for the database's lock, for they take turns:
 *
 *   idle ──a delivery──► waiting ──its turn comes──► writing ──all is answered──► idle, or waiting if more has come
 *
 * While it is writing, what comes is handed to the thread at once, which commits together what it finds; but when somebody
 * else wants a turn, what comes waits for the next one. Nobody is told that a delivery is stored before it is committed: when
 * the thread dies, those that wait for it are told that it is not known, and the next turn starts it again.
 */
export function openWriter(file: string, { turn, log }: { readonly turn: Turn; readonly log: Log }): Writer {
  let state: "idle" | "waiting" | "writing" = "idle";
  let closing = false;
  let waiting: Call[] = [];
  const handed: Call[] = [];
  let endTurn = () => {};
  let gathering = false;

  const takeTurn = () => {
    state = "waiting";
    void turn(
      () =>
        new Promise<void>((resolve) => {
          state = "writing";
          endTurn = resolve;
          handOver();
          goOn();
        }),
    );
  };
  const handOver = () => {
    const calls = waiting;
    waiting = [];
    try {
      thread.send(calls.map(({ batch }) => batch));
      handed.push(...calls);
    } catch (cause) {
      fail(calls, "The thread that stores deliveries could not be started", cause);
    }
  };
  /** After deliveries came, or an answer. */
  const goOn = () => {
    gathering = false;
    if (state === "idle" && waiting.length > 0) return takeTurn();
    if (state !== "writing") return;
    if (waiting.length > 0 && !turn.wanted()) handOver();
    if (handed.length > 0) return;
    thread.rest();
    state = "idle";
    endTurn();
    goOn();
  };
  const thread = openThread({
    file,
    log,
    answered: (answer) => {
      tell(handed.splice(0, answer.batches), answer);
      goOn();
    },
    died: () => {
      fail(handed.splice(0), "The thread that stores deliveries has ended before it told whether they are stored");
      goOn();
    },
  });
  /** Once for all that comes in the same turn of the event loop. */
  const goOnSoon = () => {
    if (!gathering) setImmediate(goOn);
    gathering = true;
  };
  return {
    accept: (batch) =>
      new Promise((resolve, reject) => {
        if (closing) return reject(new Unavailable("The SQLite database is being closed"));
        waiting.push({ batch, resolve, reject });
        goOnSoon();
      }),
    close: async () => {
      closing = true;
      goOn();
      while (state !== "idle") await turn(async () => undefined);
      await thread.end();
    },
  };
}

function fail(calls: readonly Call[], message: string, cause?: unknown): void {
  const error = new Unavailable(message, { cause });
  for (const { reject } of calls) reject(error);
}

function tell(calls: readonly Call[], answer: Answer): void {
  if ("failure" in answer) {
    const error = errorOf(answer.failure);
    for (const { reject } of calls) reject(error);
  } else {
    for (const [index, { resolve }] of calls.entries()) resolve([...(answer.fresh[index] ?? [])]);
  }
}

function errorOf({ message, unavailable, code }: Failure): Error {
  const cause = Object.assign(new Error(message), { code });
  return unavailable ? new Unavailable(message, { cause }) : cause;
}
