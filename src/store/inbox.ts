import { Unreadable } from "../core/failure.js";
import type { ClaimedDelivery, Delivery, Outcome, Transaction } from "../ports.js";
import { pack, unpack } from "./body.js";
import type { Driver, Sql } from "./sql.js";
import type { Value } from "./value.js";

/** At most this many deliveries go into one statement, and about as many into one transaction. */
const GROUP = 64;
/** Bytes of bodies, compressed, from which on a group is closed. */
const GROUP_BYTES = 16 * 1024 * 1024;

/** With its body compressed; `size` is what it was before, in bytes. */
type Packed = Delivery & { readonly size: number };
const keyOf = ({ source, id }: Pick<Delivery, "source" | "id">): string => `${source} ${id}`;

interface Call {
  readonly deliveries: readonly Packed[];
  readonly resolve: (fresh: boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what is handed in while a transaction is under way is stored together by the next one, so that
 * the wait for the disk is shared. A call resolves once its deliveries are committed.
 */
export function acceptance(driver: Driver): (deliveries: readonly Delivery[]) => Promise<boolean[]> {
  const waiting: Call[] = [];
  let storing = false;

  const storeGroups = async () => {
    storing = true;
    while (waiting.length > 0) await storeGroup(driver, waiting.splice(0, groupSize(waiting)));
    storing = false;
  };
  return async (deliveries) => {
    const packed = await Promise.all(
      deliveries.map(async (one) => ({ ...one, size: one.body.byteLength, body: await pack(one.body) })),
    );
    return new Promise((resolve, reject) => {
      waiting.push({ deliveries: packed, resolve, reject });
      if (!storing) void storeGroups();
    });
  };
}

/** How many of the calls, from the first on, make a group. */
function groupSize(waiting: readonly Call[]): number {
  let count = 0;
  let bytes = 0;
  const full = waiting.findIndex(({ deliveries }) => {
    count += deliveries.length;
    bytes += deliveries.reduce((sum, { body }) => sum + body.byteLength, 0);
    return count >= GROUP || bytes >= GROUP_BYTES;
  });
  return full < 0 ? waiting.length : full + 1;
}

/** Never rejects: the calls are told. */
async function storeGroup(driver: Driver, calls: readonly Call[]): Promise<void> {
  try {
    const deliveries = calls.flatMap((call) => call.deliveries);
    const fresh = await driver.transaction((sql) => insert(sql, deliveries));
    // Of a delivery that is there twice, the first is the new one.
    for (const call of calls) call.resolve(call.deliveries.map((delivery) => fresh.delete(keyOf(delivery))));
  } catch (error) {
    for (const call of calls) call.reject(error);
  }
}

/** Returns the keys of those that were new. In the order of keys, so that replicas never wait for each other in a circle. */
async function insert(sql: Sql, deliveries: readonly Packed[]): Promise<Set<string>> {
  const ordered = deliveries.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const fresh = new Set<string>();
  for (let start = 0; start < ordered.length; start += GROUP) {
    const group = ordered.slice(start, start + GROUP);
    const values = group.flatMap<Value>(({ source, id, event, receivedAt, size, body }) => [
      source,
      id,
      event,
      receivedAt,
      size,
      body,
    ]);
    const rows = group.map(() => "(?, ?, ?, ?, ?, ?)").join(", ");
    const text = `insert into inbox (source, id, event, received_at, size, body) values ${rows} on conflict do nothing returning source, id`;
    for (const row of await sql.query<Pick<Delivery, "source" | "id">>(text, ...values)) fresh.add(keyOf(row));
  }
  return fresh;
}

/** Bytes of bodies, unpacked, from which on no more deliveries are claimed. */
const CLAIM_BYTES = 16 * 1024 * 1024;

const CLAIM = `select source, id, event, received_at as "receivedAt", attempts, size from inbox
  where state = 'pending' and retry_at <= ? order by lane, received_at, source, id limit ? SKIP_LOCKED`;

const SETTLE = `update inbox set state = ?, retry_at = coalesce(cast(? as bigint), retry_at), attempts = attempts + ?, reason = ?
  where source = ? and id = ?`;

export const inboxOf = (sql: Sql): Pick<Transaction, "claimDeliveries" | "settleDelivery"> => ({
  claimDeliveries: async (limit, now) => {
    const rows = await sql.query<Row>(CLAIM, now, limit);
    return rows.slice(0, fitting(rows)).map(({ size: _, ...row }) => ({ ...row, body: () => bodyOf(sql, row) }));
  },
  settleDelivery: async ({ source, id }, outcome) => {
    await sql.query(SETTLE, ...settled(outcome), source, id);
  },
});

interface Row extends Omit<ClaimedDelivery, "body"> {
  readonly size: number;
}

/** How many of the rows, from the first on and at least one, stay within the bytes. */
function fitting(rows: readonly Row[]): number {
  let bytes = 0;
  const tooMany = rows.findIndex(({ size }) => {
    bytes += size;
    return bytes > CLAIM_BYTES;
  });
  return tooMany < 0 ? rows.length : Math.max(1, tooMany);
}

async function bodyOf(sql: Sql, { source, id }: Pick<Delivery, "source" | "id">): Promise<Uint8Array> {
  const text = "select body from inbox where source = ? and id = ?";
  const [row] = await sql.query<Pick<Delivery, "body">>(text, source, id);
  try {
    return await unpack(row?.body ?? new Uint8Array());
  } catch (error) {
    throw new Unreadable("expected a deflated body in the inbox, but it cannot be unpacked", { cause: error });
  }
}

function settled(outcome: Outcome): [state: string, retryAt: number | null, tries: number, reason: string | null] {
  switch (outcome.state) {
    case "done":
      return ["done", null, 0, null];
    case "later":
      return ["pending", outcome.retryAt, 1, outcome.reason];
    case "parked":
      return ["parked", null, 0, outcome.reason];
  }
}
