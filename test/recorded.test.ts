import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { at } from "../bench/recording/github.js";
import { replayTwice } from "../bench/recording/replay.js";
import { report } from "../bench/recording/report.js";
import { RECORDED, readRecording } from "../bench/recording/rows.js";
import type { MeasuredItem, StageTime } from "../src/core/measurement.js";
import { HOUR } from "../src/core/time.js";
import { sqlite } from "./store/databases.js";

const ANN = { login: "ann", type: "User" };
const BEN = { login: "ben", type: "User" };
const LINT = { login: "lint", type: "Bot" };
const sha = (digit: string): string => digit.repeat(40);
const hour = (of: number): string => `2022-02-01T${String(of).padStart(2, "0")}:00:00Z`;

const pullRequest = (number: number, over: object = {}) => ({
  number,
  state: "closed",
  title: "Sort the rows",
  created_at: hour(3),
  updated_at: hour(20),
  closed_at: hour(9),
  merged_at: hour(9),
  merge_commit_sha: sha("f"),
  user: ANN,
  labels: ["pending"],
  head: { ref: "patch-1", sha: sha("b") },
  base: { ref: "main", repo: { full_name: "acme/web", default_branch: "main" } },
  ...over,
});
const commit = (pull_number: number, digit: string, made: string, parents: readonly string[] = []) => ({
  pull_number,
  sha: sha(digit),
  commit: { author: { date: made }, committer: { date: made }, message_first_line: "Sort" },
  author: ANN,
  parents: parents.map(sha),
});
const run = (id: number, over: object = {}) => ({
  id,
  name: "Tests",
  head_sha: sha("f"),
  run_attempt: 1,
  event: "push",
  status: "completed",
  conclusion: "success",
  created_at: hour(9),
  run_started_at: hour(9),
  updated_at: hour(10),
  ...over,
});
const local = (of: number): string => `2022-02-01T${String(of + 8).padStart(2, "0")}:00:00.000+0800`;
const move = (from: string, to: string) => ({ field: "status", fieldtype: "jira", from, fromString: from, to, toString: to });
const history = (id: string, of: number, ...items: readonly object[]) => ({
  id,
  created: local(of),
  author: { accountId: "user-1", accountType: "atlassian" },
  items,
});
const issue = (id: string, histories: readonly object[], over: object = {}) => ({
  id,
  key: `EE-${id}`,
  fields: {
    summary: "排序",
    created: local(1),
    updated: local(9),
    resolutiondate: null,
    resolution: null,
    status: { id: "Closed", name: "Closed", statusCategory: { key: "done" } },
    issuetype: { name: "故事", subtask: false },
    parent: null,
    project: { key: "EE" },
    fixVersions: [],
    ...over,
  },
  changelog: { histories },
});
const resolution = (to: string) => ({
  field: "resolution",
  fieldtype: "jira",
  from: null,
  fromString: null,
  to: "1",
  toString: to,
});
const workflow = { field: "Workflow", fieldtype: "jira", from: "1", fromString: "old", to: "2", toString: "new" };

/** A recording of the same shapes as the real one, with one of each oddity. */
const FIXTURE: Readonly<Record<string, readonly object[]>> = {
  "github/pull_requests.jsonl": [
    pullRequest(1),
    pullRequest(1),
    pullRequest(2, { created_at: hour(1), head: { ref: "main", sha: sha("d") }, merge_commit_sha: sha("e") }),
    pullRequest(3, { merged_at: null, head: { ref: "main", sha: sha("9") } }),
  ],
  "github/pull_request_commits.jsonl": [
    commit(1, "b", hour(4), ["a"]),
    commit(1, "a", hour(2), ["0"]),
    commit(1, "a", hour(2), ["0"]),
    commit(2, "d", hour(5)),
  ],
  "github/pull_request_reviews.jsonl": [
    { pull_number: 1, id: 11, user: ANN, state: "COMMENTED", submitted_at: hour(4) },
    { pull_number: 1, id: 12, user: BEN, state: "COMMENTED", submitted_at: hour(6) },
  ],
  "github/pull_request_review_comments.jsonl": [
    { pull_number: 1, id: 21, pull_request_review_id: 12, user: BEN, created_at: hour(5) },
  ],
  "github/issue_comments.jsonl": [
    { issue_number: 1, is_listed_pull_request: true, id: 31, user: LINT, created_at: hour(4) },
    { issue_number: 9, is_listed_pull_request: false, id: 32, user: BEN, created_at: hour(4) },
  ],
  "github/issue_events.jsonl": [
    { issue_number: 1, is_pull_request: true, event: "head_ref_force_pushed", actor: ANN, created_at: hour(4) },
  ],
  "github/workflow_runs.jsonl": [
    run(41, { conclusion: "failure" }),
    run(41, { run_attempt: 2, run_started_at: hour(11), updated_at: hour(12) }),
    run(42, { event: "schedule", name: "Nightly" }),
    run(43, { status: "in_progress", conclusion: null, name: "Slow" }),
  ],
  "jira/issues.jsonl": [
    issue(
      "1",
      [
        history("6", 9, move("Open", "Closed"), workflow),
        history("5", 8, resolution("Done"), move("Open", "Resolved")),
        history("4", 7, move("Resolved", "Open"), workflow),
        history("3", 6, move("Doing", "Resolved")),
        history("2", 5, move("Open", "Doing")),
      ],
      {
        resolution: { name: "完成" },
        fixVersions: [{ id: "1", name: "v1", released: true, releaseDate: "2022-02-03" }],
      },
    ),
    issue("2", [history("7", 4, resolution("Won't Do"), move("Open", "Closed"))], { resolution: { name: "不做" } }),
  ],
};
const STATUSES = [
  { id: "Open", name: "Open", statusCategory: "new" },
  { id: "Doing", name: "Doing", statusCategory: "indeterminate" },
  { id: "Closed", name: "Closed", statusCategory: "done" },
];

async function fixture(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-recorded-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await Promise.all(["github", "jira"].map((source) => mkdir(join(folder, source))));
  for (const [name, rows] of Object.entries(FIXTURE)) {
    await writeFile(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  }
  await writeFile(join(folder, "jira", "statuses.json"), JSON.stringify(STATUSES));
  return folder;
}

const named = (items: readonly MeasuredItem[], name: string): MeasuredItem => {
  const item = items.find((one) => one.name === name);
  if (!item) throw new Error(`expected ${name}, received ${items.map((one) => one.name).join(", ")}`);
  return item;
};
const timesOf = ({ leadTimes }: MeasuredItem, profile: string) => {
  const leadTime = leadTimes.find((one) => one.profile === profile);
  const hours = ({ state, leadTime: time }: StageTime) => (time === null ? state : time / HOUR);
  return Object.fromEntries(leadTime?.stages.map((stage) => [stage.name, hours(stage)]) ?? []);
};

describe("a recording of few rows, with one of each oddity", () => {
  test("comes to figures that can be told by hand, in two orders of arrival", async () => {
    const recording = readRecording(await fixture());
    const replayed = await replayTwice(recording, sqlite());
    const { pullRequests, tickets, complaints } = replayed;
    expect(complaints).toEqual([]);
    expect(pullRequests.map(({ name, abandoned }) => [name, abandoned])).toEqual([
      ["acme/web#1", false],
      ["acme/web#2", false],
      ["acme/web#3", true],
    ]);
    const [one, two] = pullRequests.map((item) => timesOf(item, "pull-request"));
    expect(one).toEqual({ "Pull request opened": 1, "First review": 3, Approval: "skipped", Merge: 3 });
    expect(two).toEqual({ "Pull request opened": 0, "First review": "skipped", Approval: "skipped", Merge: 8 });
    expect(timesOf(named(tickets, "EE-1"), "ticket-to-release")).toMatchObject({ "In progress": 4, Done: 3, Release: 40 });
    expect(tickets.map(({ name, abandoned }) => [name, abandoned])).toEqual([
      ["EE-1", false],
      ["EE-2", true],
    ]);
    expect(timesOf(named(pullRequests, "acme/web#1"), "ticket-to-release (source control)")).toMatchObject({ CI: 3 });
    const text = report(recording, replayed);
    expect(text).toContain("2 of 6  moves made by workflow migrations");
    expect(text).toContain("1 of 2  tickets that only a migration reopened");
  });
});

if (existsSync(RECORDED)) {
  describe("the recording beside this checkout", async () => {
    const recording = readRecording(RECORDED);

    test("is measured whole, the same in two orders of arrival", { timeout: 60_000 }, async () => {
      const { pullRequests, tickets, complaints } = await replayTwice(recording, sqlite());
      expect(complaints).toEqual([]);
      expect([pullRequests.length, tickets.length]).toEqual([
        new Set(recording.pullRequests.map(({ number }) => number)).size,
        recording.issues.length,
      ]);
      const replaced = pullRequests.filter(({ leadTimes }) =>
        leadTimes.some(({ start }) => start?.note?.includes("the opening counts")),
      );
      expect(replaced).toHaveLength(4);
      for (const {
        name,
        pullRequests: [head],
      } of pullRequests) {
        const row = recording.pullRequests.find(({ number }) => name.endsWith(`#${number}`));
        expect(head?.mergedAt ?? null).toBe(row?.merged_at ? at(row.merged_at) : null);
      }
      // Jira's resolution date is its last; one ticket was Done before, too, and taken back by a migration.
      const late = recording.issues.filter(({ key, fields }) => {
        const { finishedAt } = named(tickets, key);
        return fields.resolutiondate !== null && Math.abs((finishedAt ?? 0) - at(fields.resolutiondate)) > 1000;
      });
      expect(late.map(({ key }) => key)).toEqual(["EE-24"]);
      expect(tickets.filter(({ abandoned }) => abandoned)).toHaveLength(5);
    });
  });
}
