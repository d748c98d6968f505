import type { Log } from "../ports.js";

export interface Loop {
  /** There may be something to do: look now, or as soon as the present look is over. */
  poke(): void;
  /** Looks no more; resolves when the present look is over. */
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

/** Looks for work, one look at a time, when poked and from time to time. A look that fails is logged and tried again. */
export function loop({ name, look, found, every, log }: LoopOptions): Loop {
  let stopped = false;
  let again = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const run = async () => {
    do {
      again = false;
      try {
        if (await look()) found?.();
      } catch (error) {
        log.error({ err: error, loop: name }, "a look for work failed");
      }
    } while (again && !stopped);
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
  poke();
  return { poke, stop };
}
