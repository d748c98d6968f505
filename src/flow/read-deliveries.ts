import type { Effect } from "../core/effect.js";
import { type Event, only } from "../core/event.js";
import { Unavailable, Unreadable } from "../core/failure.js";
import { keyRef, type Owner, type Ref, SHARED } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { ClaimedDelivery, Outcome, Reading, Transaction } from "../ports.js";
import { storeEvents } from "./absorb.js";
import { backOff } from "./back-off.js";
import { type Wanted, wantAll } from "./wanted.js";
import type { WorkerParts } from "./worker.js";

const AT_ONCE = 100;
/** A fault of ours may pass with the next release; a delivery waits for it parked. */
const ATTEMPTS = 5;

/**
 * Deliveries → events: one batch, in one transaction. One that cannot be read holds up no other; when the batch cannot be
 * stored, each is, by itself. Returns how many there were. Throws `Unavailable` when the database is.
 */
export async function readDeliveries(parts: WorkerParts): Promise<number> {
  try {
    return await readTogether(parts);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    parts.log.warn({ err: error }, "a batch of deliveries could not be stored: each is stored by itself");
    let count = 0;
    while (count < AT_ONCE && (await readAlone(parts))) count++;
    return count;
  }
}

/** All are read before anything is written: what others may wait for is held for a short time, and in one order. */
async function readTogether(parts: WorkerParts): Promise<number> {
  return parts.store.transaction(async (tx) => {
    const now = parts.clock.now();
    const readings: Reading[] = [];
    const settled: (readonly [ClaimedDelivery, Outcome])[] = [];
    for (const delivery of await tx.claimDeliveries(AT_ONCE, now)) {
      const read = async () => void readings.push(...(await readingOf(delivery, parts)));
      settled.push([delivery, await outcomeOf(delivery, read, parts)]);
    }
    await take(tx, readings, now);
    for (const [delivery, outcome] of settled) await tx.settleDelivery(delivery, outcome);
    return settled.length;
  });
}

async function readAlone(parts: WorkerParts): Promise<boolean> {
  return parts.store.transaction(async (tx) => {
    const now = parts.clock.now();
    const [delivery] = await tx.claimDeliveries(1, now);
    if (!delivery) return false;
    const read = () => tx.savepoint(async () => take(tx, await readingOf(delivery, parts), now));
    await tx.settleDelivery(delivery, await outcomeOf(delivery, read, parts));
    return true;
  });
}

async function readingOf(delivery: ClaimedDelivery, { sources }: WorkerParts): Promise<Reading[]> {
  const reading = sources[delivery.source]?.read({ ...delivery, body: await delivery.body() });
  return reading ? [reading] : [];
}

async function outcomeOf(delivery: ClaimedDelivery, read: () => Promise<void>, parts: WorkerParts): Promise<Outcome> {
  try {
    await read();
    return { state: "done" };
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    return failed(error, delivery, parts);
  }
}

function failed(error: unknown, delivery: ClaimedDelivery, { clock, log }: WorkerParts): Outcome {
  const { source, id, attempts } = delivery;
  if (error instanceof Unreadable) {
    log.warn({ source, delivery: id, reason: error.message }, "delivery parked: it lacks what is read from it");
    return { state: "parked", reason: error.message };
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
  log.error({ source, delivery: id, attempts, err: error }, "delivery could not be handled");
  return attempts + 1 < ATTEMPTS
    ? { state: "later", retryAt: backOff(attempts, clock.now()), reason }
    : { state: "parked", reason };
}

/** Stores what was read, account by account; what one of them notifies of may begin a comment. */
async function take(tx: Transaction, readings: readonly Reading[], now: Instant): Promise<void> {
  const wanted: Wanted[] = [];
  for (const owner of [...new Set(readings.map((reading) => reading.owner))].sort()) {
    const own = readings.filter((reading) => reading.owner === owner);
    const events = own.flatMap((reading) => reading.events);
    const again = await storeEvents(tx, owner, events);
    const sought = await soughtInVain(tx, events);
    wanted.push({ owner, effects: [...own.flatMap(({ wants }) => wants), ...again, ...sought], at: now });
    if (own.some(cameBack)) await tx.resume(owner, now);
    for (const merged of [...new Set(own.flatMap(mergedNow))].sort()) await keepComment(tx, owner, merged);
  }
  await wantAll(tx, wanted);
}

/** Tickets that were looked up in vain, and that Jira now tells of: they are there after all, or may be shown to us. */
async function soughtInVain(tx: Transaction, events: readonly Event[]): Promise<Effect[]> {
  const wanted: Effect[] = [];
  for (const { ref, key } of only(events, "ticket.described")) {
    const known = await tx.events(SHARED, [ref, keyRef(key)]);
    const [failure] = only(known, "ticket.unreadable");
    const readAt = only(known, "ticket.history")[0]?.at ?? failure?.at ?? 0;
    if (failure?.reason === "unknown" && failure.at >= readAt) wanted.push({ kind: "read-ticket", key: failure.key });
  }
  return wanted;
}

/** An installation came, came back, or was given more: what was refused may be allowed now. */
const cameBack = ({ events, notifies }: Reading): boolean =>
  only(events, "account.described").some(({ id, state }) => id === notifies && state === "installed");

const mergedNow = ({ events, notifies }: Reading): Ref[] =>
  only(events, "pull-request.merged").flatMap(({ id, ref }) => (id === notifies ? [ref] : []));

/** A merge that is heard of as it happens is commented from then on; one found in the history is not. */
async function keepComment(tx: Transaction, owner: Owner, pullRequest: Ref): Promise<void> {
  if (await tx.comment(owner, pullRequest)) return;
  await tx.saveComment(owner, pullRequest, { comment: null, state: "kept", body: null });
  await tx.markDirty(owner, [pullRequest]);
}
