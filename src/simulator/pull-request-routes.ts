import { commitJson } from "./commit-json.js";
import { notFound, refuse } from "./github-access.js";
import { type GitHubRoute, ok, paged, pullRequestIn, type RepositoryRequest } from "./github-route.js";
import { accountOf, commitsOf, type IssueComment, type PullRequest } from "./github-state.js";
import type { Answer } from "./http.js";
import { githubTime, type Json, sha1 } from "./ids.js";
import type { Permission } from "./manifest.js";
import {
  commentJson,
  pullRequestJson,
  REACTIONS,
  reviewCommentJson,
  reviewJson,
  simplePullRequestJson,
} from "./pull-request-json.js";
import { tellComment } from "./review-actions.js";

const READ: readonly Permission[] = [["pull_requests", "read"]];
const READ_COMMENTS: readonly Permission[] = [
  ["pull_requests", "read"],
  ["issues", "read"],
];
const WRITE_COMMENTS: readonly Permission[] = [
  ["pull_requests", "write"],
  ["issues", "write"],
];
/** GitHub lists no more commits of a pull request. */
const MOST_COMMITS = 250;
const LONGEST_COMMENT = 65_536;

const ofPullRequest =
  (answer: (request: RepositoryRequest, pullRequest: PullRequest) => Answer) =>
  (request: RepositoryRequest): Answer => {
    const pullRequest = pullRequestIn(request);
    return pullRequest ? answer(request, pullRequest) : notFound();
  };
const ofComment =
  (answer: (request: RepositoryRequest, comment: IssueComment) => Answer) =>
  (request: RepositoryRequest): Answer => {
    const comment = request.repository.comments.get(Number(request.parameters.id));
    return comment ? answer(request, comment) : notFound();
  };

const app = ({ site: { state } }: RepositoryRequest) => accountOf(state, `${state.app.slug}[bot]`);

function listPullRequests({ site, repository, call }: RepositoryRequest): Answer {
  const wanted = call.query.get("state") ?? "open";
  const found = [...repository.pullRequests.values()].filter(({ state }) => wanted === "all" || state === wanted);
  const field = call.query.get("sort") === "updated" ? "updatedAt" : "createdAt";
  const direction = call.query.get("direction") === "asc" ? 1 : -1;
  found.sort((a, b) => direction * (a[field] - b[field] || a.number - b.number));
  return paged(
    call,
    found.map((pullRequest) => simplePullRequestJson(site, repository, pullRequest)),
  );
}

/** Why GitHub does not take this text; undefined when it does. */
function refuseBody(body: unknown): Answer | undefined {
  if (typeof body !== "string" || body.trim() === "")
    return refuse(422, "Validation Failed", { errors: [{ resource: "IssueComment", code: "missing_field", field: "body" }] });
  if (body.length > LONGEST_COMMENT)
    return refuse(422, "Validation Failed", {
      errors: [{ message: `body is too long (maximum is ${LONGEST_COMMENT} characters)` }],
    });
  return undefined;
}

const createComment = ofPullRequest((request, pullRequest) => {
  const { site, repository, call } = request;
  const { body } = call.body;
  const refused = refuseBody(body);
  if (refused) return refused;
  if (pullRequest.locked) return refuse(403, "Unable to create comment because issue is locked.");
  const at = site.now();
  const comment: IssueComment = {
    id: site.state.nextWrittenId(),
    number: pullRequest.number,
    user: app(request),
    byApp: true,
    createdAt: at,
    reactions: [],
    body: String(body),
    updatedAt: at,
  };
  repository.comments.set(comment.id, comment);
  void tellComment(site, { repository, comment, by: comment.user }, { action: "created" });
  return ok(commentJson(site, repository, comment), 201);
});

const updateComment = ofComment((request, comment) => {
  const { site, repository, call } = request;
  const { body } = call.body;
  const refused = refuseBody(body);
  if (refused) return refused;
  const from = comment.body;
  comment.body = String(body);
  comment.updatedAt = site.now();
  void tellComment(site, { repository, comment, by: app(request) }, { action: "edited", changes: { body: { from } } });
  return ok(commentJson(site, repository, comment));
});

const removeComment = ofComment((request, comment) => {
  const { site, repository } = request;
  repository.comments.delete(comment.id);
  void tellComment(site, { repository, comment, by: app(request) }, { action: "deleted" });
  return { status: 204 };
});

const react = ofComment((request, comment) => {
  const { content } = request.call.body;
  if (!REACTIONS.includes(String(content)))
    return refuse(422, "Validation Failed", { errors: [{ resource: "Reaction", code: "invalid", field: "content" }] });
  const user = app(request);
  const known = comment.reactions.find((reaction) => reaction.user.id === user.id && reaction.content === content);
  const reaction = known ?? { id: request.site.state.nextWrittenId(), user, content: String(content) };
  if (!known) comment.reactions.push(reaction);
  return ok(
    { id: reaction.id, node_id: "", content: reaction.content, created_at: githubTime(request.site.now()) },
    known ? 200 : 201,
  );
});

/** What the head has otherwise than where it left the base, in the order of the paths. */
function filesOf({ repository: { graph, branches } }: RepositoryRequest, { base, head, merged }: PullRequest): Json[] {
  const onto = merged?.onto ?? branches.get(base) ?? head;
  const before = graph.compare(onto, head)?.mergeBase.files ?? new Map<string, string>();
  const after = graph.get(head)?.files ?? new Map<string, string>();
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
  return paths.sort().map((filename) => ({
    filename,
    status: !after.has(filename) ? "removed" : before.has(filename) ? "modified" : "added",
    sha: sha1(`blob ${after.get(filename) ?? before.get(filename)}`),
    additions: 1,
    deletions: 0,
    changes: 1,
  }));
}

const PULL = "/repos/:owner/:repo/pulls/:number";
const COMMENT = "/repos/:owner/:repo/issues/comments/:id";

/** Pull requests, their reviews, and what the App writes on them. */
export const pullRequestRoutes: readonly GitHubRoute[] = [
  { method: "GET", path: "/repos/:owner/:repo/pulls", as: "repository", needs: READ, answer: listPullRequests },
  {
    method: "GET",
    path: PULL,
    as: "repository",
    needs: READ,
    answer: ofPullRequest(({ site, repository }, pullRequest) => ok(pullRequestJson(site, repository, pullRequest))),
  },
  {
    method: "GET",
    path: `${PULL}/commits`,
    as: "repository",
    needs: READ,
    answer: ofPullRequest(({ site, repository, call }, pullRequest) => {
      const commits = commitsOf(repository, pullRequest).slice(0, MOST_COMMITS);
      return paged(
        call,
        commits.map((commit) => commitJson(site, repository, commit)),
      );
    }),
  },
  {
    method: "GET",
    path: `${PULL}/files`,
    as: "repository",
    needs: READ,
    answer: ofPullRequest((request, pullRequest) => paged(request.call, filesOf(request, pullRequest))),
  },
  {
    method: "GET",
    path: `${PULL}/reviews`,
    as: "repository",
    needs: READ,
    answer: ofPullRequest(({ site, repository, call }, pullRequest) => {
      const reviews = [...pullRequest.reviews.values()].map((review) => reviewJson(site, repository, pullRequest, review));
      return paged(
        call,
        reviews.map((review) => ({ ...review, state: String(review.state).toUpperCase() })),
      );
    }),
  },
  {
    method: "GET",
    path: `${PULL}/comments`,
    as: "repository",
    needs: READ,
    answer: ofPullRequest(({ site, repository, call }, pullRequest) =>
      paged(
        call,
        [...pullRequest.reviewComments.values()].map((comment) => reviewCommentJson(site, repository, pullRequest, comment)),
      ),
    ),
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/issues/:number/comments",
    as: "repository",
    needs: READ_COMMENTS,
    answer: ofPullRequest(({ site, repository, call }, { number }) => {
      const comments = [...repository.comments.values()].filter((comment) => comment.number === number);
      return paged(
        call,
        comments.map((comment) => commentJson(site, repository, comment)),
      );
    }),
  },
  {
    method: "POST",
    path: "/repos/:owner/:repo/issues/:number/comments",
    as: "repository",
    needs: WRITE_COMMENTS,
    answer: createComment,
  },
  {
    method: "GET",
    path: COMMENT,
    as: "repository",
    needs: READ_COMMENTS,
    answer: ofComment(({ site, repository }, comment) => ok(commentJson(site, repository, comment))),
  },
  { method: "PATCH", path: COMMENT, as: "repository", needs: WRITE_COMMENTS, answer: updateComment },
  { method: "DELETE", path: COMMENT, as: "repository", needs: WRITE_COMMENTS, answer: removeComment },
  { method: "POST", path: `${COMMENT}/reactions`, as: "repository", needs: WRITE_COMMENTS, answer: react },
];
