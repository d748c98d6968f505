import type { Repository } from "./github-state.js";
import { toMs, type When } from "./ids.js";
import type { MergeMethod } from "./merge.js";
import type { World } from "./world.js";

/** Null: it does not happen. */
export interface PullRequestTimes {
  readonly commit: When | null;
  readonly opened: When | null;
  readonly approved: When | null;
  readonly merged: When | null;
  readonly ci: When | null;
  readonly deployed: When | null;
}
export interface TicketTimes extends PullRequestTimes {
  readonly created: When;
  readonly inProgress: When | null;
  readonly done: When | null;
  readonly released: When | null;
}

const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
/** The worked example of the published lead-time rule: 1h 10m in all. */
export const GOLDEN_TIMES: TicketTimes = {
  created: onTheDay("09:50"),
  inProgress: onTheDay("10:00"),
  commit: onTheDay("10:05"),
  opened: onTheDay("10:10"),
  approved: onTheDay("10:11"),
  merged: onTheDay("10:15"),
  ci: onTheDay("10:16"),
  deployed: onTheDay("10:17"),
  done: onTheDay("10:20"),
  released: onTheDay("11:00"),
};

export interface LifeOptions {
  /** Default `acme/web`. */
  readonly repository?: string;
  /** Default private. */
  readonly visibility?: Repository["visibility"];
  /** Default `PROP`. */
  readonly project?: string;
  /** Default 1460. */
  readonly number?: number;
  /** Default `Let people log in with a passkey`. */
  readonly title?: string;
  readonly type?: string;
  /** Default `feature/KEY-login`; of further pull requests with `-2`, `-3` behind. */
  readonly branch?: string;
  /** Default `1.0`; null: the ticket never has a fix version. */
  readonly version?: string | null;
  /** When the ticket gets its fix version; default: it is created with it. */
  readonly versionSetAt?: When;
  readonly method?: MergeMethod;
  readonly environment?: string;
  /** Further pull requests, after the one of the ticket's own times. */
  readonly morePullRequests?: readonly PullRequestTimes[];
}
export interface LivedPullRequest {
  readonly number: number;
  /** Null when it was not merged. */
  readonly mergeCommit: string | null;
}
export interface LivedTicket {
  readonly key: string;
  readonly repository: string;
  readonly pullRequests: readonly LivedPullRequest[];
}

const HOUR = 3_600_000;

/**
 * Plays a ticket from its creation to its release, each step at its time; without `commit` and `opened` it has no pull request.
 * Steps are told in the order of the published calculation, whatever their times say.
 */
export async function playTicketLife(world: World, times: TicketTimes, options: LifeOptions = {}): Promise<LivedTicket> {
  const { jira } = world;
  const {
    repository = "acme/web",
    project = "PROP",
    number = 1460,
    type = "Story",
    title = "Let people log in with a passkey",
  } = options;
  const version = options.version === undefined ? "1.0" : options.version;
  await furnish(world, { repository, visibility: options.visibility ?? "private", at: toMs(times.created) - HOUR });
  if (version !== null) await ensureVersion(world, { project, version, at: times.created });
  const fixVersions = version === null || options.versionSetAt !== undefined ? [] : [version];
  const issue = await jira.createIssue({ project, number, summary: title, type, fixVersions, at: times.created });
  await at(times.inProgress, (when) => jira.transition({ issue, status: "In Progress", at: when }));

  const pullRequests: LivedPullRequest[] = [];
  for (const [index, part] of [times, ...(options.morePullRequests ?? [])].entries()) {
    const branch = `${options.branch ?? `feature/${issue}-login`}${index === 0 ? "" : `-${index + 1}`}`;
    const lived = await playPullRequest(world, part, { ...options, repository, branch, title });
    if (lived) pullRequests.push(lived);
  }

  if (version !== null) await at(options.versionSetAt ?? null, (when) => jira.setFixVersion({ issue, version, at: when }));
  await at(times.done, (when) => jira.transition({ issue, status: "Done", at: when }));
  if (version !== null) await at(times.released, (when) => jira.releaseVersion({ project, version, at: when }));
  return { key: issue, repository, pullRequests };
}

export interface PullRequestStory {
  readonly repository: string;
  readonly branch: string;
  readonly title: string;
  readonly method?: MergeMethod;
  readonly environment?: string;
}

/** Plays one pull request from its commit to its deployment; undefined without a commit or an opening. */
export async function playPullRequest(
  { github }: World,
  times: PullRequestTimes,
  story: PullRequestStory,
): Promise<LivedPullRequest | undefined> {
  const { repository, branch, title, method = "merge", environment = "production" } = story;
  if (times.commit === null || times.opened === null) return undefined;
  await github.push({
    repository,
    branch,
    commits: [{ message: title, files: { [`src/${branch}.ts`]: "" } }],
    at: times.commit,
  });
  const number = await github.openPullRequest({ repository, branch, title, at: times.opened });
  await at(times.approved, (when) => github.review({ repository, number, state: "approved", by: "bob", at: when }));
  if (times.merged === null) return { number, mergeCommit: null };
  const sha = await github.merge({ repository, number, method, by: "bob", at: times.merged });
  const { ci, merged: startedAt } = times;
  await at(ci, (when) =>
    github.runWorkflow({ repository, sha, name: "CI", by: "bob", startedAt: Math.min(toMs(startedAt), toMs(when)), at: when }),
  );
  await at(times.deployed, (when) => github.deploy({ repository, sha, environment, by: "bob", at: when }));
  return { number, mergeCommit: sha };
}

async function at(when: When | null, act: (when: When) => Promise<unknown>): Promise<void> {
  if (when !== null) await act(when);
}

/** Makes the repository and installs the App on its account, as far as that has not been done. */
export async function furnish(
  { github }: World,
  {
    repository,
    visibility,
    at: when,
  }: { readonly repository: string; readonly visibility: Repository["visibility"]; readonly at: When },
): Promise<void> {
  const [account = ""] = repository.split("/");
  const installed = [...github.state.installations.values()].some(
    ({ account: { login }, deleted }) => login === account && !deleted,
  );
  if (!installed) await github.install({ account, at: when });
  if (!github.state.names.has(repository.toLowerCase())) await github.createRepository({ repository, visibility, at: when });
}

async function ensureVersion(
  { jira }: World,
  { project, version, at: when }: { project: string; version: string; at: When },
): Promise<void> {
  const known = [...jira.state.versions.values()].some(({ name, project: { key } }) => name === version && key === project);
  if (!known) await jira.createVersion({ project, version, at: when });
}
