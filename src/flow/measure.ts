import { before } from "../core/containment.js";
import { correlate } from "../core/correlation.js";
import type { Effect } from "../core/effect.js";
import { measure } from "../core/lead-time.js";
import type { StoredLink } from "../core/link.js";
import { describeItem } from "../core/measured-item.js";
import type { LeadTime, MeasuredItem } from "../core/measurement.js";
import { type Profile, sourceControlPart, startsWithTicket } from "../core/profile.js";
import type { MergeCommit, PullRequest } from "../core/pull-request.js";
import { commitOf, commitRef, pullRequestOf, type Ref, refId, refKind } from "../core/ref.js";
import type { Ticket } from "../core/ticket.js";
import { formatMinute, type Instant } from "../core/time.js";
import { straightCommit, timeline, type WorkItem } from "../core/work-item.js";
import { builtIn, type Gathering, type NamedTicket, type RepositoryState } from "./gather.js";
import type { Transaction } from "../ports.js";
import { staleUsuals } from "./usual.js";

/** What was measured anew: whose comments may have to change, and what has to be read first. */
export interface Measured {
  readonly pullRequests: readonly Ref[];
  readonly wants: readonly Effect[];
  /** Of Jira, which is nobody's in particular. */
  readonly ticketReads: readonly Effect[];
  /** From when on Jira's list of projects should be read; null: not now. */
  readonly projectsDue: Instant | null;
}

export interface ToMeasure {
  readonly pullRequests: readonly Ref[];
  readonly commits: readonly Ref[];
  readonly tickets: readonly Ref[];
  readonly now: Instant;
}

/**
 * Recomputes work items from all their events and keeps them: links first, then the pull requests, then their tickets.
 * Locks what it measures, so that of two that measure one item the later sees all.
 */
export async function measureItems(tx: Transaction, gathering: Gathering, of: ToMeasure): Promise<Measured> {
  const { owner } = gathering;
  const pullRequests = unique([...of.pullRequests, ...(await naming(gathering, of.tickets))]);
  await tx.lock(owner, [...pullRequests, ...of.commits]);
  const { before, after } = await relinkAll(tx, gathering, [...pullRequests, ...of.commits]);
  const held = [...before, ...after].filter(({ refusal }) => refusal === null);
  const named = await Promise.all(unique(held.map(({ key }) => key)).map((key) => gathering.ticket(key)));
  const tickets = unique([...of.tickets, ...named.flatMap(({ ticket }) => (ticket ? [ticket.ref] : []))]);
  await tx.lock(owner, tickets);
  const stale: Ref[] = [];
  for (const ref of pullRequests) stale.push(...(await save(tx, gathering, ref, await measurePullRequest(gathering, ref))));
  for (const ref of tickets) stale.push(...(await save(tx, gathering, ref, await measureTicket(gathering, ref))));
  const siblings = await pullRequestsOf(gathering, tickets);
  const projectsDue = await gathering.projectsDue(before, after, of.now);
  return {
    pullRequests: unique([...pullRequests, ...siblings, ...stale]),
    wants: await missingReads(gathering, pullRequests),
    ticketReads: ticketReads(gathering, named),
    projectsDue,
  };
}

interface Relinked {
  readonly before: StoredLink[];
  readonly after: StoredLink[];
}

async function relinkAll(tx: Transaction, gathering: Gathering, refs: readonly Ref[]): Promise<Relinked> {
  const before = await gathering.linksFrom(refs);
  const after: StoredLink[] = [];
  for (const ref of refs) after.push(...(await relink(tx, gathering, ref)));
  return { before, after };
}

/** The configuration of repositories that has never been read. */
async function missingReads(gathering: Gathering, pullRequests: readonly Ref[]): Promise<Effect[]> {
  const refs = unique(pullRequests.map((ref) => pullRequestOf(ref).repository));
  const states = await Promise.all(refs.map((ref) => gathering.repository(ref)));
  return states.flatMap((state): Effect[] =>
    state && !state.configured ? [{ kind: "read-configuration", repository: state.described.ref }] : [],
  );
}

const ticketReads = ({ jira }: Gathering, named: readonly NamedTicket[]): Effect[] =>
  jira ? named.filter(isUnread).map(({ key }): Effect => ({ kind: "read-ticket", key })) : [];

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

/** Never read whole, and not looked up in vain: a ticket that only webhooks told of has no history. */
const isUnread = ({ ticket, unreadable }: NamedTicket): boolean =>
  unreadable === null && (ticket?.historyReadAt ?? null) === null;

/** Returns the pull requests whose comments told what is usual from the item's older state. */
async function save(tx: Transaction, gathering: Gathering, ref: Ref, item: MeasuredItem | null): Promise<Ref[]> {
  const { owner } = gathering;
  if (!item) {
    await tx.removeItem(owner, ref);
    return [];
  }
  const before = await tx.item(owner, ref);
  await tx.saveItem(owner, item);
  return staleUsuals(tx, owner, { before, after: item, baseline: gathering.defaults().comment.baseline });
}

/** The pull requests that name one of the tickets, near misses too: now that the ticket is known they may be links. */
async function naming(gathering: Gathering, tickets: readonly Ref[]): Promise<Ref[]> {
  const found = await Promise.all(tickets.map(async (ref) => gathering.naming(await gathering.keysOf(ref))));
  return found.flat().filter((from) => refKind(from) === "pull-request");
}

async function pullRequestsOf(gathering: Gathering, tickets: readonly Ref[]): Promise<Ref[]> {
  const links = await Promise.all(tickets.map(async (ref) => gathering.linksTo(await gathering.keysOf(ref))));
  return links.flat().flatMap(({ from }) => (refKind(from) === "pull-request" ? [from] : []));
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

async function measurePullRequest(gathering: Gathering, ref: Ref): Promise<MeasuredItem | null> {
  const pullRequest = await gathering.pullRequest(ref);
  const repository = await gathering.repository(pullRequestOf(ref).repository);
  if (!pullRequest || !repository) return null;
  const links = await gathering.linksFrom([ref]);
  const named = await namedTickets(gathering, links);
  const item = await workItem(gathering, { ref, kind: "pull-request", linked: [pullRequest], named, links });
  return describeItem({
    item,
    leadTimes: profilesOf(gathering, repository, item).map(({ profile, notes }) => measure(item, profile, notes)),
    links,
    linked: [pullRequest],
    abandonedResolutions: repository.configuration.abandonedResolutions,
  });
}

const namedTickets = (gathering: Gathering, links: readonly StoredLink[]): Promise<NamedTicket[]> =>
  Promise.all(links.filter(({ refusal }) => refusal === null).map(({ key }) => gathering.ticket(key)));

async function measureTicket(gathering: Gathering, ref: Ref): Promise<MeasuredItem | null> {
  const ticket = await gathering.ticketByRef(ref);
  if (!ticket) return null;
  const links = await gathering.linksTo(await gathering.keysOf(ref));
  const refs = unique(links.map(({ from }) => from)).filter((from) => refKind(from) === "pull-request");
  const linked = (await Promise.all(refs.map((from) => gathering.pullRequest(from))))
    .flatMap((one) => one ?? [])
    .sort((a, b) => a.openedAt - b.openedAt || (a.ref < b.ref ? -1 : 1));
  const named = [{ key: ticket.described.key, ticket, unreadable: null }];
  const item = await workItem(gathering, { ref, kind: "ticket", linked, named, links });
  const repositories = await repositoriesOf(gathering, linked);
  const profiles = await ticketProfiles(gathering, repositories);
  return describeItem({
    item,
    leadTimes: profiles.map(({ profile, notes }) => measure(item, profile, [...notes, ...suspicious(item)])),
    links,
    linked,
    abandonedResolutions: gathering.defaults().abandonedResolutions,
  });
}

async function repositoriesOf(gathering: Gathering, linked: readonly PullRequest[]): Promise<RepositoryState[]> {
  const refs = unique(linked.map(({ repository }) => repository.ref));
  return (await Promise.all(refs.map((ref) => gathering.repository(ref)))).flatMap((one) => one ?? []);
}

interface Chosen {
  readonly profile: Profile;
  readonly notes: readonly string[];
}

/** A ticket is measured under the profiles of the repositories of all its pull requests; without any, under the default. */
async function ticketProfiles(gathering: Gathering, repositories: readonly RepositoryState[]): Promise<Chosen[]> {
  const own = repositories.map(({ configuration }) => gathering.ownProfile(configuration));
  const chosen = own.length > 0 ? own : [gathering.ownProfile(gathering.defaults())];
  return [...new Map(chosen.map((one) => [one.profile.name, one])).values()];
}

/**
 * The repository's own profile first, or `pull-request` where that one begins with a ticket that is not there;
 * then the two that the reports on source control need; for a public repository the part that everybody may see.
 */
function profilesOf(gathering: Gathering, { configuration, described }: RepositoryState, item: WorkItem): Chosen[] {
  const own = gathering.ownProfile(configuration);
  const fallsBack = startsWithTicket(own.profile) && item.tickets.length === 0;
  const why = item.unreadable[0] ?? "no ticket linked";
  const first: Chosen = fallsBack
    ? {
        profile: builtIn(configuration, "pull-request"),
        notes: [...own.notes, `${own.profile.name} begins with a ticket: ${why}`],
      }
    : { ...own, notes: [...own.notes, ...suspicious(item)] };
  const usual = ["pull-request", "change"].map((name) => ({ profile: builtIn(configuration, name), notes: [] }));
  const open = described.visibility === "public" ? [{ profile: sourceControlPart(own.profile), notes: [] }] : [];
  const all = [first, ...open, ...usual];
  return all.filter(({ profile }, index) => all.findIndex((one) => one.profile.name === profile.name) === index);
}

const suspicious = ({ tickets, pullRequests }: WorkItem): string[] =>
  tickets.flatMap(({ described: { key }, entries }) => {
    const created = entries.find(({ type }) => type === "ticket.created");
    const late = pullRequests.some(({ merge }) => created && merge && merge.at < created.at);
    return late ? [`${key} was created after the merge: is it the right ticket?`] : [];
  });

interface Parts {
  readonly ref: Ref;
  readonly kind: WorkItem["kind"];
  readonly linked: readonly PullRequest[];
  readonly named: readonly NamedTicket[];
  readonly links: readonly StoredLink[];
}

async function workItem(gathering: Gathering, { ref, kind, linked, named, links }: Parts): Promise<WorkItem> {
  const changes = linked.filter(({ relation }) => relation === "change");
  const tickets = named.flatMap(({ ticket }) => ticket ?? []);
  const straight = await straightCommits(gathering, kind === "ticket" ? links : []);
  const mergeCommits = [...changes.flatMap(({ merge }) => merge ?? []), ...straight.flatMap(({ merge }) => merge)];
  const after = await Promise.all(mergeCommits.map((merge) => gathering.mergeEntries(merge)));
  const posted = await Promise.all([
    gathering.apiEntries(
      named.map(({ key }) => key),
      [],
      null,
    ),
    ...changes.map((change) => gathering.apiEntries([], commitRefs(change), change.ref)),
  ]);
  return {
    ref,
    kind,
    tickets,
    pullRequests: changes,
    mergeCommits,
    mergedUnwatched: await mergedUnwatched(gathering, mergeCommits),
    unreadable: named.flatMap((one) => (one.ticket ? [] : [unreadableReason(gathering, one)])),
    entries: timeline([
      ...tickets.flatMap(({ entries }: Ticket) => entries),
      ...changes.flatMap(({ entries }) => entries),
      ...straight.flatMap(({ entries }) => entries),
      ...after.flat(),
      ...posted.flat(),
    ]),
  };
}

const commitRefs = ({ repository, commits }: PullRequest): Ref[] =>
  (commits ?? []).map(({ sha }) => commitRef(refId(repository.ref), sha));

async function straightCommits(gathering: Gathering, links: readonly StoredLink[]) {
  const refs = unique(links.map(({ from }) => from)).filter((from) => refKind(from) === "commit");
  const pushed = await Promise.all(refs.map((ref) => gathering.straightCommit(ref)));
  return pushed.flatMap((event) => (event ? [straightCommit(event)] : []));
}

async function mergedUnwatched(gathering: Gathering, merges: readonly MergeCommit[]): Promise<boolean> {
  const states = await Promise.all(merges.map(({ repository }) => gathering.repository(repository)));
  return merges.length > 0 && merges.every(({ at }, index) => before(at, states[index]?.watchedAt ?? null));
}

export function unreadableReason({ jira, policy }: Gathering, { key, unreadable }: NamedTicket): string {
  if (!policy.jira.configured) return `${key} is named, but Jira is not set up`;
  if (!jira) return `${key} is named, but this account may not use Jira`;
  if (!unreadable) return `${key} has not been read from Jira yet`;
  if (unreadable.reason === "unknown") return `Jira has no ticket ${key} that we may read`;
  return `Jira could not be read since ${formatMinute(unreadable.since)} (UTC)`;
}
