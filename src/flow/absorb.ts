import type { Effect } from "../core/effect.js";
import { type Event, type EventOf, only } from "../core/event.js";
import type { Owner, Ref } from "../core/ref.js";
import { touchedBy, withLanes } from "../core/relation.js";
import type { Instant } from "../core/time.js";
import type { Transaction } from "../ports.js";

/** Stores events, whatever brought them, marks what they touch to be measured once they are committed, and wants what has to be read again. */
export async function absorb(tx: Transaction, owner: Owner, events: readonly Event[], now: Instant): Promise<void> {
  await tx.want(owner, await storeEvents(tx, owner, events), now);
}

/** Stores events and marks what they touch. Returns what has to be read again. */
export async function storeEvents(tx: Transaction, owner: Owner, events: readonly Event[]): Promise<Effect[]> {
  const again = await rereads(tx, owner, events);
  const changed = await tx.append(owner, withLanes(events));
  await tx.markDirty(owner, [...new Set(changed.flatMap(touchedBy))]);
  return again;
}

type Described = EventOf<"pull-request.described">;

/**
 * States of one pull request with one stamp: which is the latest cannot be told, so it is read again, also when it was
 * read before, since that may have been earlier in the same second. What is read asks for nothing, so that this ends.
 */
async function rereads(tx: Transaction, owner: Owner, events: readonly Event[]): Promise<Effect[]> {
  const heard = only(events, "pull-request.described").filter(({ readAt }) => readAt === undefined);
  if (heard.length === 0) return [];
  const refs = [...new Set(heard.map(({ ref }) => ref))];
  const states = [...only(await tx.events(owner, refs), "pull-request.described"), ...heard];
  return refs.filter((ref) => contradict(ref, states)).map((pullRequest) => ({ kind: "read-pull-request", pullRequest }));
}

function contradict(ref: Ref, states: readonly Described[]): boolean {
  const all = states.filter((state) => state.ref === ref);
  const newest = Math.max(...all.map(({ at }) => at));
  return new Set(all.filter(({ at }) => at === newest).map(content)).size > 1;
}

const content = ({ title, branch, base, head, draft, state, mergeCommit, labels, assigned }: Described): string =>
  JSON.stringify([title, branch, base, head, draft, state, mergeCommit, [...labels].sort(), assigned]);
