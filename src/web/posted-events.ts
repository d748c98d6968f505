import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { Unreadable } from "../core/failure.js";
import { type Owner, owner } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { Delivery, Source } from "../ports.js";
import { eventOf, type GenericEvent, genericEventSchema } from "./generic-event.js";

/** Events in one delivery: few, since many deliveries are read in one transaction. */
const AT_ONCE = 100;

export interface Posted {
  /** The account of the token that they were posted with. */
  readonly owner: Owner;
  readonly events: readonly GenericEvent[];
  readonly receivedAt: Instant;
}

/** What was accepted, on its way through the inbox. The same events make the same deliveries. */
export function deliveriesOf({ owner, events, receivedAt }: Posted): Delivery[] {
  const starts = Array.from({ length: Math.ceil(events.length / AT_ONCE) }, (_, index) => index * AT_ONCE);
  return starts.map((start) => {
    const body = Buffer.from(JSON.stringify({ owner, events: events.slice(start, start + AT_ONCE) }));
    const id = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    return { source: "api", id, event: "generic-events", receivedAt, body };
  });
}

const shape = z.object({
  owner: z
    .string()
    .regex(/^[1-9]\d*$/)
    .transform(owner),
  events: z.array(genericEventSchema),
});

/** Reads what `deliveriesOf` made. */
export const postedEvents: Source = {
  name: "api",
  read({ body }) {
    const { data } = shape.safeParse(parseJson(body));
    if (!data) throw new Unreadable("expected events that were posted, as they were accepted");
    return { owner: data.owner, events: data.events.map(eventOf), notifies: null, wants: [] };
  },
};

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
