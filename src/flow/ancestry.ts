import { before, type Carrier, carriersOf, isReleaseLane, neighbourComparisons } from "../core/containment.js";
import type { Effect } from "../core/effect.js";
import { byTime } from "../core/entry.js";
import { type EventOf, only } from "../core/event.js";
import { commitOf, commitRef, graphRef, lanesRef, mergesOf, type Ref, refId, refKind, repositoryRef } from "../core/ref.js";
import { instant } from "../core/time.js";
import type { Queries } from "../ports.js";
import type { Gathering } from "./gather.js";

/** What of git's graph has to be asked for, and which commits' pull requests a carrier concerns. */
export interface Asked {
  readonly wants: readonly Effect[];
  /** The heads whose contained merges may have got, or lost, a carrier. */
  readonly heads: readonly { readonly repository: Ref; readonly sha: string }[];
}

interface Asking {
  readonly queries: Queries;
  readonly gathering: Gathering;
  readonly repository: Ref;
}

const DEPLOYING = ["deployment.succeeded"] as const;
const RELEASING = ["release.published", "release.resolved", "release.deleted"] as const;

/**
 * What a deployment or release has to be compared with: its neighbours in its lane, or, as the first there is, the merges
 * it may contain (docs/lead-time.md, containment by ancestry). Where a release was deleted, or turned out to be of the other
 * kind, those that follow it are asked about anew.
 */
export async function askAboutCarrier(queries: Queries, gathering: Gathering, carrier: Ref): Promise<Asked> {
  const [repository] = (await queries.events(gathering.owner, [carrier])).flatMap((event) => event.repository ?? []);
  const state = repository && (await gathering.repository(repository));
  if (!repository || !state) return { wants: [], heads: [] };
  const types = refKind(carrier) === "release" ? RELEASING : DEPLOYING;
  const events = await queries.repositoryEvents<CarryingEvent["type"]>(gathering.owner, repository, types);
  const all = carriersOf(events);
  const { about, gone } = concerned(carrier, events);
  const neighbours = about.flatMap((of) => lanesOf(of, all).flatMap((lane) => neighbourComparisons(of, lane)));
  const firsts = await askAboutFirsts({ queries, gathering, repository }, about.filter(isFirst(all)));
  const heads = [...gone, ...about].map(({ sha }) => sha).concat(neighbours.map(({ head }) => head));
  return {
    wants: [...neighbours.map((pair): Effect => ({ kind: "compare", repository, ...pair })), ...firsts],
    heads: [...new Set(heads)].map((sha) => ({ repository, sha })),
  };
}

type CarryingEvent = EventOf<(typeof DEPLOYING)[number] | (typeof RELEASING)[number]>;

/** The carrier itself; of a release also those that follow it, for whatever it carries no longer in their lane. */
function concerned(ref: Ref, events: readonly CarryingEvent[]): { readonly about: Carrier[]; readonly gone: Carrier[] } {
  const all = carriersOf(events);
  const about = all.filter(({ event }) => event.ref === ref);
  const undeleted = carriersOf(events.filter(({ type }) => type !== "release.deleted"));
  const gone = about.length > 0 ? [] : undeleted.filter(({ event }) => event.ref === ref);
  const releases = [...about, ...gone].filter(({ lane }) => isReleaseLane(lane));
  const following = releases.flatMap((of) =>
    ["release", "prerelease"].flatMap((lane) => all.find((one) => one.lane === lane && byTime(one.event, of.event) > 0) ?? []),
  );
  return { about: [...about, ...following], gone };
}

/** Of its lane; those that were deleted are left out. */
const isFirst =
  (all: readonly Carrier[]) =>
  (of: Carrier): boolean =>
    all.find(({ lane }) => lane === of.lane)?.event.id === of.event.id;

/** A release stands among the full releases, and among all of them. */
const lanesOf = (of: Carrier, all: readonly Carrier[]): Carrier[][] => {
  const own = all.filter(({ lane }) => lane === of.lane);
  return of.event.type === "release.published" ? [own, [...all]] : [own];
};

/** Merges that became known after first carriers of their repository's lanes: those may contain them. */
export async function askAboutMerges(queries: Queries, gathering: Gathering, merges: Ref): Promise<readonly Effect[]> {
  const { repository, at } = mergesOf(merges);
  const state = await gathering.repository(repository);
  if (!state || before(at, state.watchedAt)) return [];
  const asking = { queries, gathering, repository };
  const firsts = await firstsOf(asking, (begun) => isReleaseLane(begun.lane) || begun.at >= at);
  return askAboutFirsts(
    asking,
    firsts.filter(({ event }) => event.at >= at),
  );
}

/** An answer about a commit came: the first carriers of it may have another question. */
export async function askAboutHead(queries: Queries, gathering: Gathering, graph: Ref): Promise<readonly Effect[]> {
  const { repository, sha } = commitOf(graph);
  const wholes = await queries.wholes(gathering.owner, [commitRef(refId(repository), sha)]);
  const carriers = new Set(wholes.filter((ref) => refKind(ref) === "deployment" || refKind(ref) === "release"));
  if (carriers.size === 0) return [];
  const released = [...carriers].some((ref) => refKind(ref) === "release");
  const asking = { queries, gathering, repository };
  const firsts = await firstsOf(asking, ({ carrier, lane }) => carriers.has(carrier) || (released && isReleaseLane(lane)));
  return askAboutFirsts(
    asking,
    firsts.filter((first) => first.sha === sha),
  );
}

/** The repository is watched since earlier than was known: more merges are asked for. */
export async function askAboutLanes(queries: Queries, gathering: Gathering, lanes: Ref): Promise<readonly Effect[]> {
  const asking = { queries, gathering, repository: repositoryRef(refId(lanes)) };
  return askAboutFirsts(asking, await firstsOf(asking, () => true));
}

/** The first carriers of those lanes that are wanted. */
async function firstsOf(
  { queries, gathering: { owner }, repository }: Asking,
  wanted: (begun: EventOf<"lane.begun">) => boolean,
): Promise<Carrier[]> {
  const begun = only(await queries.events(owner, [lanesRef(refId(repository))]), "lane.begun").filter(wanted);
  if (begun.length === 0) return [];
  const beginnings = carriersOf(await queries.events(owner, [...new Set(begun.map(({ carrier }) => carrier))]));
  const byRef = new Map(beginnings.map((carrier) => [carrier.event.ref, carrier]));
  const firsts = begun.flatMap(({ lane, carrier }) => {
    const beginning = byRef.get(carrier);
    return beginning?.lane === lane ? [beginning] : [];
  });
  if (firsts.length === begun.length) return firsts;
  // The release that began a lane was deleted, is of the other kind now, or has no commit yet.
  const releases = carriersOf(await queries.repositoryEvents(owner, repository, RELEASING));
  return [...firsts.filter(({ lane }) => !isReleaseLane(lane)), ...releases.filter(isFirst(releases))];
}

const askAboutFirsts = async (asking: Asking, firsts: readonly Carrier[]): Promise<Effect[]> =>
  (await Promise.all(firsts.map((first) => askAboutFirst(asking, first)))).flat();

/** So many answers that nothing is known of a head: it is gone itself. */
const IN_VAIN = 10;

/**
 * The first carrier of a lane has none before it to compare with: it is compared with the earliest merge, since the
 * repository is watched, that it is not known to contain. That it does not contain that one settles all later ones: what it
 * contains of them was in the answer. Otherwise the next is asked for when the answer is there.
 */
async function askAboutFirst({ queries, gathering, repository }: Asking, { event, sha: head }: Carrier): Promise<Effect[]> {
  const { owner } = gathering;
  const answers = only(await queries.events(owner, [graphRef(refId(repository), head)]), "commits.compared");
  const without = answers.filter(({ status }) => status === "unknown").map(({ base }) => base);
  if (without.length >= IN_VAIN) return [];
  const from = (await gathering.repository(repository))?.watchedAt ?? instant(0);
  const base = await queries.earliestMerge({ owner, repository, head, from, until: event.at, without });
  if (base === undefined || answers.some((answer) => answer.base === base)) return [];
  return [{ kind: "compare", repository, base, head }];
}
