import { byTime, type Entry, type EntryOf, shown } from "./entry.js";
import { type Event, type EventOf, latest, only, type StatusCategory } from "./event.js";
import { type Ref, statusRef, versionRef } from "./ref.js";
import { type Instant, type Milliseconds, milliseconds } from "./time.js";

/** A ticket as its events tell it. */
export interface Ticket {
  readonly ref: Ref;
  readonly described: EventOf<"ticket.described">;
  readonly entries: readonly Entry[];
  /** When its whole history was last read; null: never. */
  readonly historyReadAt: Instant | null;
  readonly versions: readonly { readonly name: string; readonly releasedAt: Instant | null }[];
  readonly timeInStatus: readonly TimeInStatus[] | null;
}
/** `since`: it is in that status since then; `duration` counts the visits that ended. */
export interface TimeInStatus {
  readonly status: string;
  readonly duration: Milliseconds | null;
  readonly since: Instant | null;
}

/** Reads a ticket from its events and those of its statuses and fix versions. Null when it is not described, or deleted. */
export function readTicket(events: readonly Event[]): Ticket | null {
  const described = latest(events, "ticket.described");
  if (!described || only(events, "ticket.deleted").length > 0) return null;
  const historyReadAt = latest(events, "ticket.history")?.at ?? null;
  const moves = only(events, "ticket.status").sort((a, b) => Number(b.initial) - Number(a.initial) || byTime(a, b));
  const versions = described.fixVersions.map((version) => ({
    name: version.name,
    release: releaseOf(events.filter(({ ref }) => ref === versionRef(version.id))),
  }));
  return {
    ref: described.ref,
    described,
    historyReadAt,
    versions: versions.map(({ name, release }) => ({ name, releasedAt: release?.at ?? null })),
    timeInStatus: historyReadAt === null ? null : timeInStatus(moves),
    entries: [
      ...only(events, "ticket.created").map((event): Entry => ({ ...shown(event), type: "ticket.created" })),
      ...moves.filter(({ migrated }) => !migrated).map((move) => statusEntry(move, events)),
      ...only(events, "ticket.field").map(
        (event): Entry => ({ ...shown(event), type: "ticket.field", field: event.field, to: event.to }),
      ),
      ...versions.flatMap(({ name, release }) => (release ? [releaseEntry(release, name)] : [])),
    ].sort(byTime),
  };
}

type StatusMove = EventOf<"ticket.status">;

function statusEntry(move: StatusMove, events: readonly Event[]): EntryOf<"ticket.status"> {
  return { ...shown(move), type: "ticket.status", status: move.status.name, category: categoryOf(move.status.id, events) };
}

function categoryOf(status: string, events: readonly Event[]): StatusCategory | null {
  const ref = statusRef(status);
  return only(events, "status.category").find((event) => event.ref === ref)?.category ?? null;
}

/**
 * A version's release: exact if a webhook told the moment, since a webhook last told that it was taken back; else the release
 * date. What a read says of its being released only settles the latter: a read has no time of its own to compare.
 */
function releaseOf(events: readonly Event[]): EventOf<"version.released"> | undefined {
  const takenBack = Math.max(...only(events, "version.unreleased").map(({ at }) => at), Number.NEGATIVE_INFINITY);
  const releases = only(events, "version.released").sort(byTime);
  const exact = releases.find(({ precision, at }) => precision === "exact" && at > takenBack);
  const day = releases.find(({ precision }) => precision === "day");
  return exact ?? (latest(events, "version.described")?.released ? day : undefined);
}

const releaseEntry = (release: EventOf<"version.released">, name: string): EntryOf<"ticket.released"> => ({
  ...shown(release),
  type: "ticket.released",
  note: `fix version ${name}`,
});

function timeInStatus(moves: readonly StatusMove[]): TimeInStatus[] {
  const byStatus = new Map<string, { duration: number; ended: boolean; since: Instant | null }>();
  for (const [index, move] of moves.entries()) {
    const until = moves[index + 1]?.at;
    const entry = byStatus.get(move.status.name) ?? { duration: 0, ended: false, since: null };
    if (until === undefined) entry.since = move.at;
    else {
      // Jira's own clock may jump back between a creation and the first move.
      entry.duration += Math.max(0, until - move.at);
      entry.ended = true;
    }
    byStatus.set(move.status.name, entry);
  }
  return [...byStatus].map(([status, { duration, ended, since }]) => ({
    status,
    duration: ended ? milliseconds(duration) : null,
    since,
  }));
}
