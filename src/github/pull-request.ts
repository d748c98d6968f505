import { z } from "zod";
import type { Effect } from "../core/effect.js";
import type { EventOf, PullRequestEvent } from "../core/event.js";
import { pullRequestRef, type Ref, refId } from "../core/ref.js";
import { formatInstant, type Instant } from "../core/time.js";
import { type Notice, observed } from "./observed.js";
import { author, parse, sender, sha, time } from "./payload.js";
import type { Context } from "./repository.js";

/** A pull request as webhooks and REST answers show it; reviews and comments carry a slimmer one. */
export const pullRequestShape = z
  .object({
    number: z.int().positive(),
    title: z.string(),
    state: z.enum(["open", "closed"]),
    html_url: z.string(),
    user: author,
    draft: z.boolean().nullish(),
    labels: z.array(z.object({ name: z.string() })).nullish(),
    assignees: z.array(sender).nullish(),
    head: z.object({ ref: z.string(), sha }),
    base: z.object({ ref: z.string() }),
    created_at: time,
    updated_at: time,
    closed_at: time.nullish(),
    merged_at: time.nullish(),
    merged_by: sender,
    merge_commit_sha: sha.nullish(),
    changed_files: z.int().nullish(),
  })
  .transform(({ merged_at, merge_commit_sha, ...rest }, context) => {
    if (!merged_at) return { ...rest, merge: null };
    if (merge_commit_sha) return { ...rest, merge: { at: merged_at, commit: merge_commit_sha } };
    context.addIssue({
      code: "custom",
      path: ["merge_commit_sha"],
      message: "expected the merge commit of a merged pull request",
    });
    return z.NEVER;
  });
export type PullRequestPayload = z.output<typeof pullRequestShape>;

interface Seen {
  readonly pullRequest: PullRequestPayload;
  readonly repository: Ref;
  /** When it was read on purpose; absent in webhooks. */
  readonly readAt?: Instant;
}

interface Sight {
  readonly described: EventOf<"pull-request.described">;
  readonly opened: EventOf<"pull-request.opened">;
  /** Its merge, or the close that left it unmerged. */
  readonly ended: PullRequestEvent | null;
}

/** What any sight of a pull request tells: its state, its opening and its end. */
export function lookAt(seen: Seen): Sight {
  const { created_at, user } = seen.pullRequest;
  const opened = { type: "pull-request.opened" as const, actor: user, ...fact(seen, "opened", created_at) };
  return { described: describe(seen), opened, ended: ending(seen) };
}

export const eventsOf = ({ described, opened, ended }: Sight): PullRequestEvent[] => [
  described,
  opened,
  ...(ended ? [ended] : []),
];

/** The common part of an event of the pull request. */
function fact({ pullRequest, repository }: Seen, name: string, at: Instant) {
  const ref = pullRequestRef(refId(repository), pullRequest.number);
  return observed({ id: `${ref}:${name}`, ref, at, repository, url: pullRequest.html_url });
}

function describe(seen: Seen): EventOf<"pull-request.described"> {
  const { pullRequest, readAt } = seen;
  const { merge, state } = pullRequest;
  return {
    type: "pull-request.described",
    number: pullRequest.number,
    title: pullRequest.title,
    branch: pullRequest.head.ref,
    base: pullRequest.base.ref,
    head: pullRequest.head.sha,
    author: pullRequest.user,
    draft: pullRequest.draft ?? false,
    state: merge ? "merged" : state,
    mergeCommit: merge?.commit ?? null,
    labels: pullRequest.labels?.map(({ name }) => name) ?? [],
    assigned: pullRequest.assignees?.some((person) => person?.bot === false) ?? false,
    ...fact(seen, "described", pullRequest.updated_at),
    ...(readAt === undefined ? {} : { readAt }),
  };
}

/** Before the merge `merge_commit_sha` names a test merge; a pull request closed without merge keeps it. */
function ending(seen: Seen): PullRequestEvent | null {
  const { merge, merged_by: actor, base, state, closed_at, updated_at } = seen.pullRequest;
  if (merge) {
    const merged = { ...fact(seen, "merged", merge.at), ...(actor ? { actor } : {}) };
    return { type: "pull-request.merged", mergeCommit: merge.commit, base: base.ref, ...merged };
  }
  if (state === "open") return null;
  const at = closed_at ?? updated_at;
  return { ...fact(seen, timed("closed", at), at), type: "pull-request.closed" };
}

const timed = (name: string, at: Instant): string => `${name}:${formatInstant(at)}`;

const deliveryShape = z.object({
  pull_request: pullRequestShape,
  label: z.object({ name: z.string() }).nullish(),
  sender,
});
type PullRequestDelivery = z.output<typeof deliveryShape>;

export const PULL_REQUEST_ACTIONS = [
  "opened",
  "reopened",
  "edited",
  "synchronize",
  "labeled",
  "unlabeled",
  "assigned",
  "unassigned",
  "ready_for_review",
  "converted_to_draft",
  "closed",
];

/** `pull_request`. */
export function readPullRequest(payload: unknown, context: Context): Notice {
  const delivery = parse(deliveryShape, payload, "the payload");
  const { pull_request: pullRequest } = delivery;
  const sight = lookAt({ pullRequest, repository: context.ref });
  const change = changeOf(delivery, context);
  const about = aboutOf(context.action, sight) ?? change ?? sight.described;
  return {
    at: about.at,
    events: [...eventsOf(sight), ...(change ? [change] : [])],
    notifies: about.id,
    wants: [
      ...(wantsCommits(context.action, pullRequest) ? [listCommits(sight.described.ref, pullRequest.head.sha)] : []),
      ...(wantsCheck(context.action, pullRequest) ? [checkProposal(sight.described)] : []),
    ],
  };
}

function aboutOf(action: string | undefined, { opened, ended }: Sight): PullRequestEvent | null {
  if (action === "opened") return opened;
  return action === "closed" ? ended : null;
}

/** What the action alone tells: the pull request does not show when it was made ready or labeled. */
function changeOf(
  { pull_request: pullRequest, label, sender: actor }: PullRequestDelivery,
  context: Context,
): PullRequestEvent | null {
  const seen = { pullRequest, repository: context.ref };
  const at = pullRequest.updated_at;
  const now = (name: string) => ({ ...fact(seen, timed(name, at), at), ...(actor ? { actor } : {}) });
  switch (context.action) {
    case "opened":
      return pullRequest.draft ? openedAsDraft(seen) : null;
    case "converted_to_draft":
      return { ...now("drafted"), type: "pull-request.drafted" };
    case "ready_for_review":
      return { ...now("ready"), type: "pull-request.ready" };
    case "reopened":
      return { ...now("reopened"), type: "pull-request.reopened" };
    case "labeled":
      return label ? { ...now(`labeled:${label.name.toLowerCase()}`), type: "pull-request.labeled", label: label.name } : null;
    default:
      return null;
  }
}

function openedAsDraft(seen: Seen): PullRequestEvent {
  const at = seen.pullRequest.created_at;
  return { ...fact(seen, timed("drafted", at), at), type: "pull-request.drafted" };
}

/** Payloads lack the commits: they are read whenever the head may be another, or is the last. */
const wantsCommits = (action: string | undefined, { merge }: PullRequestPayload): boolean =>
  action === "closed" ? merge !== null : ["opened", "synchronize", "reopened", "ready_for_review"].includes(action ?? "");

/** Payloads do not say which files are changed: that is asked whenever the head is another, unless none is. */
const wantsCheck = (action: string | undefined, { changed_files }: PullRequestPayload): boolean =>
  ["opened", "synchronize", "reopened"].includes(action ?? "") && changed_files !== 0;

const checkProposal = ({ ref, base, head }: EventOf<"pull-request.described">): Effect => ({
  kind: "check-proposal",
  pullRequest: ref,
  base,
  head,
});

const listCommits = (pullRequest: Ref, head: string): Effect => ({ kind: "list-commits", pullRequest, head });
