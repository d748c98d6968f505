import type { Ref } from "./ref.js";

export type LinkSource = "branch" | "title" | "commits" | "command";

/** Why a pull request (or a commit pushed straight) names a ticket, or why a text that looks like it does not. */
export interface Link {
  readonly key: string;
  readonly source: LinkSource;
  /** The text in which the key was found, at most 255 characters. */
  readonly matched: string;
  /** Null: linked. Else why this near miss is no link. */
  readonly refusal: string | null;
}

export interface StoredLink extends Link {
  /** The pull request or commit. */
  readonly from: Ref;
}
