import type { Effect } from "../core/effect.js";
import { type Event, type EventOf, latest, only } from "../core/event.js";
import type { Owner } from "../core/ref.js";
import { touchedBy, withLanes } from "../core/relation.js";
import type { Instant } from "../core/time.js";
import type { Transaction } from "../ports.js";

/** Stores events, whatever brought them, and marks what they touch to be measured once they are committed. */
export async function absorb(tx: Transaction, owner: Owner, events: readonly Event[], now: Instant): Promise<void> {
  await tx.want(owner, await rereads(tx, owner, events), now);
  const changed = await tx.append(owner, withLanes(events));
  await tx.markDirty(owner, [...new Set(changed.flatMap(touchedBy))]);
}

/** Two states of one pull request with one stamp: which is the later cannot be told, so it is read again. */
async function rereads(tx: Transaction, owner: Owner, events: readonly Event[]): Promise<Effect[]> {
  const heard = only(events, "pull-request.described").filter(({ readAt }) => readAt === undefined);
  const effects = heard.map(async (event): Promise<Effect[]> => {
    const stored = latest(await tx.events(owner, [event.ref]), "pull-request.described");
    return stored && contradicts(stored, event) ? [{ kind: "read-pull-request", pullRequest: event.ref }] : [];
  });
  return (await Promise.all(effects)).flat();
}

type Described = EventOf<"pull-request.described">;

const contradicts = (stored: Described, heard: Described): boolean =>
  stored.at === heard.at && stored.readAt === undefined && content(stored) !== content(heard);

const content = ({ title, branch, base, head, draft, state, mergeCommit, labels, assigned }: Described): string =>
  JSON.stringify([title, branch, base, head, draft, state, mergeCommit, [...labels].sort(), assigned]);
