import { appJson, userJson } from "./account-json.js";
import { commitJson, headCommitJson, type View } from "./commit-json.js";
import {
  type Account,
  commitNamed,
  type Deployment,
  type DeploymentStatus,
  type Release,
  type Repository,
  type WorkflowRun,
} from "./github-state.js";
import { githubTime, type Json, nodeId } from "./ids.js";
import { repositoryApi, repositoryHtml, repositoryLiteJson } from "./repository-json.js";

/** The open pull requests of a commit, as runs and suites name them. */
function runPullRequests({ addresses }: View, repository: Repository, sha: string): Json[] {
  const api = repositoryApi(addresses, repository);
  const repo = { id: repository.id, url: api, name: repository.name };
  return [...repository.pullRequests.values()]
    .filter(({ state, head }) => state === "open" && head === sha)
    .map(({ id, number, branch, base }) => ({
      url: `${api}/pulls/${number}`,
      id,
      number,
      head: { ref: branch, sha, repo },
      base: { ref: base, sha: repository.branches.get(base) ?? sha, repo },
    }));
}

const workflowPath = (name: string): string => `.github/workflows/${name.toLowerCase().replace(/\W+/g, "-")}.yml`;

export function workflowJson({ addresses }: View, repository: Repository, { workflow, name }: WorkflowRun): Json {
  const html = repositoryHtml(addresses, repository);
  return {
    id: workflow,
    node_id: nodeId("Workflow", workflow),
    name,
    path: workflowPath(name),
    state: "active",
    created_at: githubTime(repository.createdAt),
    updated_at: githubTime(repository.createdAt),
    url: `${repositoryApi(addresses, repository)}/actions/workflows/${workflow}`,
    html_url: `${html}/blob/${repository.defaultBranch}/${workflowPath(name)}`,
    badge_url: `${html}/workflows/${encodeURIComponent(name)}/badge.svg`,
  };
}

export function workflowRunJson(view: View, repository: Repository, run: WorkflowRun): Json {
  const { addresses } = view;
  const api = repositoryApi(addresses, repository);
  const url = `${api}/actions/runs/${run.id}`;
  const commit = commitNamed(repository, run.sha);
  const actor = userJson(addresses, run.actor);
  const lite = repositoryLiteJson(addresses, repository);
  return {
    id: run.id,
    node_id: nodeId("WorkflowRun", run.id),
    name: run.name,
    path: workflowPath(run.name),
    display_title: commit.message.split("\n", 1)[0],
    head_branch: run.branch,
    head_sha: run.sha,
    head_commit: headCommitJson(commit),
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.event,
    status: run.conclusion === null ? "queued" : "completed",
    conclusion: run.conclusion,
    workflow_id: run.workflow,
    check_suite_id: run.suite,
    check_suite_node_id: nodeId("CheckSuite", run.suite),
    url,
    html_url: `${repositoryHtml(addresses, repository)}/actions/runs/${run.id}`,
    pull_requests: runPullRequests(view, repository, run.sha),
    created_at: githubTime(run.createdAt),
    updated_at: githubTime(run.updatedAt),
    run_started_at: githubTime(run.startedAt),
    actor,
    triggering_actor: actor,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    check_suite_url: `${api}/check-suites/${run.suite}`,
    workflow_url: `${api}/actions/workflows/${run.workflow}`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    referenced_workflows: [],
    repository: lite,
    head_repository: lite,
  };
}

export interface CheckSuite {
  readonly id: number;
  readonly app: { readonly id: number; readonly slug: string };
  readonly sha: string;
  readonly branch: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly conclusion: string;
}
export function checkSuiteJson(view: View, repository: Repository, suite: CheckSuite): Json {
  const url = `${repositoryApi(view.addresses, repository)}/check-suites/${suite.id}`;
  return {
    id: suite.id,
    node_id: nodeId("CheckSuite", suite.id),
    head_branch: suite.branch,
    head_sha: suite.sha,
    status: "completed",
    conclusion: suite.conclusion,
    url,
    before: null,
    after: suite.sha,
    pull_requests: runPullRequests(view, repository, suite.sha),
    app: appJson(view.addresses, suite.app),
    created_at: githubTime(suite.createdAt),
    updated_at: githubTime(suite.updatedAt),
    rerequestable: true,
    runs_rerequestable: true,
    latest_check_runs_count: 1,
    check_runs_url: `${url}/check-runs`,
    head_commit: headCommitJson(commitNamed(repository, suite.sha)),
  };
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: "pending" | "success" | "failure" | "error";
  readonly creator: Account;
  readonly at: number;
}
/** A status event carries the status at its top level. */
export function statusJson(view: View, repository: Repository, { id, sha, context, state, creator, at }: CommitStatus): Json {
  const api = repositoryApi(view.addresses, repository);
  return {
    id,
    sha,
    name: `${repository.owner.login}/${repository.name}`,
    avatar_url: userJson(view.addresses, creator).avatar_url,
    target_url: null,
    context,
    description: null,
    state,
    commit: commitJson(view, repository, commitNamed(repository, sha)),
    branches: [...repository.branches]
      .filter(([, head]) => head === sha)
      .map(([name]) => ({ name, commit: { sha, url: `${api}/commits/${sha}` }, protected: false })),
    created_at: githubTime(at),
    updated_at: githubTime(at),
  };
}

export function deploymentJson({ addresses }: View, repository: Repository, deployment: Deployment): Json {
  const api = repositoryApi(addresses, repository);
  const url = `${api}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId("Deployment", deployment.id),
    task: "deploy",
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: null,
    created_at: githubTime(deployment.createdAt),
    updated_at: githubTime(deployment.updatedAt),
    statuses_url: `${url}/statuses`,
    repository_url: api,
    creator: userJson(addresses, deployment.creator),
    sha: deployment.sha,
    ref: deployment.ref,
    payload: {},
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: null,
  };
}

export function deploymentStatusJson(
  view: View,
  repository: Repository,
  of: { deployment: Deployment; status: DeploymentStatus },
): Json {
  const { deployment, status } = of;
  const api = repositoryApi(view.addresses, repository);
  const url = `${api}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId("DeploymentStatus", status.id),
    state: status.state,
    creator: userJson(view.addresses, status.creator),
    description: "",
    environment: deployment.environment,
    environment_url: "",
    log_url: `${repositoryHtml(view.addresses, repository)}/deployments`,
    target_url: "",
    created_at: githubTime(status.createdAt),
    updated_at: githubTime(status.createdAt),
    deployment_url: url,
    repository_url: api,
    performed_via_github_app: null,
  };
}

export function releaseJson({ addresses }: View, repository: Repository, release: Release): Json {
  const api = repositoryApi(addresses, repository);
  const html = repositoryHtml(addresses, repository);
  const url = `${api}/releases/${release.id}`;
  return {
    url,
    html_url: `${html}/releases/tag/${encodeURIComponent(release.tag)}`,
    assets_url: `${url}/assets`,
    upload_url: `${url}/assets{?name,label}`,
    id: release.id,
    node_id: nodeId("Release", release.id),
    tag_name: release.tag,
    target_commitish: repository.defaultBranch,
    name: release.name,
    draft: false,
    author: userJson(addresses, release.author),
    prerelease: release.prerelease,
    // GitHub calls the date of the tagged commit the release's creation.
    created_at: githubTime(release.createdAt),
    published_at: githubTime(release.publishedAt),
    assets: [],
    tarball_url: `${api}/tarball/${encodeURIComponent(release.tag)}`,
    zipball_url: `${api}/zipball/${encodeURIComponent(release.tag)}`,
    body: "",
  };
}
