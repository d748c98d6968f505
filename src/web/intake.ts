import type { IncomingMessage, ServerResponse } from "node:http";
import { Unavailable } from "../core/failure.js";
import type { Clock, Delivery, Log, Store } from "../ports.js";
import { type Answer, type Refusal, refuse, send } from "./answer.js";
import { type Backlog, createBacklog, type RoomLimits } from "./backlog.js";
import { type BodyFailure, isJson, readBody } from "./body.js";
import { within } from "./deadline.js";
import { type DeliverySource, GITHUB, JIRA } from "./delivery-source.js";
import { createReaders, type Readers } from "./readers.js";
import { isSigned, parseSignature } from "./signature.js";

/** The room is one for bodies that are being read, and as much again for what waits for the store. */
export interface IntakeLimits extends RoomLimits {
  /** Bytes of one body. */
  readonly body: number;
  /** Milliseconds to wait for the store: GitHub hangs up after 10 seconds. */
  readonly storing: number;
}

const MEBIBYTE = 1024 * 1024;
export const INTAKE_LIMITS: IntakeLimits = {
  body: 25 * MEBIBYTE,
  storing: 7500,
  requests: 1000,
  bytesEach: MEBIBYTE / 16,
  bytesShared: 128 * MEBIBYTE,
};

export interface IntakeOptions {
  readonly store: Pick<Store, "accept">;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something new is stored: wakes the worker. */
  readonly onAccepted: () => void;
  readonly limits: IntakeLimits;
}

/** A sender of webhooks and the secrets it may sign with; without any, it is refused. */
export interface Sender {
  readonly source: DeliverySource;
  readonly secrets: readonly string[];
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The way of a webhook into the store: cap, signature, store, then 2xx. The bytes are stored as they were signed;
 * nothing is parsed, so that a delivery we do not understand is never lost.
 */
export function createIntake(options: IntakeOptions): (sender: Sender) => Handler {
  const parts = { ...options, readers: createReaders(options.limits), backlog: createBacklog(options.limits) };
  return (sender) => async (request, response) => {
    const answer = await takeIn({ sender, request, response }, parts);
    if (answer === "cut-off") return;
    if ("refused" in answer) {
      options.log.warn({ source: sender.source.name, status: answer.status, reason: answer.refused }, "delivery refused");
    }
    send(request, response, answer);
  };
}

interface Parts extends IntakeOptions {
  readonly readers: Readers;
  readonly backlog: Backlog;
}

interface Arrival {
  readonly sender: Sender;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function takeIn(arrival: Arrival, parts: Parts): Promise<Answer | Refusal | "cut-off"> {
  const { sender, request, response } = arrival;
  const { source, secrets } = sender;
  const refusal = refusalOf(arrival);
  if (refusal) return refusal;
  const signature = parseSignature(String(request.headers[source.signature] ?? ""));
  if (!signature) return UNSIGNED;
  const body = await readBody({ request, response, readers: parts.readers, limit: parts.limits.body });
  if ("failure" in body) return FAILURES[body.failure];
  if (!isSigned(body.bytes, signature, secrets)) return WRONGLY_SIGNED;
  const name = source.nameOf(request.headers, body.bytes);
  if (!name) return UNNAMED;
  const delivery = { source: source.name, ...name, receivedAt: parts.clock.now(), body: body.bytes };
  return store(delivery, source, parts);
}

const stored = ({ accepted, known }: DeliverySource) => ({
  accepted: { status: accepted, body: { status: "accepted" } },
  known: { status: known, body: { status: "known" } },
});
const STORED = { github: stored(GITHUB), jira: stored(JIRA) };

/** Seconds. */
const RETRY = { "retry-after": "10" };
const BUSY = refuse(503, "busy", "too many deliveries are waiting", RETRY);
const UNSTORED = refuse(503, "unavailable", "the delivery could not be stored", RETRY);
const UNSIGNED = refuse(401, "unsigned", "expected one signature: sha256= and 64 hexadecimal digits in lower case");
const WRONGLY_SIGNED = refuse(401, "wrongly-signed", "the signature is of none of our webhook secrets");
const UNNAMED = refuse(400, "unnamed", "expected the headers X-GitHub-Event and X-GitHub-Delivery");
const TOO_LARGE = refuse(413, "too-large", "the body is larger than 25 MiB");
const NOT_JSON = refuse(415, "not-json", "expected the content type application/json");
const NOT_POSTED = refuse(405, "not-posted", "expected the method POST", { allow: "POST" });
const CLOSED = refuse(403, "closed", "deliveries are refused until the webhook's secret is set: JIRA_WEBHOOK_SECRET");

const FAILURES = { "too-large": TOO_LARGE, "no-room": BUSY, "cut-off": "cut-off" } as const satisfies Record<
  BodyFailure,
  unknown
>;

/** What can be told without the body. */
function refusalOf({ sender, request }: Arrival): Refusal | undefined {
  if (request.method !== "POST") return NOT_POSTED;
  if (sender.secrets.length === 0) return CLOSED;
  return isJson(request.headers["content-type"]) ? undefined : NOT_JSON;
}

async function store(delivery: Delivery, source: DeliverySource, parts: Parts): Promise<Answer | Refusal> {
  const { log, limits, backlog, onAccepted } = parts;
  const leave = backlog.enter(delivery.body.byteLength);
  if (!leave) return BUSY;
  const accepting = parts.store.accept([delivery]).then(([isNew]) => {
    if (isNew) onAccepted();
    return isNew;
  });
  // The store may have it in hand for longer than the sender waits.
  accepting.then(leave, leave);
  try {
    const isNew = await within(limits.storing, "the store", accepting);
    return STORED[source.name][isNew ? "accepted" : "known"];
  } catch (error) {
    const level = error instanceof Unavailable ? "warn" : "error";
    log[level]({ source: source.name, delivery: delivery.id, err: error }, "delivery not stored");
    return UNSTORED;
  }
}
