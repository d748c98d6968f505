import { z } from "zod";
import type { Effect } from "../core/effect.js";
import type { CommitFacts, EventOf } from "../core/event.js";
import { commitRef, type Ref } from "../core/ref.js";
import { type Instant, instant } from "../core/time.js";
import { type Notice, observed } from "./observed.js";
import { claimedTime, message, parse, sha } from "./payload.js";
import type { Context } from "./repository.js";

export const CONFIGURATION_FILE = ".github/leadtime.yml";
/** GitHub lists no more commits than this in one push. */
const LISTED = 2048;
/** So many commits of one push are looked into; a larger one is an import of history. */
const TRACED = 50;
/** Wider than what makes a ticket key, so that no pushed commit that names one is passed over. */
const KEY_LIKE = /[a-z][a-z0-9]{1,9}-[1-9]/i;

const files = z.array(z.string()).nullish();
const commitShape = z.object({
  id: sha,
  message,
  timestamp: claimedTime,
  url: z.string().nullish(),
  distinct: z.boolean().nullish(),
  author: z.object({ username: z.string().nullish() }).nullish(),
  added: files,
  modified: files,
  removed: files,
});
type PushedCommit = z.output<typeof commitShape>;

const pushShape = z.object({
  ref: z.string(),
  before: sha.nullish(),
  after: sha.nullish(),
  deleted: z.boolean().nullish(),
  forced: z.boolean().nullish(),
  commits: z.array(commitShape).nullish(),
  head_commit: commitShape.nullish(),
});
type Push = z.output<typeof pushShape>;

/** `push`. Only what changes the default branch is looked into; pull requests tell of the others. */
export function readPush(payload: unknown, context: Context): Notice {
  const push = parse(pushShape, payload, "the payload");
  const at = pushedAt(push, context);
  const branch = context.repository.default_branch;
  if (push.deleted || push.ref !== `refs/heads/${branch}`) return { at, events: [], notifies: null };
  const named = (push.commits ?? []).filter((commit) => commit.distinct !== false && KEY_LIKE.test(commit.message));
  const events = named.slice(-TRACED).map((commit) => pushed(commit, at, context));
  return { at, events, notifies: events.at(-1)?.id ?? null, wants: wantsOf(push, events, context) };
}

/** A push carries no time of its own but the repository's; a commit's is its maker's claim, and may be in the future. */
function pushedAt({ head_commit: head }: Push, { repository, receivedAt }: Context): Instant {
  if (repository.pushed_at) return repository.pushed_at;
  return head?.timestamp === undefined ? receivedAt : earlier(head.timestamp, receivedAt);
}

const earlier = (one: Instant, other: Instant): Instant => instant(Math.min(one, other));

function pushed(commit: PushedCommit, at: Instant, { repository, ref }: Context): EventOf<"commit.pushed"> {
  const of = commitRef(repository.id, commit.id);
  const facts = commitFacts(commit, at);
  return {
    type: "commit.pushed",
    commit: facts,
    branch: repository.default_branch,
    ...observed({ id: `${of}:pushed`, ref: of, at, repository: ref, url: commit.url, actor: facts.author }),
  };
}

/** A push tells neither the parents nor when a commit was first written. */
function commitFacts(commit: PushedCommit, at: Instant): CommitFacts {
  const made = earlier(commit.timestamp ?? at, at);
  const login = commit.author?.username;
  return {
    sha: commit.id,
    authoredAt: made,
    committedAt: made,
    parents: 1,
    message: commit.message,
    ...(login ? { author: { login, bot: login.endsWith("[bot]") } } : {}),
    ...(commit.url ? { url: commit.url } : {}),
  };
}

function wantsOf(push: Push, events: readonly EventOf<"commit.pushed">[], { repository, ref }: Context): Effect[] {
  const touch = touchOf(push, CONFIGURATION_FILE);
  const reads = repository.name === ".github" || touch !== "no";
  return [
    ...(push.after && touch !== "no" ? [checkCommit(ref, push.after, touch === "yes" ? null : (push.before ?? null))] : []),
    ...(reads ? [{ kind: "read-configuration" as const, repository: ref }] : []),
    ...events.map(({ commit }) => ({ kind: "trace-commit" as const, repository: ref, sha: commit.sha })),
  ];
}

const checkCommit = (repository: Ref, sha: string, before: string | null): Effect => ({
  kind: "check-commit",
  repository,
  before,
  sha,
});

/** Whether the push changed that file; `maybe`: it does not say. */
function touchOf({ forced, commits }: Push, file: string): "yes" | "no" | "maybe" {
  const lists = (commits ?? []).flatMap(({ added, modified, removed }) => [added, modified, removed]);
  if (lists.some((names) => names?.includes(file))) return "yes";
  const tells = !forced && lists.length > 0 && lists.length < 3 * LISTED && lists.every((names) => names);
  return tells ? "no" : "maybe";
}
