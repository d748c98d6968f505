import { type Effect, laneOf, subjectOf } from "../core/effect.js";
import { type Owner, type Ref, SHARED } from "../core/ref.js";
import { HOUR, type Instant } from "../core/time.js";
import type { ClaimedEffect, Outcome, Transaction } from "../ports.js";
import type { Driver, Sql } from "./sql.js";

/*
 * The life of a row, one a subject:
 *   wanted ──► waiting, due at retry_at ──claim──► leased until leased_until ──settle──► gone (done)
 *                 ▲                                                            ├──► waiting for its retry (later)
 *                 └──────── wanted again, resumed ◄────────────────────────────┴──► parked
 * Wanting what is being carried out adds to the generation: a row that was wanted again since it was claimed is not gone, and
 * not parked: it is due at once. So it makes no difference whether it is wanted just before or just after it is settled.
 */

/**
 * After a failure the time to try again stays as it was told to us; wanting cannot hasten it. A parked row begins anew. One
 * that is due no later, and that nobody carries out, is left as it is: much is wanted many times.
 */
const WANT = `insert into outbox (owner, subject, lane, effect, wanted_at, retry_at)
  select ?, value->>0, value->>1, value->>2, cast(? as bigint), cast(? as bigint) from ROWS(?) where true
  on conflict (owner, subject) do update set
    lane = excluded.lane, effect = excluded.effect, generation = outbox.generation + 1, state = 'waiting',
    wanted_at = case when outbox.state = 'parked' then excluded.wanted_at else outbox.wanted_at end,
    attempts = case when outbox.state = 'parked' then 0 else outbox.attempts end,
    reason = case when outbox.state = 'parked' then null else outbox.reason end,
    retry_at = case
      when outbox.state = 'waiting' and (outbox.attempts > 0 or outbox.retry_at < excluded.retry_at) then outbox.retry_at
      else excluded.retry_at end
  where outbox.state <> 'waiting' or outbox.leased_until is not null or outbox.attempts > 0
    or outbox.retry_at > excluded.retry_at or outbox.lane <> excluded.lane`;

/** Pull requests on which our comment stands. */
const COMMENTED = `select pull_request as "pullRequest" from comments
  where owner = ? and comment is not null and pull_request in (select value from LIST(?))`;

/**
 * Who wants to be left alone is, in every lane, in every process and over restarts; for longer than an hour, which no limit
 * lasts, it is only the one question that waits. What failed least goes first, so that what hangs does not hold up the rest. What is said waits for the reads of its
 * account, and of what all accounts share, that were wanted no later and never tried; for the tracker, which may hang,
 * only a moment.
 */
const DUE = `select owner, subject, effect, attempts, wanted_at as "wantedAt", generation from outbox due
  where lane = ? and state = 'waiting' and retry_at <= ? and (leased_until is null or leased_until <= ?)
    and owner not in (select value from LIST(?))
    and owner not in (select told.owner from outbox told where told.alone = 1 and told.retry_at > ? and told.retry_at <= ?)
    and (lane in ('host', 'tracker') or not exists (
      select 1 from outbox untried
      where untried.owner in (due.owner, ?) and untried.state = 'waiting' and untried.lane in ('host', 'tracker')
        and untried.attempts = 0 and untried.wanted_at <= due.wanted_at and (untried.lane = 'host' or untried.wanted_at > ?)))
  order by attempts, retry_at, owner, subject limit ? SKIP_LOCKED`;

/** Milliseconds. */
const TRACKER_PATIENCE = 2000;

const LEASE = `update outbox set leased_until = ? where (owner, subject) in (select value->>0, value->>1 from ROWS(?))`;

/** What another transaction works on is left to it, so that the two cannot wait for each other. */
const RESUME = `update outbox set
    wanted_at = case when state = 'parked' then cast(? as bigint) else wanted_at end,
    attempts = case when state = 'parked' then 0 else attempts end,
    state = 'waiting', reason = null, retry_at = ?
  where (owner, subject) in (
    select owner, subject from outbox
    where owner = ? and (state = 'parked' or (attempts > 0 and alone = 0 and retry_at > ?)) SKIP_LOCKED)`;

interface Row extends Omit<ClaimedEffect, "effect"> {
  readonly subject: string;
  readonly effect: string;
}

export const outboxOf = (sql: Sql): Pick<Transaction, "want" | "claimEffects" | "settleEffect" | "resume"> => ({
  want: async (owner, effects, now) => {
    const bySubject = new Map(effects.map((effect) => [subjectOf(effect), effect]));
    const commented = await commentedOf(sql, owner, effects);
    const rows = [...bySubject].map(([subject, effect]) => [
      subject,
      laneOf(effect, "pullRequest" in effect && commented.has(effect.pullRequest)),
      JSON.stringify(effect),
    ]);
    if (rows.length > 0) await sql.query(WANT, owner, now, now, JSON.stringify(rows.sort()));
  },
  claimEffects: async ({ lane, limit, now, until, except = [] }) => {
    const rows = await sql.query<Row>(
      DUE,
      lane,
      now,
      now,
      JSON.stringify(except),
      ...[now, now + HOUR, SHARED, now - TRACKER_PATIENCE, limit],
    );
    if (rows.length === 0) return [];
    await sql.query(LEASE, until, JSON.stringify(rows.map(({ owner, subject }) => [owner, subject])));
    return rows.map(({ subject: _, ...row }) => ({ ...row, effect: JSON.parse(row.effect) as Effect })); // only `want` writes it
  },
  settleEffect: ({ owner, effect, generation }, outcome) =>
    settle(sql, { owner, subject: subjectOf(effect), generation }, outcome),
  resume: async (owner, now) => {
    await sql.query(RESUME, now, now, owner, now);
  },
});

async function commentedOf(sql: Sql, owner: Owner, effects: readonly Effect[]): Promise<ReadonlySet<Ref>> {
  const pullRequests = effects.flatMap((effect) => (effect.kind === "comment" ? [effect.pullRequest] : []));
  if (pullRequests.length === 0) return new Set();
  const rows = await sql.query<{ pullRequest: Ref }>(COMMENTED, owner, JSON.stringify(pullRequests));
  return new Set(rows.map(({ pullRequest }) => pullRequest));
}

interface Claim {
  readonly owner: Owner;
  readonly subject: string;
  readonly generation: number;
}

async function settle(sql: Sql, claim: Claim, outcome: Outcome): Promise<void> {
  switch (outcome.state) {
    case "done":
      return end(sql, claim, "delete from outbox where owner = ? and subject = ? and generation = ? returning subject");
    case "later":
      return retry(sql, claim, outcome);
    case "parked":
      return end(sql, claim, PARK, outcome.reason);
  }
}

const PARK = `update outbox set state = 'parked', reason = ?, leased_until = null, alone = 0
  where owner = ? and subject = ? and generation = ? returning subject`;

const RENEW = `update outbox set attempts = 0, retry_at = wanted_at, reason = null, leased_until = null, alone = 0
  where owner = ? and subject = ?`;

/** Ends the row as the statement says, unless it was wanted again meanwhile. */
async function end(sql: Sql, { owner, subject, generation }: Claim, statement: string, ...reason: string[]): Promise<void> {
  const ended = await sql.query(statement, ...reason, owner, subject, generation);
  if (ended.length === 0) await sql.query(RENEW, owner, subject);
}

const LATER = `update outbox set retry_at = ?, attempts = attempts + 1, reason = ?, leased_until = null, alone = ?
  where owner = ? and subject = ? and state = 'waiting'`;

type Later = Extract<Outcome, { state: "later" }>;

async function retry(sql: Sql, { owner, subject }: Claim, { retryAt, reason, alone = false }: Later): Promise<void> {
  await sql.query(LATER, retryAt, reason, alone ? 1 : 0, owner, subject);
}

const FORGET = `update outbox set leased_until = case when lane = 'say' and leased_until > ? then ? when lane = 'say' then leased_until end
  where leased_until is not null`;

/** Ends all leases: who held them is gone. What it was saying may still be about to be said: until then it is not said again. */
export async function forgetLeases(driver: Driver, saidBy: Instant): Promise<void> {
  await driver.transaction((sql) => sql.query(FORGET, saidBy, saidBy));
}
