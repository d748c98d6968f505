import { createHash } from "node:crypto";
import { Octokit } from "@octokit/rest";
import { owner, repositoryRef } from "../../src/core/ref.js";
import { type Instant, parseInstant } from "../../src/core/time.js";
import type { Delivery, Repository } from "../../src/ports.js";
import type { CommitRow, PullRequestRow, Recording } from "./rows.js";

/** The recording lacks numeric ids: they are made of what it names. */
const idOf = (name: string): number => createHash("sha256").update(name).digest().readUIntBE(0, 5) + 1;

export function repositoryOf({ pullRequests: [first] }: Recording): Repository {
  const { full_name: name, default_branch: defaultBranch } = first?.base.repo ?? {
    full_name: "none/none",
    default_branch: "main",
  };
  const login = name.split("/")[0] ?? "";
  return { owner: owner(idOf(login)), ref: repositoryRef(idOf(name)), name, defaultBranch, installation: "1" };
}

const page = (name: string, number: number): string => `https://github.com/${name}/pull/${number}`;

/** A pull request as REST answers it: labels as objects, the page that the recording left out. */
const restPullRequest = ({ labels, ...row }: PullRequestRow) => ({
  ...row,
  labels: labels.map((name) => ({ name })),
  html_url: page(row.base.repo.full_name, row.number),
  merged_by: null,
});

const restCommit = ({ sha, author, parents, commit }: CommitRow, name: string) => ({
  sha,
  html_url: `https://github.com/${name}/commit/${sha}`,
  author,
  parents: parents.map((parent) => ({ sha: parent })),
  commit: { message: commit.message_first_line, author: commit.author, committer: commit.committer },
});

/** GitHub lists parents before children; the recording keeps no order. */
export function inHistory(commits: readonly CommitRow[]): CommitRow[] {
  const rows = new Map(commits.map((row) => [row.sha, row]));
  const ordered = new Map<string, CommitRow>();
  const visit = (row: CommitRow): void => {
    rows.delete(row.sha);
    for (const parent of row.parents.flatMap((sha) => rows.get(sha) ?? [])) visit(parent);
    ordered.set(row.sha, row);
  };
  for (const row of commits) if (rows.has(row.sha)) visit(row);
  return [...ordered.values()];
}

/** GitHub's REST API as far as it was recorded, without a network. */
export function recordedOctokit({ pullRequests, commits }: Recording): Octokit {
  const answer = (path: string): unknown => {
    const [, name = "", number, list] = /^\/repos\/([^/]+\/[^/]+)\/pulls\/(\d+)(\/commits)?$/.exec(path) ?? [];
    const of = Number(number);
    if (list) return inHistory(commits.filter(({ pull_number }) => pull_number === of)).map((row) => restCommit(row, name));
    const row = pullRequests.find((one) => one.number === of);
    return row && restPullRequest(row);
  };
  return new Octokit({
    request: {
      fetch: async (url: string) => {
        const body = answer(new URL(url).pathname);
        return Response.json(body ?? { message: "Not Found" }, { status: body === undefined ? 404 : 200 });
      },
    },
  });
}

interface Webhook {
  readonly event: string;
  readonly action: string;
  readonly body: object;
}

/** Everything but pull requests and their commits, as the webhooks that told of it. */
export function deliveriesOf(recording: Recording, receivedAt: Instant): Delivery[] {
  const { owner: account, ref, name, defaultBranch } = repositoryOf(recording);
  const repository = {
    id: Number(ref.split(":").at(-1)),
    name: name.split("/")[1],
    full_name: name,
    private: false,
    default_branch: defaultBranch,
    owner: { id: Number(account), login: name.split("/")[0] },
  };
  return webhooks(recording).map(({ event, action, body }, index) => ({
    source: "github",
    id: `recorded-${index}`,
    event,
    receivedAt,
    body: new TextEncoder().encode(JSON.stringify({ action, repository, installation: { id: 1 }, ...body })),
  }));
}

function webhooks(recording: Recording): Webhook[] {
  const rows = new Map(recording.pullRequests.map((row) => [row.number, row]));
  const pullRequest = (number: number): ReturnType<typeof restPullRequest>[] => {
    const row = rows.get(number);
    return row ? [restPullRequest(row)] : [];
  };
  return [
    ...recording.reviews.flatMap(({ pull_number, ...review }) =>
      pullRequest(pull_number).map((pull_request) => ({
        event: "pull_request_review",
        action: "submitted",
        body: { pull_request, review },
      })),
    ),
    ...recording.reviewComments.flatMap(({ pull_number, ...comment }) =>
      pullRequest(pull_number).map((pull_request) => ({
        event: "pull_request_review_comment",
        action: "created",
        body: { pull_request, comment },
      })),
    ),
    ...recording.issueComments.map(({ issue_number: number, is_listed_pull_request: listed, ...comment }) => ({
      event: "issue_comment",
      action: "created",
      body: { issue: { number, ...(listed ? { pull_request: {} } : {}) }, comment },
    })),
    ...changes(recording),
    ...recording.runs.map(({ status, ...run }) => ({
      event: "workflow_run",
      action: "completed",
      body: { workflow: { name: run.name }, workflow_run: run },
    })),
  ];
}

/** What a timeline tells of a draft: told by the webhook of the same name, whose time is when the pull request was updated. */
const CHANGES: readonly string[] = ["ready_for_review", "converted_to_draft"];

function changes({ pullRequests, issueEvents }: Recording): Webhook[] {
  return issueEvents
    .filter(({ event }) => CHANGES.includes(event))
    .flatMap(({ issue_number, event, actor: sender, created_at: updated_at }) => {
      const row = pullRequests.find(({ number }) => number === issue_number);
      return row
        ? [{ event: "pull_request", action: event, body: { pull_request: { ...restPullRequest(row), updated_at }, sender } }]
        : [];
    });
}

export const at = (text: string): number => parseInstant(text) ?? Number.NaN;
