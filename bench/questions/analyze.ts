import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "../../src/core/statistics.js";
import { writeHistory } from "../history.js";
import { type Question, repeated } from "../question.js";

const ROOT = join(import.meta.dirname, "../..");
const COMMITS = 100_000;
/** What has to be read at the least: commits, parents, dates and messages. */
const LISTING = ["log", "--format=%H%x00%P%x00%at%x00%ct%x00%B", "main", "--tags", "--"];

/** How long a clone's analysis takes beside git's own listing of the same commits, each as a process of its own. */
export const analyze: Question = {
  title: `leadtime analyze on ${COMMITS.toLocaleString("en")} commits, beside git log`,
  goals: [{ id: "A1", what: "analyze ÷ git log of the same commits", is: "at-most", floor: 2, stretch: 1.5 }],
  ask: async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-bench-"));
    try {
      await writeHistory(folder, COMMITS);
      const runs: Ran[] = [];
      const listings: Ran[] = [];
      const figures = await repeated(async () => {
        const listing = await run("git", ["--no-pager", "-C", folder, ...LISTING]);
        const ours = await run(process.execPath, ["dist/cli.js", "analyze", folder]);
        runs.push(ours);
        listings.push(listing);
        return { A1: ours.milliseconds / listing.milliseconds };
      });
      return { figures, notes: [`ours: ${told(runs)} (git's own is apart)`, `git log: ${told(listings)}`] };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Ran {
  readonly milliseconds: number;
  /** The most memory, in bytes. */
  readonly most: number;
}

function told(runs: readonly Ran[]): string {
  const middle = (of: keyof Ran) => median(runs.map((one) => one[of])) ?? Number.NaN;
  return `${middle("milliseconds").toFixed(0)} ms, ${(middle("most") / 1024 ** 2).toFixed(0)} MiB`;
}

async function run(program: string, parameters: readonly string[]): Promise<Ran> {
  const began = performance.now();
  const child = spawn(program, parameters, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  let most = 0;
  const looking = setInterval(() => {
    most = Math.max(most, mostResidentOf(child));
  }, 20);
  const [code] = await once(child, "close");
  clearInterval(looking);
  if (code !== 0) throw new Error(`${program} ${parameters.join(" ")} ended with ${code}`);
  return { milliseconds: performance.now() - began, most };
}

/** Linux only. 0 when it has ended. */
function mostResidentOf({ pid }: ChildProcess): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
