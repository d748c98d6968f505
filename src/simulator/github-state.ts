import type { KeyObject } from "node:crypto";
import type { Commit, CommitGraph } from "./commit-graph.js";
import { counter } from "./ids.js";
import type { Manifest } from "./manifest.js";

// What GitHub remembers. Changed only by actions and by the API's routes. Times are milliseconds since the epoch.

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Organization" | "Bot";
}
export interface Installation {
  readonly id: number;
  readonly account: Account;
  readonly createdAt: number;
  /** Ids; null: all repositories of the account. */
  repositories: Set<number> | null;
  updatedAt: number;
  suspended: { readonly at: number; readonly by: Account } | null;
  deleted: boolean;
}
export type Role = "admin" | "maintain" | "write" | "triage" | "read" | "none";
export interface Repository {
  readonly id: number;
  readonly createdAt: number;
  readonly graph: CommitGraph;
  readonly branches: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly pullRequests: Map<number, PullRequest>;
  readonly comments: Map<number, IssueComment>;
  readonly runs: Map<number, WorkflowRun>;
  readonly deployments: Map<number, Deployment>;
  readonly releases: Map<number, Release>;
  readonly checkRuns: Map<number, CheckRun>;
  /** By login; a known account that is not named here may write. */
  readonly roles: Map<string, Role>;
  owner: Account;
  name: string;
  visibility: "public" | "private" | "internal";
  defaultBranch: string;
  archived: boolean;
  deleted: boolean;
  updatedAt: number;
  pushedAt: number;
}
export interface Review {
  readonly id: number;
  readonly user: Account;
  readonly body: string;
  readonly commit: string;
  readonly submittedAt: number;
  state: "approved" | "commented" | "changes_requested" | "dismissed";
}
export interface ReviewComment {
  readonly id: number;
  readonly review: number;
  readonly user: Account;
  readonly body: string;
  readonly path: string;
  readonly commit: string;
  readonly createdAt: number;
}
export interface PullRequest {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly branch: string;
  readonly createdAt: number;
  readonly labels: Set<string>;
  readonly assignees: Account[];
  readonly reviews: Map<number, Review>;
  readonly reviewComments: Map<number, ReviewComment>;
  title: string;
  body: string | null;
  base: string;
  head: string;
  draft: boolean;
  locked: boolean;
  state: "open" | "closed";
  updatedAt: number;
  closedAt: number | null;
  merged: Merged | null;
}
export interface Merged {
  readonly at: number;
  readonly by: Account;
  /** What GitHub calls the merge commit: of a rebase, the last of the new commits. */
  readonly commit: string;
  /** The base branch before. */
  readonly onto: string;
  /** All that the merge put on the base branch anew. */
  readonly landed: readonly string[];
}
export interface IssueComment {
  readonly id: number;
  readonly number: number;
  readonly user: Account;
  readonly byApp: boolean;
  readonly createdAt: number;
  readonly reactions: { readonly id: number; readonly user: Account; readonly content: string }[];
  body: string;
  updatedAt: number;
}
export interface WorkflowRun {
  readonly id: number;
  readonly suite: number;
  readonly workflow: number;
  readonly name: string;
  readonly event: string;
  readonly sha: string;
  readonly branch: string;
  readonly actor: Account;
  readonly createdAt: number;
  readonly number: number;
  attempt: number;
  startedAt: number;
  updatedAt: number;
  /** Null while it runs. */
  conclusion: string | null;
}
export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly environment: string;
  readonly production: boolean;
  readonly transient: boolean;
  readonly creator: Account;
  readonly createdAt: number;
  readonly statuses: DeploymentStatus[];
  updatedAt: number;
}
export interface DeploymentStatus {
  readonly id: number;
  readonly state: DeploymentState;
  readonly creator: Account;
  readonly createdAt: number;
}
export type DeploymentState = "pending" | "queued" | "in_progress" | "success" | "failure" | "error" | "inactive";
export interface Release {
  readonly id: number;
  readonly tag: string;
  readonly sha: string;
  readonly author: Account;
  readonly name: string;
  readonly prerelease: boolean;
  readonly createdAt: number;
  readonly publishedAt: number;
}
export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly sha: string;
  readonly startedAt: number;
  externalId: string | null;
  status: string;
  conclusion: string | null;
  completedAt: number | null;
  title: string | null;
  summary: string | null;
  /** Those of all requests: an update adds to them. */
  readonly annotations: Annotation[];
}
/** As the App wrote it. */
export type Annotation = Readonly<Record<string, unknown>>;
export interface App {
  readonly id: number;
  readonly slug: string;
  readonly publicKey: KeyObject;
}
export interface GitHubState {
  readonly app: App;
  readonly manifest: Manifest;
  readonly accounts: Map<string, Account>;
  readonly repositories: Map<number, Repository>;
  /** Lower-case full name, former ones too, to repository id. */
  readonly names: Map<string, number>;
  readonly installations: Map<number, Installation>;
  /** Access token to what it opens, until when. */
  readonly tokens: Map<string, { readonly installation: number; readonly expiresAt: number }>;
  readonly nextId: () => number;
  /** Ids of what the App writes come from elsewhere, so that its pace does not change a story's ids. */
  readonly nextWrittenId: () => number;
}

export const createState = (app: App, manifest: Manifest): GitHubState => ({
  app,
  manifest,
  accounts: new Map(),
  repositories: new Map(),
  names: new Map(),
  installations: new Map(),
  tokens: new Map(),
  nextId: counter(1001),
  nextWrittenId: counter(9_000_001),
});

/** The account of that login; made when it is first named. Logins ending in `[bot]` are bots. */
export function accountOf(state: GitHubState, login: string, type?: Account["type"]): Account {
  const known = state.accounts.get(login.toLowerCase());
  if (known) return known;
  const made: Account = { id: state.nextId(), login, type: type ?? (login.endsWith("[bot]") ? "Bot" : "User") };
  state.accounts.set(login.toLowerCase(), made);
  return made;
}

export const fullName = ({ owner, name }: Pick<Repository, "owner" | "name">): string => `${owner.login}/${name}`;

/** By its present or a former name. Throws for an unknown one. */
export function repositoryNamed(state: GitHubState, name: string): Repository {
  const repository = state.repositories.get(state.names.get(name.toLowerCase()) ?? 0);
  if (!repository) throw new Error(`the simulated GitHub has no repository ${name}: create it first`);
  return repository;
}

export function pullRequestNumbered(repository: Repository, number: number): PullRequest {
  const pullRequest = repository.pullRequests.get(number);
  if (!pullRequest) throw new Error(`${fullName(repository)} has no pull request ${number}: open it first`);
  return pullRequest;
}

/** The live installation that covers the repository. */
export const installationFor = (state: GitHubState, { id, owner }: Repository): Installation | undefined =>
  [...state.installations.values()].find(
    ({ account, deleted, suspended, repositories }) =>
      account.id === owner.id && !deleted && suspended === null && (repositories?.has(id) ?? true),
  );

/** What a branch, a tag or a sha names. */
export function commitAt(repository: Repository, ref: string): Commit | undefined {
  const name = ref.replace(/^(refs\/)?(heads|tags)\//, "");
  return repository.graph.find(repository.branches.get(name) ?? repository.tags.get(name) ?? ref);
}

export function commitNamed(repository: Repository, ref: string): Commit {
  const commit = commitAt(repository, ref);
  if (!commit) throw new Error(`${fullName(repository)} has no commit ${ref}: push it first`);
  return commit;
}

/** The commits of a pull request, parents first: what its head has and its base lacks (lacked, once merged). */
export const commitsOf = ({ graph, branches }: Repository, { merged, base, head }: PullRequest): Commit[] =>
  graph.ahead(merged?.onto ?? branches.get(base) ?? null, head);

/** The pull requests that brought a commit: once it is on the default branch, only merged ones. */
export function pullRequestsOf(repository: Repository, sha: string): PullRequest[] {
  const all = [...repository.pullRequests.values()].filter(
    (pullRequest) =>
      pullRequest.merged?.landed.includes(sha) || commitsOf(repository, pullRequest).some((commit) => commit.sha === sha),
  );
  const tip = repository.branches.get(repository.defaultBranch);
  const isOnDefault = tip !== undefined && repository.graph.history(tip).has(sha);
  return isOnDefault ? all.filter(({ merged }) => merged !== null) : all;
}
