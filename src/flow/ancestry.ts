import { type Carrier, carriersOf, firstComparison, neighbourComparisons } from "../core/containment.js";
import type { Effect } from "../core/effect.js";
import { byTime } from "../core/entry.js";
import { type Event, type EventOf, only } from "../core/event.js";
import type { MergeCommit } from "../core/pull-request.js";
import { commitOf, graphRef, type Ref, refId } from "../core/ref.js";
import type { Queries } from "../ports.js";
import type { Gathering } from "./gather.js";

/** What of git's graph has to be asked for, and which commits' pull requests a carrier concerns. */
export interface Asked {
  readonly wants: readonly Effect[];
  /** The heads whose contained merges may have got, or lost, a carrier. */
  readonly heads: readonly { readonly repository: Ref; readonly sha: string }[];
}

/**
 * What a deployment or release has to be compared with: its neighbours in its lane, or, as the first there is, the merges
 * it may contain (`SEMANTICS` §8, containment by ancestry). Of a deleted release those that follow it are asked about anew.
 */
export async function askAboutCarrier(queries: Queries, gathering: Gathering, carrier: Ref): Promise<Asked> {
  const [repository] = (await queries.events(gathering.owner, [carrier])).flatMap((event) => event.repository ?? []);
  const state = repository && (await gathering.repository(repository));
  if (!repository || !state) return { wants: [], heads: [] };
  const events = await queries.repositoryEvents(gathering.owner, repository, CARRYING);
  const all = carriersOf(events);
  const { about, gone } = concerned(carrier, events);
  const neighbours = about.flatMap((of) => lanesOf(of, all).flatMap((lane) => neighbourComparisons(of, lane)));
  const firsts = about.filter((of) => isFirst(of, all));
  const first = await Promise.all(firsts.map((of) => askAboutFirst(queries, gathering, { repository, first: of })));
  const heads = [...gone, ...about].map(({ sha }) => sha).concat(neighbours.map(({ head }) => head));
  return {
    wants: [...neighbours.map((pair): Effect => ({ kind: "compare", repository, ...pair })), ...first.flat()],
    heads: [...new Set(heads)].map((sha) => ({ repository, sha })),
  };
}

type CarryingEvent = EventOf<(typeof CARRYING)[number]>;

/** The carrier itself; of a release that was deleted, those that now follow what was before it. */
function concerned(ref: Ref, events: readonly CarryingEvent[]): { readonly about: Carrier[]; readonly gone: Carrier[] } {
  const all = carriersOf(events);
  const about = all.filter(({ event }) => event.ref === ref);
  const undeleted = carriersOf(events.filter(({ type }) => type !== "release.deleted"));
  const gone = about.length > 0 ? [] : undeleted.filter(({ event }) => event.ref === ref);
  const following = gone.flatMap((of) =>
    lanesOf(of, all).flatMap((lane) => lane.find(({ event }) => byTime(event, of.event) > 0) ?? []),
  );
  return { about: [...about, ...new Set(following)], gone };
}

/** Of its lane, those that were deleted left out. */
const isFirst = (of: Carrier, all: readonly Carrier[]): boolean =>
  all.find(({ lane }) => lane === of.lane)?.event.id === of.event.id;

const CARRYING = ["deployment.succeeded", "release.published", "release.resolved", "release.deleted"] as const;

/** A release stands among the full releases, and among all of them. */
const lanesOf = (of: Carrier, all: readonly Carrier[]): Carrier[][] => {
  const own = all.filter(({ lane }) => lane === of.lane);
  return of.event.type === "release.published" ? [own, all.filter(({ event }) => event.type === "release.published")] : [own];
};

/** A merge that became known after the first carriers of its repository's lanes: they may contain it. */
export async function askAboutMerge(queries: Queries, gathering: Gathering, commit: Ref): Promise<readonly Effect[]> {
  const { repository } = commitOf(commit);
  const state = await gathering.repository(repository);
  if (!state || state.firsts.size === 0) return [];
  const events = await queries.repositoryEvents(gathering.owner, repository, CARRYING);
  const firsts = carriersOf(events).filter((of, _, all) => isFirst(of, all));
  return (await Promise.all(firsts.map((first) => askAboutFirst(queries, gathering, { repository, first })))).flat();
}

async function askAboutFirst(
  queries: Queries,
  gathering: Gathering,
  { repository, first }: { readonly repository: Ref; readonly first: Carrier },
): Promise<Effect[]> {
  const state = await gathering.repository(repository);
  const merges = mergesIn(
    await queries.repositoryEvents(gathering.owner, repository, ["pull-request.merged", "commit.pushed"]),
  );
  const graph = only(await queries.events(gathering.owner, [graphRef(refId(repository), first.sha)]), "commits.compared");
  const comparison = firstComparison(first, merges, {
    contained: new Set(await queries.contained(gathering.owner, repository, first.sha)),
    asked: new Set(graph.map(({ base }) => base)),
    watchedAt: state?.watchedAt ?? null,
  });
  return comparison ? [{ kind: "compare", repository, ...comparison }] : [];
}

const mergesIn = (events: readonly Event[]): MergeCommit[] =>
  events.flatMap((event): MergeCommit[] => {
    if (!event.repository) return [];
    const at = { repository: event.repository, at: event.at };
    if (event.type === "pull-request.merged") return [{ ...at, sha: event.mergeCommit, pullRequest: event.ref }];
    return event.type === "commit.pushed" ? [{ ...at, sha: event.commit.sha, pullRequest: null }] : [];
  });
