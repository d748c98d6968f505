import type { Dirty, TakenDirty, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

const MARK = "insert into dirty (owner, ref, lane) select ?, value, cast(? as integer) from LIST(?)";

const OLDEST = "select owner, ref from dirty where retry_at <= ? order by lane, seq limit ? SKIP_LOCKED";

/** Rows that another transaction holds are left: it will take what they mark, or we will next time. */
const TAKE = `delete from dirty where seq in (
  select seq from dirty where (owner, ref) in (select value->>0, value->>1 from ROWS(?)) SKIP_LOCKED)
  returning owner, ref, attempts`;

/** Behind what is live: it may fail again. */
const PUT_OFF = "insert into dirty (owner, ref, lane, attempts, retry_at) values (?, ?, 1, ?, ?)";

const keyOf = ({ owner, ref }: Dirty): string => `${owner} ${ref}`;

export const dirtyOf = (sql: Sql): Pick<Transaction, "markDirty" | "takeDirty" | "putOff"> => ({
  markDirty: async (owner, refs, lane = "live") => {
    if (refs.length > 0) await sql.query(MARK, owner, lane === "live" ? 0 : 1, refs);
  },
  takeDirty: async (limit, now) => {
    const taken: TakenDirty[] = [];
    while (taken.length < limit) {
      const rows = await sql.query<Dirty>(OLDEST, now, limit - taken.length);
      if (rows.length === 0) break;
      const unique = [...new Map(rows.map((row) => [keyOf(row), row])).values()];
      taken.push(...(await take(sql, unique)));
    }
    return taken;
  },
  putOff: async ({ owner, ref, attempts }, retryAt) => {
    await sql.query(PUT_OFF, owner, ref, attempts + 1, retryAt);
  },
});

/** Takes all marks of these refs, those that were put off or parked too; the greatest number of attempts holds. */
async function take(sql: Sql, refs: readonly Dirty[]): Promise<TakenDirty[]> {
  const attempts = new Map<string, number>();
  for (const row of await sql.query<TakenDirty>(
    TAKE,
    refs.map(({ owner, ref }) => [owner, ref]),
  )) {
    attempts.set(keyOf(row), Math.max(row.attempts, attempts.get(keyOf(row)) ?? 0));
  }
  return refs.map((one) => ({ ...one, attempts: attempts.get(keyOf(one)) ?? 0 }));
}
