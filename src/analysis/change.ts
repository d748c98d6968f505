import type { Clone, CloneCommit, CloneTag } from "../core/clone.js";
import { correlate, type Relation, relationOf } from "../core/correlation.js";
import type { Entry } from "../core/entry.js";
import { measure } from "../core/lead-time.js";
import type { Link, LinkSource } from "../core/link.js";
import type { Rating, StageTime } from "../core/measurement.js";
import { madeAt } from "../core/pull-request.js";
import { commitRef, pullRequestRef, type Ref, releaseRef, repositoryRef } from "../core/ref.js";
import { findKeys } from "../core/ticket-key.js";
import type { Instant, Milliseconds } from "../core/time.js";
import type { WorkItem } from "../core/work-item.js";
import { type Named, type Way, wayOf } from "./merged.js";
import { fromMerge, gitProfile } from "./profile.js";
import type { Step } from "./sweep.js";

/** A merged pull request as far as git tells: what is kept of it. */
export interface Change extends Named {
  readonly way: Way;
  readonly mergeCommit: string;
  readonly mergedAt: Instant;
  /** Null: git does not tell when work began. */
  readonly startedAt: Instant | null;
  /** How many were made for it. */
  readonly commits: number;
  /** The first that contains it. */
  readonly tag: CloneTag | null;
  readonly tickets: readonly string[];
  /** Where they were found. */
  readonly ticketSource: LinkSource | null;
  readonly rating: Rating | null;
  readonly stages: readonly ChangeStage[];
}

export interface ChangeStage {
  readonly name: string;
  readonly state: StageTime["state"];
  readonly leadTime: Milliseconds | null;
  readonly rating: Rating | null;
  /** Why it has no lead time. */
  readonly reason: string | null;
}

/** A change, and what is looked at once. */
export interface Measured {
  readonly change: Change;
  readonly relation: Relation;
  readonly bot: boolean;
  /** Oldest first. */
  readonly commits: readonly CloneCommit[];
  readonly links: readonly Link[];
}

/** Tickets whose projects nobody named: every key that looks like one, in the order in which the app asks. */
const KEY_RULES = { projects: null, from: ["branch", "title", "commits"] } as const;

/** Measures the pull requests of one clone: the app's rules, on as much as its commits and tags tell. */
export function changesOf(clone: Clone): (named: Named, step: Step) => Measured {
  const profile = gitProfile(clone);
  const profiles = { whole: profile, fromMerge: fromMerge(profile) };
  const onDefaultBranch = clone.branch === clone.defaultBranch;
  return (named, step) => {
    const commits = commitsOf(step);
    const merge = step.line[0] ?? commits[0];
    if (!merge) throw new TypeError("a step of a branch has a commit");
    const first = firstOf(step, commits, merge);
    const merged = { number: named.number, merge, first, tag: step.tag, base: clone.branch, onDefaultBranch };
    const { startedAt, rating, stages } = measure(itemOf(merged), first ? profiles.whole : profiles.fromMerge);
    const text = {
      branch: named.branch,
      title: named.title,
      commits: commits.map(({ message }) => message),
      base: clone.branch,
      defaultBranch: clone.defaultBranch,
    };
    const links = correlate(text, KEY_RULES);
    const found = links.filter(({ refusal }) => refusal === null);
    const change: Change = {
      number: named.number,
      title: copied(named.title),
      branch: copied(named.branch),
      way: wayOf(step.line),
      mergeCommit: copied(merge.sha),
      mergedAt: merge.committedAt,
      startedAt: first ? startedAt : null,
      commits: commits.length,
      tag: step.tag,
      tickets: found.map(({ key }) => key),
      ticketSource: found[0]?.source ?? null,
      rating: first ? rating : null,
      stages: stages.map(stageOf),
    };
    return {
      change,
      relation: relationOf(text),
      bot: commits.length > 0 && commits.every(({ author }) => author.bot),
      commits,
      links,
    };
  };
}

const stageOf = (stage: StageTime): ChangeStage => ({
  name: stage.name,
  state: stage.state,
  leadTime: stage.leadTime,
  rating: "rating" in stage ? stage.rating : null,
  reason: "reason" in stage ? stage.reason : null,
});

/** A part of a text keeps the whole in memory: here that would be every message. What is put together anew is a text of its own. */
const copied = (text: string): string => ` ${text}`.slice(1);

/** Whether a step that names no pull request names a ticket: in the branch that its message tells of, or in any commit. */
export const namesTicket = ({ line, brought }: Step): boolean =>
  [...line, ...brought].some(({ message }) => findKeys(message, KEY_RULES.projects).some(({ refusal }) => refusal === null));

/** What was worked on, oldest first: what a merge brought, without merges; else what stands on the branch itself. */
function commitsOf({ line, brought }: Step): CloneCommit[] {
  const commits = wayOf(line) === "merge" ? brought : line;
  return commits.filter(({ parents }) => parents.length < 2).reverse();
}

interface First {
  readonly commit: CloneCommit;
  readonly at: Instant;
}

/**
 * The first commit. Null where git does not tell: a squash that was made at the merge is as old as the merge, and where a
 * shallow clone begins the first commits may be missing. When it was opened git does not tell either: at the latest when it
 * was merged.
 */
function firstOf({ line, brought }: Step, commits: readonly CloneCommit[], { committedAt }: CloneCommit): First | null {
  if (line.some(isCut) || brought.some(isCut)) return null;
  let first: First | null = null;
  for (const commit of commits) {
    const at = madeAt(commit, committedAt);
    if (!first || at < first.at) first = { commit, at };
  }
  const told = first && (wayOf(line) === "merge" ? first.at <= committedAt : first.at < committedAt);
  return told ? first : null;
}

const isCut = ({ cut }: CloneCommit): boolean => cut;

interface Merged {
  readonly number: number;
  readonly merge: CloneCommit;
  readonly first: First | null;
  readonly tag: CloneTag | null;
  readonly base: string;
  readonly onDefaultBranch: boolean;
}

/** There are no numeric ids in git, and one repository only. */
const REPOSITORY = "clone";

/** What is timed: it has the entries that git tells of, and no others. */
function itemOf({ number, merge, first, tag, base, onDefaultBranch }: Merged): WorkItem {
  const ref = pullRequestRef(REPOSITORY, number);
  const { sha, committedAt: at } = merge;
  const entries: Entry[] = [];
  if (first) {
    const { commit } = first;
    const id = commitRef(REPOSITORY, commit.sha);
    entries.push({ type: "commit.created", committedAt: commit.committedAt, ...proof({ id, at: first.at, ref, note: null }) });
  }
  entries.push({
    type: "pull-request.merged",
    base,
    onDefaultBranch,
    ...proof({ id: commitRef(REPOSITORY, sha), at, ref, note: null }),
  });
  if (tag) {
    const note = `release ${tag.name}`;
    // Git does not tell releases from other tags, nor what comes before a release from it.
    entries.push({
      type: "release.published",
      prerelease: false,
      ...proof({ id: releaseRef(tag.name), at: tag.at, ref, note }),
    });
  }
  return {
    ref,
    kind: "pull-request",
    tickets: [],
    pullRequests: [],
    mergeCommits: [{ repository: repositoryRef(REPOSITORY), sha, at, pullRequest: ref }],
    entries,
    mergedUnwatched: false,
    unreadable: [],
  };
}

interface Proof {
  readonly id: string;
  readonly at: Instant;
  readonly ref: Ref;
  readonly note: string | null;
}

const proof = ({ id, at, ref, note }: Proof) =>
  ({ id, at, precision: "exact", url: null, actor: null, pullRequest: ref, note }) as const;
