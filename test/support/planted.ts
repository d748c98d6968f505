import { execFile } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** Pieces of code in one file of the tree, and the lint rule that each of them breaks; null: none. */
export interface Plant {
  readonly rule: string | null;
  readonly path: string;
  readonly code: readonly string[];
}

interface Piece {
  readonly plant: Plant;
  readonly code: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

interface Report {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
}

/** Plants of one path share its file, one piece below the other. */
function layOut(plants: readonly Plant[]): Piece[] {
  const written = new Map<string, number>();
  return plants.flatMap((plant) =>
    plant.code.map((code) => {
      const before = written.get(plant.path) ?? 0;
      const lastLine = before + code.split("\n").length;
      written.set(plant.path, lastLine);
      return { plant, code, firstLine: before + 1, lastLine };
    }),
  );
}

async function write(root: string, pieces: readonly Piece[]): Promise<void> {
  for (const name of ["biome.json", "package.json", ".gitignore", "scripts"]) {
    await cp(join(ROOT, name), join(root, name), { recursive: true });
  }
  for (const { plant, code } of pieces) {
    const file = join(root, plant.path);
    await mkdir(dirname(file), { recursive: true });
    await appendFile(file, `${code}\n`);
  }
}

function lint(root: string): Promise<Report[]> {
  const biome = join(ROOT, "node_modules/.bin/biome");
  const options = { cwd: root, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve) => {
    // Biome ends with code 1 when it has something to report, as it must have here.
    execFile(biome, ["lint", "--reporter=github", "--max-diagnostics=none", "."], options, (_failure, output) => {
      const reports = output.matchAll(/title=([\w/]+),file=([^,]+),line=(\d+)/g);
      resolve([...reports].map(([, rule = "", file = "", line]) => ({ rule, path: relative(root, file), line: Number(line) })));
    });
  });
}

function isSurprise({ plant, firstLine, lastLine }: Piece, reports: readonly Report[]): boolean {
  const here = reports.filter(({ path, line }) => path === plant.path && line >= firstLine && line <= lastLine);
  return plant.rule === null ? here.length > 0 : !here.some(({ rule }) => rule === plant.rule);
}

/** Plants everything in a copy of the set-up and lints it in one run: the code of each plant that lint takes for something else. */
export async function surprises(plants: readonly Plant[]): Promise<Map<Plant, string[]>> {
  const root = await mkdtemp(join(tmpdir(), "leadtime-rules-"));
  try {
    const pieces = layOut(plants);
    await write(root, pieces);
    const reports = await lint(root);
    const surprising = pieces.filter((piece) => isSurprise(piece, reports));
    return new Map(plants.map((plant) => [plant, surprising.filter((piece) => piece.plant === plant).map(({ code }) => code)]));
  } finally {
    await rm(root, { recursive: true });
  }
}
