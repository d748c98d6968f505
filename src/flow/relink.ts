import { correlate } from "../core/correlation.js";
import type { StoredLink } from "../core/link.js";
import { commitOf, pullRequestOf, type Ref, refKind } from "../core/ref.js";
import type { Transaction } from "../ports.js";
import type { Gathering } from "./gather.js";

/** The links and near misses of some pull requests and commits. */
export interface Relinked {
  readonly before: StoredLink[];
  readonly after: StoredLink[];
}

/** Finds anew which tickets they name, and keeps that. */
export async function relinkAll(tx: Transaction, gathering: Gathering, refs: readonly Ref[]): Promise<Relinked> {
  const before = await gathering.linksFrom(refs);
  const after: StoredLink[] = [];
  for (const ref of refs) after.push(...(await relink(tx, gathering, ref)));
  return { before, after };
}

/** Finds the tickets that a pull request or a commit names, and keeps the links. */
async function relink(tx: Transaction, gathering: Gathering, from: Ref): Promise<StoredLink[]> {
  const links = refKind(from) === "commit" ? await linksOfCommit(gathering, from) : await linksOfPullRequest(gathering, from);
  await tx.saveLinks({ owner: gathering.owner, ref: from }, links);
  return links.map((link) => ({ ...link, from }));
}

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
