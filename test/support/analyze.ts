import type { Analysis } from "../../src/analysis/analysis.js";
import { type Step, sweep } from "../../src/analysis/sweep.js";
import { analysisOf } from "../../src/cli-analyze.js";
import { type Instant, instant } from "../../src/core/time.js";
import { type OpenClone, type Order, openClone } from "../../src/git/clone.js";
import { GIT_ENVIRONMENT } from "./clone.js";

export const NOW = instant(Date.parse("2024-06-01T00:00:00Z"));

interface Looking {
  readonly branch?: string;
  readonly since?: Instant;
}

export const openAt = (path: string, { branch, since }: Looking = {}): Promise<OpenClone> =>
  openClone({ path, branch: branch ?? null, since: since ?? null }, GIT_ENVIRONMENT);

/** The steps of a real clone's branch, latest first. */
export async function stepsAt(path: string, looking: Looking = {}): Promise<Step[]> {
  return (await sweptAt(path, looking)).steps;
}

/** `inOrder`: whether each commit came after its children. */
export async function sweptAt(path: string, { order = "by-graph", ...looking }: Looking & { readonly order?: Order }) {
  const clone = await openAt(path, looking);
  const steps: Step[] = [];
  const { add, end } = sweep(clone.head, clone.tags, (step) => steps.push(step));
  for await (const commits of clone.commits(order)) for (const commit of commits) add(commit);
  return { inOrder: end(), steps };
}

export async function analysisAt(path: string, looking: Looking = {}): Promise<Analysis> {
  const clone = await openAt(path, looking);
  return analysisOf(clone, { since: looking.since ?? null, now: NOW, progress: () => undefined });
}
