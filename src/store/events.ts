import { type Event, type EventOf, type EventType, rank } from "../core/event.js";
import type { Owner } from "../core/ref.js";
import type { Account, Queries, Transaction } from "../ports.js";
import { better, type Observation, observation, saysMore, stored } from "./observation.js";
import { relate } from "./relations.js";
import type { Sql } from "./sql.js";

interface Row {
  readonly data: string;
}
const eventOf = <E extends Event>({ data }: Row): E => stored(data).event as E; // the statement asks for these types only

type EventQueries = Pick<Queries, "events" | "repositoryEvents" | "earliestMerge" | "accounts">;

/** In the order of the index, so that no more is read than up to the first that is found. */
const EARLIEST = [
  { type: "pull-request.merged", sha: "DOCUMENT->>'mergeCommit'" },
  { type: "commit.pushed", sha: "DOCUMENT->'commit'->>'sha'" },
].map(
  ({ type, sha }) => `select at, ${sha} as sha from events
    where owner = ? and repository = ? and type = '${type}' and at >= ? and at <= ? and ${sha} <> ?
      and ${sha} not in (select value from LIST(?))
      and not exists (select 1 from containment c
        where c.owner = events.owner and c.repository = events.repository and c.head = ? and c.sha = ${sha})
    order by at, id limit 1`,
);

export const eventQueries = (sql: Sql): EventQueries => ({
  events: async (owner, refs) => {
    const text = "select data from events where owner = ? and ref in (select value from LIST(?)) order by at, id";
    return (await sql.query<Row>(text, owner, refs)).map(eventOf);
  },
  repositoryEvents: async <Type extends EventType>(owner: Owner, repository: string, types: readonly Type[]) => {
    const text = `select data from events
      where owner = ? and repository = ? and type in (select value from LIST(?)) order by at, id`;
    return (await sql.query<Row>(text, owner, repository, types)).map(eventOf<EventOf<Type>>);
  },
  earliestMerge: async ({ owner, repository, head, from, until, without }) => {
    const values = [owner, repository, from, until, head, without, head] as const;
    const found = await Promise.all(EARLIEST.map((text) => sql.query<{ at: number; sha: string }>(text, ...values)));
    return found.flat().sort((one, other) => one.at - other.at || (one.sha < other.sha ? -1 : 1))[0]?.sha;
  },
  accounts: async () => {
    const text = "select owner, data from events where type = 'account.described' order by owner";
    return (await sql.query<Row & Pick<Account, "owner">>(text)).map((row) => {
      const { login, installation, state } = eventOf<EventOf<"account.described">>(row);
      return { owner: row.owner, login, installation, state };
    });
  },
});

/**
 * Reads what is stored of these events, merges, and writes what changed. Names, parts and containments come from every
 * observation, also from one that does not hold, so that the order of arrival changes nothing.
 */
export const eventWrites = (sql: Sql): Pick<Transaction, "append"> => ({
  append: async (owner, events) => {
    const seen = events.map(observation);
    const before = await storedOf(sql, owner, seen);
    const unknown = seen.filter(({ event, data }) => before.get(event.id)?.data !== data);
    if (unknown.length === 0) return [];
    const after = new Map(before);
    for (const one of unknown) after.set(one.event.id, better(after.get(one.event.id), one));
    const changed = [...after.values()].filter(({ event, data }) => before.get(event.id)?.data !== data);
    const written = await upsert(sql, owner, changed);
    await relate(sql, owner, unknown);
    return changed
      .filter((one) => written.has(one.event.id) && saysMore(before.get(one.event.id), one))
      .map(({ event }) => event);
  },
});

async function storedOf(sql: Sql, owner: Owner, seen: readonly Observation[]): Promise<Map<string, Observation>> {
  const ids = seen.map(({ event }) => event.id);
  const rows = await sql.query<Row>(
    "select data from events where owner = ? and id in (select value from LIST(?))",
    owner,
    ids,
  );
  return new Map(rows.map(({ data }) => stored(data)).map((one) => [one.event.id, one]));
}

/** The comparison is `merge`'s: should another transaction have stored a better observation meanwhile, that one stays. */
const UPSERT = `insert into events (owner, id, ref, type, repository, at, r1, r2, r3, r4, data)
  select ?, value->>0, value->>1, value->>2, value->>3, cast(value->>4 as bigint),
    cast(value->>5 as bigint), cast(value->>6 as bigint), cast(value->>7 as bigint), cast(value->>8 as bigint), value->>9
  from ROWS(?) where true
  on conflict (owner, id) do update set ref = excluded.ref, type = excluded.type, repository = excluded.repository,
    at = excluded.at, r1 = excluded.r1, r2 = excluded.r2, r3 = excluded.r3, r4 = excluded.r4, data = excluded.data
  where (excluded.r1, excluded.r2, excluded.r3, excluded.r4, excluded.data)
    > (events.r1, events.r2, events.r3, events.r4, events.data)
  returning id`;

/** In the order of ids, so that two transactions never wait for each other in a circle. Returns the ids of those written. */
async function upsert(sql: Sql, owner: Owner, changed: readonly Observation[]): Promise<Set<string>> {
  if (changed.length === 0) return new Set();
  const rows = changed
    .toSorted((one, other) => (one.event.id < other.event.id ? -1 : 1))
    .map(({ event, data }) => {
      const { id, ref, type, repository = null, at } = event;
      return [id, ref, type, repository, at, ...rank(event), data];
    });
  const written = await sql.query<{ id: string }>(UPSERT, owner, rows);
  return new Set(written.map(({ id }) => id));
}
