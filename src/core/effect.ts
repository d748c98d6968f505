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
  | { readonly kind: "comment"; readonly pullRequest: Ref };

export type EffectKind = Effect["kind"];

/** What is wanted, as a key: two equal subjects are one row. */
export function subjectOf(effect: Effect): string {
  const { kind, ...of } = effect;
  return [kind, ...Object.values(of)].join(" ");
}

/** Reads go before what is said, so that what is said is whole. */
export type Lane = "read" | "say";
export const laneOf = (effect: Effect): Lane => (effect.kind === "comment" ? "say" : "read");
