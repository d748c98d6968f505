import type { Owner, Ref } from "../core/ref.js";
import { aliasesOf, containmentOf, partsOf } from "../core/relation.js";
import type { Queries } from "../ports.js";
import type { Observation } from "./observation.js";
import type { Sql } from "./sql.js";

type RelationQueries = Pick<Queries, "resolve" | "aliases" | "wholes" | "heads" | "contained">;

export const relationQueries = (sql: Sql): RelationQueries => ({
  resolve: async (owner, alias) => {
    const text = "select ref from aliases where owner = ? and alias = ? order by at desc, ref desc limit 1";
    return (await sql.query<{ ref: Ref }>(text, owner, alias))[0]?.ref;
  },
  aliases: async (owner, ref) => {
    const text = "select alias from aliases where owner = ? and ref = ? order by alias";
    return (await sql.query<{ alias: string }>(text, owner, ref)).map(({ alias }) => alias);
  },
  wholes: async (owner, parts) => {
    const text = `select distinct whole from parts where owner = ? and part in (select value from LIST(?)) order by whole`;
    return (await sql.query<{ whole: Ref }>(text, owner, parts)).map(({ whole }) => whole);
  },
  heads: async (owner, repository, sha) => {
    const text = "select head from containment where owner = ? and repository = ? and sha = ? and head <> sha order by head";
    const rows = await sql.query<{ head: string }>(text, owner, repository, sha);
    return [sha, ...rows.map(({ head }) => head)];
  },
  contained: async (owner, repository, head) => {
    const text = "select sha from containment where owner = ? and repository = ? and head = ? and sha <> head order by sha";
    const rows = await sql.query<{ sha: string }>(text, owner, repository, head);
    return [head, ...rows.map(({ sha }) => sha)];
  },
});

/** Every holder of a name is kept with the last time it held it. */
const ALIASES = `insert into aliases (owner, alias, ref, at)
  select ?, value->>0, value->>1, max(cast(value->>2 as bigint)) from ROWS(?) where true group by 2, 3
  on conflict (owner, alias, ref) do update set at = excluded.at where excluded.at > aliases.at`;

const PARTS = `insert into parts (owner, part, whole)
  select ?, value->>0, value->>1 from ROWS(?) where true on conflict do nothing`;

const CONTAINMENT = `insert into containment (owner, repository, head, sha)
  select ?, value->>0, value->>1, value->>2 from ROWS(?) where true on conflict do nothing`;

/** Writes the names, parts and containments that the events tell of. In order, as `events.ts` says. */
export async function relate(sql: Sql, owner: Owner, observations: readonly Observation[]): Promise<void> {
  const events = observations.map(({ event }) => event);
  const write = async (text: string, rows: readonly (readonly (string | number)[])[]) => {
    if (rows.length > 0) await sql.query(text, owner, rows.toSorted(inOrder));
  };
  await write(
    ALIASES,
    events.flatMap((event) => aliasesOf(event).map((alias) => [alias, event.ref, event.at])),
  );
  await write(
    PARTS,
    events.flatMap((event) => partsOf(event).map((part) => [part, event.ref])),
  );
  await write(
    CONTAINMENT,
    events.flatMap((event) => {
      const { repository } = event;
      const { head = "", shas = [] } = containmentOf(event) ?? {};
      return repository ? shas.map((sha) => [repository, head, sha]) : [];
    }),
  );
}

const inOrder = (one: readonly unknown[], other: readonly unknown[]): number => (one.join(" ") < other.join(" ") ? -1 : 1);
