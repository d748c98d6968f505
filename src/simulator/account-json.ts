import type { Account, App, GitHubState, Installation, Repository } from "./github-state.js";
import { githubTime, githubTimeOrNull, type Json, nodeId } from "./ids.js";

/** Where the simulated GitHub says that its pages and its API are. */
export interface Addresses {
  readonly html: string;
  readonly api: string;
}

export function userJson({ html, api }: Addresses, { id, login, type }: Account): Json {
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId(type, id),
    avatar_url: `${html}/avatars/u/${id}`,
    gravatar_id: "",
    url,
    html_url: type === "Bot" ? `${html}/apps/${login.replace("[bot]", "")}` : `${html}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

export function organizationJson({ html, api }: Addresses, { id, login }: Account): Json {
  const url = `${api}/orgs/${login}`;
  return {
    login,
    id,
    node_id: nodeId("Organization", id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${html}/avatars/u/${id}`,
    description: null,
  };
}

/** A GitHub App: ours, or another one such as `github-actions`. */
export function appJson(addresses: Addresses, { id, slug }: Pick<App, "id" | "slug">, more: Json = {}): Json {
  return {
    id,
    slug,
    node_id: nodeId("App", id),
    owner: userJson(addresses, { id: 1, login: "app-makers", type: "Organization" }),
    name: slug,
    description: "",
    external_url: `${addresses.html}/apps/${slug}`,
    html_url: `${addresses.html}/apps/${slug}`,
    created_at: githubTime(0),
    updated_at: githubTime(0),
    ...more,
  };
}

export function ourAppJson(addresses: Addresses, { app, manifest }: GitHubState): Json {
  return appJson(addresses, app, { permissions: manifest.permissions, events: manifest.events });
}

export function installationJson(addresses: Addresses, { app, manifest }: GitHubState, installation: Installation): Json {
  const { id, account, repositories, suspended } = installation;
  return {
    id,
    account: userJson(addresses, account),
    repository_selection: repositories === null ? "all" : "selected",
    access_tokens_url: `${addresses.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${addresses.api}/installation/repositories`,
    html_url: `${addresses.html}/organizations/${account.login}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: manifest.permissions,
    events: manifest.events,
    created_at: githubTime(installation.createdAt),
    updated_at: githubTime(installation.updatedAt),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended && userJson(addresses, suspended.by),
    suspended_at: githubTimeOrNull(suspended?.at ?? null),
  };
}

/** As listed in installation events. */
export const briefRepositoryJson = ({ id, name, owner, visibility }: Repository): Json => ({
  id,
  node_id: nodeId("Repository", id),
  name,
  full_name: `${owner.login}/${name}`,
  private: visibility !== "public",
});
