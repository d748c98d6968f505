import { before } from "../core/containment.js";
import type { StoredLink } from "../core/link.js";
import type { MergeCommit, PullRequest } from "../core/pull-request.js";
import { type Ref, refKind } from "../core/ref.js";
import type { Ticket } from "../core/ticket.js";
import { formatMinute } from "../core/time.js";
import { straightCommit, timeline, type WorkItem } from "../core/work-item.js";
import type { Gathering, NamedTicket } from "./gather.js";

/** What belongs to a work item, before its timeline is put together. */
export interface Parts {
  readonly ref: Ref;
  readonly kind: WorkItem["kind"];
  readonly linked: readonly PullRequest[];
  readonly named: readonly NamedTicket[];
  readonly links: readonly StoredLink[];
}

/** Puts a work item together from everything that was linked to it. */
export async function assemble(gathering: Gathering, { ref, kind, linked, named, links }: Parts): Promise<WorkItem> {
  const changes = linked.filter(({ relation }) => relation === "change");
  const tickets = named.flatMap(({ ticket }) => ticket ?? []);
  const straight = await straightCommits(gathering, kind === "ticket" ? links : []);
  const mergeCommits = [...changes.flatMap(({ merge }) => merge ?? []), ...straight.flatMap(({ merge }) => merge)];
  const after = await Promise.all(mergeCommits.map((merge) => gathering.mergeEntries(merge)));
  const posted = await Promise.all([
    ...named.map((ticket) => gathering.postedForTicket(ticket)),
    ...changes.map((change) => gathering.postedForCommits(commitsOf(change), change.ref)),
    gathering.postedForCommits(
      straight.flatMap(({ merge }) => merge.map(({ sha }) => sha)),
      null,
    ),
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

const commitsOf = ({ merge, commits }: PullRequest): string[] => [
  ...(merge ? [merge.sha] : []),
  ...(commits ?? []).map(({ sha }) => sha),
];

async function straightCommits(gathering: Gathering, links: readonly StoredLink[]) {
  const refs = [...new Set(links.map(({ from }) => from))].filter((from) => refKind(from) === "commit");
  const pushed = await Promise.all(refs.map((ref) => gathering.straightCommit(ref)));
  return pushed.flatMap((event) => (event ? [straightCommit(event)] : []));
}

async function mergedUnwatched(gathering: Gathering, merges: readonly MergeCommit[]): Promise<boolean> {
  const states = await Promise.all(merges.map(({ repository }) => gathering.repository(repository)));
  return merges.length > 0 && merges.every(({ at }, index) => before(at, states[index]?.watchedAt ?? null));
}

/** Why a named ticket cannot be told of, in words. */
export function unreadableReason({ jira, policy }: Gathering, { key, unreadable }: NamedTicket): string {
  if (!policy.jira.configured) return `${key} is named, but Jira is not set up`;
  if (!jira) return `${key} is named, but this account may not use Jira`;
  if (!unreadable) return `${key} has not been read from Jira yet`;
  if (unreadable.reason === "unknown") return `Jira has no ticket ${key} that we may read`;
  return `Jira could not be read since ${formatMinute(unreadable.since)} (UTC)`;
}
