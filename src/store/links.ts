import type { StoredLink } from "../core/link.js";
import type { Queries, Transaction } from "../ports.js";
import type { LookUp } from "./lookup.js";
import type { Sql } from "./sql.js";

const LINK = `origin as "from", position, links.key, source, matched, refusal`;

const FROM = `select origin as sought, ${LINK} from links where owner = ? and origin in (select value from LIST(?))`;

/** `cross join` keeps SQLite from walking all links of an account. */
const TO = `select upper_key as sought, ${LINK} from (select cast(? as text) as owner) as of cross join LIST(?) as wanted
  cross join links where links.owner = of.owner and links.upper_key = wanted.value`;

interface Row extends StoredLink {
  readonly sought: string;
  readonly position: number;
}
const inOrder = (rows: readonly Row[]): StoredLink[] =>
  rows
    .toSorted((one, other) => (one.from === other.from ? one.position - other.position : one.from < other.from ? -1 : 1))
    .map(({ sought: _, position: __, ...link }) => link);

export function linkQueries(lookUp: LookUp): Pick<Queries, "linksFrom" | "linksTo"> {
  const from = lookUp(FROM, (row: Row) => row);
  const to = lookUp(TO, (row: Row) => row);
  return {
    linksFrom: async (owner, origins) => inOrder(await from(owner, origins)),
    linksTo: async (owner, keys) =>
      inOrder(
        await to(
          owner,
          keys.map((key) => key.toUpperCase()),
        ),
      ),
  };
}

const CLEAR = "delete from links where owner = ? and origin in (select value from LIST(?))";

const INSERT = `insert into links (owner, origin, position, key, upper_key, source, matched, refusal)
  EACH(text, text, integer, text, text, text, text, text)`;

export const linkWrites = (sql: Sql): Pick<Transaction, "saveLinks"> => ({
  saveLinks: async (owner, linked) => {
    if (linked.length === 0) return;
    await sql.query(
      CLEAR,
      owner,
      linked.map(({ from }) => from),
    );
    const rows = linked.flatMap(({ from, links }) =>
      links.map(({ key, source, matched, refusal }, position) => [
        ...[owner, from, position, key, key.toUpperCase()],
        ...[source, matched, refusal],
      ]),
    );
    if (rows.length > 0) await sql.query(INSERT, rows);
  },
});
