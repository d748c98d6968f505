import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Delivery, SourceName } from "../ports.js";

/** How one sender of webhooks signs and names its deliveries. */
export interface DeliverySource {
  readonly name: Exclude<SourceName, "api">;
  readonly path: string;
  /** The header of the signature. */
  readonly signature: string;
  /** The id, the same when it is sent again, and the event; undefined when a header is missing or malformed. */
  nameOf(headers: IncomingHttpHeaders, body: Uint8Array): Pick<Delivery, "id" | "event"> | undefined;
  /** The status for a new delivery, and for a known one. */
  readonly accepted: number;
  readonly known: number;
}

const WORD = /^[\w-]{1,100}$/;

export const GITHUB: DeliverySource = {
  name: "github",
  path: "/api/github/webhooks",
  signature: "x-hub-signature-256",
  nameOf(headers) {
    const id = String(headers["x-github-delivery"] ?? "");
    const event = String(headers["x-github-event"] ?? "");
    return WORD.test(id) && WORD.test(event) ? { id, event } : undefined;
  },
  accepted: 202,
  known: 200,
};

/** Jira takes 200 and 204 as delivered, and does not promise an identifier: then the bytes are their own name. */
export const JIRA: DeliverySource = {
  name: "jira",
  path: "/api/jira/webhooks",
  signature: "x-hub-signature",
  nameOf(headers, body) {
    const given = String(headers["x-atlassian-webhook-identifier"] ?? "");
    const id = /^[\x21-\x7e]{1,200}$/.test(given) ? given : `sha256:${createHash("sha256").update(body).digest("hex")}`;
    return { id, event: "" };
  },
  accepted: 200,
  known: 200,
};
