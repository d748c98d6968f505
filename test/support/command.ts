import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const TSX = import.meta.resolve("tsx");

export interface Run {
  readonly process: ChildProcess;
  /** Everything that it wrote until now. */
  out(): string;
  err(): string;
  readonly ended: Promise<number | string | null>;
}
export type Variables = Readonly<Record<string, string>>;

/** An empty folder that goes with the test. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the command in a folder, with these variables and no others; `program` stands for the command's own. */
export function startCommand(
  folder: string,
  parameters: readonly string[],
  { program = CLI, ...variables }: Variables & { readonly program?: string } = {},
): Run {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["--import", TSX, program, ...parameters], {
    cwd: folder,
    env: { PATH, HOME, ...variables },
  });
  const written = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (written.out += chunk));
  child.stderr.on("data", (chunk) => (written.err += chunk));
  const ended = new Promise<number | string | null>((end) => child.once("close", (code, signal) => end(code ?? signal)));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { process: child, out: () => written.out, err: () => written.err, ended };
}

/** Starts the command and waits for its end. `lines`: of standard error. */
export async function runCommand(folder: string, parameters: readonly string[], variables: Variables = {}) {
  const running = startCommand(folder, parameters, variables);
  return { code: await running.ended, out: running.out(), err: running.err(), lines: running.err().trim().split("\n") };
}
