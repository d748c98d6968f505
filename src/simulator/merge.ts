import { moveBranch } from "./code-actions.js";
import type { Commit, Files } from "./commit-graph.js";
import { commitNamed, commitsOf, fullName, type PullRequest, type Repository } from "./github-state.js";
import { type PullRequestDeed, type PullRequestScene, pullRequestScene, tellPullRequest } from "./pull-request-actions.js";
import type { Site } from "./site.js";

export type MergeMethod = "merge" | "squash" | "rebase";
export interface MergeDeed extends PullRequestDeed {
  /** Default `merge`. */
  readonly method?: MergeMethod;
}

/** Merges with real commits, pushes the base branch and closes; returns what GitHub names the merge commit. */
export async function merge(site: Site, deed: MergeDeed): Promise<string> {
  const found = pullRequestScene(site, deed);
  const { scene, pullRequest } = found;
  const { repository, by, at } = scene;
  if (pullRequest.state === "closed") throw new Error(`${fullName(repository)}#${deed.number} is closed: it cannot be merged`);
  const onto = commitNamed(repository, pullRequest.base).sha;
  const brought = commitsOf(repository, pullRequest);
  const last = land(found, { method: deed.method ?? "merge", onto, brought });
  const landed = repository.graph.ahead(onto, last.sha).map(({ sha }) => sha);
  pullRequest.merged = { at, by, commit: last.sha, onto, landed };
  pullRequest.state = "closed";
  pullRequest.closedAt = at;
  await moveBranch(site, scene, { branch: pullRequest.base, to: last.sha });
  await tellPullRequest(site, found, "closed");
  return last.sha;
}

interface Landing {
  readonly method: MergeMethod;
  readonly onto: string;
  readonly brought: readonly Commit[];
}

/** Adds the commits of the merge; returns the last one. */
function land({ scene, pullRequest }: PullRequestScene, { method, onto, brought }: Landing): Commit {
  const { repository, by, at } = scene;
  const { number, branch, title } = pullRequest;
  const { graph } = repository;
  const committer = { login: by.login, at };
  const files = mergedFiles(repository, { pullRequest, onto });
  switch (method) {
    case "merge": {
      const message = `Merge pull request #${number} from ${repository.owner.login}/${branch}\n\n${title}`;
      return graph.add({ parents: [onto, pullRequest.head], message, author: committer, committer, files });
    }
    case "squash": {
      const message = `${title} (#${number})\n\n${brought.map((commit) => `* ${commit.message}`).join("\n\n")}`;
      return graph.add({ parents: [onto], message, author: { login: pullRequest.author.login, at }, committer, files });
    }
    case "rebase":
      return brought
        .filter(({ parents }) => parents.length === 1)
        .reduce(
          (parent, { message, author }) => graph.add({ parents: [parent.sha], message, author, committer, files }),
          commitNamed(repository, onto),
        );
  }
}

/** The base's files with what the pull request changed since they parted. */
function mergedFiles(repository: Repository, { pullRequest, onto }: { pullRequest: PullRequest; onto: string }): Files {
  const ours = commitNamed(repository, onto).files;
  const theirs = commitNamed(repository, pullRequest.head).files;
  const parted = repository.graph.compare(onto, pullRequest.head)?.mergeBase.files;
  const merged = new Map(ours);
  for (const [path, content] of theirs) if (parted?.get(path) !== content) merged.set(path, content);
  for (const path of parted?.keys() ?? []) if (!theirs.has(path)) merged.delete(path);
  return merged;
}
