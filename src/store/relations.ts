import type { Event } from "../core/event.js";
import type { Owner, Ref } from "../core/ref.js";
import { aliasesOf, containmentOf, partsOf } from "../core/relation.js";
import type { Queries } from "../ports.js";
import type { LookUp } from "./lookup.js";
import type { Sql } from "./sql.js";
import { storable } from "./value.js";

type RelationQueries = Pick<Queries, "resolve" | "aliases" | "wholes" | "heads" | "contained">;

/** The newest of each name alone: a project is held by all of its tickets. */
const HOLDERS = `select asked.value as sought, (select ref from aliases where owner = of.owner and alias = asked.value
    order by at desc, ref desc limit 1) as ref
  from (select cast(? as text) as owner) as of cross join LIST(?) as asked`;
const NAMES = "select ref as sought, alias from aliases where owner = ? and ref in (select value from LIST(?))";
const WHOLES = "select part as sought, whole from parts where owner = ? and part in (select value from LIST(?))";

/** By pairs of a repository and a sha. `cross join` keeps SQLite from beginning with the table. */
const containment = (known: "sha" | "head", told: "sha" | "head"): string => `select
    repository || ' ' || ${known} as sought, ${told} as sha
  from (select cast(? as text) as owner) as of cross join ROWS(?) as asked cross join containment
  where containment.owner = of.owner and repository = asked.value->>0 and ${known} = asked.value->>1 and head <> sha`;
const HEADS = containment("sha", "head");
const CONTAINED = containment("head", "sha");

export function relationQueries(lookUp: LookUp): RelationQueries {
  const holders = lookUp(HOLDERS, ({ ref }: { sought: string; ref: Ref | null }) => ref);
  const names = lookUp(NAMES, ({ alias }: { sought: string; alias: string }) => alias);
  const wholes = lookUp(WHOLES, ({ whole }: { sought: string; whole: Ref }) => whole);
  const heads = lookUp(HEADS, ({ sha }: { sought: string; sha: string }) => sha);
  const contained = lookUp(CONTAINED, ({ sha }: { sought: string; sha: string }) => sha);
  return {
    resolve: async (owner, alias) => (await holders(owner, [alias]))[0] ?? undefined,
    aliases: async (owner, ref) => (await names(owner, [ref])).sort(),
    wholes: async (owner, parts) => [...new Set(await wholes(owner, parts))].sort(),
    heads: async (owner, repository, sha) => [sha, ...(await heads(owner, [[repository, sha]])).sort()],
    contained: async (owner, repository, head) => [head, ...(await contained(owner, [[repository, head]])).sort()],
  };
}

/** Every holder of a name is kept with the last time it held it. */
const ALIASES = `insert into aliases (owner, alias, ref, at)
  EACH(text, text, text, bigint)
  on conflict (owner, alias, ref) do update set at = excluded.at where excluded.at > aliases.at`;

const PARTS = "insert into parts (owner, part, whole) EACH(text, text, text) on conflict do nothing";

const CONTAINMENT = `insert into containment (owner, repository, head, sha)
  EACH(text, text, text, text) on conflict do nothing`;

type Related = readonly (string | number)[];

/** Writes the names, parts and containments that the events tell of. In order, as `events.ts` says. */
export async function relate(sql: Sql, owner: Owner, events: readonly Event[]): Promise<void> {
  const write = async (text: string, rows: readonly Related[]) => {
    if (rows.length > 0) await sql.query(text, inOrder(rows));
  };
  const byTime = events.toSorted((one, other) => one.at - other.at);
  await write(
    ALIASES,
    byTime.flatMap((event) => aliasesOf(event).map((alias) => [owner, alias, event.ref, event.at])),
  );
  await write(
    PARTS,
    events.flatMap((event) => partsOf(event).map((part) => [owner, part, event.ref])),
  );
  await write(
    CONTAINMENT,
    events.flatMap((event) => {
      const { repository } = event;
      const { head = "", shas = [] } = containmentOf(event) ?? {};
      return repository ? shas.map((sha) => [owner, repository, head, sha]) : [];
    }),
  );
}

/** As they are stored, in the order of their texts; of those that differ in numbers only, the last. */
function inOrder(rows: readonly Related[]): Related[] {
  const byText = new Map<string, Related>();
  for (const row of rows) {
    const stored = row.map((value) => (typeof value === "string" ? storable(value) : value));
    byText.set(stored.filter((value) => typeof value === "string").join(" "), stored);
  }
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}
