import { before, type Carrier, type Comparison, carriersOf, isReleaseLane, neighbourComparisons } from "../core/containment.js";
import type { Effect } from "../core/effect.js";
import { byTime } from "../core/entry.js";
import { type Event, type EventOf, only } from "../core/event.js";
import { commitOf, commitRef, graphRef, lanesRef, mergesOf, type Ref, refId, refKind, repositoryRef } from "../core/ref.js";
import { type Instant, instant } from "../core/time.js";
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

const RELEASING = ["release.published", "release.resolved", "release.deleted"] as const;

/**
 * What a deployment or release has to be compared with: its neighbours in its lane, or, as the first there is, the merges
 * it may contain (docs/lead-time.md, containment by ancestry). Where a release was deleted, or turned out to be of the other
 * kind, those that follow it are asked about anew.
 */
export async function askAboutCarrier(queries: Queries, gathering: Gathering, carrier: Ref): Promise<Asked> {
  const own = await queries.events(gathering.owner, [carrier]);
  const [repository] = own.flatMap((event) => event.repository ?? []);
  const state = repository && (await gathering.repository(repository));
  if (!repository || !state) return { wants: [], heads: [] };
  const asking = { queries, gathering, repository };
  const { about, gone, comparisons, firsts } =
    refKind(carrier) === "release" ? await aroundRelease(asking, carrier) : await aroundDeployment(asking, own);
  const heads = [...gone, ...about].map(({ sha }) => sha).concat(comparisons.map(({ head }) => head));
  return {
    wants: [
      ...comparisons.map((pair): Effect => ({ kind: "compare", repository, ...pair })),
      ...(await askAboutFirsts(asking, firsts)),
    ],
    heads: [...new Set(heads)].map((sha) => ({ repository, sha })),
  };
}

/** A carrier among those of its lane. */
interface Around {
  readonly about: readonly Carrier[];
  /** What it was, and is no more. */
  readonly gone: readonly Carrier[];
  readonly comparisons: readonly Comparison[];
  /** Those of them that have none before them. */
  readonly firsts: readonly Carrier[];
}

/** A repository may have been deployed many times: only the neighbours are looked up. */
async function aroundDeployment({ queries, gathering }: Asking, own: readonly Event[]): Promise<Around> {
  const [of] = carriersOf(only(own, "deployment.succeeded"));
  if (of?.event.type !== "deployment.succeeded") return { about: [], gone: [], comparisons: [], firsts: [] };
  const lane = carriersOf([of.event, ...(await queries.neighbours(gathering.owner, of.event))]);
  const firsts = isFirst(lane)(of) ? [of] : [];
  return { about: [of], gone: [], comparisons: neighbourComparisons(of, lane), firsts };
}

async function aroundRelease({ queries, gathering, repository }: Asking, release: Ref): Promise<Around> {
  const events = await queries.repositoryEvents(gathering.owner, repository, RELEASING);
  const all = carriersOf(events);
  const { about, gone } = concerned(release, events);
  const comparisons = about.flatMap((of) => lanesOf(of, all).flatMap((lane) => neighbourComparisons(of, lane)));
  return { about, gone, comparisons, firsts: about.filter(isFirst(all)) };
}

type ReleaseEvent = EventOf<(typeof RELEASING)[number]>;

/** The carrier itself; of a release also those that follow it, for whatever it carries no longer in their lane. */
function concerned(ref: Ref, events: readonly ReleaseEvent[]): { readonly about: Carrier[]; readonly gone: Carrier[] } {
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
export async function askAboutMerges(queries: Queries, gathering: Gathering, merges: readonly Ref[]): Promise<Effect[]> {
  const times = new Map<Ref, Instant[]>(merges.map((ref) => [mergesOf(ref).repository, []]));
  for (const { repository, at } of merges.map(mergesOf)) times.get(repository)?.push(at);
  const asked = [...times].map(([repository, ats]) => askAboutMergesOf({ queries, gathering, repository }, ats));
  return (await Promise.all(asked)).flat();
}

/** What the earliest of them asks for is what all of them ask for. */
async function askAboutMergesOf(asking: Asking, times: readonly Instant[]): Promise<Effect[]> {
  const state = await asking.gathering.repository(asking.repository);
  const watched = times.filter((at) => state && !before(at, state.watchedAt));
  if (watched.length === 0) return [];
  const at = Math.min(...watched);
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
