import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Bug } from "./experiment.js";

const ROOT = join(import.meta.dirname, "..");
const COPIED = [
  "src",
  "chaos",
  "bench",
  "test",
  "package.json",
  "package-lock.json",
  "app.yml",
  "tsconfig.json",
  "tsconfig.build.json",
  "vitest.config.ts",
];

export interface Copy {
  readonly root: string;
  remove(): Promise<void>;
}

/** A copy of the repository, to be spoilt. */
export async function copy(): Promise<Copy> {
  const root = await mkdtemp(join(tmpdir(), "leadtime-planted-"));
  for (const name of COPIED) await cp(join(ROOT, name), join(root, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

/** Throws when the bug does not fit the code any more. */
export async function plantIn(root: string, bug: Bug): Promise<void> {
  await writeFile(join(root, bug.file), await spoilt(bug, root));
}

/** The file's code with the bug in it. Throws when the bug does not fit the code any more. */
export async function spoilt({ says, file, before, after }: Bug, root = ROOT): Promise<string> {
  const code = await readFile(join(root, file), "utf8");
  const found = code.split(before).length - 1;
  if (found !== 1) throw new Error(`"${says}": expected its code once in ${file}, found it ${found} times`);
  return code.replace(before, () => after);
}

/** A copy of the repository with one bug planted in it, built. */
export async function plant(bug: Bug): Promise<Copy> {
  const made = await copy();
  try {
    await plantIn(made.root, bug);
    await build(made.root);
    return made;
  } catch (error) {
    await made.remove();
    throw error;
  }
}

/** Compiles `src/` to `dist/`. */
export async function build(root = ROOT): Promise<void> {
  await promisify(execFile)(process.execPath, ["node_modules/typescript/bin/tsc", "--project", "tsconfig.build.json"], {
    cwd: root,
  });
}

/** Runs a program in a copy. Resolves to its exit code and what it wrote. */
export function runIn(
  root: string,
  parameters: readonly string[],
  patience = 180_000,
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, parameters, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: patience });
  const out: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => out.push(chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out: out.join("") })));
}
