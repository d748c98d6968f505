import { briefRepositoryJson, userJson } from "./account-json.js";
import { coveredRepositories } from "./announce.js";
import { type Account, accountOf, type Installation, type Repository, repositoryNamed } from "./github-state.js";
import { toMs } from "./ids.js";
import type { Deed, Site } from "./site.js";

export interface InstallDeed extends Deed {
  /** The account's login. An account that is not known yet becomes an organisation. */
  readonly account: string;
  /** Full names; default: all, also later ones. */
  readonly repositories?: readonly string[];
}

/** Installs the App on an account; its repositories are named in the event. */
export async function install(
  site: Site,
  { account: login, repositories, at, by = "alice" }: InstallDeed,
): Promise<Installation> {
  const { state } = site;
  const account = accountOf(state, login, "Organization");
  const selected = repositories && new Set(repositories.map((name) => repositoryNamed(state, name).id));
  const installation: Installation = {
    id: state.nextId(),
    account,
    createdAt: toMs(at),
    repositories: selected ?? null,
    updatedAt: toMs(at),
    suspended: null,
    deleted: false,
  };
  state.installations.set(installation.id, installation);
  await site.announceInstallation("installation", installation, {
    action: "created",
    repositories: coveredRepositories(site, installation),
    sender: userJson(site.addresses, accountOf(state, by)),
  });
  return installation;
}

export interface AccountDeed extends Deed {
  readonly account: string;
}

/** Removes the App from the account; its tokens stop working. */
export async function uninstall(site: Site, deed: AccountDeed): Promise<void> {
  await changeInstallation(site, deed, "deleted", (installation) => {
    installation.deleted = true;
  });
}

export async function suspend(site: Site, deed: AccountDeed): Promise<void> {
  await changeInstallation(site, deed, "suspend", (installation) => {
    installation.suspended = { at: toMs(deed.at), by: accountOf(site.state, deed.by ?? "alice") };
  });
}

export async function unsuspend(site: Site, deed: AccountDeed): Promise<void> {
  await changeInstallation(site, deed, "unsuspend", (installation) => {
    installation.suspended = null;
  });
}

async function changeInstallation(
  site: Site,
  { account, at, by = "alice" }: AccountDeed,
  action: string,
  change: (installation: Installation) => void,
): Promise<void> {
  const installation = installationOn(site, account);
  const repositories = coveredRepositories(site, installation);
  change(installation);
  installation.updatedAt = toMs(at);
  await site.announceInstallation("installation", installation, {
    action,
    repositories,
    sender: userJson(site.addresses, accountOf(site.state, by)),
  });
}

export interface SelectionDeed extends AccountDeed {
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}

/** Changes which repositories an installation with a selection covers. */
export async function changeSelection(site: Site, deed: SelectionDeed): Promise<void> {
  const { account, added = [], removed = [], at } = deed;
  const installation = installationOn(site, account);
  const covered = installation.repositories ?? new Set<number>();
  const more = added.map((name) => repositoryNamed(site.state, name));
  const less = removed.map((name) => repositoryNamed(site.state, name));
  for (const { id } of more) covered.add(id);
  for (const { id } of less) covered.delete(id);
  installation.repositories = covered;
  installation.updatedAt = toMs(at);
  const by = accountOf(site.state, deed.by ?? "alice");
  if (more.length > 0) await tellSelection(site, { installation, by }, { added: more, removed: [] });
  if (less.length > 0) await tellSelection(site, { installation, by }, { added: [], removed: less });
}

/** Tells which repositories an installation covers from now on, and which no more. */
export async function tellSelection(
  site: Site,
  { installation, by }: { readonly installation: Installation; readonly by: Account },
  { added, removed }: { readonly added: readonly Repository[]; readonly removed: readonly Repository[] },
): Promise<void> {
  await site.announceInstallation("installation_repositories", installation, {
    action: added.length > 0 ? "added" : "removed",
    repository_selection: installation.repositories ? "selected" : "all",
    repositories_added: added.map(briefRepositoryJson),
    repositories_removed: removed.map(briefRepositoryJson),
    requester: null,
    sender: userJson(site.addresses, by),
  });
}

function installationOn({ state }: Site, account: string): Installation {
  const found = [...state.installations.values()].find(({ account: { login }, deleted }) => login === account && !deleted);
  if (!found) throw new Error(`the App is not installed on ${account}: install it first`);
  return found;
}
