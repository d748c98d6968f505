import { z } from "zod";
import type { CommitFacts, Event, EventOf } from "../core/event.js";
import { commitRef, graphRef, pullRequestRef, type Ref, refId } from "../core/ref.js";
import type { Clock, CodeHost, Repository } from "../ports.js";
import type { ConfigurationAccess } from "./configuration-file.js";
import { asking, hasStatus } from "./failure.js";
import { observed } from "./observed.js";
import { PER_PAGE, pages } from "./pages.js";
import { id, message, parse, sender, sha, time } from "./payload.js";
import { eventsOf, lookAt, pullRequestShape } from "./pull-request.js";
import { type Clients, pathOf, type Subject } from "./subject.js";

export interface CodeHostAccess extends ConfigurationAccess {
  readonly octokit: Clients;
  readonly clock: Clock;
}

/** GitHub lists no more commits of a pull request than this. */
const LISTED = 250;
/** More commits than this between two deployments are not looked at. */
const COMPARED = 10_000;

/** Reads of GitHub's REST API, as events. They throw `Unavailable` or `Refused`. */
export function codeHost(access: CodeHostAccess): CodeHost {
  const { octokit, clock } = access;
  /** Asks about a repository; every question passes here. */
  const about =
    <Rest extends readonly unknown[]>(what: string, read: (on: Subject, ...rest: Rest) => Promise<Event[]>) =>
    (repository: Repository, ...rest: Rest): Promise<Event[]> =>
      asking(`${what} of ${repository.name}`, clock, async () => {
        const client = await octokit(repository.installation);
        return read({ client, repository, clock, path: pathOf(repository) }, ...rest);
      });
  return {
    pullRequest: about("read a pull request", readPullRequest),
    commits: about("list a pull request's commits", readCommits),
    trace: about("list a commit's pull requests", readTrace),
    compare: about("compare two commits", readComparison),
    release: about("read a release's commit", readRelease),
    configuration: about("read the configuration", async (on: Subject) =>
      (await configurationFile()).readConfigurations(access, on),
    ),
  };
}

/** What reads YAML takes long to load: it is, when a file is first read. */
const configurationFile = () => import("./configuration-file.js");

async function readPullRequest({ client, repository, path, clock }: Subject, number: number): Promise<Event[]> {
  const { data } = await client.rest.pulls.get({ ...path, pull_number: number });
  const pullRequest = parse(pullRequestShape, data, "GitHub's answer about a pull request");
  return eventsOf(lookAt({ pullRequest, repository: repository.ref, readAt: clock.now() }));
}

const made = z.object({ date: time });
const commitShape = z.object({
  sha,
  html_url: z.string().nullish(),
  author: sender,
  parents: z.array(z.unknown()),
  commit: z.object({ message, author: made, committer: made }),
});

/**
 * The list is of the head that GitHub has by now, which is its last commit; so it is stored under that,
 * lest a list of other commits stand for the wanted head. A cut list does not tell its head.
 */
async function readCommits(on: Subject, number: number, wanted: string): Promise<Event[]> {
  const { client, repository, path, clock } = on;
  const commits: CommitFacts[] = [];
  const ask = (page: number) => client.rest.pulls.listCommits({ ...path, pull_number: number, per_page: PER_PAGE, page });
  for await (const page of pages(commitShape, "GitHub's list of commits", ask)) commits.push(...page.map(commitFacts));
  const last = commits.at(-1);
  const head = last && commits.length < LISTED ? last.sha : wanted.toLowerCase();
  const ref = pullRequestRef(refId(repository.ref), number);
  const now = clock.now();
  const common = observed({ id: `${ref}:commits:${head}`, ref, at: now, readAt: now, repository: repository.ref });
  return [{ ...common, type: "pull-request.commits", head, commits }];
}

const commitFacts = ({ sha, html_url: url, author, parents, commit }: z.output<typeof commitShape>): CommitFacts => ({
  sha,
  authoredAt: commit.author.date,
  committedAt: commit.committer.date,
  parents: parents.length,
  message: commit.message,
  ...(author ? { author } : {}),
  ...(url ? { url } : {}),
});

const bringerShape = z.object({
  number: z.int().positive(),
  merged_at: time.nullish(),
  base: z.object({ repo: z.object({ id }).nullish() }),
});

/** The pull requests that brought a commit into this repository: merged ones, for the others only contain it. */
async function readTrace({ client, repository, path, clock }: Subject, commit: string): Promise<Event[]> {
  const ask = { ...path, commit_sha: commit, per_page: PER_PAGE };
  const { data } = await client.rest.repos.listPullRequestsAssociatedWithCommit(ask);
  const bringers = parse(z.array(bringerShape), data, "GitHub's list of pull requests");
  const own = bringers.filter(({ merged_at, base }) => merged_at && base.repo?.id === refId(repository.ref));
  const ref = commitRef(refId(repository.ref), commit);
  const common = observed({ id: `${ref}:traced`, ref, at: clock.now(), repository: repository.ref });
  return [{ ...common, type: "commit.traced", pullRequests: own.map(({ number }) => number) }];
}

const comparisonShape = z.object({
  status: z.enum(["ahead", "behind", "identical", "diverged"]),
  total_commits: z.int().nonnegative(),
  commits: z.array(z.object({ sha })),
});
type Comparison = Pick<EventOf<"commits.compared">, "status" | "ahead">;

async function readComparison(on: Subject, base: string, head: string): Promise<Event[]> {
  const { ref: repository } = on.repository;
  const id = `github:compare:${refId(repository)}:${base}...${head}`;
  const common = observed({ id, ref: graphRef(refId(repository), head), at: on.clock.now(), repository });
  const { status, ahead } = await compare(on, `${base}...${head}`);
  return [{ ...common, type: "commits.compared", base, head, status, ahead }];
}

/** A commit that GitHub no longer has, or the two have no common history: then nothing is known, for good. */
async function compare(on: Subject, basehead: string): Promise<Comparison> {
  try {
    return await compareAll(on, basehead);
  } catch (error) {
    if (hasStatus(error, 404, 422)) return { status: "unknown", ahead: [] };
    throw error;
  }
}

async function compareAll({ client, path }: Subject, basehead: string): Promise<Comparison> {
  const ahead: string[] = [];
  for (let page = 1; ; page += 1) {
    const ask = { ...path, basehead, per_page: PER_PAGE, page };
    const { data } = await client.rest.repos.compareCommitsWithBasehead(ask);
    const { status, total_commits, commits } = parse(comparisonShape, data, "GitHub's comparison");
    ahead.push(...commits.map(({ sha }) => sha));
    const whole = commits.length === 0 || ahead.length >= Math.min(total_commits, COMPARED);
    if (whole) return { status, ahead: ahead.slice(0, COMPARED) };
  }
}

/** A tag is resolved when it is published: tags can be moved, releases cannot be unmade. */
async function readRelease({ client, repository, path, clock }: Subject, release: Ref, tag: string): Promise<Event[]> {
  const { data } = await client.rest.repos.getCommit({ ...path, ref: tag, per_page: 1 });
  const commit = parse(z.object({ sha }), data, "GitHub's answer about a tag");
  const common = observed({ id: `${release}:resolved`, ref: release, at: clock.now(), repository: repository.ref });
  return [{ ...common, type: "release.resolved", sha: commit.sha }];
}
