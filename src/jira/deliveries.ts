import type { Event } from "../core/event.js";
import { Unreadable } from "../core/failure.js";
import { SHARED } from "../core/ref.js";
import type { Delivery, Reading, Source } from "../ports.js";
import { eventsOfEntry } from "./changelog.js";
import { fixVersions, statusCategory, ticketCreated, ticketDescribed, ticketStarted } from "./issue.js";
import { aboutTicket, observed } from "./observed.js";
import { deletionShape, issueDeliveryShape, parse, versionDeliveryShape } from "./payload.js";
import { versionDescribed, versionMarked } from "./version.js";

/** Events, the one first that the delivery notifies of. */
type Read = (payload: unknown, name: string, baseUrl: string) => readonly [Event, ...Event[]];

const READERS: ReadonlyMap<unknown, Read> = new Map<unknown, Read>([
  ["jira:issue_created", issueChanged],
  ["jira:issue_updated", issueChanged],
  ["jira:issue_deleted", issueDeleted],
  ["jira:version_created", versionChanged],
  ["jira:version_updated", versionChanged],
  ["jira:version_released", versionChanged],
  ["jira:version_unreleased", versionChanged],
]);

/**
 * Reads Jira's webhooks. `baseUrl`: the site's address, without a slash at its end.
 * Null for webhooks that do not concern us; `Unreadable` when one that does lacks what we read.
 */
export function jiraSource({ baseUrl }: { readonly baseUrl: string }): Source {
  return {
    name: "jira",
    read(delivery): Reading | null {
      const payload = parseBody(delivery);
      const name = nameOf(payload);
      const events = READERS.get(name)?.(payload, String(name), baseUrl);
      return events ? { owner: SHARED, events, notifies: events[0].id, wants: [] } : null;
    },
  };
}

function parseBody({ body }: Delivery): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Unreadable(`expected a webhook of Jira in JSON, received ${body.length} bytes that are none`); // a SyntaxError quotes the payload
  }
}

const nameOf = (payload: unknown): unknown =>
  typeof payload === "object" && payload !== null && "webhookEvent" in payload ? payload.webhookEvent : undefined;

function issueChanged(payload: unknown, name: string, baseUrl: string): [Event, ...Event[]] {
  const { issue, timestamp: at, user: actor, changelog } = parse(issueDeliveryShape, payload, name);
  const created = ticketCreated(issue, baseUrl);
  const described = ticketDescribed(issue, baseUrl, at);
  const around = [...statusCategory(issue.fields.status, at), ...fixVersions(issue, baseUrl, { at })];
  if (name === "jira:issue_created") {
    return [created, ticketStarted(issue, baseUrl, issue.fields.status), described, ...around];
  }
  const changes = changelog ? eventsOfEntry(aboutTicket(issue, baseUrl), { ...changelog, at, actor }) : [];
  const [about = described, ...others] = changes.toSorted((a, b) => weight(b) - weight(a));
  return [about, ...others, ...(about === described ? [] : [described]), created, ...around];
}

/** A move is what a change is about, whatever else changed with it. */
const weight = (event: Event): number => (event.type === "ticket.status" ? 1 : 0);

function issueDeleted(payload: unknown, name: string, baseUrl: string): [Event] {
  const { issue, timestamp: at, user: actor } = parse(deletionShape, payload, name);
  return [{ ...observed(aboutTicket(issue, baseUrl), "deleted", { at, actor }), type: "ticket.deleted" }];
}

function versionChanged(payload: unknown, name: string, baseUrl: string): [Event, ...Event[]] {
  const { version, timestamp: at } = parse(versionDeliveryShape, payload, name);
  const marked = name === "jira:version_released" ? true : name === "jira:version_unreleased" ? false : undefined;
  const released = marked ?? version.released;
  if (released === undefined)
    throw new Unreadable(`${name} cannot be read: version.released: expected boolean, received undefined`);
  const described = versionDescribed({ ...version, released }, baseUrl, at);
  return marked === undefined ? [described] : [versionMarked(version.id, baseUrl, { at, released: marked }), described];
}
