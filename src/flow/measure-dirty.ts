import type { Effect } from "../core/effect.js";
import { Unavailable } from "../core/failure.js";
import { type Owner, type Ref, SHARED } from "../core/ref.js";
import type { TakenDirty, Transaction } from "../ports.js";
import { affectedBy } from "./affected.js";
import { backOff } from "./back-off.js";
import { type Concern, concernedBy } from "./concerned.js";
import { Gathering } from "./gather.js";
import { measureItems } from "./measure.js";
import { type Wanted, wantAll } from "./wanted.js";
import type { WorkerParts } from "./worker.js";

const AT_ONCE = 100;
/** A fault of ours may pass with the next release, or when it changes again; until then it waits parked. */
const ATTEMPTS = 5;

/**
 * What changed → lead times → wanted effects: one batch, in a transaction of its own, after its events have been committed.
 * When that fails, each is measured by itself, so that a poisonous one holds up no other. Returns how many there were.
 * Throws `Unavailable` when the database is.
 */
export async function measureDirty(parts: WorkerParts): Promise<number> {
  try {
    return await measureTogether(parts);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    parts.log.warn({ err: error }, "a batch could not be measured: each is measured by itself");
    let count = 0;
    while (count < AT_ONCE && (await measureAlone(parts))) count++;
    return count;
  }
}

async function measureTogether(parts: WorkerParts): Promise<number> {
  return parts.store.transaction(async (tx) => {
    const dirty = await tx.takeDirty(AT_ONCE, parts.clock.now());
    if (dirty.length === 0) return 0;
    const wanted: Wanted[] = [];
    for (const concern of await concernedBy(tx, dirty, parts)) wanted.push(...(await measureFor(tx, concern, parts)));
    await wantAll(tx, wanted);
    return dirty.length;
  });
}

/** One ref, for each account that it concerns by itself. */
async function measureAlone(parts: WorkerParts): Promise<boolean> {
  return parts.store.transaction(async (tx) => {
    const [taken] = await tx.takeDirty(1, parts.clock.now());
    if (!taken) return false;
    const wanted: Wanted[] = [];
    const concerns: Concern[] = [];
    await attempt(tx, taken, { parts, work: async () => void concerns.push(...(await concernedBy(tx, [taken], parts))) });
    for (const concern of concerns) {
      const work = async () => void wanted.push(...(await measureFor(tx, concern, parts)));
      await attempt(tx, { ...taken, owner: concern.owner }, { parts, work });
    }
    await attempt(tx, taken, { parts, work: () => wantAll(tx, wanted) });
    return true;
  });
}

interface Attempt {
  readonly parts: WorkerParts;
  readonly work: () => Promise<void>;
}

/** Undoes what fails, and puts it off. */
async function attempt(tx: Transaction, taken: TakenDirty, { parts, work }: Attempt): Promise<void> {
  const { clock, log } = parts;
  try {
    await tx.savepoint(work);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const { owner, ref, attempts } = taken;
    const parked = attempts + 1 >= ATTEMPTS;
    log.error({ owner, ref, attempts, parked, err: error }, "could not be measured");
    await tx.putOff(taken, parked ? null : backOff(attempts, clock.now()));
  }
}

async function measureFor(tx: Transaction, { owner, jira, refs }: Concern, parts: WorkerParts): Promise<Wanted[]> {
  const now = parts.clock.now();
  const gathering = new Gathering(tx, { owner, policy: parts.policy, jira });
  const affected = await affectedBy(tx, gathering, [...refs].sort());
  await tx.markDirty(owner, [...affected.later], "mass");
  const measured = await measureItems(tx, gathering, {
    pullRequests: [...affected.pullRequests].sort(),
    commits: [...affected.commits].sort(),
    tickets: [...affected.tickets].sort(),
    now,
  });
  const comments = await keptComments(tx, owner, measured.pullRequests);
  const due = measured.projectsDue;
  return [
    { owner, effects: [...affected.wants, ...measured.wants, ...comments], at: now },
    { owner: SHARED, effects: measured.ticketReads, at: now },
    ...(due === null ? [] : [{ owner: SHARED, effects: [{ kind: "read-projects" } as const], at: due }]),
  ];
}

async function keptComments(tx: Transaction, owner: Owner, pullRequests: readonly Ref[]): Promise<Effect[]> {
  const wanted: Effect[] = [];
  for (const pullRequest of pullRequests) {
    const record = await tx.comment(owner, pullRequest);
    if (record?.state === "kept") wanted.push({ kind: "comment", pullRequest });
  }
  return wanted;
}
