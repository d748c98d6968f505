import { type Ref, refKind } from "../core/ref.js";
import type { Dirty, DirtyStep, TakenDirty, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

/** The lanes of each step, from the first to the last. */
const LANES = { follow: 0, live: 1, mass: 2 } as const;
const FIRST: Readonly<Record<DirtyStep, number>> = { follow: LANES.follow, measure: LANES.live };
const LAST: Readonly<Record<DirtyStep, number>> = { follow: LANES.follow, measure: LANES.mass };

const MARK = "insert into dirty (owner, ref, lane) select ?, value, cast(? as smallint) from LIST(?)";

const DUE = "select owner, ref from dirty where retry_at <= ?";
const OLDEST = `${DUE} and lane between ? and ? order by lane, seq limit ? SKIP_LOCKED`;
const NEWEST = `${DUE} and lane = ? order by seq desc limit ? SKIP_LOCKED`;

/** Rows that another transaction holds are left: it will take what they mark, or we will next time. */
const TAKE = `delete from dirty where seq in (
  select seq from dirty where (owner, ref) in (select value->>0, value->>1 from ROWS(?)) and lane between ? and ? SKIP_LOCKED)
  returning owner, ref, attempts`;

const PUT_OFF = "insert into dirty (owner, ref, lane, attempts, retry_at) values (?, ?, ?, ?, ?)";

const keyOf = ({ owner, ref }: Dirty): string => `${owner} ${ref}`;
const isItem = (ref: Ref): boolean => refKind(ref) === "pull-request" || refKind(ref) === "ticket";

export function dirtyOf(sql: Sql): Pick<Transaction, "markDirty" | "markItems" | "takeDirty" | "putOff"> {
  const markItems: Transaction["markItems"] = async (owner, refs, lane) => {
    if (refs.length > 0) await sql.query(MARK, owner, LANES[lane], refs);
  };
  return {
    markItems,
    markDirty: async (owner, refs) => {
      const others = refs.filter((ref) => !isItem(ref));
      if (others.length > 0) await sql.query(MARK, owner, LANES.follow, others);
      await markItems(owner, refs.filter(isItem), "live");
    },
    takeDirty: async (step, limit, now, order = "oldest") => {
      const taken: TakenDirty[] = [];
      while (taken.length < limit) {
        const wanted = limit - taken.length;
        const rows = await (order === "oldest"
          ? sql.query<Dirty>(OLDEST, now, FIRST[step], LAST[step], wanted)
          : sql.query<Dirty>(NEWEST, now, FIRST[step], wanted));
        if (rows.length === 0) break;
        const unique = [...new Map(rows.map((row) => [keyOf(row), row])).values()];
        taken.push(...(await take(sql, step, unique)));
      }
      return taken;
    },
    /** Behind what is live: it may fail again. */
    putOff: async ({ owner, ref, step, attempts }, retryAt) => {
      await sql.query(PUT_OFF, owner, ref, LAST[step], attempts + 1, retryAt);
    },
  };
}

/** Takes all marks of these refs for the step, those that were put off or parked too; the greatest number of attempts holds. */
async function take(sql: Sql, step: DirtyStep, refs: readonly Dirty[]): Promise<TakenDirty[]> {
  const attempts = new Map<string, number>();
  const keys = refs.map(({ owner, ref }) => [owner, ref]);
  for (const row of await sql.query<TakenDirty>(TAKE, keys, FIRST[step], LAST[step])) {
    attempts.set(keyOf(row), Math.max(row.attempts, attempts.get(keyOf(row)) ?? 0));
  }
  return refs.map(({ owner, ref }) => ({ owner, ref, step, attempts: attempts.get(keyOf({ owner, ref })) ?? 0 }));
}
