import { appJson, userJson } from "./account-json.js";
import type { View } from "./commit-json.js";
import {
  commitsOf,
  type IssueComment,
  type PullRequest,
  type Repository,
  type Review,
  type ReviewComment,
} from "./github-state.js";
import { githubTime, githubTimeOrNull, type Json, nodeId, sha1 } from "./ids.js";
import { repositoryApi, repositoryHtml, repositoryJson } from "./repository-json.js";

const href = (url: string): Json => ({ href: url });
const association = ({ user }: { user: { type: string } }): string => (user.type === "Bot" ? "NONE" : "MEMBER");

export function labelJson({ addresses }: View, repository: Repository, name: string): Json {
  const id = Number.parseInt(sha1(`${repository.id}:${name.toLowerCase()}`).slice(0, 8), 16);
  return {
    id,
    node_id: nodeId("Label", id),
    url: `${repositoryApi(addresses, repository)}/labels/${encodeURIComponent(name)}`,
    name,
    color: "ededed",
    default: false,
    description: null,
  };
}

/** As lists and review events carry it: without what only a single pull request has. */
export function simplePullRequestJson(view: View, repository: Repository, pullRequest: PullRequest): Json {
  const { id, number, author } = pullRequest;
  const { addresses } = view;
  return {
    ...pullRequestLinks(view, repository, pullRequest),
    id,
    node_id: nodeId("PullRequest", id),
    number,
    state: pullRequest.state,
    locked: pullRequest.locked,
    title: pullRequest.title,
    user: userJson(addresses, author),
    body: pullRequest.body,
    created_at: githubTime(pullRequest.createdAt),
    updated_at: githubTime(pullRequest.updatedAt),
    closed_at: githubTimeOrNull(pullRequest.closedAt),
    merged_at: githubTimeOrNull(pullRequest.merged?.at ?? null),
    merge_commit_sha: mergeCommitOf(repository, pullRequest),
    assignee: pullRequest.assignees[0] ? userJson(addresses, pullRequest.assignees[0]) : null,
    assignees: pullRequest.assignees.map((account) => userJson(addresses, account)),
    requested_reviewers: [],
    requested_teams: [],
    labels: [...pullRequest.labels].map((name) => labelJson(view, repository, name)),
    milestone: null,
    draft: pullRequest.draft,
    head: sideJson(view, repository, { ref: pullRequest.branch, sha: pullRequest.head }),
    base: sideJson(view, repository, { ref: pullRequest.base, sha: baseOf(repository, pullRequest) }),
    author_association: association({ user: author }),
    auto_merge: null,
    active_lock_reason: null,
  };
}

export function pullRequestJson(view: View, repository: Repository, pullRequest: PullRequest): Json {
  const { merged, state } = pullRequest;
  const comments = [...repository.comments.values()].filter(({ number }) => number === pullRequest.number);
  return {
    ...simplePullRequestJson(view, repository, pullRequest),
    merged: merged !== null,
    mergeable: state === "open" ? true : null,
    rebaseable: state === "open" ? true : null,
    mergeable_state: state === "open" ? "clean" : "unknown",
    merged_by: merged && userJson(view.addresses, merged.by),
    comments: comments.length,
    review_comments: pullRequest.reviewComments.size,
    maintainer_can_modify: false,
    commits: commitsOf(repository, pullRequest).length,
    additions: 1,
    deletions: 0,
    changed_files: 1,
  };
}

const baseOf = ({ branches }: Repository, { merged, base, head }: PullRequest): string =>
  merged?.onto ?? branches.get(base) ?? head;

/** Before the merge GitHub names a test merge here, and goes on naming it when closed without one. */
const mergeCommitOf = (repository: Repository, pullRequest: PullRequest): string =>
  pullRequest.merged?.commit ?? sha1(`test merge of ${pullRequest.head} into ${baseOf(repository, pullRequest)}`);

const sideJson = ({ addresses }: View, repository: Repository, { ref, sha }: { ref: string; sha: string }): Json => ({
  label: `${repository.owner.login}:${ref}`,
  ref,
  sha,
  user: userJson(addresses, repository.owner),
  repo: repositoryJson(addresses, repository),
});

function pullRequestLinks({ addresses }: View, repository: Repository, { number, head }: PullRequest): Json {
  const api = repositoryApi(addresses, repository);
  const url = `${api}/pulls/${number}`;
  const html = `${repositoryHtml(addresses, repository)}/pull/${number}`;
  const links = {
    comments: `${api}/issues/${number}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${head}`,
  };
  const issue = `${api}/issues/${number}`;
  return {
    url,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    ...Object.fromEntries(Object.entries(links).map(([name, link]) => [`${name}_url`, link])),
    _links: {
      self: href(url),
      html: href(html),
      issue: href(issue),
      ...Object.fromEntries(Object.entries(links).map(([name, link]) => [name, href(link)])),
    },
  };
}

/** Webhooks say `approved`, the REST API `APPROVED`. */
export function reviewJson({ addresses }: View, repository: Repository, pullRequest: PullRequest, review: Review): Json {
  const html = `${repositoryHtml(addresses, repository)}/pull/${pullRequest.number}#pullrequestreview-${review.id}`;
  const url = `${repositoryApi(addresses, repository)}/pulls/${pullRequest.number}`;
  return {
    id: review.id,
    node_id: nodeId("PullRequestReview", review.id),
    user: userJson(addresses, review.user),
    body: review.body === "" ? null : review.body,
    commit_id: review.commit,
    submitted_at: githubTime(review.submittedAt),
    state: review.state,
    html_url: html,
    pull_request_url: url,
    author_association: association(review),
    _links: { html: href(html), pull_request: href(url) },
  };
}

export function reviewCommentJson(
  { addresses }: View,
  repository: Repository,
  { number }: PullRequest,
  comment: ReviewComment,
): Json {
  const api = repositoryApi(addresses, repository);
  const url = `${api}/pulls/comments/${comment.id}`;
  const html = `${repositoryHtml(addresses, repository)}/pull/${number}#discussion_r${comment.id}`;
  return {
    url,
    pull_request_review_id: comment.review,
    id: comment.id,
    node_id: nodeId("PullRequestReviewComment", comment.id),
    diff_hunk: "@@ -0,0 +1 @@",
    path: comment.path,
    position: 1,
    original_position: 1,
    commit_id: comment.commit,
    original_commit_id: comment.commit,
    user: userJson(addresses, comment.user),
    body: comment.body,
    created_at: githubTime(comment.createdAt),
    updated_at: githubTime(comment.createdAt),
    html_url: html,
    pull_request_url: `${api}/pulls/${number}`,
    author_association: association(comment),
    _links: { self: href(url), html: href(html), pull_request: href(`${api}/pulls/${number}`) },
    reactions: reactionsJson(url, []),
    start_line: null,
    original_start_line: null,
    start_side: null,
    line: 1,
    original_line: 1,
    side: "RIGHT",
    subject_type: "line",
  };
}

export const REACTIONS = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];
const reactionsJson = (of: string, reactions: readonly { readonly content: string }[]): Json => ({
  url: `${of}/reactions`,
  total_count: reactions.length,
  ...Object.fromEntries(REACTIONS.map((name) => [name, reactions.filter(({ content }) => content === name).length])),
});

/** A comment in the conversation; one of ours names the App. */
export function commentJson({ addresses, state }: View, repository: Repository, comment: IssueComment): Json {
  const api = repositoryApi(addresses, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${repositoryHtml(addresses, repository)}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    user: userJson(addresses, comment.user),
    created_at: githubTime(comment.createdAt),
    updated_at: githubTime(comment.updatedAt),
    author_association: association(comment),
    body: comment.body,
    reactions: reactionsJson(url, comment.reactions),
    performed_via_github_app: comment.byApp ? appJson(addresses, state.app) : null,
  };
}

/** The issue side of a pull request, as comment events carry it. */
export function issueJson(view: View, repository: Repository, pullRequest: PullRequest): Json {
  const { html_url, diff_url, patch_url, url, issue_url, merged_at, comments, ...full } = pullRequestJson(
    view,
    repository,
    pullRequest,
  );
  const { number, title, user, state, locked, assignee, assignees, milestone, created_at, updated_at, closed_at } = full;
  return {
    ...{ number, title, user, state, locked, assignee, assignees, milestone, created_at, updated_at, closed_at, comments },
    url: issue_url,
    repository_url: repositoryApi(view.addresses, repository),
    labels_url: `${issue_url}/labels{/name}`,
    comments_url: `${issue_url}/comments`,
    events_url: `${issue_url}/events`,
    timeline_url: `${issue_url}/timeline`,
    html_url,
    id: pullRequest.id,
    node_id: full.node_id,
    labels: full.labels,
    author_association: full.author_association,
    active_lock_reason: null,
    draft: full.draft,
    pull_request: { url, html_url, diff_url, patch_url, merged_at },
    body: full.body,
    reactions: reactionsJson(String(issue_url), []),
    performed_via_github_app: null,
    state_reason: null,
  };
}
