import { type Containing, carrierEntry, carriersOf, firstContaining } from "../../src/core/containment.js";
import { type Event, type EventOf, merge } from "../../src/core/event.js";
import type { LeadTime } from "../../src/core/measurement.js";
import { type MergeCommit, type PullRequest, readPullRequest } from "../../src/core/pull-request.js";
import { commitRef, type Ref, refId, refKind } from "../../src/core/ref.js";
import { readTicket } from "../../src/core/ticket.js";
import { type Instant, MINUTE } from "../../src/core/time.js";
import { apiEntries, ciEntries, timeline, type WorkItem } from "../../src/core/work-item.js";
import { at, category, commit, deployment, pullRequest, repository, run, ticket, version } from "./builders.js";

/** When each thing happened in a ticket's whole life; null: it did not. */
export interface Life {
  readonly created: Instant | null;
  readonly inProgress: Instant | null;
  readonly firstCommit: Instant | null;
  readonly opened: Instant | null;
  readonly reviewed: Instant | null;
  readonly approved: Instant | null;
  readonly merged: Instant | null;
  readonly ci: Instant | null;
  readonly deployed: Instant | null;
  readonly done: Instant | null;
  readonly released: Instant | null;
}

/** The first worked example: one ticket, one pull request, from 09:50 to 11:00. */
const EXAMPLE: Life = {
  created: at("09:50"),
  inProgress: at("10:00"),
  firstCommit: at("10:05"),
  opened: at("10:10"),
  reviewed: null,
  approved: at("10:11"),
  merged: at("10:15"),
  ci: at("10:16"),
  deployed: at("10:17"),
  done: at("10:20"),
  released: at("11:00"),
};

const when = <Made>(time: Instant | null, make: (time: Instant) => Made): Made[] => (time === null ? [] : [make(time)]);

/** The events of a ticket's whole life, with its pull request number 7; a time that is given stands for the example's. */
export function life(over: Partial<Life> = {}): Event[] {
  const times = { ...EXAMPLE, ...over };
  return [...ticketLife(times), ...pullRequestLife(7, times)];
}

export function ticketLife({ created, inProgress, done, released }: Life): Event[] {
  return [
    ticket.described(at("12:00"), { fixVersions: [{ id: "3", name: "v3" }] }),
    ticket.history(at("12:00")),
    category("To Do", "to-do"),
    category("In Progress", "in-progress"),
    category("Done", "done"),
    version("3").described(at("12:00"), released !== null),
    ...when(created, (time) => ticket.created(time)),
    ...when(created, (time) => ticket.status("initial", "To Do", time)),
    ...when(inProgress, (time) => ticket.status("101", "In Progress", time)),
    ...when(done, (time) => ticket.status("102", "Done", time)),
    ...when(released, (time) => version("3").released(time)),
  ];
}

type PullRequestTimes = Pick<Life, "firstCommit" | "opened" | "reviewed" | "approved" | "merged" | "ci" | "deployed">;

export function pullRequestLife(number: number, times: PullRequestTimes): Event[] {
  const its = pullRequest(number);
  const state = times.merged === null ? "open" : "merged";
  return [
    ...when(times.opened, () => its.described(at("12:00"), { state })),
    ...when(times.opened, (time) => its.opened(time)),
    ...when(times.firstCommit, (time) => its.commits(at("12:00"), [commit(`commit${number}`, time)])),
    ...when(times.reviewed, (time) => its.reviewed(`${number}0`, time)),
    ...when(times.approved, (time) => its.approved(`${number}1`, time)),
    ...when(times.merged, (time) => its.merged(time)),
    ...when(times.ci, (time) => run(`${number}:1`, `merge${number}`, time)),
    ...when(times.deployed, (time) => deployment(`${number}`, `merge${number}`, time)),
  ];
}

/** What is known around an item besides its events. */
export interface Around {
  readonly kind?: WorkItem["kind"];
  readonly repository?: EventOf<"repository.described">;
  readonly bots?: readonly string[];
  readonly heads?: Readonly<Record<string, readonly string[]>>;
  readonly known?: Omit<Containing, "heads">;
  readonly mergedUnwatched?: boolean;
  readonly unreadable?: readonly string[];
}

/** Each event once: observations of one event merged, as the store merges them. */
export function mergedById(events: readonly Event[]): Event[] {
  const byId = new Map<string, Event>();
  for (const event of events) {
    const before = byId.get(event.id);
    byId.set(event.id, before ? merge(before, event) : event);
  }
  return [...byId.values()];
}

/** Puts the work item of these events together: of the ticket, or of the pull request, that is described in them. */
export function workItem(seen: readonly Event[], around: Around = {}): WorkItem {
  const events = mergedById(seen);
  const kind = around.kind ?? "ticket";
  const read = readTicket(events);
  const linked = pullRequestsOf(events, around);
  const pullRequests = linked.filter(({ relation }) => relation === "change");
  const mergeCommits = pullRequests.flatMap(({ merge: merged }) => merged ?? []);
  const ref = kind === "ticket" ? read?.ref : linked[0]?.ref;
  if (!ref) throw new TypeError(`expected the events to describe a ${kind}`);
  return {
    ref,
    kind,
    tickets: read ? [read] : [],
    pullRequests,
    mergeCommits,
    mergedUnwatched: around.mergedUnwatched ?? false,
    unreadable: around.unreadable ?? [],
    entries: timeline([
      ...(read?.entries ?? []),
      ...pullRequests.flatMap(({ entries }) => entries),
      ...mergeCommits.flatMap((merged) => afterMerge(merged, events, around)),
      ...apiEntries(events, null),
    ]),
  };
}

function pullRequestsOf(events: readonly Event[], { repository: described = repository(), bots = [] }: Around): PullRequest[] {
  const refs = [...new Set(events.map(({ ref }) => ref).filter((ref) => refKind(ref) === "pull-request"))].sort();
  return refs.flatMap((ref) => readPullRequest(about(events, ref), described, { bots }) ?? []);
}

function afterMerge(merged: MergeCommit, events: readonly Event[], { heads, known }: Around) {
  const containing = {
    heads: new Set([merged.sha, ...(heads?.[merged.sha] ?? [])]),
    ...(known ?? { watchedAt: null, firsts: new Set<string>() }),
  };
  return [
    ...ciEntries(about(events, commitRef(refId(merged.repository), merged.sha)), merged),
    ...firstContaining(merged, carriersOf(events), containing).map((carrier) => carrierEntry(carrier, merged)),
  ];
}

const about = (events: readonly Event[], ref: Ref): Event[] => events.filter((event) => event.ref === ref);

/** The lead times by stage in minutes; null where there is none. */
export const minutesOf = ({ stages }: LeadTime): (number | null)[] =>
  stages.map(({ leadTime }) => (leadTime === null ? null : leadTime / MINUTE));

export const statesOf = ({ stages }: LeadTime): string[] => stages.map(({ state }) => state);
