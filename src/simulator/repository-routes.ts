import { userJson } from "./account-json.js";
import { type Commit, changesOf } from "./commit-graph.js";
import { commitJson } from "./commit-json.js";
import { deploymentJson, deploymentStatusJson, releaseJson, workflowRunJson } from "./delivery-json.js";
import { notFound, refuse } from "./github-access.js";
import { type GitHubRoute, ok, paged, type RepositoryRequest } from "./github-route.js";
import { commitAt, pullRequestsOf, type Repository } from "./github-state.js";
import type { Answer } from "./http.js";
import { type Json, sha1 } from "./ids.js";
import type { Permission } from "./manifest.js";
import { simplePullRequestJson } from "./pull-request-json.js";
import { repositoryApi, repositoryHtml, repositoryJson } from "./repository-json.js";

const METADATA: readonly Permission[] = [["metadata", "read"]];
const CONTENTS: readonly Permission[] = [["contents", "read"]];
const PULL_REQUESTS: readonly Permission[] = [["pull_requests", "read"]];
const DEPLOYMENTS: readonly Permission[] = [["deployments", "read"]];
const ACTIONS: readonly Permission[] = [["actions", "read"]];
/** Without paging the compare API gives this many commits. */
const MOST_COMMITS_OF_A_COMPARISON = 250;

function getCommit({ site, repository, parameters, call }: RepositoryRequest): Answer {
  const commit = commitAt(repository, parameters.ref ?? "");
  if (!commit) return refuse(422, `No commit found for SHA: ${parameters.ref}`);
  if (call.headers.accept?.includes(".sha")) return { status: 200, text: commit.sha };
  return ok({ ...commitJson(site, repository, commit), ...changedFilesJson(repository, commit) });
}

function changedFilesJson({ graph }: Repository, commit: Commit): Json {
  const { added, modified, removed } = changesOf(graph, commit);
  const all = [added, modified, removed].flatMap((paths, kind) =>
    paths.map((filename) => ({
      filename,
      status: ["added", "modified", "removed"][kind],
      additions: 1,
      deletions: 0,
      changes: 1,
    })),
  );
  return { stats: { total: all.length, additions: all.length, deletions: 0 }, files: all };
}

function compare(request: RepositoryRequest): Answer {
  const { site, repository, parameters, call } = request;
  const [base, head] = (parameters.basehead ?? "").split("...").map((ref) => commitAt(repository, ref.replace(/^[^:]*:/, "")));
  if (!base || !head) return notFound();
  const found = repository.graph.compare(base.sha, head.sha);
  if (!found) return refuse(404, `No common ancestor between ${base.sha} and ${head.sha}.`);
  const asked = call.query.has("page") || call.query.has("per_page");
  const json = (commit: Commit) => commitJson(site, repository, commit);
  const commits = found.ahead.map(json);
  const wrap = (page: readonly unknown[]): Json => ({
    ...comparisonLinks(request, `${base.sha}...${head.sha}`),
    base_commit: json(base),
    merge_base_commit: json(found.mergeBase),
    status: found.status,
    ahead_by: found.ahead.length,
    behind_by: found.behind.length,
    total_commits: found.ahead.length,
    commits: page,
    files: [],
  });
  return asked ? paged(call, commits, wrap) : ok(wrap(commits.slice(0, MOST_COMMITS_OF_A_COMPARISON)));
}

function comparisonLinks({ site, repository }: RepositoryRequest, range: string): Json {
  const html = `${repositoryHtml(site.addresses, repository)}/compare/${range}`;
  const url = `${repositoryApi(site.addresses, repository)}/compare/${range}`;
  return { url, html_url: html, permalink_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch` };
}

function getContent({ site, repository, parameters, call }: RepositoryRequest): Answer {
  const path = parameters.path ?? "";
  const content = commitAt(repository, call.query.get("ref") ?? repository.defaultBranch)?.files.get(path);
  if (content === undefined) return notFound();
  if (call.headers.accept?.includes(".raw"))
    return { status: 200, text: content, headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" } };
  const url = `${repositoryApi(site.addresses, repository)}/contents/${path}`;
  return ok({
    type: "file",
    encoding: "base64",
    size: Buffer.byteLength(content),
    name: path.split("/").at(-1),
    path,
    content: Buffer.from(content).toString("base64"),
    sha: sha1(`blob ${content}`),
    url,
    html_url: `${repositoryHtml(site.addresses, repository)}/blob/${repository.defaultBranch}/${path}`,
    git_url: null,
    download_url: null,
    _links: { self: url, git: null, html: null },
  });
}

function getPermission({ site, repository, parameters }: RepositoryRequest): Answer {
  const login = (parameters.login ?? "").toLowerCase();
  const account = site.state.accounts.get(login);
  if (!account) return notFound();
  const role = repository.roles.get(login) ?? "write";
  // `permission` knows no maintain and triage, `role_name` does.
  const permission = role === "maintain" ? "write" : role === "triage" ? "read" : role;
  return ok({ permission, role_name: role, user: userJson(site.addresses, account) });
}

const getRef = ({ site, repository, parameters }: RepositoryRequest): Answer => {
  const ref = parameters.ref ?? "";
  const names = ref.startsWith("tags/") ? repository.tags : repository.branches;
  const sha = names.get(ref.replace(/^(tags|heads)\//, ""));
  const api = repositoryApi(site.addresses, repository);
  return sha
    ? ok({
        ref: `refs/${ref}`,
        node_id: "",
        url: `${api}/git/refs/${ref}`,
        object: { type: "commit", sha, url: `${api}/git/commits/${sha}` },
      })
    : notFound();
};

const listCommits = ({ site, repository, call }: RepositoryRequest): Answer => {
  const tip = commitAt(repository, call.query.get("sha") ?? repository.defaultBranch);
  const commits = tip ? repository.graph.ahead(null, tip.sha).reverse() : [];
  return tip
    ? paged(
        call,
        commits.map((commit) => commitJson(site, repository, commit)),
      )
    : notFound();
};

/** What the App may ask about a repository and its code. Lists are newest first, as GitHub's. */
export const repositoryRoutes: readonly GitHubRoute[] = [
  {
    method: "GET",
    path: "/repos/:owner/:repo",
    as: "repository",
    needs: METADATA,
    answer: ({ site, repository }) => ok(repositoryJson(site.addresses, repository)),
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/collaborators/:login/permission",
    as: "repository",
    needs: METADATA,
    answer: getPermission,
  },
  { method: "GET", path: "/repos/:owner/:repo/contents/*path", as: "repository", needs: CONTENTS, answer: getContent },
  { method: "GET", path: "/repos/:owner/:repo/compare/*basehead", as: "repository", needs: CONTENTS, answer: compare },
  { method: "GET", path: "/repos/:owner/:repo/git/ref/*ref", as: "repository", needs: CONTENTS, answer: getRef },
  { method: "GET", path: "/repos/:owner/:repo/commits", as: "repository", needs: CONTENTS, answer: listCommits },
  {
    method: "GET",
    path: "/repos/:owner/:repo/commits/:sha/pulls",
    as: "repository",
    needs: PULL_REQUESTS,
    answer: ({ site, repository, parameters, call }) => {
      const commit = commitAt(repository, parameters.sha ?? "");
      if (!commit) return refuse(422, `No commit found for SHA: ${parameters.sha}`);
      return paged(
        call,
        pullRequestsOf(repository, commit.sha).map((found) => simplePullRequestJson(site, repository, found)),
      );
    },
  },
  { method: "GET", path: "/repos/:owner/:repo/commits/*ref", as: "repository", needs: CONTENTS, answer: getCommit },
  {
    method: "GET",
    path: "/repos/:owner/:repo/releases",
    as: "repository",
    needs: CONTENTS,
    answer: ({ site, repository, call }) =>
      paged(
        call,
        [...repository.releases.values()].reverse().map((release) => releaseJson(site, repository, release)),
      ),
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/releases/tags/*tag",
    as: "repository",
    needs: CONTENTS,
    answer: ({ site, repository, parameters }) => {
      const release = [...repository.releases.values()].find(({ tag }) => tag === parameters.tag);
      return release ? ok(releaseJson(site, repository, release)) : notFound();
    },
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/deployments",
    as: "repository",
    needs: DEPLOYMENTS,
    answer: ({ site, repository, call }) =>
      paged(
        call,
        [...repository.deployments.values()].reverse().map((deployment) => deploymentJson(site, repository, deployment)),
      ),
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/deployments/:id/statuses",
    as: "repository",
    needs: DEPLOYMENTS,
    answer: ({ site, repository, parameters, call }) => {
      const deployment = repository.deployments.get(Number(parameters.id));
      if (!deployment) return notFound();
      return paged(
        call,
        [...deployment.statuses].reverse().map((status) => deploymentStatusJson(site, repository, { deployment, status })),
      );
    },
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/actions/runs",
    as: "repository",
    needs: ACTIONS,
    answer: ({ site, repository, call }) => {
      const runs = [...repository.runs.values()].reverse().map((run) => workflowRunJson(site, repository, run));
      return paged(call, runs, (page) => ({ total_count: runs.length, workflow_runs: page }));
    },
  },
];
