import { correlate } from "../core/correlation.js";
import type { Link, StoredLink } from "../core/link.js";
import { commitOf, pullRequestOf, type Ref, refKind } from "../core/ref.js";
import type { Transaction } from "../ports.js";
import type { Gathering } from "./gather.js";

/** The links and near misses of some pull requests and commits. */
export interface Relinked {
  readonly before: StoredLink[];
  readonly after: StoredLink[];
}

/** Finds anew which tickets they name, and keeps that. */
export async function relinkAll(
  tx: Pick<Transaction, "saveLinks">,
  gathering: Gathering,
  refs: readonly Ref[],
): Promise<Relinked> {
  const before = await gathering.linksFrom(refs);
  const found = await Promise.all(refs.map(async (from) => ({ from, links: await linksOf(gathering, from) })));
  const known = new Map<Ref, string[]>(refs.map((ref) => [ref, []]));
  for (const link of before) known.get(link.from)?.push(textOf(link));
  const changed = found.filter(({ from, links }) => links.map(textOf).join() !== known.get(from)?.join());
  await tx.saveLinks(gathering.owner, changed);
  return { before, after: found.flatMap(({ from, links }) => links.map((link) => ({ ...link, from }))) };
}

const textOf = ({ key, source, matched, refusal }: Link): string => JSON.stringify([key, source, matched, refusal]);

/** The tickets that a pull request or a commit names. */
const linksOf = (gathering: Gathering, from: Ref): Promise<Link[]> =>
  refKind(from) === "commit" ? linksOfCommit(gathering, from) : linksOfPullRequest(gathering, from);

async function linksOfPullRequest(gathering: Gathering, ref: Ref) {
  const pullRequest = await gathering.pullRequest(ref);
  const repository = await gathering.repository(pullRequestOf(ref).repository);
  if (!pullRequest || !repository) return [];
  const { branch, title } = pullRequest.described;
  const commits = (pullRequest.commits ?? []).map(({ message }) => message);
  const projects = await gathering.knownProjects(repository, [branch, title, ...commits]);
  const rules = { projects, from: repository.configuration.ticketKeys.from };
  return correlate({ branch, title, commits }, rules, await gathering.linkCommands(ref));
}

async function linksOfCommit(gathering: Gathering, ref: Ref) {
  const pushed = await gathering.straightCommit(ref);
  const repository = await gathering.repository(commitOf(ref).repository);
  if (!pushed || !repository) return [];
  const commits = [pushed.commit.message];
  const projects = await gathering.knownProjects(repository, commits);
  return correlate({ branch: "", title: "", commits }, { projects, from: ["commits"] });
}
