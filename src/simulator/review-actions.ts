import { type IssueComment, type PullRequest, pullRequestNumbered, type Repository, type Review } from "./github-state.js";
import { type PullRequestDeed, type PullRequestScene, pullRequestScene } from "./pull-request-actions.js";
import { commentJson, issueJson, reviewCommentJson, reviewJson, simplePullRequestJson } from "./pull-request-json.js";
import { type RepositoryDeed, type Site, sceneOf, tell } from "./site.js";

export interface ReviewDeed extends PullRequestDeed {
  readonly state: "approved" | "commented" | "changes_requested";
  readonly body?: string;
}

/** Submits a review; returns its id. */
export async function review(site: Site, deed: ReviewDeed): Promise<number> {
  const found = pullRequestScene(site, deed);
  const submitted = addReview(site, found, deed);
  await tellReview(site, found, { action: "submitted", review: submitted });
  return submitted.id;
}

function addReview(
  site: Site,
  { scene, pullRequest }: PullRequestScene,
  { state, body = "" }: Pick<ReviewDeed, "state" | "body">,
): Review {
  const made: Review = {
    id: site.state.nextId(),
    user: scene.by,
    body,
    commit: pullRequest.head,
    submittedAt: scene.at,
    state,
  };
  pullRequest.reviews.set(made.id, made);
  return made;
}

export async function dismissReview(site: Site, deed: PullRequestDeed & { readonly review: number }): Promise<void> {
  const found = pullRequestScene(site, deed);
  const dismissed = found.pullRequest.reviews.get(deed.review);
  if (!dismissed) throw new Error(`pull request ${deed.number} has no review ${deed.review}: submit it first`);
  dismissed.state = "dismissed";
  await tellReview(site, found, { action: "dismissed", review: dismissed });
}

async function tellReview(
  site: Site,
  { scene, pullRequest }: PullRequestScene,
  of: { action: string; review: Review },
): Promise<void> {
  await tell(site, scene, "pull_request_review", {
    action: of.action,
    review: reviewJson(site, scene.repository, pullRequest, of.review),
    pull_request: simplePullRequestJson(site, scene.repository, pullRequest),
  });
}

/** Comments on the code: a review of its own with one comment, as GitHub has it; returns the comment's id. */
export async function reviewComment(
  site: Site,
  deed: PullRequestDeed & { readonly body: string; readonly path?: string },
): Promise<number> {
  const found = pullRequestScene(site, deed);
  const { scene, pullRequest } = found;
  const { repository, by, at } = scene;
  const submitted = addReview(site, found, { state: "commented" });
  const { body, path = "README.md" } = deed;
  const made = { id: site.state.nextId(), review: submitted.id, user: by, body, path, commit: pullRequest.head, createdAt: at };
  pullRequest.reviewComments.set(made.id, made);
  await tellReview(site, found, { action: "submitted", review: submitted });
  await tell(site, scene, "pull_request_review_comment", {
    action: "created",
    comment: reviewCommentJson(site, repository, pullRequest, made),
    pull_request: simplePullRequestJson(site, repository, pullRequest),
  });
  return made.id;
}

/** Comments in the conversation; returns the comment's id. */
export async function comment(site: Site, deed: PullRequestDeed & { readonly body: string }): Promise<number> {
  const { scene } = pullRequestScene(site, deed);
  const { repository, by, at } = scene;
  const made = { id: site.state.nextId(), number: deed.number, user: by, byApp: false, createdAt: at, reactions: [] };
  const kept: IssueComment = { ...made, body: deed.body, updatedAt: at };
  repository.comments.set(kept.id, kept);
  await tellComment(site, { repository, comment: kept, by }, { action: "created" });
  return kept.id;
}

export interface CommentDeed extends RepositoryDeed {
  readonly comment: number;
}

/** A person edits a comment, the App's too. */
export async function editComment(site: Site, deed: CommentDeed & { readonly body: string }): Promise<void> {
  const { repository, by, at } = sceneOf(site, deed);
  const edited = commentNumbered(repository, deed.comment);
  const from = edited.body;
  edited.body = deed.body;
  edited.updatedAt = Math.max(edited.updatedAt, at);
  await tellComment(site, { repository, comment: edited, by }, { action: "edited", changes: { body: { from } } });
}

/** A person deletes a comment, the App's too. */
export async function deleteComment(site: Site, deed: CommentDeed): Promise<void> {
  const { repository, by } = sceneOf(site, deed);
  const deleted = commentNumbered(repository, deed.comment);
  repository.comments.delete(deleted.id);
  await tellComment(site, { repository, comment: deleted, by }, { action: "deleted" });
}

function commentNumbered(repository: Repository, id: number): IssueComment {
  const found = repository.comments.get(id);
  if (!found) throw new Error(`${repository.name} has no comment ${id}`);
  return found;
}

export interface CommentScene {
  readonly repository: Repository;
  readonly comment: IssueComment;
  readonly by: PullRequest["author"];
}

/** Tells the App of a comment, its own ones included, as GitHub does. */
export async function tellComment(
  site: Site,
  scene: CommentScene,
  payload: { action: string; changes?: object },
): Promise<void> {
  const { repository, comment: about } = scene;
  await site.announce({
    event: "issue_comment",
    repository,
    sender: scene.by,
    payload: {
      ...payload,
      issue: issueJson(site, repository, pullRequestNumbered(repository, about.number)),
      comment: commentJson(site, repository, about),
    },
  });
}

/** The comments of a pull request's conversation, oldest first. */
export const commentsOf = (site: Site, deed: { readonly repository: string; readonly number: number }): IssueComment[] =>
  [...sceneOf(site, { repository: deed.repository, at: 0 }).repository.comments.values()].filter(
    ({ number }) => number === deed.number,
  );
