import { Unavailable } from "../core/failure.js";
import type { Log } from "../ports.js";

export interface Loop {
  /** Looks now, or once more after the present look. Resolves to whether there was anything. */
  look(): Promise<boolean>;
  /** There may be something to do: look now, or as soon as the present look is over. */
  poke(): void;
  /** Looks no more; resolves when the present look is over, whatever is left. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  /** One look. Returns whether there was anything to do. */
  readonly look: () => Promise<boolean>;
  /** Called after a look that found something. */
  readonly found?: () => void;
  /** Milliseconds between two looks when nobody pokes: what was put off falls due unannounced. */
  readonly every: number;
  readonly log: Log;
}

/** Looks for work when poked and from time to time, one look at a time, until one finds nothing. One that fails is tried again. */
export function loop({ name, look, found, every, log }: LoopOptions): Loop {
  let stopped = false;
  let again = false;
  let told = "";
  let waiting: ((found: boolean) => void)[] = [];
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const lookSafely = async () => {
    try {
      const something = await look();
      told = "";
      return something;
    } catch (error) {
      tell(error);
      return false;
    }
  };
  /** Told once, however long something outside does not answer. */
  const tell = (error: unknown) => {
    const outside = error instanceof Unavailable ? error.message : "";
    const level = outside === "" ? "error" : outside === told ? "debug" : "warn";
    log[level]({ err: error, loop: name }, "a look for work failed; it is tried again");
    told = outside;
  };
  const run = async () => {
    let something: boolean;
    do {
      again = false;
      const asked = waiting;
      waiting = [];
      something = await lookSafely();
      if (something) found?.();
      for (const answer of asked) answer(something);
      // With SQLite a look may hold up the event loop from its beginning to its end: requests and signals come in between.
      await new Promise((next) => setImmediate(next));
    } while ((something || again) && !stopped);
    running = undefined;
    if (!stopped) timer = setTimeout(poke, every);
  };
  const poke = () => {
    if (stopped) return;
    clearTimeout(timer);
    if (running) again = true;
    else running = run();
  };
  const stop = async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
  const lookNow = () =>
    new Promise<boolean>((tell) => {
      waiting.push(tell);
      poke();
    });
  poke();
  return { poke, stop, look: lookNow };
}
