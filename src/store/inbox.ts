import { Unreadable } from "../core/failure.js";
import type { ClaimedDelivery, DeliveryKey, SettledDelivery, Transaction } from "../ports.js";
import { unpack } from "./body.js";
import type { Sql } from "./sql.js";

/** Bytes of bodies, unpacked, from which on no more deliveries are claimed. */
const CLAIM_BYTES = 16 * 1024 * 1024;
/** Of a claim when more wait than fit: so that what comes now does not wait behind what came during an outage. */
const NEWEST_SHARE = 0.2;

const CLAIM = `select seq, source, id, event, received_at as "receivedAt", attempts, size from inbox
  where state = 'pending' and retry_at <= ?`;
const OLDEST = `${CLAIM} order by lane, received_at, seq limit ? SKIP_LOCKED`;
const NEWEST = `${CLAIM} and lane = 0 order by received_at desc, seq desc limit ? SKIP_LOCKED`;

const BODIES = "select delivery, body from bodies where delivery in (select cast(value as bigint) from LIST(?))";

const SETTLE_DONE = `update inbox set state = 'done', reason = null
  where (source, id) in (select value->>0, value->>1 from ROWS(?))`;

const SETTLE_OTHERS = `update inbox set state = settled.state, retry_at = coalesce(settled.retry_at, inbox.retry_at),
    attempts = inbox.attempts + settled.tries, reason = settled.reason
  from (select value->>0 as source, value->>1 as id, value->>2 as state, cast(value->>3 as bigint) as retry_at,
    cast(value->>4 as integer) as tries, value->>5 as reason from ROWS(?)) as settled
  where inbox.source = settled.source and inbox.id = settled.id`;

export const inboxOf = (sql: Sql): Pick<Transaction, "claimDeliveries" | "settleDeliveries"> => ({
  claimDeliveries: async (limit, now) => {
    const newest = Math.floor(limit * NEWEST_SHARE);
    const oldest = fitting(await sql.query<Row>(OLDEST, now, limit - newest), CLAIM_BYTES);
    const rows = oldest.length < limit - newest ? oldest : withNewest(oldest, await sql.query<Row>(NEWEST, now, newest));
    return withBodies(sql, rows);
  },
  settleDeliveries: async (settled) => {
    const done = settled.filter(({ outcome }) => outcome.state === "done").map(({ delivery }) => keyOf(delivery));
    const others = settled.flatMap(settledOtherwise);
    if (done.length > 0) await sql.query(SETTLE_DONE, done);
    if (others.length > 0) await sql.query(SETTLE_OTHERS, others);
  },
});

interface Row extends Omit<ClaimedDelivery, "body"> {
  readonly seq: number;
  readonly size: number;
}

/** As many of the rows, from the first on and at least one, as stay within the bytes. */
function fitting(rows: readonly Row[], most: number): readonly Row[] {
  let bytes = 0;
  const tooMany = rows.findIndex(({ size }) => {
    bytes += size;
    return bytes > most;
  });
  return tooMany < 0 ? rows : rows.slice(0, Math.max(1, tooMany));
}

function withNewest(oldest: readonly Row[], newest: readonly Row[]): readonly Row[] {
  const claimed = new Set(oldest.map(({ seq }) => seq));
  const others = newest.filter(({ seq }) => !claimed.has(seq));
  return [...oldest, ...fitting(others, CLAIM_BYTES * NEWEST_SHARE)];
}

async function withBodies(sql: Sql, rows: readonly Row[]): Promise<ClaimedDelivery[]> {
  if (rows.length === 0) return [];
  const found = await sql.query<{ delivery: number; body: Uint8Array }>(
    BODIES,
    rows.map(({ seq }) => seq),
  );
  const bodies = new Map(found.map(({ delivery, body }) => [delivery, body]));
  return rows.map(({ seq, size, ...row }) => ({ ...row, body: () => unpacked(bodies.get(seq), size) }));
}

async function unpacked(body: Uint8Array | undefined, size: number): Promise<Uint8Array> {
  try {
    return await unpack(body ?? new Uint8Array(), size);
  } catch (error) {
    throw new Unreadable("expected a compressed body in the inbox, but it cannot be unpacked", { cause: error });
  }
}

const keyOf = ({ source, id }: DeliveryKey): [source: string, id: string] => [source, id];

/** A row of what is not done: source, id, state, retry_at, tries, reason. */
function settledOtherwise({ delivery, outcome }: SettledDelivery): (string | number | null)[][] {
  switch (outcome.state) {
    case "done":
      return [];
    case "later":
      return [[...keyOf(delivery), "pending", outcome.retryAt, 1, outcome.reason]];
    case "parked":
      return [[...keyOf(delivery), "parked", null, 0, outcome.reason]];
  }
}
