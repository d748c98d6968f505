import type { Commit, CommitGraph, Files } from "./commit-graph.js";
import { pushedCommitJson } from "./commit-json.js";
import { type Account, commitNamed, fullName, type Repository } from "./github-state.js";
import { toMs, type When } from "./ids.js";
import { pullRequestJson } from "./pull-request-json.js";
import { repositoryHtml } from "./repository-json.js";
import { type RepositoryDeed, type Scene, type Site, sceneOf, tell } from "./site.js";

const NOTHING = "0".repeat(40);
/** GitHub leaves older ones out. */
const MOST_COMMITS_OF_A_PUSH = 2048;

export interface NewCommitDeed {
  readonly message: string;
  /** Default: who pushes. */
  readonly author?: string;
  /** Default: when it is pushed. */
  readonly authoredAt?: When;
  /** Default: when it was authored. */
  readonly committedAt?: When;
  /** Path to new content; null deletes. */
  readonly files?: Readonly<Record<string, string | null>>;
}
export interface PushDeed extends RepositoryDeed {
  readonly branch: string;
  readonly commits: readonly NewCommitDeed[];
  /** What the commits build on: default the branch's head, or the default branch's for a new one. Else it is a force push. */
  readonly onto?: string;
}

/** Pushes new commits to a branch; it is made if it does not exist. Open pull requests from it follow. */
export async function push(site: Site, deed: PushDeed): Promise<Commit[]> {
  const scene = sceneOf(site, deed);
  const { repository } = scene;
  const base = deed.onto ?? repository.branches.get(deed.branch) ?? repository.defaultBranch;
  let parent = commitNamed(repository, base);
  const made = deed.commits.map((commit) => {
    parent = addCommit(repository.graph, { parent, by: scene.by, at: scene.at, commit });
    return parent;
  });
  await moveBranch(site, scene, { branch: deed.branch, to: parent.sha });
  return made;
}

/** Pushes one commit to a branch that puts a file there; null: that removes it. Returns the commit's sha. */
export async function putFile(
  site: Site,
  {
    path,
    content,
    ...deed
  }: RepositoryDeed & { readonly branch: string; readonly path: string; readonly content: string | null },
): Promise<string> {
  const message = `${content === null ? "Remove" : "Change"} ${path}`;
  const [made] = await push(site, { ...deed, commits: [{ message, files: { [path]: content } }] });
  return made?.sha ?? "";
}

function addCommit(
  graph: CommitGraph,
  { parent, by, at, commit }: { parent: Commit; by: Account; at: number; commit: NewCommitDeed },
) {
  const author = { login: commit.author ?? by.login, at: toMs(commit.authoredAt ?? at) };
  const committer = { login: by.login, at: toMs(commit.committedAt ?? author.at) };
  const files = changed(parent.files, commit.files ?? {});
  return graph.add({ parents: [parent.sha], message: commit.message, author, committer, files });
}

function changed(files: Files, changes: Readonly<Record<string, string | null>>): Files {
  const result = new Map(files);
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) result.delete(path);
    else result.set(path, content);
  }
  return result;
}

/** Sets a branch to a commit: a push, the making of the branch when it is new, and what follows for its pull requests. */
export async function moveBranch(site: Site, scene: Scene, { branch, to }: { branch: string; to: string }): Promise<void> {
  const { repository, at } = scene;
  const before = repository.branches.get(branch);
  repository.branches.set(branch, to);
  repository.pushedAt = Math.max(repository.pushedAt, at);
  if (before === undefined) await tellCreated(site, scene, { ref: branch, kind: "branch" });
  await tellPush(site, scene, { ref: `refs/heads/${branch}`, before, after: to });
  for (const pullRequest of repository.pullRequests.values()) {
    if (pullRequest.state !== "open" || pullRequest.branch !== branch || pullRequest.head === to) continue;
    const old = pullRequest.head;
    pullRequest.head = to;
    pullRequest.updatedAt = Math.max(pullRequest.updatedAt, at);
    await tell(site, scene, "pull_request", {
      action: "synchronize",
      number: pullRequest.number,
      before: old,
      after: to,
      pull_request: pullRequestJson(site, repository, pullRequest),
    });
  }
}

async function tellCreated(site: Site, scene: Scene, { ref, kind }: { ref: string; kind: "branch" | "tag" }): Promise<void> {
  const { defaultBranch } = scene.repository;
  await tell(site, scene, "create", {
    ref,
    ref_type: kind,
    master_branch: defaultBranch,
    description: null,
    pusher_type: "user",
  });
}

async function tellPush(
  site: Site,
  scene: Scene,
  { ref, before, after }: { ref: string; before: string | undefined; after: string },
) {
  const { repository, by } = scene;
  const commits = ref.startsWith("refs/tags/") ? [] : repository.graph.ahead(before ?? knownBefore(repository, after), after);
  const head = commitNamed(repository, after);
  const range = before ? `${before.slice(0, 12)}...${after.slice(0, 12)}` : after.slice(0, 12);
  await tell(site, scene, "push", {
    ref,
    before: before ?? NOTHING,
    after,
    created: before === undefined,
    deleted: false,
    forced: before !== undefined && !repository.graph.history(after).has(before),
    base_ref: null,
    compare: `${repositoryHtml(site.addresses, repository)}/compare/${range}`,
    commits: commits.slice(-MOST_COMMITS_OF_A_PUSH).map((commit) => pushedCommitJson(site, repository, commit)),
    head_commit: pushedCommitJson(site, repository, head),
    pusher: { name: by.login, email: `${by.login}@users.noreply.example` },
  });
}

const knownBefore = ({ branches, defaultBranch }: Repository, after: string): string | null => {
  const known = branches.get(defaultBranch) ?? null;
  return known === after ? null : known;
};

/** Tags a commit. A tag's push lists no commits. */
export async function tag(site: Site, deed: RepositoryDeed & { readonly tag: string; readonly sha: string }): Promise<void> {
  const scene = sceneOf(site, deed);
  const { sha } = commitNamed(scene.repository, deed.sha);
  if (scene.repository.tags.get(deed.tag) === sha) return;
  scene.repository.tags.set(deed.tag, sha);
  await tellCreated(site, scene, { ref: deed.tag, kind: "tag" });
  await tellPush(site, scene, { ref: `refs/tags/${deed.tag}`, before: undefined, after: sha });
}

/** Deletes a branch; no subscribed event tells of it. */
export function deleteBranch(site: Site, deed: RepositoryDeed & { readonly branch: string }): void {
  const { repository } = sceneOf(site, deed);
  if (!repository.branches.delete(deed.branch)) throw new Error(`${fullName(repository)} has no branch ${deed.branch}`);
}

/** The commit a branch, a tag or a sha names. */
export const commitOf = (site: Site, deed: { readonly repository: string; readonly ref: string }): Commit =>
  commitNamed(sceneOf(site, { repository: deed.repository, at: 0 }).repository, deed.ref);
