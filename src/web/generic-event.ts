import { z } from "@hono/zod-openapi";
import type { EventOf } from "../core/event.js";
import { keyRef, SHORT_SHA, shaRef } from "../core/ref.js";
import { DAY, type Instant, instant, SECOND } from "../core/time.js";
import type { FieldError } from "./answer.js";

/** The version of this reader; raise it when a mended one should replace what an older one stored. */
const READER = 1;
/** More would be too much for one transaction with what others do. */
export const MOST_EVENTS = 10_000;
/** Wrong fields that are told of. */
const MOST_FIELDS = 100;
/** Clocks differ. */
const AHEAD = DAY;

const COMPONENT = "expected jira or scm";
const KEY = "expected a ticket key such as PROP-1460";
const SHA = `expected the SHA of a commit: ${SHORT_SHA} to 64 hexadecimal digits`;
const TYPE = "expected a text of 1 to 255 characters";
const TIME = "expected a time in whole seconds since 1970, such as 1664925769";
const PAST = "expected a time that has come, in whole seconds since 1970";

const text = (error: string) => z.string({ error });
const common = {
  event_type: text(TYPE)
    .trim()
    .min(1, TYPE)
    .max(255, TYPE)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, `${TYPE}, none of them a control character`)
    .openapi({ example: "incident_1" }),
  event_time: z.int(TIME).min(1, TIME).max(99_999_999_999, `${TIME}: this looks like milliseconds`),
};
const ofTicket = z.object({
  component: z.literal("jira"),
  key: text(KEY)
    .regex(/^[A-Z][A-Z0-9_]{1,9}-[1-9]\d{0,8}$/i, KEY)
    .toUpperCase(),
  ...common,
});
const ofCommit = z.object({
  component: z.literal("scm"),
  key: text(SHA)
    .regex(/^[0-9a-f]{7,64}$/i, SHA)
    .toLowerCase(),
  ...common,
});
const ofNothing = z.object(
  { component: z.never(COMPONENT), key: text("expected a ticket key or the SHA of a commit"), ...common },
  "expected an event: component, key, event_type and event_time",
);

/** An event as it is posted. */
export const genericEventSchema = z.union([ofTicket, ofCommit]).openapi("GenericEvent");
export type GenericEvent = z.output<typeof genericEventSchema>;

export type ReadEvents = { readonly events: readonly GenericEvent[] } | { readonly fields: readonly FieldError[] };

/** Reads an event or a list of them, already known not to be too long; or tells each wrong field, with its path. */
export function readGenericEvents(content: unknown, now: Instant): ReadEvents {
  const list: readonly unknown[] = Array.isArray(content) ? content : [content];
  const place = (index: number) => (Array.isArray(content) ? `[${index}]` : "");
  if (list.length === 0) return { fields: [{ field: "body", message: `expected an event, or a list of 1 to ${MOST_EVENTS}` }] };
  const events: GenericEvent[] = [];
  const fields: FieldError[] = [];
  for (const [index, value] of list.entries()) {
    const { event, wrong } = readEvent(value, now);
    if (event) events.push(event);
    for (const [field, message] of wrong) fields.push({ field: pathOf(place(index), field), message });
    if (fields.length >= MOST_FIELDS) break;
  }
  return fields.length > 0 ? { fields: fields.slice(0, MOST_FIELDS) } : { events };
}

const pathOf = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(".") || "body";

interface ReadEvent {
  readonly event: GenericEvent | undefined;
  /** By field, what was expected. */
  readonly wrong: ReadonlyMap<string, string>;
}

function readEvent(value: unknown, now: Instant): ReadEvent {
  const { data, error } = schemaFor(value).safeParse(value);
  const issues = (error?.issues ?? []).map(({ path, message }) => [path.join("."), message] as const);
  const wrong = new Map(issues.reverse()); // of two for one field the first
  if (data && data.event_time * SECOND > now + AHEAD) wrong.set("event_time", PAST);
  return { event: data, wrong };
}

function schemaFor(value: unknown) {
  const component = typeof value === "object" && value !== null && "component" in value ? value.component : undefined;
  if (component === "jira") return ofTicket;
  return component === "scm" ? ofCommit : ofNothing;
}

/** The fact that was posted: posted twice it is the same, since its id is made of all that it says. */
export function eventOf({ component, key, event_type, event_time }: GenericEvent): EventOf<"api-event"> {
  return {
    id: `api:${component}:${key}:${event_time}:${event_type.toLowerCase()}`,
    ref: component === "jira" ? keyRef(key) : shaRef(key),
    at: instant(event_time * SECOND),
    precision: "exact",
    reader: READER,
    type: "api-event",
    eventType: event_type,
    ...(component === "scm" ? { sha: key } : {}),
  };
}
