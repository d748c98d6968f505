import { type Addresses, userJson } from "./account-json.js";
import { fullName, type Repository } from "./github-state.js";
import { githubTime, type Json, nodeId } from "./ids.js";

const PATHS = {
  forks_url: "/forks",
  keys_url: "/keys{/key_id}",
  collaborators_url: "/collaborators{/collaborator}",
  teams_url: "/teams",
  hooks_url: "/hooks",
  issue_events_url: "/issues/events{/number}",
  events_url: "/events",
  assignees_url: "/assignees{/user}",
  branches_url: "/branches{/branch}",
  tags_url: "/tags",
  blobs_url: "/git/blobs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  git_refs_url: "/git/refs{/sha}",
  trees_url: "/git/trees{/sha}",
  statuses_url: "/statuses/{sha}",
  languages_url: "/languages",
  stargazers_url: "/stargazers",
  contributors_url: "/contributors",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  commits_url: "/commits{/sha}",
  git_commits_url: "/git/commits{/sha}",
  comments_url: "/comments{/number}",
  issue_comment_url: "/issues/comments{/number}",
  contents_url: "/contents/{+path}",
  compare_url: "/compare/{base}...{head}",
  merges_url: "/merges",
  archive_url: "/{archive_format}{/ref}",
  downloads_url: "/downloads",
  issues_url: "/issues{/number}",
  pulls_url: "/pulls{/number}",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  labels_url: "/labels{/name}",
  releases_url: "/releases{/id}",
  deployments_url: "/deployments",
};

export const repositoryApi = ({ api }: Addresses, repository: Repository): string => `${api}/repos/${fullName(repository)}`;
export const repositoryHtml = ({ html }: Addresses, repository: Repository): string => `${html}/${fullName(repository)}`;

/** As workflow runs carry it. */
export function repositoryLiteJson(addresses: Addresses, repository: Repository): Json {
  const { id, name, owner, visibility } = repository;
  const url = repositoryApi(addresses, repository);
  return {
    id,
    node_id: nodeId("Repository", id),
    name,
    full_name: fullName(repository),
    private: visibility !== "public",
    owner: userJson(addresses, owner),
    html_url: repositoryHtml(addresses, repository),
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(Object.entries(PATHS).map(([key, path]) => [key, url + path])),
  };
}

export function repositoryJson(addresses: Addresses, repository: Repository): Json {
  const html = repositoryHtml(addresses, repository);
  const open = [...repository.pullRequests.values()].filter(({ state }) => state === "open").length;
  return {
    ...repositoryLiteJson(addresses, repository),
    created_at: githubTime(repository.createdAt),
    updated_at: githubTime(repository.updatedAt),
    pushed_at: githubTime(repository.pushedAt),
    git_url: `${html.replace(/^https?/, "git")}.git`,
    ssh_url: `git@${new URL(html).hostname}:${fullName(repository)}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.visibility,
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
    custom_properties: {},
  };
}

/** Push events differ from all others: times in seconds, and old names. */
export function pushedRepositoryJson(addresses: Addresses, repository: Repository): Json {
  return {
    ...repositoryJson(addresses, repository),
    created_at: Math.floor(repository.createdAt / 1000),
    pushed_at: Math.floor(repository.pushedAt / 1000),
    stargazers: 0,
    master_branch: repository.defaultBranch,
    ...(repository.owner.type === "Organization" && { organization: repository.owner.login }),
  };
}
