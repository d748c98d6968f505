import { type Effect, LANES, type Lane } from "../core/effect.js";
import { type Event, type EventOf, latest } from "../core/event.js";
import { Refused, Unavailable } from "../core/failure.js";
import { accountRef, keyRef, type Owner, pullRequestOf, type Ref, SHARED } from "../core/ref.js";
import { ticketAlias } from "../core/relation.js";
import { jiraOwners } from "../core/tenancy.js";
import { HOUR, type Instant, instant, MINUTE } from "../core/time.js";
import type { ClaimedEffect, Clock, CodeHost, Discussion, Log, Outcome, Repository, Store, Tracker } from "../ports.js";
import { absorb } from "./absorb.js";
import { composeComment, upsertComment } from "./comment.js";
import { Gathering, type Policy } from "./gather.js";
import { backOff } from "./worker.js";

const AT_ONCE: Readonly<Record<Lane, number>> = { host: 8, tracker: 4, say: 4 };
/** Until then another process leaves it alone. */
const LEASE = 2 * MINUTE;
/** A comment that took so long is not created any more: another process may be about to. */
const CREATE_WITHIN = MINUTE;
const ATTEMPTS = 10;
/** Jira may be away for days; it is asked again this often at the least. */
const JIRA_AGAIN = MINUTE;

export interface EffectParts {
  readonly store: Store;
  readonly codeHost: CodeHost;
  readonly discussion: Discussion;
  /** Null: Jira is not set up. */
  readonly tracker: Tracker | null;
  readonly policy: Policy;
  readonly publicUrl: string | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Carries out what is wanted and due, several at once in each lane. */
export class EffectRunner {
  readonly #parts: EffectParts;
  readonly #running: Record<Lane, Set<Promise<void>>> = { host: new Set(), tracker: new Set(), say: new Set() };
  #settled: () => void = () => {};
  #started = 0;

  constructor(parts: EffectParts) {
    this.#parts = parts;
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
    const { store, clock } = this.#parts;
    const now = clock.now();
    const until = instant(now + LEASE);
    const claimed = await store.transaction((tx) => tx.claimEffects({ lane, limit, now, until }));
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
      this.#parts.log.error({ err: error, effect: claimed.effect.kind }, "an effect could not be settled");
    }
  }

  /** Resolves when everything that was started is done, to how many have been started in all. */
  async settled(): Promise<number> {
    await Promise.all(LANES.flatMap((lane) => [...this.#running[lane]]));
    return this.#started;
  }
}

async function carryOne(claimed: ClaimedEffect, parts: EffectParts): Promise<void> {
  const { events, owner, outcome } = await attempt(claimed, parts);
  await parts.store.transaction(async (tx) => {
    await absorb(tx, owner, events, parts.clock.now());
    await tx.settleEffect(claimed, outcome);
  });
}

interface Attempt {
  readonly owner: Owner;
  readonly events: readonly Event[];
  readonly outcome: Outcome;
}

async function attempt({ owner, effect, attempts, wantedAt }: ClaimedEffect, parts: EffectParts): Promise<Attempt> {
  try {
    if (effect.kind === "read-ticket") {
      if (await wasRead(effect.key, wantedAt, parts.store)) return { owner: SHARED, events: [], outcome: DONE };
      return await readTicket(effect.key, attempts, parts);
    }
    if (effect.kind === "read-projects")
      return { owner: SHARED, events: (await parts.tracker?.projects()) ?? [], outcome: DONE };
    if (effect.kind === "comment") await comment(owner, effect.pullRequest, parts);
    return { owner, events: effect.kind === "comment" ? [] : await readHost(owner, effect, parts), outcome: DONE };
  } catch (error) {
    return { owner, events: [], outcome: failed(error, { effect, attempts }, parts) };
  }
}

const DONE: Outcome = { state: "done" };

type HostRead = Exclude<Effect, { kind: "read-ticket" | "read-projects" | "comment" }>;

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

/** The repository under its present name, with the installation through which it is read. */
async function repositoryNow(store: Store, owner: Owner, ref: Ref): Promise<Repository> {
  const events = await store.events(owner, [ref, accountRef(owner)]);
  const described = latest(events, "repository.described");
  const account = latest(events, "account.described");
  if (!described || described.deleted) throw new Refused("missing", `${ref} is deleted or was never described`);
  if (!account?.installation || account.state !== "installed") {
    throw new Refused("unauthorized", `the App is not installed on ${account?.login ?? owner}, or is suspended`);
  }
  return { owner, ref, name: described.name, defaultBranch: described.defaultBranch, installation: account.installation };
}

/** Wanted again while it was being read, as whatever else happens to an unread ticket does: that needs no second answer. */
async function wasRead(key: string, wantedAt: Instant, store: Store): Promise<boolean> {
  const ref = await store.resolve(SHARED, ticketAlias(key));
  if (ref) return (latest(await store.events(SHARED, [ref]), "ticket.history")?.at ?? 0) >= wantedAt;
  const failure = latest(await store.events(SHARED, [keyRef(key)]), "ticket.unreadable");
  return failure?.reason === "unknown" && failure.at >= wantedAt;
}

async function readTicket(key: string, attempts: number, parts: EffectParts): Promise<Attempt> {
  const now = parts.clock.now();
  try {
    const events = (await parts.tracker?.ticket(key)) ?? [];
    return { owner: SHARED, events, outcome: DONE };
  } catch (error) {
    const reason = reasonOf(error);
    const outcome = reason === "unknown" ? DONE : failed(error, { effect: { kind: "read-ticket", key }, attempts }, parts);
    return { owner: SHARED, events: [await unreadable({ key, reason, now }, parts.store)], outcome };
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

async function comment(owner: Owner, pullRequest: Ref, parts: EffectParts): Promise<void> {
  const { store, policy, discussion, publicUrl, clock } = parts;
  const started = clock.now();
  const record = await store.comment(owner, pullRequest);
  if (record?.state !== "kept") return;
  const entitled = jiraOwners(await store.accounts(), policy.jira.owners).includes(owner);
  const gathering = new Gathering(store, { owner, policy, jira: policy.jira.configured && entitled });
  const body = await composeComment({ queries: store, gathering, pullRequest, publicUrl });
  if (body === null) return;
  const { repository: ref, number } = pullRequestOf(pullRequest);
  const repository = await repositoryNow(store, owner, ref);
  const mayCreate = () => clock.now() < instant(started + CREATE_WITHIN);
  const kept = await upsertComment({ discussion, repository, number, record, body, mayCreate });
  await store.transaction((tx) => tx.saveComment(owner, pullRequest, kept));
}

function failed(
  error: unknown,
  { effect, attempts }: { readonly effect: Effect; readonly attempts: number },
  { clock, log }: EffectParts,
): Outcome {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
  const jira = effect.kind === "read-ticket" || effect.kind === "read-projects";
  log.warn({ effect: effect.kind, attempts, reason }, "an effect was not carried out");
  if (error instanceof Refused && !jira) return { state: "parked", reason };
  if (attempts + 1 >= ATTEMPTS && !jira && !(error instanceof Unavailable)) return { state: "parked", reason };
  const retryAt = error instanceof Unavailable ? error.retryAt : undefined;
  return { state: "later", retryAt: retryAt ?? backOff(attempts, clock.now(), jira ? JIRA_AGAIN : HOUR), reason };
}
