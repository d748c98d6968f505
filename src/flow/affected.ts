import type { Effect } from "../core/effect.js";
import { commitOf, commitRef, type Owner, type Ref, type RefKind, refId, refKind, SHARED } from "../core/ref.js";
import type { Queries } from "../ports.js";
import { type Asked, askAboutCarrier, askAboutHead, askAboutLanes, askAboutMerges } from "./ancestry.js";
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
  readonly found: Found;
}

/** `touched`: the items that changed themselves. `reached`: those that something else, which changed, matters to. */
interface Found {
  readonly touched: Set<Ref>;
  readonly reached: Set<Ref>;
  readonly later: Set<Ref>;
  readonly merges: Ref[];
  /** Those that are followed already. */
  readonly heads: Set<Ref>;
  readonly wants: Effect[];
}

/** More than these that are only reached do not fit into one transaction with what reached them. */
const REACHED_AT_ONCE = 50;

/** Follows what changed to the work items that it matters to, for one account. */
export async function affectedBy(queries: Queries, gathering: Gathering, refs: readonly Ref[]): Promise<Affected> {
  const found: Found = { touched: new Set(), reached: new Set(), later: new Set(), merges: [], heads: new Set(), wants: [] };
  await Promise.all(refs.map((ref) => follow({ queries, gathering, found }, ref)));
  found.wants.push(...(await askAboutMerges(queries, gathering, found.merges)));
  const reached = [...found.reached].filter((ref) => !found.touched.has(ref));
  const few = reached.length <= REACHED_AT_ONCE;
  const now = [...found.touched, ...(few ? reached : [])];
  const ofKind = (kind: RefKind) => new Set(now.filter((ref) => refKind(ref) === kind));
  return {
    pullRequests: ofKind("pull-request"),
    commits: ofKind("commit"),
    tickets: ofKind("ticket"),
    later: new Set([...found.later, ...(few ? [] : reached)]),
    wants: found.wants,
  };
}

async function follow(finding: Finding, ref: Ref): Promise<void> {
  const { found, gathering, queries } = finding;
  switch (refKind(ref)) {
    case "pull-request":
    case "ticket":
      found.touched.add(ref);
      return;
    case "commit":
      found.touched.add(ref);
      return addWholes(finding, gathering.owner, [ref]);
    case "merges":
      found.merges.push(ref);
      return;
    case "lanes":
      found.wants.push(...(await askAboutLanes(queries, gathering, ref)));
      return;
    case "graph":
      found.wants.push(...(await askAboutHead(queries, gathering, ref)));
      return addContained(finding, commitOf(ref));
    case "deployment":
    case "release":
      return followCarrier(finding, ref);
    case "version":
    case "status":
      return addWholes(finding, SHARED, [ref]);
    case "sha":
      return addWholes(finding, gathering.owner, [ref]);
    case "key":
      await addWholes(finding, SHARED, [ref]);
      return addNaming(finding, refId(ref));
    case "repository":
      return addAll(finding, ref);
    case "account":
    case "site":
      await addAll(finding);
      return addTickets(finding);
  }
}

async function followCarrier(finding: Finding, ref: Ref): Promise<void> {
  const { wants, heads } = await askAboutCarrier(finding.queries, finding.gathering, ref);
  finding.found.wants.push(...wants);
  for (const head of heads) await addContained(finding, head);
}

/** The items of the merge commits that a commit contains. */
async function addContained(finding: Finding, { repository, sha: head }: Asked["heads"][number]): Promise<void> {
  const { owner } = finding.gathering;
  const { heads } = finding.found;
  const commit = commitRef(refId(repository), head);
  if (heads.has(commit)) return;
  heads.add(commit);
  const shas = [head, ...(await finding.queries.contained(owner, repository, head))];
  const commits = shas.map((sha) => commitRef(refId(repository), sha));
  for (const { from } of await finding.gathering.linksFrom(commits)) finding.found.reached.add(from);
  await addWholes(finding, owner, commits);
}

async function addWholes({ queries, found }: Finding, owner: Owner, parts: readonly Ref[]): Promise<void> {
  for (const whole of await queries.wholes(owner, parts)) if (MEASURED.has(refKind(whole))) found.reached.add(whole);
}

/** Of a commit that was pushed straight, the tickets that it names. */
const MEASURED: ReadonlySet<RefKind> = new Set<RefKind>(["pull-request", "ticket", "commit"]);

async function addNaming({ gathering, found }: Finding, key: string): Promise<void> {
  for (const { from } of await gathering.linksTo([key])) found.reached.add(from);
}

/** Pull requests, and what was pushed straight. */
async function addAll({ queries, gathering: { owner }, found }: Finding, repository?: Ref): Promise<void> {
  for (const kind of ["pull-request", "commit"] as const)
    for (const ref of await queries.subjects(owner, kind, repository)) found.later.add(ref);
}

/** Also of an account that may not use Jira any more: its tickets go. */
async function addTickets({ queries, found }: Finding): Promise<void> {
  for (const ref of await queries.subjects(SHARED, "ticket")) found.later.add(ref);
}
