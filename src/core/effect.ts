import type { Question } from "./question.js";
import type { Ref } from "./ref.js";

/** What is wanted of the outside world. One row a subject: wanting it again changes nothing but the time. */
export type Effect =
  | { readonly kind: "read-configuration"; readonly repository: Ref }
  | { readonly kind: "read-pull-request"; readonly pullRequest: Ref }
  | { readonly kind: "list-commits"; readonly pullRequest: Ref; readonly head: string }
  | { readonly kind: "trace-commit"; readonly repository: Ref; readonly sha: string }
  | { readonly kind: "compare"; readonly repository: Ref; readonly base: string; readonly head: string }
  | { readonly kind: "resolve-release"; readonly repository: Ref; readonly release: Ref; readonly tag: string }
  | { readonly kind: "read-ticket"; readonly key: string }
  | { readonly kind: "read-projects" }
  /** Whether a pull request touches the configuration file, and what that means, is to be said on its head. */
  | { readonly kind: "check-proposal"; readonly pullRequest: Ref; readonly base: string; readonly head: string }
  /** The same on a commit of the default branch. `before`: it touches the file if it is another than there; null: it does. */
  | { readonly kind: "check-commit"; readonly repository: Ref; readonly before: string | null; readonly sha: string }
  | { readonly kind: "comment"; readonly pullRequest: Ref }
  | { readonly kind: "answer"; readonly pullRequest: Ref; readonly question: Question }
  /** What was answered there when fewer people could read it. */
  | { readonly kind: "hide-answers"; readonly pullRequest: Ref };

export type EffectKind = Effect["kind"];

/** What is wanted, as a key: two equal subjects are one row. */
export function subjectOf(effect: Effect): string {
  if (effect.kind === "answer") return `answer ${effect.pullRequest} ${effect.question.comment}`;
  const { kind, ...of } = effect;
  return [kind, ...Object.values(of)].join(" ");
}

/**
 * `host` and `tracker` are read, each at its own pace, so that one that is slow does not hold up the other.
 * What is said goes after the reads that were wanted before it, so that it is whole: new comments, and edits of those that
 * stand, so that many edits do not hold up what is new.
 */
export type Lane = "host" | "tracker" | "say" | "edit";
export const LANES = ["host", "tracker", "say", "edit"] as const satisfies readonly Lane[];

/** `commented`: whether our comment on the pull request stands. */
export function laneOf({ kind }: Effect, commented: boolean): Lane {
  if (kind === "answer") return "say";
  if (kind === "hide-answers") return "edit";
  if (kind === "comment") return commented ? "edit" : "say";
  return kind === "read-ticket" || kind === "read-projects" ? "tracker" : "host";
}

/** What we know of our comment on a pull request. */
export interface CommentRecord {
  /** GitHub's id of it; null until created. */
  readonly comment: string | null;
  /** `kept`: kept current. `deleted`: by a person. `ended`: locked or gone. */
  readonly state: "kept" | "deleted" | "ended";
  /** The text last sent; null before. */
  readonly body: string | null;
}
