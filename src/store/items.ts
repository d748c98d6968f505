import { ratedTime } from "../core/lead-time.js";
import type { LeadTime, MeasuredItem, StageTime } from "../core/measurement.js";
import { type Owner, type Ref, refId } from "../core/ref.js";
import type { StageOfItem } from "../core/stage-report.js";
import type { Instant } from "../core/time.js";
import type { Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";
import { storableJson, type Value } from "./value.js";

const itemOf = (data: string): MeasuredItem => JSON.parse(data) as MeasuredItem; // only `saveItems` writes here

type ItemQueries = Pick<Queries, "item" | "stageTimes" | "subjects" | "finishedSince">;

/** Of the newest 1,000 merges in the range: a median needs no more, and somebody waits for it. */
const STAGE_TIMES = `select ref as item, stage, lead_time as "leadTime", rated_time as "ratedTime" from stage_times
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

const FINISHED = "select ref from items where owner = ? and finished_at >= ? order by finished_at desc, ref";

/** `|| ''` keeps SQLite from walking all pull requests of the repository for each item. */
const FINISHED_IN = `select ref from items where owner = ? and finished_at >= ?
  and exists (select 1 from item_pull_requests its
    where its.owner = items.owner and its.item = items.ref and its.repository || '' = ?)
  order by finished_at desc, ref`;

export const itemQueries = (sql: Sql): ItemQueries => ({
  item: async (owner, ref) => {
    const [row] = await sql.query<{ data: string }>("select data from items where owner = ? and ref = ?", owner, ref);
    return row && itemOf(row.data);
  },
  stageTimes: ({ owner, kind, repository, profile, from, to, without }) => {
    const values = [owner, profile, to, owner, repository, from, to, kind, without ?? ""] as const;
    return sql.query<StageOfItem>(STAGE_TIMES, ...values);
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
  finishedSince: async (owner, since, repository) => {
    const rows = repository
      ? await sql.query<{ ref: Ref }>(FINISHED_IN, owner, since, repository)
      : await sql.query<{ ref: Ref }>(FINISHED, owner, since);
    return rows.map(({ ref }) => ref);
  },
});

function prefixOf(kind: Parameters<ItemQueries["subjects"]>[1], repository: Ref | undefined): string {
  if (kind === "ticket") return "jira:issue:";
  if (kind === "repository") return "github:repo:";
  if (kind === "commit") return repository ? `github:commit:${refId(repository)}@` : "github:commit:";
  return repository ? `github:pr:${refId(repository)}#` : "github:pr:";
}

/** The range of the texts with this prefix: from it, to just before its last character's successor. */
const between = (prefix: string): [from: string, to: string] => [
  prefix,
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1),
];

const BEFORE = "select ref, data from items where owner = ? and ref in (select value from LIST(?))";

const UPSERT = `insert into items (owner, ref, kind, abandoned, finished_at, data) EACH(text, text, text, smallint, bigint, text)
  on conflict (owner, ref) do update set kind = excluded.kind, abandoned = excluded.abandoned,
    finished_at = excluded.finished_at, data = excluded.data`;

const REMOVE = "delete from items where owner = ? and ref in (select value from LIST(?))";

/** Of an item that changed. */
const CLEAR = [
  "delete from item_pull_requests where owner = ? and item in (select value from LIST(?))",
  "delete from stage_times where owner = ? and ref in (select value from LIST(?))",
];

const PULL_REQUESTS = `insert into item_pull_requests (owner, item, pull_request, repository, merged_at)
  EACH(text, text, text, text, bigint) on conflict do nothing`;

const STAGES = `insert into stage_times (owner, ref, profile, position, stage, entered_at, lead_time, rated_time)
  EACH(text, text, text, integer, text, bigint, bigint, bigint)`;

interface Saved {
  readonly ref: Ref;
  /** Null: there is none any more. */
  readonly item: MeasuredItem | null;
  readonly data: string | null;
  readonly before: string | null;
}

export const itemWrites = (sql: Sql): Pick<Transaction, "saveItems"> => ({
  saveItems: async (owner, items) => {
    const rows = await sql.query<{ ref: Ref; data: string }>(
      BEFORE,
      owner,
      items.map(({ ref }) => ref),
    );
    const before = new Map(rows.map(({ ref, data }) => [ref, data]));
    const changed = items
      .map(({ ref, item }) => ({ ref, item, data: item && storableJson(item), before: before.get(ref) ?? null }))
      .filter((saved) => saved.data !== saved.before);
    await write(sql, owner, changed);
    return changed.map(({ ref, item, before }) => ({ ref, item, before: before === null ? null : itemOf(before) }));
  },
});

async function write(sql: Sql, owner: Owner, changed: readonly Saved[]): Promise<void> {
  if (changed.length === 0) return;
  const there = changed.flatMap(({ item, data }) => (item ? { item, data } : []));
  const each = async (text: string, rows: readonly Value[][]) => {
    if (rows.length > 0) await sql.query(text, rows);
  };
  for (const text of CLEAR)
    await sql.query(
      text,
      owner,
      changed.map(({ ref }) => ref),
    );
  await sql.query(
    REMOVE,
    owner,
    changed.flatMap(({ ref, item }) => (item ? [] : [ref])),
  );
  await each(
    UPSERT,
    there.map(({ item, data }) => [owner, item.ref, item.kind, item.abandoned ? 1 : 0, item.finishedAt, data]),
  );
  await each(
    PULL_REQUESTS,
    there.flatMap(({ item }) => item.pullRequests.map((head) => [owner, item.ref, head.ref, head.repository, head.mergedAt])),
  );
  await each(
    STAGES,
    there.flatMap(({ item }) => item.leadTimes.flatMap(stageRows).map((row) => [owner, item.ref, ...row])),
  );
}

/**
 * The stages that have a lead time; none where the item was given up. One that was skipped and counts as 0 was skipped when a later one was first entered;
 * without one it has no time.
 */
const stageRows = ({ profile, status, stages }: LeadTime): (string | number | null)[][] =>
  stages.flatMap((stage, position) => {
    if (stage.leadTime === null || status === "abandoned") return [];
    const later = stages.slice(position + 1).flatMap(entry);
    const enteredAt = entry(stage)[0] ?? (later.length > 0 ? Math.min(...later) : null);
    return [[profile, position, stage.name, enteredAt, stage.leadTime, ratedTime(stage)]];
  });

const entry = (stage: StageTime): Instant[] =>
  stage.state === "reached" || stage.state === "out-of-order" ? [stage.enteredAt] : [];
