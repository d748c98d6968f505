import type { LeadTime, MeasuredItem, StageTime } from "../core/measurement.js";
import { type Owner, type Ref, refId } from "../core/ref.js";
import type { Instant, Milliseconds } from "../core/time.js";
import type { Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

type ItemQueries = Pick<Queries, "item" | "stageTimes" | "subjects">;

/** Of the newest 1,000 merges in the range: a median needs no more, and somebody waits for it. */
const STAGE_TIMES = `select stage, lead_time as "leadTime" from stage_times
  where owner = ? and profile = ? and entered_at < ? and ref in (
    select items.ref from item_pull_requests merged join items on items.owner = merged.owner and items.ref = merged.item
    where merged.owner = ? and merged.repository = ? and merged.merged_at >= ? and merged.merged_at < ?
      and items.kind = ? and items.abandoned = 0 and items.ref <> ?
    order by merged.merged_at desc limit 1000)
  order by ref, position`;

/** Refs of one kind, or of one repository, begin alike: they lie between a first and a last text. */
const SUBJECTS = `select ref from events where owner = ? and ref >= ? and ref < ?
  union select ref from items where owner = ? and ref >= ? and ref < ? order by ref`;

const SUBJECTS_MERGED_INTO = `select distinct item as ref from item_pull_requests
  where owner = ? and repository = ? and item >= ? and item < ? order by ref`;

const NAMING_COMMITS =
  "select distinct origin as ref from links where owner = ? and origin >= ? and origin < ? order by origin";

export const itemQueries = (sql: Sql): ItemQueries => ({
  item: async (owner, ref) => {
    const [row] = await sql.query<{ data: string }>("select data from items where owner = ? and ref = ?", owner, ref);
    return row && (JSON.parse(row.data) as MeasuredItem); // only `saveItem` writes here
  },
  stageTimes: ({ owner, kind, repository, profile, from, to, without }) => {
    const values = [owner, profile, to, owner, repository, from, to, kind, without] as const;
    return sql.query<{ stage: string; leadTime: Milliseconds }>(STAGE_TIMES, ...values);
  },
  subjects: async (owner, kind, repository) => {
    const range = between(prefixOf(kind, repository));
    if (kind === "commit") return (await sql.query<{ ref: Ref }>(NAMING_COMMITS, owner, ...range)).map(({ ref }) => ref);
    const rows =
      kind === "ticket" && repository
        ? await sql.query<{ ref: Ref }>(SUBJECTS_MERGED_INTO, owner, repository, ...range)
        : await sql.query<{ ref: Ref }>(SUBJECTS, owner, ...range, owner, ...range);
    return rows.map(({ ref }) => ref);
  },
});

function prefixOf(kind: Parameters<ItemQueries["subjects"]>[1], repository: Ref | undefined): string {
  if (kind === "ticket") return "jira:issue:";
  if (kind === "commit") return repository ? `github:commit:${refId(repository)}@` : "github:commit:";
  return repository ? `github:pr:${refId(repository)}#` : "github:pr:";
}

/** The range of the texts with this prefix: from it, to just before its last character's successor. */
const between = (prefix: string): [from: string, to: string] => [
  prefix,
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1),
];

const UPSERT = `insert into items (owner, ref, kind, abandoned, data) values (?, ?, ?, ?, ?)
  on conflict (owner, ref) do update set kind = excluded.kind, abandoned = excluded.abandoned, data = excluded.data
  where items.data <> excluded.data returning ref`;

const PULL_REQUESTS = `insert into item_pull_requests (owner, item, pull_request, repository, merged_at)
  select ?, ?, value->>0, value->>1, cast(value->>2 as bigint) from ROWS(?) where true on conflict do nothing`;

const STAGES = `insert into stage_times (owner, ref, profile, position, stage, entered_at, lead_time)
  select ?, ?, value->>0, cast(value->>1 as integer), value->>2, cast(value->>3 as bigint), cast(value->>4 as bigint) from ROWS(?)`;

export const itemWrites = (sql: Sql): Pick<Transaction, "saveItem" | "removeItem"> => ({
  saveItem: async (owner, item) => {
    const { ref, kind, abandoned, pullRequests, leadTimes } = item;
    const written = await sql.query(UPSERT, owner, ref, kind, abandoned ? 1 : 0, JSON.stringify(item));
    if (written.length === 0) return false; // the same as before: so are the rows that come from it
    await clear(sql, owner, ref);
    const heads = pullRequests.map((head) => [head.ref, head.repository, head.mergedAt]);
    if (heads.length > 0) await sql.query(PULL_REQUESTS, owner, ref, heads);
    const stages = leadTimes.flatMap(stageRows);
    if (stages.length > 0) await sql.query(STAGES, owner, ref, stages);
    return true;
  },
  removeItem: async (owner, ref) => {
    await clear(sql, owner, ref);
    return (await sql.query("delete from items where owner = ? and ref = ? returning ref", owner, ref)).length > 0;
  },
});

async function clear(sql: Sql, owner: Owner, ref: Ref): Promise<void> {
  await sql.query("delete from item_pull_requests where owner = ? and item = ?", owner, ref);
  await sql.query("delete from stage_times where owner = ? and ref = ?", owner, ref);
}

/**
 * The stages that have a lead time. One that was skipped and counts as 0 was skipped when a later one was first entered;
 * without one it has no time (an infinite number is null in JSON).
 */
const stageRows = ({ profile, stages }: LeadTime): (string | number)[][] =>
  stages.flatMap((stage, position) => {
    if (stage.leadTime === null) return [];
    const enteredAt = entry(stage)[0] ?? Math.min(...stages.slice(position + 1).flatMap(entry));
    return [[profile, position, stage.name, enteredAt, stage.leadTime]];
  });

const entry = (stage: StageTime): Instant[] =>
  stage.state === "reached" || stage.state === "out-of-order" ? [stage.enteredAt] : [];
