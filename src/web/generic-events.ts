import type { IncomingMessage, ServerResponse } from "node:http";
import { Unavailable } from "../core/failure.js";
import type { Owner } from "../core/ref.js";
import type { Clock, Log, Store } from "../ports.js";
import { type Answer, errorBody, type FieldError, type Refusal, refuse, send } from "./answer.js";
import type { Authorize } from "./authorize.js";
import { type Backlog, createBacklog } from "./backlog.js";
import { isJson, readBody } from "./body.js";
import { within } from "./deadline.js";
import { eventOf, MOST_EVENTS, readGenericEvents } from "./generic-event.js";
import type { Handler } from "./intake.js";
import { deliveriesOf } from "./posted-events.js";
import { createReaders, type Readers } from "./readers.js";

const MEBIBYTE = 1024 * 1024;
const BODY = 2 * MEBIBYTE;
const ROOM = { requests: 200, bytesEach: MEBIBYTE / 16, bytesShared: 32 * MEBIBYTE };
export interface GenericEventsOptions {
  readonly store: Pick<Store, "accept">;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something new is stored: wakes the worker. */
  readonly onAccepted: () => void;
  /** Milliseconds to wait for the store. */
  readonly storing: number;
}

/** `POST /v1/generic-events` (docs/api.md): token, body, every field, store, then 202. They go through the inbox as webhooks do. */
export function createGenericEvents(options: GenericEventsOptions): Handler {
  const parts = { ...options, readers: createReaders(ROOM), backlog: createBacklog(ROOM) };
  return async (request, response) => {
    const answer = await takeIn(request, response, parts);
    if (answer === "cut-off") return;
    if ("refused" in answer) options.log.warn({ status: answer.status, reason: answer.refused }, "events refused");
    send(request, response, answer);
  };
}

interface Parts extends GenericEventsOptions {
  readonly readers: Readers;
  readonly backlog: Backlog;
}

async function takeIn(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<Answer | Refusal | "cut-off"> {
  if (request.method !== "POST") return NOT_POSTED;
  const authorized = await parts.authorize(request.headersDistinct.authorization, "events");
  if ("refusal" in authorized) return authorized.refusal;
  if (!isJson(request.headers["content-type"]) || request.headers["content-encoding"] !== undefined) return NOT_JSON;
  const body = await readBody({ request, response, readers: parts.readers, limit: BODY });
  if ("failure" in body) return FAILURES[body.failure];
  return take(body.bytes, authorized.token.owner, parts);
}

const RETRY = { "retry-after": "10" };
const BUSY = refuse(503, "busy", "too many requests are waiting", RETRY);
const UNSTORED = refuse(503, "unavailable", "the events could not be stored", RETRY);
const NOT_POSTED = refuse(405, "not-posted", "expected the method POST", { allow: "POST" });
const NOT_JSON = refuse(415, "not-json", "expected the content type application/json, without an encoding");
const TOO_LARGE = refuse(413, "too-large", "the body is larger than 2 MiB: send the events in several requests");
const TOO_MANY = refuse(413, "too-many", `more than ${MOST_EVENTS} events: send them in several requests`);
const FAILURES = { "too-large": TOO_LARGE, "no-room": BUSY, "cut-off": "cut-off" } as const;

async function take(bytes: Uint8Array, owner: Owner, parts: Parts): Promise<Answer | Refusal> {
  const content = parse(bytes);
  if (content === undefined) return malformed([{ field: "body", message: "expected JSON in UTF-8" }]);
  if (Array.isArray(content) && content.length > MOST_EVENTS) return TOO_MANY;
  const receivedAt = parts.clock.now();
  const read = readGenericEvents(content, receivedAt);
  if ("fields" in read) return malformed(read.fields);
  const refusal = await store(deliveriesOf({ owner, events: read.events, receivedAt }), parts);
  return refusal ?? { status: 202, body: { ids: read.events.map((event) => eventOf(event).id) } };
}

const malformed = (fields: readonly FieldError[]): Answer => ({
  status: 400,
  body: errorBody("malformed", "The events are malformed, and none was taken: see the fields.", fields),
});

/** Undefined when it is no JSON in UTF-8. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Null when they are stored, durably; those that were known are. */
async function store(deliveries: ReturnType<typeof deliveriesOf>, parts: Parts): Promise<Refusal | null> {
  const { log, onAccepted, storing, backlog } = parts;
  const leave = backlog.enter(deliveries.reduce((sum, { body }) => sum + body.byteLength, 0));
  if (!leave) return BUSY;
  const accepting = parts.store.accept(deliveries).then((fresh) => {
    if (fresh.includes(true)) onAccepted();
  });
  accepting.then(leave, leave);
  try {
    await within(storing, "the store", accepting);
    return null;
  } catch (error) {
    const level = error instanceof Unavailable ? "warn" : "error";
    log[level]({ deliveries: deliveries.length, err: error }, "posted events not stored");
    return UNSTORED;
  }
}
