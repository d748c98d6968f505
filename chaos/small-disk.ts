import { execFile } from "node:child_process";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Campaign } from "./experiment.js";
import { syncShim } from "./sync-shim.js";

const run = promisify(execFile);

/** A disk of a few megabytes with a database on it. */
export interface SmallDisk {
  /** What it is made of. */
  readonly kind: "tmpfs" | "quota";
  /** Where the database is. */
  readonly database: string;
  /** What a process that uses it has to be started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Something else takes all of it, but for so many bytes. */
  fill(left: number): void;
  /** And goes again. */
  clear(): void;
}

/** A file system of its own where we may mount one, else a quota that the shim watches over. */
export async function smallDisk(campaign: Campaign, size: number): Promise<SmallDisk> {
  const folder = await campaign.folder();
  const mounted = await mount(folder, size);
  if (mounted) campaign.onEnd(() => run("umount", [folder]));
  const database = join(folder, "leadtime.db");
  const ballast = join(folder, "something-else");
  const quota = async () => (await syncShim(await campaign.folder())).environment({ room: size }, { database });
  return {
    kind: mounted ? "tmpfs" : "quota",
    database,
    environment: mounted ? {} : await quota(),
    fill: (left) => writeAllThatFits(ballast, Buffer.alloc(Math.max(0, size - used(folder) - left))),
    clear: () => rmSync(ballast),
  };
}

const mount = (folder: string, size: number): Promise<boolean> =>
  run("mount", ["-t", "tmpfs", "-o", `size=${size},mode=700`, "tmpfs", folder]).then(
    () => true,
    () => false, // not root, or in a container that may not
  );

/** The app may take some of the room in the same moment. */
function writeAllThatFits(path: string, bytes: Buffer): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

const BLOCK = 4096;

const used = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + Math.ceil(statSync(join(folder, name)).size / BLOCK) * BLOCK, 0);
