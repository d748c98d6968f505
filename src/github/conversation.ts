import { z } from "zod";
import { readCommands } from "../core/command.js";
import type { Effect } from "../core/effect.js";
import type { Actor, PullRequestEvent } from "../core/event.js";
import { pullRequestRef } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import { type Notice, observed } from "./observed.js";
import { author, id, parse, sender, time } from "./payload.js";
import { eventsOf, lookAt, pullRequestShape } from "./pull-request.js";
import type { Context } from "./repository.js";

const reviewShape = z.object({
  pull_request: pullRequestShape,
  review: z.object({ id, state: z.string(), user: author, submitted_at: time.nullish(), html_url: z.string().nullish() }),
  sender,
});
type ReviewDelivery = z.output<typeof reviewShape>;

/** `pull_request_review`. A dismissed review no longer shows what it said, but that it was submitted. */
export function readReview(payload: unknown, context: Context): Notice {
  const delivery = parse(reviewShape, payload, "the payload");
  const sight = lookAt({ pullRequest: delivery.pull_request, repository: context.ref });
  const submission = submissionOf(delivery, context);
  const dismissal = context.action === "dismissed" ? dismissalOf(delivery, context) : null;
  const about = dismissal ?? (context.action === "submitted" ? submission : null) ?? sight.described;
  const events = [...eventsOf(sight), ...[submission, dismissal].filter((event) => event !== null)];
  return { at: about.at, events, notifies: about.id };
}

/** Null while the review is pending. */
function submissionOf({ review, pull_request: pullRequest }: ReviewDelivery, context: Context): PullRequestEvent | null {
  const { submitted_at: at, state, user: actor, html_url: url } = review;
  if (!at) return null;
  const fact = { id: `github:review:${review.id}:submitted`, at, actor, url };
  const type = state.toLowerCase() === "approved" ? "pull-request.approved" : "pull-request.reviewed";
  return { type, review: review.id, ...inPullRequest(pullRequest.number, context, fact) };
}

function dismissalOf({ review, pull_request: pullRequest, sender: actor }: ReviewDelivery, context: Context): PullRequestEvent {
  const fact = { id: `github:review:${review.id}:dismissed`, at: pullRequest.updated_at, actor, url: review.html_url };
  return { ...inPullRequest(pullRequest.number, context, fact), type: "pull-request.dismissed", review: review.id };
}

interface Fact {
  readonly id: string;
  readonly at: Instant;
  readonly actor: Actor | undefined;
  readonly url: string | null | undefined;
}

function inPullRequest(number: number, context: Context, fact: Fact) {
  return observed({ ref: pullRequestRef(context.repository.id, number), repository: context.ref, ...fact });
}

const comment = z.object({ id, user: author, body: z.string().nullish(), created_at: time, html_url: z.string().nullish() });
type Comment = z.output<typeof comment>;

function commented(
  kind: "comment" | "review-comment",
  on: Comment & { readonly number: number; readonly review?: string | null | undefined },
  context: Context,
): PullRequestEvent {
  const fact = { id: `github:${kind}:${on.id}`, at: on.created_at, actor: on.user, url: on.html_url };
  const command = on.body?.trimStart().startsWith("/") ?? false;
  const part = on.review ? { review: on.review } : {};
  return { type: "pull-request.commented", command, ...part, ...inPullRequest(on.number, context, fact) };
}

const reviewCommentShape = z.object({
  pull_request: pullRequestShape,
  comment: comment.extend({ pull_request_review_id: id.nullish() }),
});

/** `pull_request_review_comment`. */
export function readReviewComment(payload: unknown, context: Context): Notice {
  const { pull_request: pullRequest, comment } = parse(reviewCommentShape, payload, "the payload");
  const { number } = pullRequest;
  const { pull_request_review_id: review } = comment;
  const event = commented("review-comment", { ...comment, number, review }, context);
  const sight = lookAt({ pullRequest, repository: context.ref });
  return { at: event.at, events: [...eventsOf(sight), event], notifies: event.id };
}

const issueShape = z.object({ issue: z.object({ number: z.int().positive(), pull_request: z.unknown().optional() }) });
const issueCommentShape = z.object({ comment });

/** `issue_comment`: pull requests are issues here; comments on issues proper do not concern us. */
export function readIssueComment(payload: unknown, context: Context): Notice | null {
  const { issue } = parse(issueShape, payload, "the payload");
  if (!issue.pull_request) return null;
  const { comment } = parse(issueCommentShape, payload, "the payload");
  const event = commented("comment", { ...comment, number: issue.number }, context);
  return { at: event.at, events: [event], notifies: event.id, wants: comment.user.bot ? [] : answers(payload, event, comment) };
}

const askerShape = z.object({ comment: z.object({ user: z.object({ id, login: z.string() }).nullish() }) });

/** What people ask of us is answered; nobody can be asked what an account that is gone may do. */
function answers(payload: unknown, { ref, at, url }: PullRequestEvent, { id: comment, body }: Comment): Effect[] {
  const commands = readCommands(body ?? "");
  if (commands.length === 0) return [];
  const { user: asker } = parse(askerShape, payload, "the payload").comment;
  if (!asker) return [];
  return [{ kind: "answer", pullRequest: ref, question: { comment, url: url ?? null, asker, askedAt: at, commands } }];
}
