import { writeFile } from "node:fs/promises";
import { type Analysis, gatherAnalysis } from "./analysis/analysis.js";
import { analysisPage } from "./analysis/html.js";
import { analysisJson } from "./analysis/json.js";
import { sweep } from "./analysis/sweep.js";
import { analysisText } from "./cli-analyze-text.js";
import type { Instant } from "./core/time.js";
import { type OpenClone, type Order, openClone } from "./git/clone.js";
import type { GitEnvironment } from "./git/run.js";

export interface AnalyzeOptions {
  readonly path: string;
  readonly since: Instant | null;
  readonly branch: string | null;
  readonly json: boolean;
  /** Where the page goes. */
  readonly html: string | null;
}

export interface Surroundings {
  readonly environment: GitEnvironment;
  readonly now: Instant;
  /** Told from time to time how many commits have been read. */
  progress(commits: number): void;
}

/** What `leadtime analyze` prints of a local clone; writes the page where one is wanted. Throws, in words, for what is no clone. */
export async function analyzeClone(options: AnalyzeOptions, { environment, now, progress }: Surroundings): Promise<string> {
  const { path, since, branch, json, html } = options;
  const clone = await openClone({ path, branch, since }, environment);
  const analysis = await analysisOf(clone, { since, now, progress });
  if (html !== null) await writePage(html, analysisPage(analysis));
  if (json) return JSON.stringify(analysisJson(analysis), null, 2);
  return `${analysisText(analysis)}${html === null ? "" : `\n\nThe page: ${html}`}`;
}

interface Analyzing extends Pick<AnalyzeOptions, "since">, Omit<Surroundings, "environment"> {}

/** By date first, which is faster; by the graph where a clock went wrong, or where what was before is not read. */
export async function analysisOf(clone: OpenClone, { since, now, progress }: Analyzing): Promise<Analysis> {
  const read = async (order: Order): Promise<{ analysis: Analysis; inOrder: boolean }> => {
    const gathering = gatherAnalysis(clone, since, now);
    const { add, end } = sweep(clone.head, clone.tags, gathering.add);
    let count = 0;
    for await (const commits of clone.commits(order)) {
      for (const commit of commits) add(commit);
      count += commits.length;
      progress(count);
    }
    const inOrder = end();
    return { analysis: gathering.done(count), inOrder };
  };
  const byDate = since === null ? await read("by-date") : null;
  return byDate?.inOrder ? byDate.analysis : (await read("by-graph")).analysis;
}

const writePage = (file: string, page: string): Promise<void> =>
  writeFile(file, page).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`expected a file that can be written, got ${file} (${cause.code})`, { cause });
  });
