import { accountOf, commitNamed, fullName, type PullRequest, pullRequestNumbered } from "./github-state.js";
import type { Json } from "./ids.js";
import { labelJson, pullRequestJson } from "./pull-request-json.js";
import { type RepositoryDeed, type Scene, type Site, sceneOf, tell } from "./site.js";

export interface OpenPullRequestDeed extends RepositoryDeed {
  readonly branch: string;
  readonly title: string;
  readonly body?: string;
  /** Default: the default branch. */
  readonly base?: string;
  readonly draft?: boolean;
  readonly labels?: readonly string[];
  readonly assignees?: readonly string[];
  /** Default: the next number. */
  readonly number?: number;
}
export interface PullRequestDeed extends RepositoryDeed {
  readonly number: number;
}

/** Opens a pull request from a pushed branch; returns its number. */
export async function openPullRequest(site: Site, deed: OpenPullRequestDeed): Promise<number> {
  const scene = sceneOf(site, deed);
  const { repository, by, at } = scene;
  const number = deed.number ?? Math.max(0, ...repository.pullRequests.keys()) + 1;
  const pullRequest: PullRequest = {
    id: site.state.nextId(),
    number,
    author: by,
    branch: deed.branch,
    createdAt: at,
    labels: new Set(deed.labels),
    assignees: (deed.assignees ?? []).map((login) => accountOf(site.state, login)),
    reviews: new Map(),
    reviewComments: new Map(),
    title: deed.title,
    body: deed.body ?? null,
    base: deed.base ?? repository.defaultBranch,
    head: commitNamed(repository, deed.branch).sha,
    draft: deed.draft ?? false,
    locked: false,
    state: "open",
    updatedAt: at,
    closedAt: null,
    merged: null,
  };
  repository.pullRequests.set(number, pullRequest);
  await tellPullRequest(site, { scene, pullRequest }, "opened");
  for (const name of pullRequest.labels)
    await tellPullRequest(site, { scene, pullRequest }, "labeled", { label: labelJson(site, repository, name) });
  return number;
}

export interface PullRequestScene {
  readonly scene: Scene;
  readonly pullRequest: PullRequest;
}

/** Looks up the pull request that an action names, and notes that it changed. */
export function pullRequestScene(site: Site, deed: PullRequestDeed): PullRequestScene {
  const scene = sceneOf(site, deed);
  const pullRequest = pullRequestNumbered(scene.repository, deed.number);
  pullRequest.updatedAt = Math.max(pullRequest.updatedAt, scene.at);
  return { scene, pullRequest };
}

export const tellPullRequest = (
  site: Site,
  { scene, pullRequest }: PullRequestScene,
  action: string,
  more: Json = {},
): Promise<void> =>
  tell(site, scene, "pull_request", {
    action,
    number: pullRequest.number,
    pull_request: pullRequestJson(site, scene.repository, pullRequest),
    ...more,
  });

export async function markReady(site: Site, deed: PullRequestDeed): Promise<void> {
  const found = pullRequestScene(site, deed);
  found.pullRequest.draft = false;
  await tellPullRequest(site, found, "ready_for_review");
}

export async function convertToDraft(site: Site, deed: PullRequestDeed): Promise<void> {
  const found = pullRequestScene(site, deed);
  found.pullRequest.draft = true;
  await tellPullRequest(site, found, "converted_to_draft");
}

export async function label(site: Site, deed: PullRequestDeed & { readonly label: string }): Promise<void> {
  const found = pullRequestScene(site, deed);
  found.pullRequest.labels.add(deed.label);
  await tellPullRequest(site, found, "labeled", { label: labelJson(site, found.scene.repository, deed.label) });
}

export async function unlabel(site: Site, deed: PullRequestDeed & { readonly label: string }): Promise<void> {
  const found = pullRequestScene(site, deed);
  found.pullRequest.labels.delete(deed.label);
  await tellPullRequest(site, found, "unlabeled", { label: labelJson(site, found.scene.repository, deed.label) });
}

export async function editTitle(site: Site, deed: PullRequestDeed & { readonly title: string }): Promise<void> {
  const found = pullRequestScene(site, deed);
  const from = found.pullRequest.title;
  found.pullRequest.title = deed.title;
  await tellPullRequest(site, found, "edited", { changes: { title: { from } } });
}

export async function changeBase(site: Site, deed: PullRequestDeed & { readonly base: string }): Promise<void> {
  const found = pullRequestScene(site, deed);
  const { repository } = found.scene;
  const from = { ref: { from: found.pullRequest.base }, sha: { from: commitNamed(repository, found.pullRequest.base).sha } };
  found.pullRequest.base = deed.base;
  await tellPullRequest(site, found, "edited", { changes: { base: from } });
}

/** Closes without merge. */
export async function closePullRequest(site: Site, deed: PullRequestDeed): Promise<void> {
  const found = pullRequestScene(site, deed);
  found.pullRequest.state = "closed";
  found.pullRequest.closedAt = found.scene.at;
  await tellPullRequest(site, found, "closed");
}

export async function reopenPullRequest(site: Site, deed: PullRequestDeed): Promise<void> {
  const found = pullRequestScene(site, deed);
  if (found.pullRequest.merged)
    throw new Error(`${fullName(found.scene.repository)}#${deed.number} is merged: GitHub does not reopen it`);
  found.pullRequest.state = "open";
  found.pullRequest.closedAt = null;
  await tellPullRequest(site, found, "reopened");
}

/** Locks the conversation: comments are refused from now on. */
export async function lockPullRequest(site: Site, deed: PullRequestDeed): Promise<void> {
  const found = pullRequestScene(site, deed);
  found.pullRequest.locked = true;
  await tellPullRequest(site, found, "locked");
}

/** Gone without an event, as when GitHub's staff removes one. */
export function deletePullRequest(site: Site, deed: PullRequestDeed): void {
  sceneOf(site, deed).repository.pullRequests.delete(deed.number);
}
