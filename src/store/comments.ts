import type { Ref } from "../core/ref.js";
import type { CommentRecord, Queries, Transaction } from "../ports.js";
import type { Sql } from "./sql.js";

/** By the merge events themselves, so that it holds for pull requests that are yet to be measured. */
const COMMENTED = `select events.ref from events
  join comments on comments.owner = events.owner and comments.pull_request = events.ref and comments.state = 'kept'
  where events.owner = ? and events.repository = ? and events.type = 'pull-request.merged' and events.at > ? and events.at <= ?
  order by events.at, events.ref`;

export const commentQueries = (sql: Sql): Pick<Queries, "comment" | "commentedPullRequests"> => ({
  comment: async (owner, pullRequest) => {
    const text = "select comment, state, body from comments where owner = ? and pull_request = ?";
    return (await sql.query<CommentRecord>(text, owner, pullRequest))[0];
  },
  commentedPullRequests: async (owner, repository, after, until) =>
    (await sql.query<{ ref: Ref }>(COMMENTED, owner, repository, after, until)).map(({ ref }) => ref),
});

const SAVE = `insert into comments (owner, pull_request, comment, state, body) values (?, ?, ?, ?, ?)
  on conflict (owner, pull_request) do update set comment = excluded.comment, state = excluded.state, body = excluded.body`;

export const commentWrites = (sql: Sql): Pick<Transaction, "saveComment"> => ({
  saveComment: async (owner, pullRequest, { comment, state, body }) => {
    await sql.query(SAVE, owner, pullRequest, comment, state, body);
  },
});
