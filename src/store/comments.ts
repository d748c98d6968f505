import type { Ref } from "../core/ref.js";
import type { CommentRecord, Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

/** By the merge events themselves, so that it holds for pull requests that are yet to be measured. */
const COMMENTED = `select events.ref from events
  join comments on comments.owner = events.owner and comments.pull_request = events.ref and comments.state = 'kept'
  where events.owner = ? and events.repository = ? and events.type = 'pull-request.merged' and events.at > ? and events.at <= ?
  order by events.at, events.ref`;

const KEPT = `select pull_request as "pullRequest" from comments
  where owner = ? and state = 'kept' and pull_request in (select value from LIST(?)) order by pull_request`;

export const commentQueries = (sql: Sql): Pick<Queries, "comment" | "keptComments" | "commentedPullRequests"> => ({
  comment: async (owner, pullRequest) => {
    const text = "select comment, state, body from comments where owner = ? and pull_request = ?";
    return (await sql.query<CommentRecord>(text, owner, pullRequest))[0];
  },
  keptComments: async (owner, pullRequests) => {
    if (pullRequests.length === 0) return [];
    const kept = await sql.query<{ pullRequest: Ref }>(KEPT, owner, pullRequests);
    return kept.map(({ pullRequest }) => pullRequest);
  },
  commentedPullRequests: async (owner, repository, after, until) =>
    (await sql.query<{ ref: Ref }>(COMMENTED, owner, repository, after, until)).map(({ ref }) => ref),
});

const SAVE = `insert into comments (owner, pull_request, comment, state, body) values (?, ?, ?, ?, ?)
  on conflict (owner, pull_request) do update set comment = excluded.comment, state = excluded.state, body = excluded.body`;

/** In order, as `events.ts` says. */
const KEEP = `insert into comments (owner, pull_request, state) select ?, value, 'kept' from LIST(?) where true
  on conflict do nothing returning pull_request as "pullRequest"`;

export const commentWrites = (sql: Sql): Pick<Transaction, "saveComment" | "keepComments"> => ({
  saveComment: async (owner, pullRequest, { comment, state, body }) => {
    await sql.query(SAVE, owner, pullRequest, comment, state, body);
  },
  keepComments: async (owner, pullRequests) => {
    if (pullRequests.length === 0) return [];
    const kept = await sql.query<{ pullRequest: Ref }>(KEEP, owner, pullRequests.toSorted());
    return kept.map(({ pullRequest }) => pullRequest);
  },
});
