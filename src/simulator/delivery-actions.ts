import { tag } from "./code-actions.js";
import {
  type CheckSuite,
  checkSuiteJson,
  deploymentJson,
  deploymentStatusJson,
  releaseJson,
  statusJson,
  workflowJson,
  workflowRunJson,
} from "./delivery-json.js";
import {
  commitNamed,
  type Deployment,
  type DeploymentState,
  fullName,
  type Release,
  type Repository,
  type WorkflowRun,
} from "./github-state.js";
import { sha1, toMs, type When } from "./ids.js";
import { type RepositoryDeed, type Scene, type Site, sceneOf, tell } from "./site.js";

const ACTIONS = { id: 15368, slug: "github-actions" };

export interface RunWorkflowDeed extends RepositoryDeed {
  readonly sha: string;
  /** Default `CI`. */
  readonly name?: string;
  /** Default `success`. */
  readonly conclusion?: string;
  /** What started it; default `push`. */
  readonly event?: string;
  readonly branch?: string;
  /** Default: when it completes. */
  readonly startedAt?: When;
  /** The id of a run to run again, as its next attempt. */
  readonly rerunOf?: number;
}

/** A workflow run from its request to its completion at `at`, with its check suite; returns its id. */
export async function runWorkflow(site: Site, deed: RunWorkflowDeed): Promise<number> {
  const scene = sceneOf(site, deed);
  const { repository, at } = scene;
  const run = deed.rerunOf === undefined ? newRun(site, scene, deed) : again(repository, deed);
  await tellRun(site, scene, { action: "requested", run });
  run.conclusion = deed.conclusion ?? "success";
  run.updatedAt = at;
  await tellRun(site, scene, { action: "completed", run });
  const { suite: id, sha, branch, createdAt } = run;
  const { conclusion } = run;
  await tellSuite(site, scene, { id, app: ACTIONS, sha, branch, createdAt, updatedAt: at, conclusion });
  return run.id;
}

function newRun({ state }: Site, { repository, by, at }: Scene, deed: RunWorkflowDeed): WorkflowRun {
  const { sha } = commitNamed(repository, deed.sha);
  const name = deed.name ?? "CI";
  const startedAt = toMs(deed.startedAt ?? at);
  const run: WorkflowRun = {
    id: state.nextId(),
    suite: state.nextId(),
    workflow: Number.parseInt(sha1(`${repository.id} ${name}`).slice(0, 7), 16),
    name,
    event: deed.event ?? "push",
    sha,
    branch: deed.branch ?? repository.defaultBranch,
    actor: by,
    createdAt: startedAt,
    number: repository.runs.size + 1,
    attempt: 1,
    startedAt,
    updatedAt: startedAt,
    conclusion: null,
  };
  repository.runs.set(run.id, run);
  return run;
}

function again(repository: Repository, { rerunOf, startedAt, at }: RunWorkflowDeed): WorkflowRun {
  const run = repository.runs.get(rerunOf ?? 0);
  if (!run) throw new Error(`${fullName(repository)} has no run ${rerunOf}: run it first`);
  run.attempt += 1;
  run.startedAt = toMs(startedAt ?? at);
  run.updatedAt = run.startedAt;
  run.conclusion = null;
  return run;
}

async function tellRun(site: Site, scene: Scene, { action, run }: { action: string; run: WorkflowRun }): Promise<void> {
  await tell(site, scene, "workflow_run", {
    action,
    workflow: workflowJson(site, scene.repository, run),
    workflow_run: workflowRunJson(site, scene.repository, run),
  });
}

const tellSuite = (site: Site, scene: Scene, suite: CheckSuite): Promise<void> =>
  tell(site, scene, "check_suite", { action: "completed", check_suite: checkSuiteJson(site, scene.repository, suite) });

/** The check suite of another App (such as a CI service) completes. */
export async function completeCheckSuite(
  site: Site,
  deed: RepositoryDeed & { readonly sha: string; readonly app: string; readonly conclusion?: string; readonly branch?: string },
): Promise<number> {
  const scene = sceneOf(site, deed);
  const { repository, at } = scene;
  const app = { id: Number.parseInt(sha1(deed.app).slice(0, 6), 16), slug: deed.app };
  const { sha } = commitNamed(repository, deed.sha);
  const id = site.state.nextId();
  const branch = deed.branch ?? repository.defaultBranch;
  await tellSuite(site, scene, {
    id,
    app,
    sha,
    branch,
    createdAt: at,
    updatedAt: at,
    conclusion: deed.conclusion ?? "success",
  });
  return id;
}

/** A commit status, as older CI services set it. */
export async function setStatus(
  site: Site,
  deed: RepositoryDeed & {
    readonly sha: string;
    readonly context: string;
    readonly state?: "pending" | "success" | "failure" | "error";
  },
): Promise<number> {
  const scene = sceneOf(site, deed);
  const { repository, by, at } = scene;
  const { sha } = commitNamed(repository, deed.sha);
  const status = { id: site.state.nextId(), sha, context: deed.context, state: deed.state ?? "success", creator: by, at };
  await tell(site, scene, "status", statusJson(site, repository, status));
  return status.id;
}

export interface DeployDeed extends RepositoryDeed {
  /** A commit, or a branch whose head it is. */
  readonly sha: string;
  readonly environment: string;
  /** At `at`; default `success`. */
  readonly state?: DeploymentState;
  /** When the deployment was created; default `at`. */
  readonly startedAt?: When;
  /** Default: the environment is `production`. */
  readonly production?: boolean;
  readonly transient?: boolean;
}

/** A deployment and its first status; returns its id. */
export async function deploy(site: Site, deed: DeployDeed): Promise<number> {
  const scene = sceneOf(site, deed);
  const { repository, by, at } = scene;
  const deployment: Deployment = {
    id: site.state.nextId(),
    sha: commitNamed(repository, deed.sha).sha,
    ref: repository.branches.has(deed.sha) ? deed.sha : repository.defaultBranch,
    environment: deed.environment,
    production: deed.production ?? deed.environment === "production",
    transient: deed.transient ?? false,
    creator: by,
    createdAt: toMs(deed.startedAt ?? at),
    statuses: [],
    updatedAt: toMs(deed.startedAt ?? at),
  };
  repository.deployments.set(deployment.id, deployment);
  await tell(site, scene, "deployment", {
    action: "created",
    deployment: deploymentJson(site, repository, deployment),
    workflow: null,
    workflow_run: null,
  });
  await setDeploymentStatus(site, { ...deed, deployment: deployment.id, state: deed.state ?? "success" });
  return deployment.id;
}

/** A further status. Of `inactive` no event tells; a success makes the environment's former ones inactive. */
export async function setDeploymentStatus(
  site: Site,
  deed: RepositoryDeed & { readonly deployment: number; readonly state: DeploymentState },
): Promise<void> {
  const scene = sceneOf(site, deed);
  const { repository, by, at } = scene;
  const deployment = repository.deployments.get(deed.deployment);
  if (!deployment) throw new Error(`${fullName(repository)} has no deployment ${deed.deployment}: deploy first`);
  const status = { id: site.state.nextId(), state: deed.state, creator: by, createdAt: at };
  deployment.statuses.push(status);
  deployment.updatedAt = Math.max(deployment.updatedAt, at);
  if (deed.state === "success") replaceFormer(site, scene, deployment);
  if (deed.state === "inactive") return;
  await tell(site, scene, "deployment_status", {
    action: "created",
    deployment_status: deploymentStatusJson(site, repository, { deployment, status }),
    deployment: deploymentJson(site, repository, deployment),
  });
}

function replaceFormer({ state }: Site, { repository, by, at }: Scene, { id, environment }: Deployment): void {
  for (const former of repository.deployments.values()) {
    if (former.id === id || former.environment !== environment || former.statuses.at(-1)?.state !== "success") continue;
    former.statuses.push({ id: state.nextId(), state: "inactive", creator: by, createdAt: at });
  }
}

export interface ReleaseDeed extends RepositoryDeed {
  readonly tag: string;
  readonly sha: string;
  readonly name?: string;
  readonly prerelease?: boolean;
}

/** Tags the commit and publishes a release, which GitHub tells three times over; returns its id. */
export async function release(site: Site, deed: ReleaseDeed): Promise<number> {
  await tag(site, deed);
  const scene = sceneOf(site, deed);
  const { repository, by, at } = scene;
  const commit = commitNamed(repository, deed.sha);
  const made: Release = {
    id: site.state.nextId(),
    tag: deed.tag,
    sha: commit.sha,
    author: by,
    name: deed.name ?? deed.tag,
    prerelease: deed.prerelease ?? false,
    createdAt: commit.committer.at,
    publishedAt: at,
  };
  repository.releases.set(made.id, made);
  for (const action of ["created", "published", made.prerelease ? "prereleased" : "released"])
    await tell(site, scene, "release", { action, release: releaseJson(site, repository, made) });
  return made.id;
}

export async function deleteRelease(site: Site, deed: RepositoryDeed & { readonly release: number }): Promise<void> {
  const scene = sceneOf(site, deed);
  const deleted = scene.repository.releases.get(deed.release);
  if (!deleted) throw new Error(`${fullName(scene.repository)} has no release ${deed.release}`);
  scene.repository.releases.delete(deleted.id);
  await tell(site, scene, "release", { action: "deleted", release: releaseJson(site, scene.repository, deleted) });
}
