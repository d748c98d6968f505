import { laneOf } from "../core/containment.js";
import { type Event, type EventOf, rank, SOUGHT_IN_REPOSITORIES, type SoughtInRepository } from "../core/event.js";
import type { Owner, Ref } from "../core/ref.js";
import type { Account, Queries, Transaction } from "../ports.js";
import type { LookUp } from "./lookup.js";
import { better, mergedTogether, type Observation, observation, saysMore, stored } from "./observation.js";
import { relate } from "./relations.js";
import type { Sql } from "./sql.js";

interface Row {
  readonly data: string;
}
const eventOf = <E extends Event>({ data }: Row): E => stored(data).event as E; // the statement asks for these types only

const byTime = (one: Event, other: Event): number => one.at - other.at || (one.id < other.id ? -1 : 1);

type EventQueries = Pick<Queries, "events" | "known" | "repositoryEvents" | "neighbours" | "earliestMerge" | "accounts">;

const KNOWN = "select id, data from events where owner = ? and id in (select value from LIST(?))";

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

const EVENTS = "select ref as sought, data from events where owner = ? and ref in (select value from LIST(?))";

/** By lane, time and id. */
const NEIGHBOURS = `select asked.value->>0 || ' ' || (asked.value->>1) || ' ' || (asked.value->>2) as sought,
    (select data from events where owner = of.owner and lane = asked.value->>0
      and (at, id) < (cast(asked.value->>1 as bigint), asked.value->>2) order by at desc, id desc limit 1) as before,
    (select data from events where owner = of.owner and lane = asked.value->>0
      and (at, id) > (cast(asked.value->>1 as bigint), asked.value->>2) order by at, id limit 1) as after
  from (select cast(? as text) as owner) as of cross join ROWS(?) as asked`;

interface Neighbours {
  readonly sought: string;
  readonly before: string | null;
  readonly after: string | null;
}

export function eventQueries(sql: Sql, lookUp: LookUp): EventQueries {
  const events = lookUp(EVENTS, (row: Row & { readonly sought: string }) => eventOf<Event>(row));
  const neighbours = lookUp(NEIGHBOURS, ({ before, after }: Neighbours) =>
    [before, after].flatMap((data) => (data === null ? [] : eventOf<EventOf<"deployment.succeeded">>({ data }))),
  );
  return {
    events: async (owner, refs) => (await events(owner, refs)).sort(byTime),
    known: async (owner, ids) => (await sql.query<Row>(KNOWN, owner, ids)).map(eventOf),
    repositoryEvents: async <Type extends SoughtInRepository>(owner: Owner, repository: Ref, types: readonly Type[]) => {
      const text = `select data from events
        where owner = ? and repository = ? and type in (select value from LIST(?)) order by at, id`;
      return (await sql.query<Row>(text, owner, repository, types)).map(eventOf<EventOf<Type>>);
    },
    neighbours: async (owner, of) => (await neighbours(owner, [[laneIn(of) ?? "", String(of.at), of.id]])).flat(),
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
  };
}

/**
 * Reads what is stored of these events, merges, and writes what changed. Names, parts and containments come from every
 * observation, also from one that does not hold, so that the order of arrival changes nothing.
 */
export const eventWrites = (sql: Sql): Pick<Transaction, "append"> => ({
  append: async (owner, events) => {
    const { holding, others } = mergedTogether(events);
    const seen = holding.map(observation);
    const before = await storedOf(sql, owner, seen);
    const unknown = seen.filter(({ event, data }) => before.get(event.id) !== data);
    const changes = unknown.map((after) => changeOf(before.get(after.event.id), after)).filter(holds);
    const written = await upsert(sql, owner, changes);
    await relate(sql, owner, [...unknown.map(({ event }) => event), ...others]);
    return changes
      .filter(({ before, after }) => written.has(after.event.id) && saysMore(before, after))
      .map(({ after }) => after.event);
  },
});

interface Change {
  readonly before: Observation | undefined;
  readonly after: Observation;
}

const changeOf = (before: string | undefined, after: Observation): Change => ({
  before: before === undefined ? undefined : stored(before),
  after,
});

const holds = ({ before, after }: Change): boolean => better(before, after) === after;

/** What is stored of each event, by its id. */
async function storedOf(sql: Sql, owner: Owner, seen: readonly Observation[]): Promise<Map<string, string>> {
  if (seen.length === 0) return new Map();
  const ids = seen.map(({ event }) => event.id);
  const rows = await sql.query<Row & Pick<Event, "id">>(KNOWN, owner, ids);
  return new Map(rows.map(({ id, data }) => [id, data]));
}

/** The comparison is `merge`'s: should another transaction have stored a better observation meanwhile, that one stays. */
const UPSERT = `insert into events (owner, id, ref, type, repository, lane, at, r1, r2, r3, r4, data)
  EACH(text, text, text, text, text, text, bigint, bigint, bigint, bigint, bigint, text)
  on conflict (owner, id) do update set ref = excluded.ref, type = excluded.type, repository = excluded.repository,
    lane = excluded.lane, at = excluded.at, r1 = excluded.r1, r2 = excluded.r2, r3 = excluded.r3, r4 = excluded.r4, data = excluded.data
  where (excluded.r1, excluded.r2, excluded.r3, excluded.r4, excluded.data)
    > (events.r1, events.r2, events.r3, events.r4, events.data)
  returning id`;

/** The repository that it is looked for in. Of most events it is null: their kind is looked for by what they are about. */
const soughtBy = ({ type, repository }: Event): Ref | null =>
  SOUGHT_IN_REPOSITORIES.some((one) => one === type) ? (repository ?? null) : null;

/** The lane of a deployment that stands in one, with its repository. */
const laneIn = (event: Event): string | null =>
  event.type === "deployment.succeeded" && event.repository && !event.transient ? `${event.repository} ${laneOf(event)}` : null;

/** In the order of ids, so that two transactions never wait for each other in a circle. Returns the ids of those written. */
async function upsert(sql: Sql, owner: Owner, changes: readonly Change[]): Promise<Set<string>> {
  if (changes.length === 0) return new Set();
  const rows = changes
    .map(({ after }) => after)
    .sort((one, other) => (one.event.id < other.event.id ? -1 : 1))
    .map(({ event, data }) => {
      const { id, ref, type, at } = event;
      return [owner, id, ref, type, soughtBy(event), laneIn(event), at, ...rank(event), data];
    });
  const written = await sql.query<Pick<Event, "id">>(UPSERT, rows);
  return new Set(written.map(({ id }) => id));
}
