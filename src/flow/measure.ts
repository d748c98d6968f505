import type { Effect } from "../core/effect.js";
import { measure } from "../core/lead-time.js";
import type { StoredLink } from "../core/link.js";
import { type Described, describeItem } from "../core/measured-item.js";
import type { LeadTime, MeasuredItem } from "../core/measurement.js";
import { keyRef, pullRequestOf, type Ref, refKind } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { WorkItem } from "../core/work-item.js";
import type { Queries, Transaction } from "../ports.js";
import { assemble } from "./assemble.js";
import type { Gathering, NamedTicket } from "./gather.js";
import { type Chosen, pullRequestProfiles, ticketProfiles } from "./profiles.js";
import { relinkAll } from "./relink.js";
import { commentedIn, staleUsuals } from "./usual.js";

/** What was measured anew: whose comments may have to change (asked for, or told of what is another now), and what has to be read first. */
export interface Measured {
  readonly pullRequests: readonly Ref[];
  readonly wants: readonly Effect[];
  /** Of Jira, which is nobody's in particular. */
  readonly ticketReads: readonly Effect[];
  /** From when on Jira's list of projects should be read; null: not now. */
  readonly projectsDue: Instant | null;
}

/** Where items are measured: what is read there, and what is kept. */
export type Measuring = Queries & Pick<Transaction, "lock" | "saveLinks" | "saveItems">;

export interface ToMeasure {
  /** Pull requests, tickets, and commits that may have been pushed straight. */
  readonly items: readonly Ref[];
  readonly now: Instant;
}

/**
 * Recomputes work items from all their events and keeps them: links first, then the pull requests, then their tickets.
 * Locks what it measures, so that of two that measure one item the later sees all.
 */
export async function measureItems(tx: Measuring, gathering: Gathering, of: ToMeasure): Promise<Measured> {
  const own = of.items.filter(isTicket);
  const origins = unique([...of.items.filter((ref) => !isTicket(ref)), ...(await naming(gathering, own))]);
  await tx.lock(gathering.owner, origins);
  const { before, after } = await relinkAll(tx, gathering.fresh(), origins);
  const keys = unique([...before, ...after].flatMap(({ key, refusal }) => (refusal === null ? [key] : [])));
  const tickets = await lockTickets(tx, gathering, { keys, tickets: own });
  const now = gathering.fresh();
  const pullRequests = origins.filter(isPullRequest);
  const saved = await saveAll(tx, now, { pullRequests, tickets });
  const named = await Promise.all(keys.map((key) => now.ticket(key)));
  return {
    pullRequests: unique([...of.items.filter(isPullRequest), ...saved]),
    wants: await missingReads(now, pullRequests),
    ticketReads: ticketReads(now, named),
    projectsDue: await now.projectsDue(before, after, of.now),
  };
}

const isPullRequest = (ref: Ref): boolean => refKind(ref) === "pull-request";
const isTicket = (ref: Ref): boolean => refKind(ref) === "ticket";

/**
 * Locks the tickets, and those that have one of the keys; returns them all. The keys come first: of one that names a ticket
 * and one that hears of it for the first time, the later finds what the other wrote.
 */
async function lockTickets(
  tx: Measuring,
  gathering: Gathering,
  { keys, tickets }: { readonly keys: readonly string[]; readonly tickets: readonly Ref[] },
): Promise<Ref[]> {
  const own = (await Promise.all(tickets.map((ref) => gathering.keysOf(ref)))).flat();
  await tx.lock(gathering.owner, [...keys, ...own].map(keyRef));
  const named = await Promise.all(keys.map((key) => gathering.ticketRefOf(key)));
  const all = unique([...tickets, ...named.flatMap((ref) => ref ?? [])]);
  await tx.lock(gathering.owner, all);
  return all;
}

/** Measures them side by side, and keeps them. Returns the pull requests whose comments told of what is another now. */
async function saveAll(
  tx: Measuring,
  gathering: Gathering,
  { pullRequests, tickets }: { readonly pullRequests: readonly Ref[]; readonly tickets: readonly Ref[] },
): Promise<Ref[]> {
  const refs = [...pullRequests, ...tickets];
  const all = await Promise.all(refs.map(async (ref) => ({ ref, item: await measured(gathering, ref) })));
  const changed = await tx.saveItems(gathering.owner, all);
  const told = changed.map(({ ref }) => (isPullRequest(ref) ? [ref] : pullRequestsOf(gathering, ref)));
  const baselineOf = async (repository: Ref) =>
    ((await gathering.repository(repository))?.configuration ?? (await gathering.defaults())).comment.baseline;
  const stale = await Promise.all(changed.map((item) => staleUsuals(item, baselineOf)));
  return [...(await Promise.all(told)).flat(), ...(await commentedIn(tx, gathering.owner, stale.flat()))];
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

/** What names one of the tickets, near misses too: now that the ticket is known they may be links. */
async function naming(gathering: Gathering, tickets: readonly Ref[]): Promise<Ref[]> {
  const found = await Promise.all(tickets.map(async (ref) => gathering.naming(await gathering.keysOf(ref))));
  return found.flat();
}

async function pullRequestsOf(gathering: Gathering, ticket: Ref): Promise<Ref[]> {
  const links = await gathering.linksTo(await gathering.keysOf(ticket));
  return links.map(({ from }) => from).filter(isPullRequest);
}

/** A work item with what it is measured under. */
export interface Assembled extends Omit<Described, "leadTimes"> {
  readonly profiles: readonly Chosen[];
}

/** A pull request or a ticket, put together but not measured; null when there is none. */
export const assembled = (gathering: Gathering, ref: Ref): Promise<Assembled | null> =>
  isTicket(ref) ? assembledTicket(gathering, ref) : assembledPullRequest(gathering, ref);

async function measured(gathering: Gathering, ref: Ref): Promise<MeasuredItem | null> {
  const found = await assembled(gathering, ref);
  if (!found) return null;
  const { profiles, ...of } = found;
  return describeItem({ ...of, leadTimes: measureUnder(of.item, profiles) });
}

async function assembledPullRequest(gathering: Gathering, ref: Ref): Promise<Assembled | null> {
  const pullRequest = await gathering.pullRequest(ref);
  const repository = await gathering.repository(pullRequestOf(ref).repository);
  if (!pullRequest || !repository) return null;
  const links = await gathering.linksFrom([ref]);
  const named = await namedTickets(gathering, links);
  const linked = [pullRequest];
  const item = await assemble(gathering, { ref, kind: "pull-request", linked, named, links });
  return { item, profiles: await pullRequestProfiles(gathering, repository, { pullRequest, item }), links, linked };
}

const measureUnder = (item: WorkItem, profiles: readonly Chosen[]): LeadTime[] =>
  profiles.map(({ profile, rules, notes, unitNotes }) => ({
    ...measure(item, profile, notes, rules),
    ...(unitNotes.length > 0 ? { unitNotes } : {}),
  }));

const namedTickets = (gathering: Gathering, links: readonly StoredLink[]): Promise<NamedTicket[]> =>
  Promise.all(links.filter(({ refusal }) => refusal === null).map(({ key }) => gathering.ticket(key)));

async function assembledTicket(gathering: Gathering, ref: Ref): Promise<Assembled | null> {
  const ticket = gathering.jira ? await gathering.ticketByRef(ref) : null;
  if (!ticket) return null;
  const links = await gathering.linksTo(await gathering.keysOf(ref));
  const refs = unique(links.map(({ from }) => from)).filter((from) => refKind(from) === "pull-request");
  const linked = (await Promise.all(refs.map((from) => gathering.pullRequest(from))))
    .flatMap((one) => one ?? [])
    .sort((a, b) => a.openedAt - b.openedAt || (a.ref < b.ref ? -1 : 1));
  const named = [{ key: ticket.described.key, ticket, unreadable: null }];
  const item = await assemble(gathering, { ref, kind: "ticket", linked, named, links });
  return { item, profiles: await ticketProfiles(gathering, ticket, { linked, item }), links, linked };
}
