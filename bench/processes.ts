import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Load, Sent } from "./sender.js";
import type { Mode, Usage } from "./server.js";

/** A server in a process of its own. */
export interface Serving {
  readonly port: number;
  usage(): Promise<Usage>;
  end(): Promise<void>;
}

const start = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, ...env },
  });

async function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, "exit", { signal }).then(([code]) =>
    Promise.reject(new Error(`A process of the bench ended with ${code}`)),
  );
  try {
    const [message] = await Promise.race([once(child, "message", { signal }), ended]);
    return message as Answer; // both ends are in this folder
  } finally {
    over.abort();
    ended.catch(() => undefined);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  if (child.exitCode === null && child.kill("SIGKILL")) await ended;
}

/** `database`: of the modes that store, its URL. `env`: of the process alone. */
export async function serve(
  mode: Mode,
  { database = "", env = {} }: { database?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Serving> {
  const child = start("server.ts", [mode, database], env);
  const port = await answerOf<number>(child);
  return {
    port,
    usage: () => {
      child.send("usage");
      return answerOf<Usage>(child);
    },
    end: () => end(child),
  };
}

export interface Sending {
  /** Throws when a delivery is refused. */
  send(load: Load): Promise<Sent>;
  end(): Promise<void>;
}

export async function sending(): Promise<Sending> {
  const child = start("sender.ts", []);
  await answerOf<string>(child);
  return {
    send: async (load) => {
      child.send(load);
      const sent = await answerOf<Sent>(child);
      if (sent.refused > 0) throw new Error(`${sent.refused} of ${sent.deliveries} deliveries were refused`);
      return sent;
    },
    end: () => end(child),
  };
}
