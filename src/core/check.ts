/** A remark on a place in a file. Lines and columns from 1, the end included; plain text. */
export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Columns are told of what stands on one line only. */
  readonly columns: { readonly start: number; readonly end: number } | null;
  readonly level: "failure" | "warning";
  readonly title: string;
  readonly message: string;
}

/** What a check run says of a commit. */
export interface Check {
  readonly conclusion: "success" | "failure";
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
}
