import { type Change, type ComparedItem, compare } from "../core/comparison.js";
import type { StoredLink } from "../core/link.js";
import type { LeadTime, MeasuredItem } from "../core/measurement.js";
import { type Profile, sourceControlPart } from "../core/profile.js";
import { commitOf, type Owner, pullRequestOf, type Ref, refKind, SHORT_SHA } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { Queries } from "../ports.js";
import type { NamedLink, Preview } from "../render/preview.js";
import { ofTicket, scmOnly } from "../render/scm-stages.js";
import { isForEverybody } from "./for-everybody.js";
import type { Gathering, RepositoryState } from "./gather.js";
import type { Overlay, Proposal } from "./overlay.js";
import { isSeenFrom } from "./visibility.js";

export interface Changes {
  readonly queries: Queries;
  readonly overlay: Overlay;
  readonly now: Gathering;
  /** The repository as it is. */
  readonly before: RepositoryState;
  /** As it would be. */
  readonly after: Gathering;
  readonly proposal: Proposal;
  readonly since: Instant;
}

/** What is another than stored, of what may be told where the file is: by the same rules as in a comment there. */
export async function tellChanges(changes: Changes): Promise<Omit<Preview, "days" | "sample">> {
  const { queries, overlay, before, after, proposal } = changes;
  const pairs = await pairsOf(queries, overlay, proposal.owner);
  const links = await changedLinks(queries, overlay, proposal.owner);
  const repositories = await repositoriesOf(after, pairs, links);
  const own = await ownProfiles(changes, repositories);
  const scope: Scope = { changes, repositories, own, hidden: isForEverybody(before) };
  const items = pairs.filter((pair) => isTold(pair, scope)).map((pair) => compared(pair, scope));
  return {
    comparison: compare(items.filter((item) => item.before.length + item.after.length > 0)),
    overall: await overallOf(after, repositories),
    home: before.described.name,
    links: scope.hidden ? null : await toldLinks(links, scope),
  };
}

type Repositories = ReadonlyMap<Ref, RepositoryState>;

interface Scope {
  readonly changes: Changes;
  readonly repositories: Repositories;
  /** The profile that each repository asks for. */
  readonly own: ReadonlyMap<Ref, Change<Profile | null>>;
  /** Whether nothing of tickets may be told. */
  readonly hidden: boolean;
}

/** An item as it is stored, and as it was measured anew. */
interface Pair {
  readonly before: MeasuredItem | null;
  readonly after: MeasuredItem | null;
}

const READ_AT_ONCE = 20;

async function pairsOf(queries: Queries, { items }: Overlay, owner: Owner): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const measured = [...items];
  for (let index = 0; index < measured.length; index += READ_AT_ONCE) {
    const some = measured.slice(index, index + READ_AT_ONCE);
    const read = some.map(async ([ref, after]) => ({ before: (await queries.item(owner, ref)) ?? null, after }));
    pairs.push(...(await Promise.all(read)));
    await new Promise((next) => setImmediate(next));
  }
  return pairs;
}

/** Of all that is spoken of. */
async function repositoriesOf(gathering: Gathering, pairs: readonly Pair[], links: LinkChanges): Promise<Repositories> {
  const refs = new Set([
    ...pairs.flatMap((pair) => [...pullRequestsOf(pair).map(({ repository }) => repository), ...pushedTo(pair)]),
    ...[...links.gained, ...links.lost].map(({ from }) => repositoryOf(from)),
  ]);
  const states = await Promise.all([...refs].map(async (ref) => [ref, await gathering.repository(ref)] as const));
  return new Map(states.flatMap(([ref, state]) => (state ? [[ref, state] as const] : [])));
}

const pullRequestsOf = ({ before, after }: Pair): MeasuredItem["pullRequests"] => [
  ...(before?.pullRequests ?? []),
  ...(after?.pullRequests ?? []),
];

/** Where commits are that were pushed straight and name its ticket. */
const pushedTo = ({ before, after }: Pair): Ref[] =>
  [...(before?.links ?? []), ...(after?.links ?? [])].flatMap(({ from }) =>
    refKind(from) === "commit" ? [commitOf(from).repository] : [],
  );

async function ownProfiles({ now, after }: Changes, repositories: Repositories): Promise<Scope["own"]> {
  const own = (gathering: Gathering, state: RepositoryState | null) =>
    state && gathering.ownProfile(state.configuration).profile;
  const found = [...repositories].map(
    async ([ref, state]) => [ref, { before: own(now, await now.repository(ref)), after: own(after, state) }] as const,
  );
  return new Map(await Promise.all(found));
}

const repositoryOf = (origin: Ref): Ref => (refKind(origin) === "commit" ? commitOf(origin) : pullRequestOf(origin)).repository;

/** What has a part in a repository that is less visible than this one, also by a commit, is not told of, not even in figures. */
function isTold(pair: Pair, { changes: { proposal, before }, repositories, hidden }: Scope): boolean {
  const parts = pullRequestsOf(pair).map(({ repository }) => repository);
  const isOurs = proposal.layer === "organisation" || parts.includes(proposal.repository);
  const kind = (pair.after ?? pair.before)?.kind;
  if (!isOurs || (hidden && kind === "ticket")) return false;
  return [...parts, ...pushedTo(pair)].every((ref) => isSeen(repositories.get(ref), before));
}

const isSeen = (other: RepositoryState | undefined, here: RepositoryState): boolean =>
  other !== undefined && isSeenFrom(here.described, other.described);

function compared(pair: Pair, scope: Scope): ComparedItem {
  const { before, after } = pair;
  const kind = (after ?? before)?.kind ?? "pull-request";
  const own = { before: ownOf(pair, "before", scope), after: ownOf(pair, "after", scope) };
  return { kind, own, before: countedTimes(before, own.before, scope), after: countedTimes(after, own.after, scope) };
}

/** The name of the profile that is an item's own where the file is: for everybody the part that source control tells. */
function ownOf(pair: Pair, side: "before" | "after", { changes: { proposal }, own, hidden }: Scope): string | null {
  const ofOne = proposal.layer === "repository";
  const repository = ofOne ? proposal.repository : pullRequestsOf(pair)[0]?.repository;
  const asked = (repository && own.get(repository)?.[side]) ?? null;
  if (hidden) return asked && sourceControlPart(asked).name;
  // Of a ticket, the first may be another repository's; of a pull request, it may stand in for a profile that needs a ticket.
  if (ofOne && pair[side]?.kind === "ticket") return asked?.name ?? null;
  return pair[side]?.leadTimes[0]?.profile ?? null;
}

/** Of an item that reports count, the lead times that do, under profiles of which may be told here. */
function countedTimes(item: MeasuredItem | null, own: string | null, { changes, hidden }: Scope): readonly LeadTime[] {
  if (!item || item.finishedAt === null || item.finishedAt < changes.since) return [];
  const isOfAll = changes.proposal.layer === "organisation" && !hidden;
  const leadTimes = item.leadTimes.filter(
    ({ status, profile }) => status !== "abandoned" && (isOfAll || profile === own || ALWAYS.includes(profile)),
  );
  if (item.kind === "ticket") return leadTimes;
  return leadTimes.filter((leadTime) => (hidden ? isOpen(leadTime) : !isTimedByTicket(leadTime)));
}

/** What every pull request is measured under; the others besides its own are those of org units. */
const ALWAYS: readonly string[] = ["pull-request", "change"];

/** A pull request's time since its ticket was created stands with the ticket already. */
const isTimedByTicket = ({ start }: LeadTime): boolean => start !== null && ofTicket(start.event);

/** Told by source control alone: such a one is kept of every pull request that everybody can read. */
const isOpen = (leadTime: LeadTime): boolean => leadTime.start !== null && scmOnly(leadTime) === leadTime;

/** By the profile's name, also of the part of it that everybody may see. */
async function overallOf(after: Gathering, repositories: Repositories): Promise<Preview["overall"]> {
  const configurations = [await after.defaults(), ...[...repositories.values()].map(({ configuration }) => configuration)];
  const profiles = configurations.flatMap((configuration) => [...configuration.profiles.values()]);
  const named = (of: (profile: Profile) => Profile) => profiles.map((profile) => [of(profile).name, profile.overall] as const);
  const overall = new Map([...named(sourceControlPart), ...named((profile) => profile)]);
  return (profile) => overall.get(profile) ?? "sum-of-stages";
}

interface LinkChanges {
  readonly gained: readonly StoredLink[];
  readonly lost: readonly StoredLink[];
}

async function changedLinks(queries: Queries, { links }: Overlay, owner: Owner): Promise<LinkChanges> {
  const before = held(await queries.linksFrom(owner, [...links.keys()]));
  const after = held([...links.values()].flat());
  const without = (some: ReadonlyMap<string, StoredLink>, others: ReadonlyMap<string, StoredLink>) =>
    [...some].flatMap(([name, link]) => (others.has(name) ? [] : [link]));
  return { gained: without(after, before), lost: without(before, after) };
}

/** The links that hold, near misses left out. */
const held = (links: readonly StoredLink[]): ReadonlyMap<string, StoredLink> =>
  new Map(
    links.filter(({ refusal }) => refusal === null).map((link) => [`${link.from} ${link.key.toUpperCase()}`, link] as const),
  );

async function toldLinks(links: LinkChanges, { changes, repositories }: Scope): Promise<Preview["links"]> {
  const { proposal, before, after } = changes;
  const isTold = ({ from }: StoredLink): boolean => {
    const repository = repositoryOf(from);
    const isOurs = proposal.layer === "organisation" || repository === proposal.repository;
    return isOurs && isSeen(repositories.get(repository), before);
  };
  const named = ({ from, key }: StoredLink): NamedLink => {
    const repository = repositoryOf(from);
    const elsewhere = repository === proposal.repository ? "" : (repositories.get(repository)?.described.name ?? "");
    if (refKind(from) === "commit") return { from: commitOf(from).sha.slice(0, SHORT_SHA), key };
    return { from: `${elsewhere}#${pullRequestOf(from).number}`, key };
  };
  const files = [before, await after.repository(proposal.repository)];
  return {
    gained: links.gained.filter(isTold).map(named).sort(byNumber),
    lost: links.lost.filter(isTold).map(named).sort(byNumber),
    named: files.every((state) => state?.configuration.comment.tickets !== "hidden"),
  };
}

const NUMERIC = new Intl.Collator("en", { numeric: true });
const byNumber = (one: NamedLink, other: NamedLink): number => NUMERIC.compare(one.from, other.from);
