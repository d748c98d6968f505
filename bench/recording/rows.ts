import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where a recording lies, if there is one: beside the checkout. */
export const RECORDED = join(fileURLToPath(new URL("../../..", import.meta.url)), "shared", "data", "recorded");

/** Rows of the recording: answers of REST APIs, slimmed to what tells of time and of links. Only what is used here. */
export interface Person {
  readonly login: string;
  readonly type: string;
}
export interface PullRequestRow {
  readonly number: number;
  readonly state: "open" | "closed";
  readonly title: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly user: Person | null;
  readonly labels: readonly string[];
  readonly head: { readonly ref: string; readonly sha: string };
  readonly base: { readonly ref: string; readonly repo: { readonly full_name: string; readonly default_branch: string } };
}
export interface CommitRow {
  readonly pull_number: number;
  readonly sha: string;
  readonly commit: {
    readonly author: { readonly date: string };
    readonly committer: { readonly date: string };
    readonly message_first_line: string;
  };
  readonly author: Person | null;
  readonly parents: readonly string[];
}
export interface ReviewRow {
  readonly pull_number: number;
  readonly id: number;
  readonly user: Person | null;
  readonly state: string;
  readonly submitted_at: string;
}
export interface ReviewCommentRow {
  readonly pull_number: number;
  readonly id: number;
  readonly pull_request_review_id: number;
  readonly user: Person | null;
  readonly created_at: string;
}
export interface IssueCommentRow {
  readonly issue_number: number;
  readonly is_listed_pull_request: boolean;
  readonly id: number;
  readonly user: Person | null;
  readonly created_at: string;
}
export interface IssueEventRow {
  readonly issue_number: number;
  readonly is_pull_request: boolean;
  readonly event: string;
  readonly actor: Person | null;
  readonly created_at: string;
}
export interface RunRow {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly run_attempt: number;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly created_at: string;
  readonly run_started_at: string;
  readonly updated_at: string;
}
export interface ChangeRow {
  readonly field: string;
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: string | null;
}
export interface HistoryRow {
  readonly id: string;
  readonly created: string;
  readonly author: { readonly accountId: string; readonly accountType: string } | null;
  readonly items: readonly ChangeRow[];
}
export interface IssueRow {
  readonly id: string;
  readonly key: string;
  readonly fields: {
    readonly created: string;
    readonly resolutiondate: string | null;
    readonly resolution: { readonly name: string } | null;
    readonly status: { readonly id: string; readonly name: string; readonly statusCategory: { readonly key: string } };
    readonly issuetype: { readonly name: string; readonly subtask: boolean };
    readonly parent: { readonly key: string } | null;
    readonly project: { readonly key: string };
    readonly fixVersions:
      | readonly { readonly name: string; readonly released: boolean; readonly releaseDate?: string }[]
      | null;
  };
  readonly changelog: { readonly histories: readonly HistoryRow[] };
}
export interface StatusRow {
  readonly id: string;
  readonly name: string;
  readonly statusCategory: string;
}

export interface Recording {
  readonly pullRequests: readonly PullRequestRow[];
  readonly commits: readonly CommitRow[];
  readonly reviews: readonly ReviewRow[];
  readonly reviewComments: readonly ReviewCommentRow[];
  readonly issueComments: readonly IssueCommentRow[];
  readonly issueEvents: readonly IssueEventRow[];
  readonly runs: readonly RunRow[];
  readonly issues: readonly IssueRow[];
  /** Rows of the changelog endpoint; their issues are not recorded. */
  readonly changelogs: readonly (HistoryRow & { readonly issue_id: number })[];
  readonly statuses: readonly StatusRow[];
}

/** Reads a recording; a file that is not there is empty. */
export function readRecording(folder: string): Recording {
  const text = (name: string): string => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  const rows = <Row>(name: string): Row[] =>
    text(name)
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => JSON.parse(line) as Row); // the adapters check what they read of it
  return {
    pullRequests: rows("github/pull_requests.jsonl"),
    commits: rows("github/pull_request_commits.jsonl"),
    reviews: rows("github/pull_request_reviews.jsonl"),
    reviewComments: rows("github/pull_request_review_comments.jsonl"),
    issueComments: rows("github/issue_comments.jsonl"),
    issueEvents: rows("github/issue_events.jsonl"),
    runs: rows("github/workflow_runs.jsonl"),
    issues: rows("jira/issues.jsonl"),
    changelogs: rows("jira/changelogs.jsonl"),
    statuses: JSON.parse(text("jira/statuses.json") || "[]") as StatusRow[], // as above
  };
}

/** Each row once, told apart by all that it says. */
export const distinct = <Row>(rows: readonly Row[]): Row[] => [
  ...new Map(rows.map((row) => [JSON.stringify(row), row])).values(),
];
