import type { Effect } from "../core/effect.js";
import { type Event, type EventOf, only } from "../core/event.js";
import type { Owner, Ref } from "../core/ref.js";
import { touchedBy, withLanes } from "../core/relation.js";
import type { Instant } from "../core/time.js";
import type { Transaction } from "../ports.js";

/** Stores events, whatever brought them, marks what they touch to be measured once they are committed, and wants what has to be read again. */
export async function absorb(tx: Transaction, owner: Owner, events: readonly Event[], now: Instant): Promise<void> {
  const { touched, again } = await storeEvents(tx, owner, events);
  await tx.markDirty(owner, touched);
  await tx.want(owner, again, now);
}

interface Stored {
  /** What has to be measured anew. */
  readonly touched: readonly Ref[];
  /** What has to be read again. */
  readonly again: readonly Effect[];
}

/** Stores events; what they touch is still to be marked. */
export async function storeEvents(tx: Transaction, owner: Owner, events: readonly Event[]): Promise<Stored> {
  const again = await rereads(tx, owner, events);
  const changed = await tx.append(owner, withLanes(events));
  return { touched: [...new Set(changed.flatMap(touchedBy))], again };
}

type Described = EventOf<"pull-request.described">;

/**
 * States of one pull request with one stamp: which is the latest cannot be told, so it is read again, also when it was
 * read before, since that may have been earlier in the same second. What is read asks for nothing, so that this ends.
 */
async function rereads(tx: Transaction, owner: Owner, events: readonly Event[]): Promise<Effect[]> {
  const heard = only(events, "pull-request.described").filter(({ readAt }) => readAt === undefined);
  if (heard.length === 0) return [];
  const states = new Map<Ref, Described[]>(heard.map(({ ref }) => [ref, []]));
  const known = await tx.known(owner, [...new Set(heard.map(({ id }) => id))]);
  for (const state of [...only(known, "pull-request.described"), ...heard]) states.get(state.ref)?.push(state);
  const contradictory = [...states].filter(([, all]) => contradict(all));
  return contradictory.map(([pullRequest]) => ({ kind: "read-pull-request", pullRequest }));
}

function contradict(states: readonly Described[]): boolean {
  const newest = Math.max(...states.map(({ at }) => at));
  const last = states.filter(({ at }) => at === newest);
  return last.length > 1 && new Set(last.map(content)).size > 1;
}

const content = ({ title, branch, base, head, draft, state, mergeCommit, labels, assigned }: Described): string =>
  JSON.stringify([title, branch, base, head, draft, state, mergeCommit, [...labels].sort(), assigned]);
