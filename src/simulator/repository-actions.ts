import { userJson } from "./account-json.js";
import { createGraph } from "./commit-graph.js";
import { accountOf, fullName, type GitHubState, installationFor, type Repository, type Role } from "./github-state.js";
import { toMs } from "./ids.js";
import { tellSelection } from "./installation-actions.js";
import { type Deed, type RepositoryDeed, type Site, sceneOf, tell } from "./site.js";

export interface CreateRepositoryDeed extends Deed {
  /** `acme/web`; an owner that is not known yet becomes an organisation. */
  readonly repository: string;
  /** Default private. */
  readonly visibility?: Repository["visibility"];
  /** Default `main`. */
  readonly defaultBranch?: string;
  /** Path to content. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A repository with one first commit on its default branch. */
export async function createRepository(site: Site, deed: CreateRepositoryDeed): Promise<Repository> {
  const { state } = site;
  const repository = emptyRepository(state, deed);
  const by = accountOf(state, deed.by ?? "alice");
  const author = { login: by.login, at: toMs(deed.at) };
  const files = new Map(Object.entries({ "README.md": `# ${repository.name}\n`, ...deed.files }));
  const first = repository.graph.add({ parents: [], message: "Initial commit", author, committer: author, files });
  repository.branches.set(repository.defaultBranch, first.sha);
  state.repositories.set(repository.id, repository);
  state.names.set(fullName(repository).toLowerCase(), repository.id);

  const installation = installationFor(state, repository);
  if (installation) await tellSelection(site, { installation, by }, { added: [repository], removed: [] });
  await site.announce({ event: "repository", repository, sender: by, payload: { action: "created" } });
  return repository;
}

function emptyRepository(state: GitHubState, { repository, visibility, defaultBranch, at }: CreateRepositoryDeed): Repository {
  const [owner = "", name = ""] = repository.split("/");
  return {
    id: state.nextId(),
    owner: accountOf(state, owner, "Organization"),
    name,
    visibility: visibility ?? "private",
    defaultBranch: defaultBranch ?? "main",
    createdAt: toMs(at),
    updatedAt: toMs(at),
    pushedAt: toMs(at),
    archived: false,
    deleted: false,
    graph: createGraph(),
    branches: new Map(),
    tags: new Map(),
    pullRequests: new Map(),
    comments: new Map(),
    runs: new Map(),
    deployments: new Map(),
    releases: new Map(),
    checkRuns: new Map(),
    roles: new Map(),
  };
}

/** The old name goes on answering, with 301. */
export async function renameRepository(site: Site, deed: RepositoryDeed & { readonly name: string }): Promise<void> {
  const scene = sceneOf(site, deed);
  const from = scene.repository.name;
  scene.repository.name = deed.name;
  site.state.names.set(fullName(scene.repository).toLowerCase(), scene.repository.id);
  await tell(site, scene, "repository", { action: "renamed", changes: { repository: { name: { from } } } });
}

/** Seen by the App only if it is installed on the new owner too. */
export async function transferRepository(site: Site, deed: RepositoryDeed & { readonly to: string }): Promise<void> {
  const scene = sceneOf(site, deed);
  const from = userJson(site.addresses, scene.repository.owner);
  const kind = scene.repository.owner.type === "Organization" ? "organization" : "user";
  scene.repository.owner = accountOf(site.state, deed.to, "Organization");
  site.state.names.set(fullName(scene.repository).toLowerCase(), scene.repository.id);
  await tell(site, scene, "repository", { action: "transferred", changes: { owner: { from: { [kind]: from } } } });
}

export async function archiveRepository(site: Site, deed: RepositoryDeed): Promise<void> {
  const scene = sceneOf(site, deed);
  scene.repository.archived = true;
  await tell(site, scene, "repository", { action: "archived" });
}

export async function unarchiveRepository(site: Site, deed: RepositoryDeed): Promise<void> {
  const scene = sceneOf(site, deed);
  scene.repository.archived = false;
  await tell(site, scene, "repository", { action: "unarchived" });
}

export async function deleteRepository(site: Site, deed: RepositoryDeed): Promise<void> {
  const scene = sceneOf(site, deed);
  scene.repository.deleted = true;
  await tell(site, scene, "repository", { action: "deleted" });
}

export async function setVisibility(
  site: Site,
  deed: RepositoryDeed & { readonly visibility: "public" | "private" },
): Promise<void> {
  const scene = sceneOf(site, deed);
  scene.repository.visibility = deed.visibility;
  await tell(site, scene, "repository", { action: deed.visibility === "public" ? "publicized" : "privatized" });
}

/** What a person may do, as the permission route tells it. No event. */
export function setRole(site: Site, deed: { readonly repository: string; readonly login: string; readonly role: Role }): void {
  const { repository } = sceneOf(site, { repository: deed.repository, at: 0 });
  repository.roles.set(accountOf(site.state, deed.login).login.toLowerCase(), deed.role);
}
