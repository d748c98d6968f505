import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUILT = ["dist/cli.js"];
const FROM_SOURCE = ["--import", "tsx", "src/cli.ts"];

export interface StartOptions {
  /** Whether `dist/` is up to date. */
  readonly built?: boolean;
  /** Goes before the command: `["strace", "-f", …]`. */
  readonly under?: readonly string[];
}

/** The app ended before it listened. */
export class EndedEarly extends Error {
  override readonly name = "EndedEarly";
  /** Null when a signal ended it. */
  readonly code: number | null;
  constructor(code: number | null, written: string) {
    super(`the app ended with ${code}: ${written.slice(-2000)}`);
    this.code = code;
  }
}

export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Resolves to the exit code, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** All that it wrote on standard output and standard error so far. */
  written(): string;
  /** Sends a signal and waits for the end. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
}

/** `leadtime start` as a process of its own, from these settings; it listens when this resolves. Throws `EndedEarly`. */
export async function startProcess(
  environment: Readonly<Record<string, string>>,
  { built = false, under = [] }: StartOptions = {},
): Promise<Running> {
  const [program = "", ...parameters] = [...under, process.execPath, ...(built ? BUILT : FROM_SOURCE), "start"];
  const child = spawn(program, parameters, {
    cwd: ROOT,
    // biome-ignore lint/style/noProcessEnv: a program is found by the path
    env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "info", LOG_FORMAT: "json", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  const exited = once(child, "close").then(([code]) => (typeof code === "number" ? code : null));
  const early = exited.then((code) => Promise.reject(new EndedEarly(code, written.join(""))));
  early.catch(() => undefined);
  const url = await Promise.race([listening(child), early]);
  return {
    url,
    pid: child.pid ?? 0,
    exited,
    written: () => written.join(""),
    end: async (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}

/** The address that its log says it listens on. */
function listening({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("the log of a process is read from its standard output");
  const lines = createInterface(stdout);
  return new Promise((found) => {
    lines.on("line", (line) => {
      const [, url] = /"url":"([^"]+)"/.exec(line) ?? [];
      if (url && line.includes("is listening")) found(url);
    });
  });
}
