import type { Effect } from "../core/effect.js";
import type { Actor, Event } from "../core/event.js";
import type { Ref } from "../core/ref.js";
import type { Instant } from "../core/time.js";

/** The version of this folder's readers; raise it when a mended reader should replace what an older one stored. */
const READER = 1;

interface Fact {
  readonly id: string;
  readonly ref: Ref;
  readonly at: Instant;
  readonly readAt?: Instant | undefined;
  readonly repository?: Ref;
  readonly url?: string | null | undefined;
  readonly actor?: Actor | undefined;
}

/** The common part of an event. Spread it last: V8 adds what follows a spread field by field, a hundred times slower. */
export function observed({ id, ref, at, readAt, repository, url, actor }: Fact) {
  return {
    id,
    ref,
    at,
    precision: "exact" as const,
    reader: READER,
    ...(readAt === undefined ? {} : { readAt }),
    ...(repository ? { repository } : {}),
    ...(url ? { url } : {}),
    ...(actor ? { actor } : {}),
  };
}

/** What a delivery is about, without what every payload carries along. */
export interface Notice {
  /** When that happened. */
  readonly at: Instant;
  readonly events: readonly Event[];
  /** The id of the event that the delivery notifies of; null when it only carries state. */
  readonly notifies: string | null;
  readonly wants?: readonly Effect[];
}
