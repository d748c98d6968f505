import type { StoredLink } from "../core/link.js";
import type { Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

const LINK = `origin as "from", links.key, source, matched, refusal`;

/** `cross join` keeps SQLite from walking all links of an account in the order that is asked for. */
const TO = `select ${LINK} from LIST(?) as wanted cross join links
  where links.owner = ? and links.upper_key = wanted.value order by origin, position`;

export const linkQueries = (sql: Sql): Pick<Queries, "linksFrom" | "linksTo"> => ({
  linksFrom: (owner, from) => {
    const text = `select ${LINK} from links where owner = ? and origin in (select value from LIST(?)) order by origin, position`;
    return sql.query<StoredLink>(text, owner, from);
  },
  linksTo: (owner, keys) => {
    const upper = new Set(keys.map((key) => key.toUpperCase()));
    return sql.query<StoredLink>(TO, [...upper], owner);
  },
});

const INSERT = `insert into links (owner, origin, position, key, upper_key, source, matched, refusal)
  select ?, ?, cast(value->>0 as integer), value->>1, value->>2, value->>3, value->>4, value->>5 from ROWS(?)`;

export const linkWrites = (sql: Sql): Pick<Transaction, "saveLinks"> => ({
  saveLinks: async ({ owner, ref }, links) => {
    await sql.query("delete from links where owner = ? and origin = ?", owner, ref);
    if (links.length === 0) return;
    const rows = links.map(({ key, source, matched, refusal }, position) => [
      position,
      key,
      key.toUpperCase(),
      source,
      matched,
      refusal,
    ]);
    await sql.query(INSERT, owner, ref, rows);
  },
});
