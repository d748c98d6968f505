/**
 * The steps that made the database what it is, in the words of `dialect.ts`. Steps are only ever added at the end:
 * one that was released is never changed. Owners come first in every key; times are integer milliseconds.
 */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

const INBOX = [
  // lane: 0 live. body: deflated; size: its bytes before. state: pending, done or parked.
  `create table inbox (
    source TEXT not null, id TEXT not null, event TEXT not null, received_at bigint not null,
    lane smallint not null default 0, state TEXT not null default 'pending', attempts integer not null default 0,
    retry_at bigint not null default 0, reason TEXT, size integer not null, body BYTES not null,
    primary key (source, id))`,
  "create index inbox_pending on inbox (lane, received_at, source, id) where state = 'pending'",
];

const EVENTS = [
  // r1 to r4: the event's rank. data: the event as canonical JSON.
  `create table events (
    owner TEXT not null, id TEXT not null, ref TEXT not null, type TEXT not null, repository TEXT, at bigint not null,
    r1 bigint not null, r2 bigint not null, r3 bigint not null, r4 bigint not null, data TEXT not null,
    primary key (owner, id))`,
  "create index events_ref on events (owner, ref, at, id)",
  "create index events_repository on events (owner, repository, type, at, id)",
  "create index events_account on events (owner) where type = 'account.described'",
];

const RELATIONS = [
  `create table aliases (
    owner TEXT not null, alias TEXT not null, ref TEXT not null, at bigint not null,
    primary key (owner, alias, ref))`,
  "create index aliases_newest on aliases (owner, alias, at, ref)",
  "create index aliases_ref on aliases (owner, ref, alias)",
  "create table parts (owner TEXT not null, part TEXT not null, whole TEXT not null, primary key (owner, part, whole))",
  `create table containment (
    owner TEXT not null, repository TEXT not null, head TEXT not null, sha TEXT not null,
    primary key (owner, repository, head, sha))`,
  "create index containment_sha on containment (owner, repository, sha, head)",
  `create table links (
    owner TEXT not null, origin TEXT not null, position integer not null, key TEXT not null, upper_key TEXT not null,
    source TEXT not null, matched TEXT not null, refusal TEXT,
    primary key (owner, origin, position))`,
  "create index links_key on links (owner, upper_key)",
];

const ITEMS = [
  `create table items (
    owner TEXT not null, ref TEXT not null, kind TEXT not null, abandoned smallint not null, data TEXT not null,
    primary key (owner, ref))`,
  `create table item_pull_requests (
    owner TEXT not null, item TEXT not null, pull_request TEXT not null, repository TEXT not null, merged_at bigint,
    primary key (owner, item, pull_request))`,
  "create index item_pull_requests_merged on item_pull_requests (owner, repository, merged_at)",
  `create table stage_times (
    owner TEXT not null, ref TEXT not null, profile TEXT not null, position integer not null, stage TEXT not null,
    entered_at bigint, lead_time bigint not null,
    primary key (owner, ref, profile, position))`,
  // A log that is only added to: two transactions that mark the same ref do not wait for each other.
  // lane: 0 live, 1 mass. retry_at: null when parked.
  `create table dirty (
    seq SERIAL, owner TEXT not null, ref TEXT not null, lane smallint not null default 0,
    attempts integer not null default 0, retry_at bigint default 0)`,
  "create index dirty_due on dirty (lane, seq) where retry_at is not null",
  "create index dirty_ref on dirty (owner, ref)",
];

const OUTBOX = [
  // lane: `laneOf` the effect. state: waiting or parked.
  `create table outbox (
    owner TEXT not null, subject TEXT not null, lane TEXT not null, effect TEXT not null,
    state TEXT not null default 'waiting', wanted_at bigint not null, retry_at bigint not null,
    attempts integer not null default 0, reason TEXT, generation integer not null default 1, leased_until bigint,
    primary key (owner, subject))`,
  "create index outbox_waiting on outbox (lane, attempts, retry_at, owner, subject) where state = 'waiting'",
  "create index outbox_untried on outbox (owner, wanted_at) where state = 'waiting' and lane in ('host', 'tracker') and attempts = 0",
  "create table memory (name TEXT not null primary key, value TEXT not null)",
  `create table comments (
    owner TEXT not null, pull_request TEXT not null, comment TEXT, state TEXT not null, body TEXT,
    primary key (owner, pull_request))`,
];

export const MIGRATIONS: readonly Migration[] = [
  { name: "from deliveries to comments", statements: [...INBOX, ...EVENTS, ...RELATIONS, ...ITEMS, ...OUTBOX] },
];
