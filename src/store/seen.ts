import { SHARED } from "../core/ref.js";
import type { NamesSeen, Queries } from "../ports.js";
import type { Sql } from "./sql.js";

/** What begins with a prefix, of an account: ids are found by their beginnings. */
const RANGE = "owner = ? and id >= ? and id < ?";
const within = (prefix: string): [string, string] => [`${prefix}:`, `${prefix};`];

const OF_REPOSITORIES = `select DOCUMENT->>'name' as name, DOCUMENT->>'lane' as lane from events
  where ${RANGE} and type in ('repository.described', 'lane.begun')`;

/** Of so many runs, and as many suites and statuses, each kind's newest: ids grow. */
const LOOKED_INTO = 20_000;

const OF_CI = `select distinct source, name from (
    select type, DOCUMENT->>'source' as source, DOCUMENT->>'name' as name, DOCUMENT->>'repository' as repository
    from events where ${RANGE} order by id desc limit ${LOOKED_INTO}) as seen
  where type = 'ci.completed' and (cast(? as text) is null or repository = ?)`;

/** Every status is a part of the tickets that were ever in it: one of them is enough to tell its name. */
const OF_STATUSES = `select distinct DOCUMENT->'status'->>'name' as name, DOCUMENT->'from'->>'name' as former from events
  where owner = ? and type in ('ticket.status', 'ticket.described') and ref in (
    select (select whole from parts where parts.owner = statuses.owner and part = statuses.ref order by whole limit 1)
    from events statuses where statuses.owner = ? and statuses.id >= ? and statuses.id < ?)`;

const DEPLOYMENT = "deployment ";

export const seenQueries = (sql: Sql): Pick<Queries, "namesSeen" | "statusesSeen"> => ({
  namesSeen: async (owner, repository): Promise<NamesSeen> => {
    const described = await sql.query<{ name: string | null; lane: string | null }>(
      OF_REPOSITORIES,
      ...[owner, ...within(repository ?? "github:repo")],
    );
    const completed: { readonly source: string; readonly name: string }[] = [];
    for (const prefix of ["github:run", "github:suite", "github:status"]) {
      const values = [owner, ...within(prefix), repository, repository];
      completed.push(...(await sql.query<(typeof completed)[number]>(OF_CI, ...values)));
    }
    const lanes = described.flatMap(({ lane }) => (lane?.startsWith(DEPLOYMENT) ? [lane.slice(DEPLOYMENT.length)] : []));
    const called = (isRun: boolean) => completed.flatMap(({ source, name }) => ((source === "run") === isRun ? [name] : []));
    return {
      repositories: described.flatMap(({ name }) => name ?? []),
      environments: [...new Set(lanes)],
      workflows: called(true),
      checks: [...new Set(called(false))],
    };
  },
  statusesSeen: async () => {
    const values = [SHARED, SHARED, ...within("jira:status")];
    const rows = await sql.query<{ name: string | null; former: string | null }>(OF_STATUSES, ...values);
    return [...new Set(rows.flatMap(({ name, former }) => [name ?? [], former ?? []].flat()))];
  },
});
