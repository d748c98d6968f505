import type { Event, EventOf, StatusCategory } from "../core/event.js";
import { statusRef } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import { eventsOfEntry, initialStatus, inOrder } from "./changelog.js";
import { aboutTicket, observed } from "./observed.js";
import { historyShape, type Issue, issueShape, type JiraStatus, parse } from "./payload.js";
import { eventsOfFixVersion, type Sighting } from "./version.js";

interface Reading {
  /** The site's address, without a slash at its end. */
  readonly baseUrl: string;
  readonly readAt: Instant;
}

/**
 * A ticket's whole life, from its REST issue and its complete changelog entries (in any order), as raw JSON.
 * Pure. Throws `Unreadable`, naming the field, what was expected and what came.
 */
export function eventsOfIssue(issue: unknown, histories: readonly unknown[], { baseUrl, readAt }: Reading): Event[] {
  const read = parse(issueShape, issue, "the issue");
  const entries = histories.map((history) => {
    const { author: actor, created: at, ...entry } = parse(historyShape, history, `a changelog entry of ${read.key}`);
    return { ...entry, at, actor };
  });
  const about = aboutTicket(read, baseUrl);
  const first = initialStatus(entries, read.fields.status);
  return [
    ticketCreated(read, baseUrl),
    ...(first ? [ticketStarted(read, baseUrl, first)] : []),
    ...inOrder(entries).flatMap((entry) => eventsOfEntry(about, entry)),
    { ...ticketDescribed(read, baseUrl, readAt), readAt },
    ...statusCategory(read.fields.status, readAt),
    ...fixVersions(read, baseUrl, { at: readAt, readAt }),
    { ...observed(about, "history", { at: readAt }), type: "ticket.history", readAt },
  ];
}

export const fixVersions = ({ fields }: Issue, baseUrl: string, seen: Sighting): Event[] =>
  (fields.fixVersions ?? []).flatMap((version) => eventsOfFixVersion(version, baseUrl, seen));

export const ticketCreated = (issue: Issue, baseUrl: string): Event => ({
  type: "ticket.created",
  ...observed(aboutTicket(issue, baseUrl), "created", { at: issue.fields.created, actor: issue.fields.creator }),
});

/** The status that a ticket enters by being created; Jira's changelog does not tell it. */
export const ticketStarted = (issue: Issue, baseUrl: string, { id, name }: { id: string; name: string }): Event => ({
  type: "ticket.status",
  status: { id, name },
  migrated: false,
  initial: true,
  ...observed(aboutTicket(issue, baseUrl), "status:initial", { at: issue.fields.created, actor: issue.fields.creator }),
});

/** The ticket as it is. `seenAt` stands in where Jira leaves out when it was last updated. */
export function ticketDescribed(issue: Issue, baseUrl: string, seenAt: Instant): EventOf<"ticket.described"> {
  const { fields } = issue;
  return {
    type: "ticket.described",
    key: issue.key,
    title: fields.summary,
    issueType: fields.issuetype.name,
    level: levelOf(fields.issuetype),
    project: fields.project.key,
    status: { id: fields.status.id, name: fields.status.name },
    resolution: fields.resolution?.name ?? null,
    fixVersions: (fields.fixVersions ?? []).map(({ id, name }) => ({ id, name })),
    labels: fields.labels ?? [],
    ...observed(aboutTicket(issue, baseUrl), "described", { at: fields.updated ?? seenAt }),
  };
}

/** Data Center tells no levels: there an epic is what is called so. */
const levelOf = ({ hierarchyLevel, subtask, name }: Issue["fields"]["issuetype"]): number =>
  hierarchyLevel ?? (subtask ? -1 : Number(/^epic$/i.test(name)));

/** Jira's keys of categories are the same in every language; its fourth, `undefined`, is none. */
const CATEGORIES: ReadonlyMap<string, StatusCategory> = new Map([
  ["new", "to-do"],
  ["indeterminate", "in-progress"],
  ["done", "done"],
]);

/** The category of a status as seen at that moment; nothing when Jira does not say it. */
export function statusCategory(status: JiraStatus, at: Instant): Event[] {
  if (!status.statusCategory) return [];
  const category = CATEGORIES.get(status.statusCategory.key) ?? null;
  return [{ ...observed({ ref: statusRef(status.id) }, "category", { at }), type: "status.category", category }];
}
