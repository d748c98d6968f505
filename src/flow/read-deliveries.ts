import type { Effect } from "../core/effect.js";
import { type Event, only } from "../core/event.js";
import { Unreadable } from "../core/failure.js";
import { keyRef, type Owner, type Ref, SHARED } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { ClaimedDelivery, Outcome, Reading, SettledDelivery, Transaction } from "../ports.js";
import { storeEvents } from "./absorb.js";
import { backOff } from "./back-off.js";
import { isElsewhere } from "./is-elsewhere.js";
import { type Wanted, wantAll } from "./wanted.js";
import type { WorkerParts } from "./worker.js";

/** Few enough that the transaction holds up intake only for a short time; more would hardly be faster. */
export const DELIVERIES_AT_ONCE = 500;
/** After so many the event loop has its turn: requests come in between. */
const WITHOUT_BREAK = 50;
/** A fault of ours may pass with the next release; a delivery waits for it parked. */
const ATTEMPTS = 5;

/**
 * Deliveries → events: one batch, in one transaction. One that cannot be read holds up no other; when the batch cannot be
 * stored, each is stored by itself, up to the one that cannot. Returns how many there were. Throws `Unavailable` when the
 * database is.
 */
export async function readDeliveries(parts: WorkerParts): Promise<number> {
  try {
    return await readTogether(parts);
  } catch (error) {
    if (isElsewhere(error)) throw error;
    parts.log.warn({ err: error }, "a batch of deliveries could not be stored: each is stored by itself");
    return readApart(parts);
  }
}

/** All are read before anything is written: what others may wait for is held for a short time, and in one order. */
async function readTogether(parts: WorkerParts): Promise<number> {
  return parts.store.transaction(async (tx) => {
    const now = parts.clock.now();
    const readings: Reading[] = [];
    const settled: SettledDelivery[] = [];
    for (const delivery of await tx.claimDeliveries(DELIVERIES_AT_ONCE, now)) {
      if (settled.length % WITHOUT_BREAK === WITHOUT_BREAK - 1) await new Promise((next) => setImmediate(next));
      const read = async () => void readings.push(...(await readingOf(delivery, parts)));
      settled.push({ delivery, outcome: await outcomeOf(delivery, read, parts) });
    }
    await take(tx, readings, now);
    await tx.settleDeliveries(settled);
    return settled.length;
  });
}

async function readApart(parts: WorkerParts): Promise<number> {
  for (let count = 0; count < DELIVERIES_AT_ONCE; count++) {
    const outcome = await readAlone(parts);
    if (outcome === null) return count;
    if (outcome.state !== "done") return count + 1;
  }
  return DELIVERIES_AT_ONCE;
}

/** Null: there was none. */
async function readAlone(parts: WorkerParts): Promise<Outcome | null> {
  return parts.store.transaction(async (tx) => {
    const now = parts.clock.now();
    const [delivery] = await tx.claimDeliveries(1, now);
    if (!delivery) return null;
    const read = () => tx.savepoint(async () => take(tx, await readingOf(delivery, parts), now));
    const outcome = await outcomeOf(delivery, read, parts);
    await tx.settleDeliveries([{ delivery, outcome }]);
    return outcome;
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
    if (isElsewhere(error)) throw error;
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
  const byOwner = new Map<Owner, Reading[]>(readings.map(({ owner }) => [owner, []]));
  for (const reading of readings) byOwner.get(reading.owner)?.push(reading);
  const accounts = [...byOwner].sort(([one], [other]) => (one < other ? -1 : 1));
  const wanted: Wanted[] = [];
  for (const [owner, own] of accounts) wanted.push({ owner, effects: await takeFor(tx, owner, own), at: now });
  for (const [owner, own] of accounts) if (own.some(cameBack)) await tx.resume(owner, now);
  await wantAll(tx, wanted);
}

/** Returns what is wanted. What was merged is marked last: that is measured first when much waits. */
async function takeFor(tx: Transaction, owner: Owner, readings: readonly Reading[]): Promise<Effect[]> {
  const events = readings.flatMap((reading) => reading.events);
  const { touched, again } = await storeEvents(tx, owner, events);
  const merged = new Set(await tx.keepComments(owner, [...new Set(readings.flatMap(mergedNow))]));
  await tx.markDirty(owner, [...touched.filter((ref) => !merged.has(ref)), ...merged]);
  return [...readings.flatMap(({ wants }) => wants), ...again, ...(await soughtInVain(tx, events))];
}

/** Tickets that were looked up in vain, and that Jira now tells of: they are there after all, or may be shown to us. */
async function soughtInVain(tx: Transaction, events: readonly Event[]): Promise<Effect[]> {
  const heard = only(events, "ticket.described");
  const failures = only(
    await shared(
      tx,
      heard.map(({ key }) => keyRef(key)),
    ),
    "ticket.unreadable",
  );
  const unknown = new Map(failures.filter(({ reason }) => reason === "unknown").map((failure) => [failure.ref, failure]));
  const found = heard.filter(({ key }) => unknown.has(keyRef(key)));
  const histories = only(
    await shared(
      tx,
      found.map(({ ref }) => ref),
    ),
    "ticket.history",
  );
  const readAt = new Map(histories.map(({ ref, at }) => [ref, at]));
  return found.flatMap(({ ref, key }): Effect[] => {
    const failure = unknown.get(keyRef(key));
    return failure && failure.at >= (readAt.get(ref) ?? 0) ? [{ kind: "read-ticket", key: failure.key }] : [];
  });
}

const shared = async (tx: Transaction, refs: readonly Ref[]): Promise<Event[]> =>
  refs.length > 0 ? tx.events(SHARED, [...new Set(refs)]) : [];

/** An installation came, came back, or was given more: what was refused may be allowed now. */
const cameBack = ({ events, notifies }: Reading): boolean =>
  only(events, "account.described").some(({ id, state }) => id === notifies && state === "installed");

/** A merge that is heard of as it happens is commented from then on; one found in the history is not. */
const mergedNow = ({ events, notifies }: Reading): Ref[] =>
  only(events, "pull-request.merged").flatMap(({ id, ref }) => (id === notifies ? [ref] : []));
