import type { Effect } from "../core/effect.js";
import { commitOf, commitRef, type Owner, type Ref, refId, refKind, SHARED } from "../core/ref.js";
import type { Queries } from "../ports.js";
import { askAboutCarrier, askAboutMerge } from "./ancestry.js";
import type { Gathering } from "./gather.js";

/** What has to be measured because something about these refs changed, and what has to be asked for first. */
export interface Affected {
  readonly pullRequests: ReadonlySet<Ref>;
  readonly commits: ReadonlySet<Ref>;
  readonly tickets: ReadonlySet<Ref>;
  /** So many, perhaps, that they are measured in batches of their own. */
  readonly later: ReadonlySet<Ref>;
  readonly wants: readonly Effect[];
}

interface Finding {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly found: { pullRequests: Set<Ref>; commits: Set<Ref>; tickets: Set<Ref>; later: Set<Ref>; wants: Effect[] };
}

/** Follows what changed to the work items that it matters to, for one account. */
export async function affectedBy(queries: Queries, gathering: Gathering, refs: readonly Ref[]): Promise<Affected> {
  const found = {
    pullRequests: new Set<Ref>(),
    commits: new Set<Ref>(),
    tickets: new Set<Ref>(),
    later: new Set<Ref>(),
    wants: [],
  };
  for (const ref of refs) await follow({ queries, gathering, found }, ref);
  return found;
}

async function follow(finding: Finding, ref: Ref): Promise<void> {
  const { found, gathering, queries } = finding;
  switch (refKind(ref)) {
    case "pull-request":
      found.pullRequests.add(ref);
      return;
    case "ticket":
      found.tickets.add(ref);
      return;
    case "commit":
      found.commits.add(ref);
      found.wants.push(...(await askAboutMerge(queries, gathering, ref)));
      return addWholes(finding, gathering.owner, [ref]);
    case "graph": {
      const { repository, sha } = commitOf(ref);
      return addContained(finding, repository, sha);
    }
    case "deployment":
    case "release":
      return followCarrier(finding, ref);
    case "version":
    case "status":
      return addWholes(finding, SHARED, [ref]);
    case "key":
      await addWholes(finding, SHARED, [ref]);
      return addNaming(finding, refId(ref));
    case "repository":
      return addAll(finding, ref);
    case "account":
    case "site":
      await addAll(finding);
      return addTickets(finding);
    case "lanes":
      return;
  }
}

async function followCarrier(finding: Finding, ref: Ref): Promise<void> {
  const { wants, heads } = await askAboutCarrier(finding.queries, finding.gathering, ref);
  finding.found.wants.push(...wants);
  for (const { repository, sha } of heads) await addContained(finding, repository, sha);
}

/** The items of the merge commits that a commit contains. */
async function addContained(finding: Finding, repository: Ref, head: string): Promise<void> {
  const { owner } = finding.gathering;
  const shas = [head, ...(await finding.queries.contained(owner, repository, head))];
  const commits = shas.map((sha) => commitRef(refId(repository), sha));
  const straight = (await finding.gathering.linksFrom(commits)).map(({ from }) => from);
  for (const commit of straight) finding.found.commits.add(commit);
  await addWholes(finding, owner, commits);
}

async function addWholes({ queries, found }: Finding, owner: Owner, parts: readonly Ref[]): Promise<void> {
  for (const whole of await queries.wholes(owner, parts)) {
    if (refKind(whole) === "pull-request") found.pullRequests.add(whole);
    if (refKind(whole) === "ticket") found.tickets.add(whole);
  }
}

async function addNaming({ gathering, found }: Finding, key: string): Promise<void> {
  for (const { from } of await gathering.linksTo([key])) {
    if (refKind(from) === "pull-request") found.pullRequests.add(from);
    else found.commits.add(from);
  }
}

async function addAll({ queries, gathering, found }: Finding, repository?: Ref): Promise<void> {
  for (const ref of await queries.subjects(gathering.owner, "pull-request", repository)) found.later.add(ref);
}

/** Also of an account that may not use Jira any more: its tickets go. */
async function addTickets({ queries, found }: Finding): Promise<void> {
  for (const ref of await queries.subjects(SHARED, "ticket")) found.later.add(ref);
}
