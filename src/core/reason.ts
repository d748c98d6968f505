import { needsTicket, type Trigger, type TriggerName } from "./profile.js";
import type { WorkItem } from "./work-item.js";

export interface Reasons {
  readonly reason: string;
  readonly plainReason: string;
}

/** Why a stage has no entry, as it may be told where everything may, and where no pull request may be told of. */
export const reasonsFor = (trigger: Trigger, item: WorkItem, overtaker: string | null): Reasons => ({
  reason: reasonFor(trigger, item, overtaker),
  plainReason: reasonFor(trigger, plainly(item), overtaker),
});

/** The item with none of the names that people gave in repositories: no reason can tell what it is not given. */
const plainly = (item: WorkItem): WorkItem => ({
  ...item,
  pullRequests: item.pullRequests.map((pullRequest) => ({
    ...pullRequest,
    described: { ...pullRequest.described, title: "", branch: "another branch", base: "another branch", labels: [] },
  })),
  entries: item.entries.map((entry) => (entry.type === "ci.completed" ? { ...entry, name: "a workflow" } : entry)),
});

/**
 * Why a stage has no entry, in words: a silent gap is what such systems are most often blamed for (docs/lead-time.md).
 * `overtaker`: the stage that was entered instead, if any.
 */
export function reasonFor(trigger: Trigger, item: WorkItem, overtaker: string | null): string {
  return groundMissing(trigger, item) ?? ownReason(trigger, item, overtaker);
}

/** What a stage stands on and the item lacks: a ticket, a change, a merge. */
function groundMissing(trigger: Trigger, item: WorkItem): string | undefined {
  if (needsTicket(trigger)) return withoutTicket(item);
  if (AFTER_MERGE.has(trigger.on)) return withoutMerge(item);
  return trigger.on === "api-event" ? undefined : withoutChange(item);
}
const AFTER_MERGE: ReadonlySet<TriggerName> = new Set<TriggerName>([
  "ci.completed",
  "deployment.succeeded",
  "release.published",
]);

function ownReason(trigger: Trigger, item: WorkItem, overtaker: string | null): string {
  switch (trigger.on) {
    case "ticket.created":
      return "the ticket's creation has not been seen";
    case "ticket.status":
      return unread(item) ?? overtaken(statusName(trigger), overtaker);
    case "ticket.field":
      return unread(item) ?? overtaken(`${trigger.field} not set`, overtaker);
    case "ticket.released":
      return unreleased(item);
    case "commit.created":
      return item.pullRequests.some(({ commits }) => commits === null) ? "its commits have not been read" : "it has no commits";
    case "pull-request.opened":
      return "still a draft";
    case "pull-request.labeled":
      return `not labelled ${trigger.labels?.join(" or ") ?? ""}`.trimEnd();
    case "pull-request.reviewed":
      return "no review by another person";
    case "pull-request.approved":
      return isMerged(item) ? "merged without approval" : "no approval by another person";
    case "pull-request.merged":
      return unmerged(item);
    case "ci.completed":
      return ciReason(trigger, item);
    case "deployment.succeeded":
      return undeployed(trigger, item);
    case "release.published":
      return item.mergedUnwatched ? UNWATCHED : "no release contains it yet";
    case "api-event":
      return `no ${trigger.type || "API"} event has been posted`;
  }
}

const UNWATCHED = "deployed before we looked";

function withoutTicket({ tickets, unreadable }: WorkItem): string | undefined {
  if (tickets.length > 0) return undefined;
  return unreadable[0] ?? "no ticket linked";
}

const unread = ({ tickets }: WorkItem): string | undefined =>
  tickets.every(({ historyReadAt }) => historyReadAt === null)
    ? "not seen yet: the ticket's history has not been read"
    : undefined;

const overtaken = (what: string, overtaker: string | null): string =>
  overtaker === null ? `${what} yet` : `not seen yet, ${overtaker} came first`;

const statusName = ({ status, category }: Extract<Trigger, { on: "ticket.status" }>): string =>
  `not ${status?.join(" or ") ?? category}`;

function unreleased({ tickets }: WorkItem): string {
  const versions = tickets.flatMap((ticket) => ticket.versions);
  if (versions.length === 0) return "the ticket has no fix version";
  const names = versions.map(({ name }) => name).join(", ");
  return `fix version ${names} is not released`;
}

const withoutChange = ({ pullRequests, mergeCommits, kind }: WorkItem): string | undefined => {
  if (pullRequests.length > 0) return undefined;
  if (kind === "pull-request") return "a revert or backport is no change of its own";
  return mergeCommits.length > 0 ? "pushed without a pull request" : "no pull request or commit names the ticket";
};

const isMerged = ({ pullRequests }: WorkItem): boolean => pullRequests.some(({ merge }) => merge !== null);

function unmerged({ pullRequests }: WorkItem): string {
  const elsewhere = pullRequests.find(({ merge }) => merge !== null);
  if (elsewhere) return `merged into ${elsewhere.described.base}, which this stage does not count`;
  return pullRequests.every(({ described }) => described.state === "closed") ? "closed without merge" : "not merged yet";
}

const withoutMerge = (item: WorkItem): string | undefined => {
  if (item.mergeCommits.length > 0) return undefined;
  return withoutChange(item) ?? unmerged(item);
};

function ciReason({ workflows, checks }: Extract<Trigger, { on: "ci.completed" }>, { entries }: WorkItem): string {
  const runs = entries.flatMap((entry) => (entry.type === "ci.completed" ? [entry] : []));
  const wanted = [...(workflows ?? []), ...(checks ?? [])].join(", ");
  if (wanted !== "") return `${wanted} has not succeeded on the merge commit`;
  const names = [...new Set(runs.map(({ name }) => name))].join(", ");
  return names === "" ? "no workflow has run on the merge commit" : `${names} has not succeeded on the merge commit`;
}

function undeployed({ environments }: Extract<Trigger, { on: "deployment.succeeded" }>, item: WorkItem): string {
  if (item.mergedUnwatched) return UNWATCHED;
  const where =
    environments === undefined ? "" : ` to ${environments === "production" ? environments : environments.join(" or ")}`;
  return `no deployment${where} contains it yet`;
}
