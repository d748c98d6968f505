import type { Effect } from "../core/effect.js";
import { type Event, only } from "../core/event.js";
import { Unavailable, Unreadable } from "../core/failure.js";
import { keyRef, type Owner, type Ref, refKind, SHARED } from "../core/ref.js";
import { jiraOwners } from "../core/tenancy.js";
import { HOUR, type Instant, instant, SECOND } from "../core/time.js";
import type {
  Account,
  ClaimedDelivery,
  Clock,
  Dirty,
  Log,
  Outcome,
  Reading,
  Source,
  SourceName,
  Store,
  Transaction,
} from "../ports.js";
import { absorb } from "./absorb.js";
import { affectedBy } from "./affected.js";
import { Gathering, type Policy } from "./gather.js";
import { measureItems } from "./measure.js";

const DELIVERIES_AT_ONCE = 100;
const ITEMS_AT_ONCE = 100;
/** A fault of ours may pass with the next release; a delivery waits for it parked. */
const ATTEMPTS = 5;

export interface WorkerParts {
  readonly store: Store;
  readonly sources: Readonly<Partial<Record<SourceName, Source>>>;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
}

/** Deliveries → events, or, when none is left, → lead times → wanted effects: one batch. Returns whether there was anything. */
export const work = async (parts: WorkerParts): Promise<boolean> =>
  (await readDeliveries(parts)) > 0 || (await measureDirty(parts)) > 0;

/** One transaction for many deliveries, a savepoint each: a poisonous one holds up no other. */
async function readDeliveries(parts: WorkerParts): Promise<number> {
  return parts.store.transaction(async (tx) => {
    const deliveries = await tx.claimDeliveries(DELIVERIES_AT_ONCE, parts.clock.now());
    for (const delivery of deliveries) await tx.settleDelivery(delivery, await readOne(tx, delivery, parts));
    return deliveries.length;
  });
}

async function readOne(tx: Transaction, delivery: ClaimedDelivery, parts: WorkerParts): Promise<Outcome> {
  try {
    await tx.savepoint(async () => {
      const reading = parts.sources[delivery.source]?.read(delivery);
      if (reading) await take(tx, reading, parts.clock.now());
    });
    return { state: "done" };
  } catch (error) {
    return failed(error, delivery, parts);
  }
}

async function take(tx: Transaction, { owner, events, notifies, wants }: Reading, now: Instant): Promise<void> {
  await absorb(tx, owner, events, now);
  await tx.want(owner, [...wants, ...(await soughtInVain(tx, events))], now);
  const merged = events.find(({ id, type }) => id === notifies && type === "pull-request.merged");
  if (merged) await keepComment(tx, owner, merged.ref);
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

/** A merge that is heard of as it happens is commented from then on; one found in the history is not. */
async function keepComment(tx: Transaction, owner: Owner, pullRequest: Ref): Promise<void> {
  if (await tx.comment(owner, pullRequest)) return;
  await tx.saveComment(owner, pullRequest, { comment: null, state: "kept", body: null });
  await tx.markDirty(owner, [pullRequest]);
}

function failed(error: unknown, delivery: ClaimedDelivery, { clock, log }: WorkerParts): Outcome {
  const { source, id, attempts } = delivery;
  if (error instanceof Unreadable) {
    log.warn({ source, delivery: id, reason: error.message }, "delivery parked: it lacks what is read from it");
    return { state: "parked", reason: error.message };
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
  log.error({ source, delivery: id, attempts, err: error }, "delivery could not be handled");
  if (error instanceof Unavailable) return { state: "later", retryAt: error.retryAt ?? backOff(attempts, clock.now()), reason };
  return attempts + 1 < ATTEMPTS
    ? { state: "later", retryAt: backOff(attempts, clock.now()), reason }
    : { state: "parked", reason };
}

/** 1, 2, 4 … seconds after the failure, at most `cap`. */
export const backOff = (attempts: number, now: Instant, cap: number = HOUR): Instant =>
  instant(now + Math.min(cap, SECOND * 2 ** Math.min(attempts, 20)));

/** What changed is measured in a transaction of its own, after its events have been committed. */
async function measureDirty(parts: WorkerParts): Promise<number> {
  return parts.store.transaction(async (tx) => {
    const dirty = await tx.takeDirty(ITEMS_AT_ONCE);
    if (dirty.length === 0) return 0;
    const accounts = await tx.accounts();
    if (dirty.some(({ ref }) => refKind(ref) === "account")) warnOfJiraOwners(accounts, parts);
    const entitled = jiraOwners(accounts, parts.policy.jira.owners);
    const everyone = accounts.length > 0 ? accounts.map(({ owner }) => owner) : [SHARED];
    for (const [owner, refs] of byOwner(dirty, { entitled, everyone })) {
      const jira = parts.policy.jira.configured && entitled.includes(owner);
      await measureFor(tx, new Gathering(tx, { owner, policy: parts.policy, jira }), { refs, now: parts.clock.now() });
    }
    return dirty.length;
  });
}

/** With several accounts and none named, none may use Jira: whoever runs this has to be told. */
export function warnOfJiraOwners(accounts: readonly Account[], { policy, log }: Pick<WorkerParts, "policy" | "log">): void {
  const live = accounts.filter(({ state }) => state !== "deleted").length;
  if (!policy.jira.configured || policy.jira.owners !== null || live < 2) return;
  log.warn({ accounts: live }, "no account may use Jira: there are several, and JIRA_OWNERS does not name those that may");
}

/** What is Jira's concerns every account that may use it; that an account came or went, all of them. */
function byOwner(dirty: readonly Dirty[], of: { readonly entitled: readonly Owner[]; readonly everyone: readonly Owner[] }) {
  const owners = new Map<Owner, Set<Ref>>();
  for (const { owner, ref } of dirty) {
    const concerned = refKind(ref) === "account" ? of.everyone : owner === SHARED ? of.entitled : [owner];
    for (const one of concerned) owners.set(one, (owners.get(one) ?? new Set()).add(ref));
  }
  return [...owners].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function measureFor(
  tx: Transaction,
  gathering: Gathering,
  { refs, now }: { readonly refs: ReadonlySet<Ref>; readonly now: Instant },
): Promise<void> {
  const affected = await affectedBy(tx, gathering, [...refs].sort());
  await tx.markDirty(gathering.owner, [...affected.later]);
  const measured = await measureItems(tx, gathering, {
    pullRequests: [...affected.pullRequests].sort(),
    commits: [...affected.commits].sort(),
    tickets: [...affected.tickets].sort(),
    now,
  });
  await tx.want(gathering.owner, [...affected.wants, ...measured.wants], now);
  await tx.want(SHARED, measured.ticketReads, now);
  if (measured.projectsDue !== null) await tx.want(SHARED, [{ kind: "read-projects" }], measured.projectsDue);
  await tx.want(gathering.owner, await comments(tx, gathering.owner, measured.pullRequests), now);
}

async function comments(tx: Transaction, owner: Owner, pullRequests: readonly Ref[]): Promise<Effect[]> {
  const wanted: Effect[] = [];
  for (const pullRequest of pullRequests) {
    const record = await tx.comment(owner, pullRequest);
    if (record?.state === "kept") wanted.push({ kind: "comment", pullRequest });
  }
  return wanted;
}
