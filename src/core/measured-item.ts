import { byTime, type Entry } from "./entry.js";
import type { StoredLink } from "./link.js";
import type { LeadTime, MeasuredItem, PullRequestHead, ShownEvent, TicketHead } from "./measurement.js";
import type { PullRequest } from "./pull-request.js";
import type { Ticket } from "./ticket.js";
import { finishedAt, type WorkItem } from "./work-item.js";

export interface Described {
  readonly item: WorkItem;
  readonly leadTimes: readonly LeadTime[];
  readonly links: readonly StoredLink[];
  /** All pull requests linked to it, reverts and backports too. */
  readonly linked: readonly PullRequest[];
}

/** Everything that is kept and shown of a measured item. */
export function describeItem({ item, leadTimes, links, linked }: Described): MeasuredItem {
  return {
    ref: item.ref,
    kind: item.kind,
    ...headOf(item, linked),
    abandoned: leadTimes.every(({ status }) => status === "abandoned"),
    finishedAt: finishedAt(item),
    timeInStatus: item.tickets[0]?.timeInStatus ?? null,
    tickets: item.tickets.map(ticketHead),
    pullRequests: linked.map(pullRequestHead),
    links,
    leadTimes,
    events: shownEvents(item.entries),
  };
}

function headOf({ kind, tickets: [ticket] }: WorkItem, [pullRequest]: readonly PullRequest[]) {
  if (kind === "ticket" && ticket) {
    const { key, title, issueType, url } = ticket.described;
    return { name: key, title, type: issueType, url: url ?? null };
  }
  if (!pullRequest) throw new TypeError("a work item has a ticket or a pull request");
  const { title, url, repositoryName, number } = pullRequestHead(pullRequest);
  return { name: `${repositoryName}#${number}`, title, type: null, url };
}

export const ticketHead = ({ ref, described: { key, title, url } }: Ticket): TicketHead => ({
  ref,
  key,
  title,
  url: url ?? null,
});

export const pullRequestHead = ({ ref, repository, described, merge }: PullRequest): PullRequestHead => ({
  ref,
  repository: repository.ref,
  repositoryName: repository.name,
  visibility: repository.visibility,
  number: described.number,
  title: described.title,
  url: described.url ?? null,
  author: described.author,
  mergedAt: merge?.at ?? null,
});

/** Each event once, also where it enters two kinds of stages (an approval is a review too). */
function shownEvents(entries: readonly Entry[]): ShownEvent[] {
  const shown = new Map<string, ShownEvent>();
  for (const { type, id, at, precision, url, actor } of entries) shown.set(id, { type, id, at, precision, url, actor });
  return [...shown.values()].sort(byTime);
}
