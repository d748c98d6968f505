import { type Effect, LANES, type Lane, subjectOf } from "../core/effect.js";
import { type Event, type EventOf, latest } from "../core/event.js";
import { Refused, Unanswered, Unavailable } from "../core/failure.js";
import { keyRef, type Owner, pullRequestOf, SHARED } from "../core/ref.js";
import { ticketAlias } from "../core/relation.js";
import { formatInstant, HOUR, type Instant, instant, MINUTE, type Milliseconds, milliseconds, SECOND } from "../core/time.js";
import type { ClaimedEffect, CodeHost, Outcome, Store, Tracker } from "../ports.js";
import { absorb } from "./absorb.js";
import { answer } from "./answer.js";
import { backOff } from "./back-off.js";
import { type CheckParts, checkConfiguration } from "./check-configuration.js";
import { keepComment } from "./comment.js";
import { gatheringFor, type Policy } from "./gather.js";
import { hideAnswers } from "./hide-answers.js";
import { type Pace, pacing, type TrackerHealth, trackerHealth } from "./pace.js";
import { repositoryNow } from "./repository-now.js";

const AT_ONCE: Readonly<Record<Lane, number>> = { host: 8, tracker: 4, say: 4, edit: 4 };
/** Until then another process leaves it alone. */
const LEASE = 2 * MINUTE;
const ATTEMPTS = 10;
/** What was to be created and was not answered may still be: GitHub ends what it has begun after ten seconds. */
export const IN_DOUBT = milliseconds(12 * SECOND);

export interface EffectParts extends CheckParts {
  readonly codeHost: CodeHost;
  /** How long what was not answered may still be carried out. */
  readonly inDoubt?: Milliseconds;
  /** Null: Jira is not set up. */
  readonly tracker: Tracker | null;
  readonly policy: Policy;
  readonly publicUrl: string | null;
  /** Whether GitHub limits how much is written in a minute: `limitsWrites`. */
  readonly limited?: boolean;
}

/** What one process knows of those that it asks. */
interface Carrying extends EffectParts {
  readonly pace: Pace;
  readonly health: TrackerHealth;
  /** Who has not answered as it should, and since when. */
  readonly away: Map<Asked, Instant>;
}

type Asked = "GitHub" | "Jira";
const askedOf = (owner: Owner): Asked => (owner === SHARED ? "Jira" : "GitHub");

/** Carries out what is wanted and due, several at once in each lane. */
export class EffectRunner {
  readonly #parts: Carrying;
  readonly #running: Record<Lane, Set<Promise<void>>> = {
    host: new Set(),
    tracker: new Set(),
    say: new Set(),
    edit: new Set(),
  };
  #settled: () => void = () => {};
  #started = 0;

  constructor(parts: EffectParts) {
    this.#parts = { ...parts, pace: pacing({ limited: parts.limited ?? false }), health: trackerHealth(), away: new Map() };
  }

  /** What does not answer as it should, since its last good answer: for whoever watches over this. */
  troubles(): string[] {
    return [...this.#parts.away].map(
      ([asked, since]) => `${asked} has not answered as it should since ${formatInstant(since)}`,
    );
  }

  /** Called whenever one is done: there may be events to measure, and more to carry out. */
  onSettled(listener: () => void): void {
    this.#settled = listener;
  }

  /** Starts what is due and there is room for. Returns whether there was anything. */
  async look(): Promise<boolean> {
    let started = false;
    for (const lane of LANES) {
      const limit = AT_ONCE[lane] - this.#running[lane].size;
      if (limit > 0) started = (await this.#start(lane, limit)) || started;
    }
    return started;
  }

  async #start(lane: Lane, limit: number): Promise<boolean> {
    const { store, clock, pace } = this.#parts;
    const now = clock.now();
    const until = instant(now + LEASE);
    const except = pace.resting(lane, now);
    const claimed = await store.transaction((tx) => tx.claimEffects({ lane, limit, now, until, except }));
    this.#started += claimed.length;
    for (const one of claimed) {
      const running = this.#carry(one).finally(() => {
        this.#running[lane].delete(running);
        this.#settled();
      });
      this.#running[lane].add(running);
    }
    return claimed.length > 0;
  }

  async #carry(claimed: ClaimedEffect): Promise<void> {
    try {
      await carryOne(claimed, this.#parts);
    } catch (error) {
      const level = error instanceof Unavailable ? "warn" : "error";
      this.#parts.log[level]({ err: error, effect: claimed.effect.kind }, "an effect could not be settled");
    }
  }

  /** Resolves when everything that was started is done, to how many have been started in all. */
  async settled(): Promise<number> {
    await Promise.all(LANES.flatMap((lane) => [...this.#running[lane]]));
    return this.#started;
  }
}

async function carryOne(claimed: ClaimedEffect, parts: Carrying): Promise<void> {
  const { events, owner, outcome, back = false } = await attempt(claimed, parts);
  if (outcome.state === "done") parts.away.delete(askedOf(claimed.owner));
  await parts.store.transaction(async (tx) => {
    const now = parts.clock.now();
    await absorb(tx, owner, events, now);
    if (back) await tx.resume(owner, now);
    await tx.settleEffect(claimed, outcome);
  });
}

interface Attempt {
  readonly owner: Owner;
  readonly events: readonly Event[];
  readonly outcome: Outcome;
  /** Whether the answer ends a time without any: what waits for the tracker need not wait longer. */
  readonly back?: boolean;
}

async function attempt(claimed: ClaimedEffect, parts: Carrying): Promise<Attempt> {
  const { owner, effect, wantedAt } = claimed;
  try {
    if (effect.kind === "read-ticket") {
      if (await wasRead(effect.key, wantedAt, parts.store)) return { owner: SHARED, events: [], outcome: DONE };
      return await readTicket(claimed, effect.key, parts);
    }
    if (effect.kind === "read-projects") {
      const events = (await parts.tracker?.projects()) ?? [];
      return { owner: SHARED, events, outcome: DONE, back: parts.health.answered(subjectOf(effect)) };
    }
    if (isSaid(effect)) return { owner, events: [], outcome: await say(owner, effect, parts) };
    return { owner, events: await readHost(owner, effect, parts), outcome: DONE };
  } catch (error) {
    return { owner, events: [], outcome: failed(error, claimed, parts) };
  }
}

const DONE: Outcome = { state: "done" };

const SAID = ["comment", "answer", "hide-answers", "check-proposal", "check-commit"] as const;
type Said = Extract<Effect, { kind: (typeof SAID)[number] }>;
const isSaid = (effect: Effect): effect is Said => SAID.some((kind) => kind === effect.kind);

async function say(owner: Owner, effect: Said, parts: Carrying): Promise<Outcome> {
  if (effect.kind === "answer") return answer({ owner, ...effect }, parts);
  const gathering = await gatheringFor(parts.store, parts.policy, owner);
  if (effect.kind === "comment") await keepComment(gathering, effect.pullRequest, parts);
  else if (effect.kind === "hide-answers") await hideAnswers(gathering, effect.pullRequest, parts);
  else await checkConfiguration(effect, gathering, parts);
  return DONE;
}

type HostRead = Exclude<Effect, { kind: "read-ticket" | "read-projects" } | Said>;

async function readHost(owner: Owner, effect: HostRead, { store, codeHost }: EffectParts): Promise<Event[]> {
  const of = "pullRequest" in effect ? pullRequestOf(effect.pullRequest) : { repository: effect.repository, number: 0 };
  const repository = await repositoryNow(store, owner, of.repository);
  switch (effect.kind) {
    case "read-configuration":
      return codeHost.configuration(repository);
    case "read-pull-request":
      return codeHost.pullRequest(repository, of.number);
    case "list-commits":
      return codeHost.commits(repository, of.number, effect.head);
    case "trace-commit":
      return codeHost.trace(repository, effect.sha);
    case "compare":
      return codeHost.compare(repository, effect.base, effect.head);
    case "resolve-release":
      return codeHost.release(repository, effect.release, effect.tag);
  }
}

/** Wanted again while it was being read, as whatever else happens to an unread ticket does: that needs no second answer. */
async function wasRead(key: string, wantedAt: Instant, store: Store): Promise<boolean> {
  const ref = await store.resolve(SHARED, ticketAlias(key));
  if (ref) return (latest(await store.events(SHARED, [ref]), "ticket.history")?.at ?? 0) >= wantedAt;
  const failure = latest(await store.events(SHARED, [keyRef(key)]), "ticket.unreadable");
  return failure?.reason === "unknown" && failure.at >= wantedAt;
}

async function readTicket(claimed: ClaimedEffect, key: string, parts: Carrying): Promise<Attempt> {
  const { clock, health, store, tracker } = parts;
  const now = clock.now();
  const answered = (events: readonly Event[]): Attempt => ({
    ...{ owner: SHARED, events, outcome: DONE },
    back: health.answered(subjectOf(claimed.effect)),
  });
  try {
    return answered((await tracker?.ticket(key)) ?? []);
  } catch (error) {
    const reason = reasonOf(error);
    const events = [await unreadable({ key, reason, now }, store)];
    return reason === "unknown" ? answered(events) : { owner: SHARED, events, outcome: failed(error, claimed, parts) };
  }
}

type UnreadableReason = EventOf<"ticket.unreadable">["reason"];

function reasonOf(error: unknown): UnreadableReason {
  if (!(error instanceof Refused)) return "unavailable";
  return error.reason === "missing" ? "unknown" : "refused";
}

/** A row of failures keeps the time of its first, so that people can be told since when. */
async function unreadable(
  { key, reason, now }: { readonly key: string; readonly reason: UnreadableReason; readonly now: Instant },
  store: Store,
): Promise<EventOf<"ticket.unreadable">> {
  const ref = keyRef(key);
  const stored = latest(await store.events(SHARED, [ref]), "ticket.unreadable");
  const since = stored && (stored.reason === "unknown") === (reason === "unknown") ? stored.since : now;
  const id = `${ref}:unreadable`;
  return { type: "ticket.unreadable", id, ref, at: now, precision: "exact", reader: 1, key, reason, since };
}

function failed(error: unknown, claimed: ClaimedEffect, parts: Carrying): Outcome {
  const outcome = afterFailure(error, claimed, parts);
  const { owner, effect, attempts } = claimed;
  const outside = error instanceof Refused || error instanceof Unavailable;
  const fields = {
    ...{ owner, effect: effect.kind, attempts: attempts + 1 },
    ...(outside ? { reason: error.message } : { err: error }),
    ...(outcome.state === "later" ? { retryAt: formatInstant(outcome.retryAt) } : {}),
  };
  const next = outcome.state === "later" ? "it is tried again" : "it is left until it is wanted again";
  parts.log[outside ? "warn" : "error"](fields, `an effect failed: ${next}`);
  return outcome;
}

/**
 * What is outside may come back however long it is away, and a key that is refused may be set right. A fault of ours is tried
 * a few times. Anything else that GitHub refuses stays as it is until it is wanted again, or the installation changes.
 */
function afterFailure(error: unknown, { owner, effect, attempts }: ClaimedEffect, parts: Carrying): Outcome {
  const { clock, health } = parts;
  const now = clock.now();
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
  const ofTracker = owner === SHARED;
  const cap = ofTracker ? health.failed(subjectOf(effect)) : HOUR;
  const refusedForGood = error instanceof Refused && error.reason !== "unauthorized" && !ofTracker;
  const outside = error instanceof Refused || error instanceof Unavailable;
  if (refusedForGood || (!outside && attempts + 1 >= ATTEMPTS)) return { state: "parked", reason };
  const asked = askedOf(owner);
  if (outside) parts.away.set(asked, parts.away.get(asked) ?? now);
  const retryAt = error instanceof Unavailable ? error.retryAt : undefined;
  const soonest = error instanceof Unanswered ? now + (parts.inDoubt ?? IN_DOUBT) : now;
  const due = instant(Math.max(soonest, retryAt ?? backOff(attempts, now, cap)));
  return { state: "later", retryAt: due, reason, alone: retryAt !== undefined };
}
