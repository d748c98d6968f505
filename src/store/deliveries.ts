import type { Delivery, DeliveryKey, Queries, SourceName, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

export type DeliveryState = "pending" | "parked" | "done";

/** A delivery in the inbox, without its body. */
export interface StoredDelivery extends Omit<Delivery, "body"> {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Why it could not be handled when last tried; null: it was, or was not tried yet. */
  readonly reason: string | null;
  /** Of the body as it came in, in bytes. */
  readonly size: number;
}

/** What came in, as an operator sees it. */
export interface Inbox {
  /** The newest first; `parked`: only those that are. */
  deliveries(which: "all" | "parked", limit: number): Promise<StoredDelivery[]>;
  /** Those with any of the ids, of whatever source. */
  withIds(ids: readonly string[]): Promise<StoredDelivery[]>;
  counts(): Promise<Readonly<Record<DeliveryState, number>>>;
  retryDeliveries: Transaction["retryDeliveries"];
  close(): Promise<void>;
}

const DELIVERY = `select source, id, event, received_at as "receivedAt", state, attempts, reason, size from inbox`;
const NEWEST = {
  all: `${DELIVERY} order by seq desc limit ?`,
  parked: `${DELIVERY} where state = 'parked' order by seq desc limit ?`,
};
const WITH_IDS = `${DELIVERY} where source in (select value from LIST(?)) and id in (select value from LIST(?)) order by seq`;
/** Every source: with it, an id is found by the index. */
const SOURCES = Object.keys({ github: true, jira: true, api: true } satisfies Record<SourceName, true>);

const COUNTS = `select
  (select count(*) from inbox where state = 'pending') as pending,
  (select count(*) from inbox where state = 'parked') as parked,
  (select count(*) from inbox) as total`;

const PARKED = "select count(*) as parked from inbox where state = 'parked'";
const FIRST_WAITING = `select received_at as since from inbox where state = 'pending' order by lane, received_at, seq limit 1`;

export const backlogOf = (sql: Sql): Pick<Queries, "backlog"> => ({
  backlog: async () => {
    const [count] = await sql.query<{ parked: number }>(PARKED);
    const [waiting] = await sql.query<{ since: StoredDelivery["receivedAt"] }>(FIRST_WAITING);
    return { parked: count?.parked ?? 0, waitingSince: waiting?.since ?? null };
  },
});

export const inboxQueries = (sql: Sql): Pick<Inbox, "deliveries" | "withIds" | "counts"> => ({
  deliveries: (which, limit) => sql.query<StoredDelivery>(NEWEST[which], limit),
  withIds: (ids) => sql.query<StoredDelivery>(WITH_IDS, SOURCES, ids),
  counts: async () => {
    const [row] = await sql.query<Record<Exclude<DeliveryState, "done"> | "total", number>>(COUNTS);
    const { pending, parked, total } = row ?? { pending: 0, parked: 0, total: 0 };
    return { pending, parked, done: total - pending - parked };
  },
});

const RETRY_ALL = "update inbox set state = 'pending', retry_at = 0, attempts = 0 where state = 'parked'";
const RETRY = `${RETRY_ALL} and (source, id) in (select value->>0, value->>1 from ROWS(?))`;

const NEXT = `select seq, state, received_at as "receivedAt" from inbox where seq > ? order by seq limit ? SKIP_LOCKED`;
const SEQS = "(select cast(value as bigint) from LIST(?))";

interface Row extends Pick<StoredDelivery, "state" | "receivedAt"> {
  readonly seq: number;
}

export const inboxWrites = (sql: Sql): Pick<Transaction, "retryDeliveries" | "dropDeliveries"> => ({
  retryDeliveries: (which) => {
    if (which === "all") return sql.query<DeliveryKey>(`${RETRY_ALL} returning source, id`);
    return sql.query<DeliveryKey>(
      `${RETRY} returning source, id`,
      which.map(({ source, id }) => [source, id]),
    );
  },
  dropDeliveries: async (after, before, limit) => {
    const rows = await sql.query<Row>(NEXT, after, limit);
    const old = rows.filter(({ receivedAt }) => receivedAt < before);
    const dropped = old.filter(({ state }) => state === "done").map(({ seq }) => seq);
    if (dropped.length > 0) {
      await sql.query(`delete from bodies where delivery in ${SEQS}`, dropped);
      await sql.query(`delete from inbox where seq in ${SEQS}`, dropped);
    }
    const last = rows.at(-1)?.seq;
    return { count: dropped.length, next: rows.length === limit && old.length > 0 && last !== undefined ? last : null };
  },
});
