import type { Delivery } from "../ports.js";
import { pack } from "./body.js";
import type { Driver, Sql } from "./sql.js";

/** At most this many deliveries go into one statement. */
const GROUP = 64;
/** Bytes of bodies, compressed, from which on a group is closed. */
const GROUP_BYTES = 16 * 1024 * 1024;
/** While some are stored, the next one is on its way. */
const GROUPS_AT_ONCE = 3;

/** With its body compressed; `size` is what it was before, in bytes. */
type Packed = Delivery & { readonly size: number };

interface Call {
  readonly delivery: Packed;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit on PostgreSQL: what is handed in while groups are under way is stored together by the next one, a statement
 * that is its own transaction, so that the way to the server and its wait for the disk are shared.
 */
export function acceptance(sql: Sql): Driver["accept"] {
  const waiting: Call[] = [];
  let underWay = 0;
  const store = async () => {
    underWay++;
    while (waiting.length > 0) await storeGroup(sql, waiting.splice(0, groupSize(waiting)));
    underWay--;
  };
  const acceptOne = async (delivery: Delivery): Promise<boolean> => {
    const packed = { ...delivery, size: delivery.body.byteLength, body: await pack(delivery.body) };
    return new Promise((resolve, reject) => {
      waiting.push({ delivery: packed, resolve, reject });
      // All that comes in one turn of the event loop goes together.
      if (waiting.length === 1) setImmediate(() => underWay < GROUPS_AT_ONCE && void store());
    });
  };
  return (deliveries) => Promise.all(deliveries.map(acceptOne));
}

/** How many of the calls, from the first on, make a group. */
function groupSize(waiting: readonly Call[]): number {
  let bytes = 0;
  const full = waiting.slice(0, GROUP).findIndex(({ delivery }) => {
    bytes += delivery.body.byteLength;
    return bytes >= GROUP_BYTES;
  });
  return full < 0 ? Math.min(waiting.length, GROUP) : full + 1;
}

const keyOf = ({ source, id }: Pick<Delivery, "source" | "id">): string => `${source} ${id}`;

/** Never rejects: the calls are told. */
async function storeGroup(sql: Sql, calls: readonly Call[]): Promise<void> {
  try {
    const deliveries = new Map(calls.map(({ delivery }) => [keyOf(delivery), delivery]));
    const fresh = await insert(sql, [...deliveries.values()]);
    // Of a delivery that is there twice, the first is the new one.
    for (const { delivery, resolve } of calls) resolve(fresh.delete(keyOf(delivery)));
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}

const COLUMNS = "source, id, event, received_at, size";

/** One way to the server, and a transaction of its own. The bodies come behind each other in one parameter, as they are. */
const INSERT = `with
  given as (select value->>0 as source, value->>1 as id, value->>2 as event, cast(value->>3 as bigint) as received_at,
    cast(value->>4 as integer) as size, cast(value->>5 as integer) as start, cast(value->>6 as integer) as length from ROWS(?)),
  fresh as (insert into inbox (${COLUMNS}) select ${COLUMNS} from given on conflict do nothing returning seq, source, id),
  stored as (insert into bodies (delivery, body)
    select seq, substring(cast(? as BYTES) from start for length) from fresh join given using (source, id))
  select source, id from fresh`;

/** Returns the keys of those that were new. In the order of keys, so that replicas never wait for each other in a circle. */
async function insert(sql: Sql, deliveries: readonly Packed[]): Promise<Set<string>> {
  const ordered = deliveries.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  let next = 1; // SQL counts from one
  const rows = ordered.map(({ source, id, event, receivedAt, size, body }) => {
    const start = next;
    next += body.byteLength;
    return [source, id, event, receivedAt, size, start, body.byteLength];
  });
  const bodies = Buffer.concat(ordered.map(({ body }) => body));
  const fresh = await sql.query<Pick<Delivery, "source" | "id">>(INSERT, rows, bodies);
  return new Set(fresh.map(keyOf));
}
