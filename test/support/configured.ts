import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { type Stage, stage } from "./app.js";

export const REPOSITORY = "acme/web";
/** A time of the day of the worked examples. */
export const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);

const file = (content: string) => ({ ".github/leadtime.yml": content });

export interface Files {
  readonly organisation?: string | undefined;
  readonly repository?: string | undefined;
  readonly visibility?: "public" | "private";
}

/** The app, on an account and a repository with these files. */
export async function configured(
  { organisation, repository, visibility = "private" }: Files,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Promise<Stage> {
  const on = await stage(overrides);
  const { github } = on.world;
  const at = onTheDay("08:00");
  await github.install({ account: "acme", at });
  if (organisation !== undefined) {
    await github.createRepository({ repository: "acme/.github", files: file(organisation), at });
  }
  const files = repository === undefined ? {} : { files: file(repository) };
  await github.createRepository({ repository: REPOSITORY, visibility, at, ...files });
  return on;
}

/** Changes a file on the default branch, and lets the app do what follows. */
export async function change({ world, app }: Stage, repository: string, content: string): Promise<void> {
  const commits = [{ message: "Configure", files: file(content) }];
  await world.github.push({ repository, branch: "main", commits, at: onTheDay("18:00") });
  await app.idle();
}

/** A file for `LEADTIME_CONFIG`, gone when the test is. */
export async function operatorsFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "leadtime.yml");
  await writeFile(path, content);
  return path;
}

type LeadTime = WorkItem["leadTimes"][number];

export const read = async ({ get }: Stage, path: string) => (await get(`/api/v1/${path}`)) as WorkItem; // as its schema says
export const profilesOf = async (on: Stage, path: string): Promise<string[]> =>
  (await read(on, path)).leadTimes.map(({ profile }) => profile);

/** The lead time of an item under a profile. */
export async function leadTimeOf(on: Stage, path: string, name: string): Promise<LeadTime> {
  const { leadTimes } = await read(on, path);
  const found = leadTimes.find(({ profile }) => profile === name);
  if (!found) throw new Error(`${path} is not measured under ${name}`);
  return found;
}

/** Each stage's name and lead time in minutes; null where it has none. */
export const minutesOf = ({ stages }: LeadTime): [name: string, minutes: number | null][] =>
  stages.map((one) => [
    one.name,
    "leadTimeSeconds" in one && one.leadTimeSeconds !== undefined ? one.leadTimeSeconds / 60 : null,
  ]);
