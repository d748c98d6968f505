import { sha1 } from "./ids.js";

export interface Signature {
  readonly login: string;
  readonly at: number;
}
export type Files = ReadonlyMap<string, string>;
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
  /** Path to content, of the whole tree. */
  readonly files: Files;
}
export type NewCommit = Omit<Commit, "sha">;

export interface Comparison {
  readonly status: "ahead" | "behind" | "identical" | "diverged";
  readonly mergeBase: Commit;
  /** Commits of head that base lacks, parents first. */
  readonly ahead: readonly Commit[];
  readonly behind: readonly Commit[];
}

/** Commits of one repository. Parents come before children, since a commit can only be added to known ones. */
export interface CommitGraph {
  /** The same content twice is the same commit. Throws for an unknown parent. */
  add(commit: NewCommit): Commit;
  get(sha: string): Commit | undefined;
  /** The commit of a whole sha, or of its beginning (seven characters and up). */
  find(sha: string): Commit | undefined;
  /** The commit and all it descends from. */
  history(sha: string): ReadonlySet<string>;
  /** Commits of `head` that `base` lacks, parents first. */
  ahead(base: string | null, head: string): Commit[];
  /** Undefined without a common ancestor. */
  compare(base: string, head: string): Comparison | undefined;
}

export function createGraph(): CommitGraph {
  const commits = new Map<string, Commit>();
  const order = new Map<string, number>();

  const add = (commit: NewCommit): Commit => {
    const unknown = commit.parents.find((parent) => !commits.has(parent));
    if (unknown) throw new Error(`a commit's parents must be known, ${unknown} is not: push it first`);
    const sha = sha1(JSON.stringify([commit.parents, commit.message, commit.author, commit.committer, [...commit.files]]));
    const made = commits.get(sha) ?? { ...commit, sha };
    if (!order.has(sha)) order.set(sha, order.size);
    commits.set(sha, made);
    return made;
  };

  const history = (sha: string): Set<string> => {
    const seen = new Set<string>();
    const open = [sha];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(commits.get(next)?.parents ?? []));
    }
    return seen;
  };

  const inOrder = (shas: Iterable<string>): Commit[] =>
    [...shas].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)).flatMap((sha) => commits.get(sha) ?? []);

  const compare: CommitGraph["compare"] = (base, head) => {
    const ofBase = history(base);
    const ofHead = history(head);
    // The common ancestor added last is nobody's parent among them: children come after parents.
    const mergeBase = inOrder(common(ofBase, ofHead)).at(-1);
    if (!mergeBase) return undefined;
    const ahead = inOrder(without(ofHead, ofBase));
    const behind = inOrder(without(ofBase, ofHead));
    return { status: statusOf(ahead.length, behind.length), mergeBase, ahead, behind };
  };

  return {
    add,
    history,
    compare,
    get: (sha) => commits.get(sha),
    find: (sha) => commits.get(sha) ?? (sha.length < 7 ? undefined : [...commits.values()].find((c) => c.sha.startsWith(sha))),
    ahead: (base, head) => inOrder(base === null ? history(head) : without(history(head), history(base))),
  };
}

function statusOf(ahead: number, behind: number): Comparison["status"] {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
}

/** What a commit changed against its first parent. */
export function changesOf(
  graph: CommitGraph,
  { files, parents: [first] }: Commit,
): { added: string[]; modified: string[]; removed: string[] } {
  const before = (first === undefined ? undefined : graph.get(first))?.files ?? new Map<string, string>();
  return {
    added: [...files.keys()].filter((path) => !before.has(path)),
    modified: [...files].filter(([path, content]) => before.has(path) && before.get(path) !== content).map(([path]) => path),
    removed: [...before.keys()].filter((path) => !files.has(path)),
  };
}

const common = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] => [...one].filter((sha) => other.has(sha));
const without = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] => [...one].filter((sha) => !other.has(sha));
