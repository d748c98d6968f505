/**
 * The steps that made the database what it is, in the words of `dialect.ts`. Steps are only ever added at the end:
 * one that was released is never changed. Owners come first in every key; times are integer milliseconds.
 */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

const INBOX = [
  // lane: 0 live. size: the body's bytes. state: pending, done or parked.
  `create table inbox (
    seq SERIAL, source TEXT not null, id TEXT not null, event TEXT not null, received_at bigint not null,
    lane smallint not null default 0, state TEXT not null default 'pending', attempts integer not null default 0,
    retry_at bigint not null default 0, reason TEXT, size integer not null,
    unique (source, id))`,
  "create index inbox_pending on inbox (lane, received_at, seq) where state = 'pending'",
  "create index inbox_parked on inbox (seq) where state = 'parked'",
  // Apart, so that settling a delivery does not write its body again. body: compressed (`body.ts`).
  "create table bodies (delivery KEY primary key, body BYTES not null) WITH_WHOLE_ROWS",
];

const EVENTS = [
  // repository, lane: of those that are looked for by it (`events.ts`). r1 to r4: the event's rank. data: the event as canonical JSON.
  `create table events (
    owner TEXT not null, id TEXT not null, ref TEXT not null, type TEXT not null, repository TEXT, lane TEXT,
    at bigint not null, r1 bigint not null, r2 bigint not null, r3 bigint not null, r4 bigint not null, data TEXT not null,
    primary key (owner, id))`,
  // Few events are about one ref: to sort them is cheaper than to keep them in order.
  "create index events_ref on events (owner, ref)",
  "create index events_repository on events (owner, repository, type, at, id) where repository is not null",
  "create index events_lane on events (owner, lane, at, id) where lane is not null",
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
    owner TEXT not null, ref TEXT not null, kind TEXT not null, abandoned smallint not null, finished_at bigint,
    data TEXT not null, primary key (owner, ref))`,
  "create index items_finished on items (owner, finished_at, ref) where finished_at is not null",
  `create table item_pull_requests (
    owner TEXT not null, item TEXT not null, pull_request TEXT not null, repository TEXT not null, merged_at bigint,
    primary key (owner, item, pull_request))`,
  "create index item_pull_requests_merged on item_pull_requests (owner, repository, merged_at)",
  // rated_time: what of the lead time is rated.
  `create table stage_times (
    owner TEXT not null, ref TEXT not null, profile TEXT not null, position integer not null, stage TEXT not null,
    entered_at bigint, lead_time bigint not null, rated_time bigint not null,
    primary key (owner, ref, profile, position))`,
  // A log that is only added to: two transactions that mark the same ref do not wait for each other.
  // lane: 0 to follow; to measure 1 live, 2 in mass. retry_at: null when parked.
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
    alone smallint not null default 0,
    primary key (owner, subject))`,
  "create index outbox_waiting on outbox (lane, attempts, retry_at, owner, subject) where state = 'waiting'",
  "create index outbox_untried on outbox (owner, wanted_at) where state = 'waiting' and lane in ('host', 'tracker') and attempts = 0",
  "create index outbox_alone on outbox (owner, retry_at) where alone = 1",
  "create table memory (name TEXT not null primary key, value TEXT not null)",
  `create table comments (
    owner TEXT not null, pull_request TEXT not null, comment TEXT, state TEXT not null, body TEXT,
    primary key (owner, pull_request))`,
  // question, answer: comments. asked: what, as it is told from other questions of the asker.
  `create table answers (
    owner TEXT not null, pull_request TEXT not null, question TEXT not null, asker TEXT not null, asked TEXT not null,
    asked_at bigint not null, begun_at bigint not null, answer TEXT, state TEXT not null, told smallint not null,
    primary key (owner, pull_request, question))`,
];

const TOKENS = [
  // hash: SHA-256 of the token. scopes: a word each, with a space between.
  `create table tokens (
    id TEXT not null primary key, owner TEXT not null, name TEXT not null, scopes TEXT not null, hash BYTES not null,
    created_at bigint not null, last_used_at bigint, revoked_at bigint)`,
  "create unique index tokens_name on tokens (owner, name) where revoked_at is null",
];

export const MIGRATIONS: readonly Migration[] = [
  { name: "from deliveries to comments", statements: [...INBOX, ...EVENTS, ...RELATIONS, ...ITEMS, ...OUTBOX, ...TOKENS] },
];
