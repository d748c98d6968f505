import type { Effect } from "../core/effect.js";
import { SHARED } from "../core/ref.js";
import type { DirtyStep, TakenDirty, Transaction } from "../ports.js";
import { affectedBy } from "./affected.js";
import { backOff } from "./back-off.js";
import { type Concern, concernedBy } from "./concerned.js";
import { Gathering } from "./gather.js";
import { isElsewhere } from "./is-elsewhere.js";
import { measureItems } from "./measure.js";
import { overheard } from "./overheard.js";
import { type Wanted, wantAll } from "./wanted.js";
import type { WorkerParts } from "./worker.js";

/** What is done with what is dirty, for one account. */
interface Step {
  readonly step: DirtyStep;
  readonly order: "oldest" | "newest";
  /** At most so many in a transaction. */
  readonly atOnce: number;
  readonly work: (tx: Transaction, concern: Concern, parts: WorkerParts) => Promise<Wanted[]>;
}

/** To follow is cheap, and what is followed first is measured once for all that it was reached by. */
const FOLLOWING: Step = { step: "follow", order: "oldest", atOnce: 500, work: follow };
const MEASURING: Step = { step: "measure", order: "oldest", atOnce: 100, work: measureFor };
/** While much waits: so few that they hold up little, and the newest, since somebody waits for their comments. */
const MEASURING_NEWEST: Step = { step: "measure", order: "newest", atOnce: 20, work: measureFor };

/** A fault of ours may pass with the next release, or when it changes again; until then it waits parked. */
const ATTEMPTS = 5;

/**
 * What changed → the items that it matters to → lead times → wanted effects: a batch of each, in transactions of their own,
 * after the events have been committed. `behind`: more deliveries wait to be read, which may be about the same items, so that
 * only the newest are measured now. Returns how many there were. Throws `Unavailable` when the database is.
 */
export async function measureDirty(parts: WorkerParts, behind = false): Promise<number> {
  const followed = await carryOut(FOLLOWING, parts);
  const more = behind || followed >= FOLLOWING.atOnce;
  return followed + (await carryOut(more ? MEASURING_NEWEST : MEASURING, parts));
}

/** One batch; when that fails, each is done by itself, up to the one that fails, so that a poisonous one holds up no other. */
async function carryOut(step: Step, parts: WorkerParts): Promise<number> {
  try {
    return await together(step, parts);
  } catch (error) {
    if (isElsewhere(error)) throw error;
    parts.log.warn({ err: error, step: step.step }, "a batch could not be measured: each is measured by itself");
    return apart(step, parts);
  }
}

async function together({ step, order, atOnce, work }: Step, parts: WorkerParts): Promise<number> {
  return parts.store.transaction(async (tx) => {
    const dirty = await tx.takeDirty(step, atOnce, parts.clock.now(), order);
    if (dirty.length === 0) return 0;
    const wanted: Wanted[] = [];
    for (const concern of await concernedBy(tx, dirty, parts)) wanted.push(...(await work(tx, concern, parts)));
    await wantAll(tx, wanted);
    return dirty.length;
  });
}

async function apart(step: Step, parts: WorkerParts): Promise<number> {
  for (let count = 0; count < step.atOnce; count++) {
    const done = await alone(step, parts);
    if (done === "none") return count;
    if (done === "put off") return count + 1;
  }
  return step.atOnce;
}

/** One ref, for each account that it concerns by itself. */
async function alone({ step, order, work }: Step, parts: WorkerParts): Promise<"done" | "put off" | "none"> {
  return parts.store.transaction(async (tx) => {
    const [taken] = await tx.takeDirty(step, 1, parts.clock.now(), order);
    if (!taken) return "none";
    const wanted: Wanted[] = [];
    const concerns: Concern[] = [];
    const attempts = [
      await attempt(tx, taken, { parts, work: async () => void concerns.push(...(await concernedBy(tx, [taken], parts))) }),
    ];
    for (const concern of concerns) {
      const measure = async () => void wanted.push(...(await work(tx, concern, parts)));
      attempts.push(await attempt(tx, { ...taken, owner: concern.owner }, { parts, work: measure }));
    }
    attempts.push(await attempt(tx, taken, { parts, work: () => wantAll(tx, wanted) }));
    return attempts.every(Boolean) ? "done" : "put off";
  });
}

interface Attempt {
  readonly parts: WorkerParts;
  readonly work: () => Promise<void>;
}

/** Undoes what fails, and puts it off. Returns whether it succeeded. */
async function attempt(tx: Transaction, taken: TakenDirty, { parts, work }: Attempt): Promise<boolean> {
  const { clock, log } = parts;
  try {
    await tx.savepoint(work);
    return true;
  } catch (error) {
    if (isElsewhere(error)) throw error;
    const { owner, ref, step, attempts } = taken;
    const parked = attempts + 1 >= ATTEMPTS;
    log.error({ owner, ref, step, attempts, parked, err: error }, "could not be measured");
    await tx.putOff(taken, parked ? null : backOff(attempts, clock.now()));
    return false;
  }
}

/** Marks the items that the changes matter to. */
async function follow(tx: Transaction, { owner, jira, refs }: Concern, parts: WorkerParts): Promise<Wanted[]> {
  const gathering = new Gathering(tx, { owner, policy: parts.policy, jira });
  const { pullRequests, commits, tickets, later, wants } = await affectedBy(tx, gathering, [...refs].sort());
  await tx.markItems(owner, [...pullRequests, ...commits, ...tickets], "live");
  await tx.markItems(owner, [...later], "mass");
  return [{ owner, effects: wants, at: parts.clock.now() }];
}

/** Measures them; returns what is wanted then. */
export async function measureFor(
  tx: Transaction,
  { owner, jira, refs }: Concern,
  parts: Pick<WorkerParts, "clock" | "policy">,
): Promise<Wanted[]> {
  const now = parts.clock.now();
  const gathering = new Gathering(tx, { owner, policy: parts.policy, jira });
  const measured = await measureItems(tx, gathering, { items: [...refs].sort(), now });
  const kept = await tx.keptComments(owner, measured.pullRequests);
  const comments = kept.map((pullRequest): Effect => ({ kind: "comment", pullRequest }));
  const hiding = (await overheard(tx, gathering, measured.pullRequests)).map(
    (pullRequest): Effect => ({ kind: "hide-answers", pullRequest }),
  );
  const due = measured.projectsDue;
  return [
    { owner, effects: [...measured.wants, ...comments, ...hiding], at: now },
    { owner: SHARED, effects: measured.ticketReads, at: now },
    ...(due === null ? [] : [{ owner: SHARED, effects: [{ kind: "read-projects" } as const], at: due }]),
  ];
}
