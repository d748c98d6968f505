import { byTime, type Entry, shown } from "./entry.js";
import { type Event, type EventOf, only } from "./event.js";
import { matchesAny } from "./glob.js";
import type { MergeCommit } from "./pull-request.js";
import type { Instant } from "./time.js";

/** What carries commits somewhere: a deployment to an environment, or a release. */
export interface Carrier {
  readonly event: EventOf<"deployment.succeeded"> | EventOf<"release.published">;
  readonly sha: string;
  /** Carriers of one lane follow each other: `deployment production`, `release`, `prerelease`. */
  readonly lane: string;
}

/** The carriers among these events; a release is one once its tag's commit is known, and while it is not deleted. */
export function carriersOf(events: readonly Event[]): Carrier[] {
  const resolved = new Map(only(events, "release.resolved").map(({ ref, sha }) => [ref, sha]));
  const deleted = new Set(only(events, "release.deleted").map(({ ref }) => ref));
  const deployments = only(events, "deployment.succeeded")
    .filter(({ transient }) => !transient)
    .map((event) => ({ event, sha: event.sha, lane: laneOf(event) }));
  const releases = only(events, "release.published").flatMap((event) => {
    const sha = resolved.get(event.ref);
    return sha === undefined || deleted.has(event.ref) ? [] : [{ event, sha, lane: laneOf(event) }];
  });
  return [...deployments, ...releases].sort((a, b) => byTime(a.event, b.event));
}

export const laneOf = (event: Carrier["event"]): string => {
  if (event.type === "deployment.succeeded") return `deployment ${event.environment.toLowerCase()}`;
  return event.prerelease ? "prerelease" : "release";
};

/** Only of these the first may cease to be: a release may be deleted, or turn out to be of the other kind. */
export const isReleaseLane = (lane: string): boolean => lane === "release" || lane === "prerelease";

/** What is known of git's graph and of the past around one merge commit. */
export interface Containing {
  /** The commits known to contain it, itself included. */
  readonly heads: ReadonlySet<string>;
  /** Since when the repository is watched. */
  readonly watchedAt: Instant | null;
  /** The refs of the first carriers seen of their lanes. */
  readonly firsts: ReadonlySet<string>;
}

/**
 * For each lane the first carrier that contains the merge commit: every later one contains it too (docs/lead-time.md).
 * The first carrier ever seen of a lane tells, besides equality, only of what was merged since the repository is watched:
 * when it contains an older merge, that one was there before we looked. What a branch carried before its merge is not of the merge.
 */
export function firstContaining(merge: MergeCommit, carriers: readonly Carrier[], known: Containing): Carrier[] {
  const tells = ({ event, sha }: Carrier) =>
    sha === merge.sha || !known.firsts.has(event.ref) || !before(merge.at, known.watchedAt);
  const lanes = new Map<string, Carrier>();
  for (const carrier of carriers) {
    const contains = (carrier.sha === merge.sha || known.heads.has(carrier.sha)) && !isOfBranch(carrier, merge);
    if (contains && !lanes.has(carrier.lane)) lanes.set(carrier.lane, carrier);
  }
  return [...lanes.values()].filter(tells);
}

/** A merge that made no commit of its own leaves the branch's commit behind, which may have been carried before. */
const isOfBranch = ({ event }: Carrier, { at, pullRequest }: MergeCommit): boolean => pullRequest !== null && event.at < at;

export const before = (at: Instant, watchedAt: Instant | null): boolean => watchedAt !== null && at < watchedAt;

export function carrierEntry({ event }: Carrier, merge: MergeCommit): Entry {
  if (event.type === "release.published") {
    const note = `release ${event.tag}`;
    return { type: "release.published", prerelease: event.prerelease, ...shown(event, merge.pullRequest, note) };
  }
  return {
    ...shown(event, merge.pullRequest),
    type: "deployment.succeeded",
    environment: event.environment,
    production: event.production,
    note: `${event.sha.slice(0, 7)} to ${event.environment}`,
  };
}

/** `globs`: of the environments that are; null: as GitHub marks them, or by the usual names. */
export const isProduction = (
  { environment, production }: Pick<EventOf<"deployment.succeeded">, "environment" | "production">,
  globs: readonly string[] | null,
): boolean => (globs ? matchesAny(globs, environment) : production || matchesAny(USUAL_NAMES, environment));
const USUAL_NAMES = ["production", "prod", "prod-*"];

/** A comparison that git's graph still has to be asked for. */
export interface Comparison {
  readonly base: string;
  readonly head: string;
}

/**
 * The comparisons that a carrier needs: with the one before it in its lane, and the one after it with itself.
 * Both, since carriers may be seen in any order.
 */
export function neighbourComparisons(of: Carrier, lane: readonly Carrier[]): Comparison[] {
  const index = lane.findIndex(({ event }) => event.id === of.event.id);
  const pairs = [
    [lane[index - 1], of],
    [of, lane[index + 1]],
  ];
  return pairs.flatMap(([base, head]) => (base && head && base.sha !== head.sha ? [{ base: base.sha, head: head.sha }] : []));
}
