import { basename, resolve } from "node:path";
import type { Clone, CloneCommit } from "../core/clone.js";
import type { Instant } from "../core/time.js";
import { findBranch, findDefaultBranch } from "./branch.js";
import { COMMITS_FORMAT, readCommits } from "./commits.js";
import { type Git, type GitEnvironment, gitIn } from "./run.js";
import { readTags } from "./tags.js";

export interface Wanted {
  readonly path: string;
  /** Null: the branch that changes usually go to. */
  readonly branch: string | null;
  /** Commits that the branch had before are left out; null: none are. */
  readonly since: Instant | null;
}

/**
 * By the graph: each commit after all of its children. For that git reads the whole history before it says a word; by date
 * it begins at once, and where no clock went wrong the order is good as well.
 */
export type Order = "by-date" | "by-graph";

export interface OpenClone extends Clone {
  /** The branch's commits and those of the tags, in pieces. */
  commits(order: Order): AsyncGenerator<CloneCommit[]>;
}

/** Reads what a local clone is, without its commits. Throws, in words, for what is none, and for a branch that is not there. */
export async function openClone({ path, branch, since }: Wanted, environment: GitEnvironment): Promise<OpenClone> {
  const git = gitIn(path, environment);
  const { bare, shallow, folder } = await look(git, path);
  const [usual, tags, origin] = await Promise.all([
    branch === null ? findDefaultBranch(git, bare) : findDefaultBranch(git, bare).catch(() => null),
    readTags(git),
    git.maybe(["config", "--get", "remote.origin.url"]),
  ]);
  const tip =
    branch === null || usual === null ? (usual ?? (await findBranch(git, branch ?? "HEAD"))) : await findBranch(git, branch);
  const remote = remoteOf(origin?.trim() ?? "");
  return {
    name: remote?.path ?? (basename(folder).replace(/\.git$/, "") || folder),
    url: remote?.host === "github.com" ? `https://github.com/${remote.path}` : null,
    branch: tip.name,
    defaultBranch: usual?.name ?? tip.name,
    head: tip.head,
    shallow,
    tags,
    commits: (order) => commitsOf(git, { head: tip.head, since, order }),
  };
}

interface Range {
  readonly head: string;
  readonly since: Instant | null;
  readonly order: Order;
}

async function* commitsOf(git: Git, { head, since, order }: Range): AsyncGenerator<CloneCommit[]> {
  const before = since === null ? null : await lastBefore(git, head, since);
  const hidden = before === null ? [] : [`^${before}`];
  const sorted = order === "by-graph" ? ["--topo-order"] : [];
  yield* readCommits(git.stream(["rev-list", ...COMMITS_FORMAT, ...sorted, head, "--tags", ...hidden, "--"]));
}

/** Where the branch was: whatever that contains was merged before, and tells nothing of what came later. */
async function lastBefore(git: Git, head: string, since: Instant): Promise<string | null> {
  const until = `--before=${Math.ceil(since / 1000) - 1}`;
  return (await git.text(["rev-list", "--first-parent", "--max-count=1", until, head, "--"])).trim() || null;
}

interface Looked {
  readonly bare: boolean;
  readonly shallow: boolean;
  readonly folder: string;
}

async function look(git: Git, path: string): Promise<Looked> {
  const said = await git
    .text(["rev-parse", "--is-bare-repository", "--is-shallow-repository", "--absolute-git-dir"])
    .catch((error: unknown) => {
      throw new Error(`expected a git repository at ${resolve(path)}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    });
  const [bare, shallow, ...folder] = said.trimEnd().split("\n");
  const top = bare === "true" ? null : await git.maybe(["rev-parse", "--show-toplevel"]);
  return { bare: bare === "true", shallow: shallow === "true", folder: top?.trimEnd() ?? folder.join("\n") };
}

/** `https://user:secret@github.com/acme/web.git` and `git@github.com:acme/web.git` alike; undefined for a folder. */
export function remoteOf(url: string): { readonly host: string; readonly path: string } | undefined {
  const match =
    /^(?:(?:https?|ssh|git):\/\/(?:[^/@]*@)?([\w.-]+)(?::\d+)?\/|(?:[\w.-]+@)?([\w.-]{2,}):(?!\/\/))([\w./-]+?)(?:\.git)?\/?$/i.exec(
      url,
    );
  const [, byUrl, byShell, path] = match ?? [];
  const host = byUrl ?? byShell;
  return host && path && !path.includes("..") ? { host: host.toLowerCase(), path } : undefined;
}
