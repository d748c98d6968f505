import type { Dirty, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

const OLDEST = "select owner, ref from dirty order by seq limit ? SKIP_LOCKED";

/** Rows that another transaction holds are left: it will take what they mark, or we will next time. */
const TAKE = `delete from dirty where seq in (
  select seq from dirty where (owner, ref) in (select value->>0, value->>1 from ROWS(?)) SKIP_LOCKED)`;

export const dirtyOf = (sql: Sql): Pick<Transaction, "markDirty" | "takeDirty"> => ({
  markDirty: async (owner, refs) => {
    if (refs.length === 0) return;
    await sql.query("insert into dirty (owner, ref) select ?, value from LIST(?)", owner, JSON.stringify(refs));
  },
  takeDirty: async (limit) => {
    const taken: Dirty[] = [];
    while (taken.length < limit) {
      const rows = await sql.query<Dirty>(OLDEST, limit - taken.length);
      if (rows.length === 0) break;
      const unique = [...new Map(rows.map((row) => [`${row.owner} ${row.ref}`, row])).values()];
      await sql.query(TAKE, JSON.stringify(unique.map(({ owner, ref }) => [owner, ref])));
      taken.push(...unique);
    }
    return taken;
  },
});
