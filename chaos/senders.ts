import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import type { Webhook } from "../src/simulator/webhook.js";

/** What became of one webhook: its status, or null when no answer came. */
export interface Sent {
  readonly webhook: Webhook;
  readonly status: number | null;
  /** `Retry-After`, in seconds, if told. */
  readonly retryAfter: number | null;
  /** The status it was told before its answer broke off; null when the answer was whole, or never began. */
  readonly brokeOff: number | null;
  /** Milliseconds until then. */
  readonly took: number;
}

const PATHS = { github: "/api/github/webhooks", jira: "/api/jira/webhooks" } as const;
const PATIENCE = 12_000;

export const isTaken = ({ status }: Sent): boolean => status !== null && status >= 200 && status < 300;
export const keyOf = ({ source, id }: Webhook): string => `${source} ${id}`;

/** Sends one webhook as GitHub does: one try. */
export function post(appUrl: string, webhook: Webhook, agent?: Agent): Promise<Sent> {
  return new Promise((resolve) => {
    const body = Buffer.from(webhook.body);
    const headers = { ...webhook.headers, "content-length": String(body.length) };
    const began = performance.now();
    const answer = (status: number | null, retryAfter?: string, brokeOff: number | null = null): void => {
      const took = performance.now() - began;
      resolve({ webhook, status, retryAfter: retryAfter === undefined ? null : Number(retryAfter), brokeOff, took });
    };
    const options = { method: "POST", headers, agent, timeout: PATIENCE };
    const sending = request(new URL(PATHS[webhook.source], appUrl), options, (response) => {
      response.resume();
      response.once("end", () => answer(response.statusCode ?? null, response.headers["retry-after"]));
      response.once("error", () => answer(null, undefined, response.statusCode ?? null));
    });
    sending.once("timeout", () => sending.destroy());
    sending.once("error", () => answer(null));
    sending.end(body);
  });
}

/**
 * Sends webhooks from so many senders at once, each over a connection that it keeps, until there are none left or `stopped` says so.
 * Every answer is told as it comes.
 */
export async function send(
  appUrl: string,
  webhooks: Iterable<Webhook>,
  {
    senders = 48,
    stopped = () => false,
    told = () => {},
  }: { readonly senders?: number; readonly stopped?: () => boolean; readonly told?: (sent: Sent) => void } = {},
): Promise<Sent[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const waiting = webhooks[Symbol.iterator]();
  const all: Sent[] = [];
  const sender = async () => {
    while (!stopped()) {
      const { value, done } = waiting.next();
      if (done) return;
      const sent = await post(appUrl, value, agent);
      all.push(sent);
      told(sent);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  agent.destroy();
  return all;
}

/** The same delivery under another id: well signed, since the signature is the body's. */
export function underAnotherId(webhook: Webhook, suffix: string): Webhook {
  const header = webhook.source === "github" ? "x-github-delivery" : "x-atlassian-webhook-identifier";
  const id = `${webhook.id}-${suffix}`;
  return { ...webhook, id, headers: { ...webhook.headers, [header]: id } };
}

/** The same deliveries again and again, each under an id of its own. */
export function* endless(webhooks: readonly Webhook[], suffix = ""): Generator<Webhook> {
  for (let copy = 0; ; copy++) for (const webhook of webhooks) yield underAnotherId(webhook, `${suffix}-${copy}`);
}

/** The same webhook, signed with this secret. */
export function signedWith(webhook: Webhook, secret: string): Webhook {
  const header = webhook.source === "github" ? "x-hub-signature-256" : "x-hub-signature";
  const signature = `sha256=${createHmac("sha256", secret).update(webhook.body).digest("hex")}`;
  return { ...webhook, headers: { ...webhook.headers, [header]: signature } };
}

/** A delivery of GitHub's with this body, signed with this secret. */
export function signed(
  body: string,
  { id, event, secret }: { readonly id: string; readonly event: string; readonly secret: string },
): Webhook {
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers = {
    "content-type": "application/json",
    "x-github-delivery": id,
    "x-github-event": event,
    "x-hub-signature-256": signature,
  };
  return { source: "github", id, headers, body };
}
