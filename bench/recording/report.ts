import type { LeadTime, MeasuredItem, StageTime } from "../../src/core/measurement.js";
import { statisticsOf } from "../../src/core/statistics.js";
import { formatDuration, formatMinute, type Instant, milliseconds } from "../../src/core/time.js";
import { GITHUB } from "./github-oddities.js";
import { JIRA } from "./jira-oddities.js";
import type { Oddity } from "./oddity.js";
import type { Replayed } from "./replay.js";
import type { Recording } from "./rows.js";

/** The readable report on a recording that was measured. */
export function report(recording: Recording, replayed: Replayed): string {
  const { pullRequests, tickets, fed, complaints } = replayed;
  return [
    `${fed} deliveries and reads, ${pullRequests.length} pull requests, ${tickets.length} tickets, ${complaints.length} complaints`,
    ...complaints,
    ...section("Pull requests, under the profile pull-request", [PULL_REQUEST_HEAD, ...pullRequests.map(pullRequestRow)]),
    ...section("Tickets, under the profile ticket-to-release", [TICKET_HEAD, ...tickets.map(ticketRow)]),
    ...section("Merged pull requests by stage", stageRows(pullRequests, "pull-request")),
    ...section("Finished tickets by stage", stageRows(tickets, "ticket-to-release")),
    ...listed(
      "Oddities of GitHub's answers",
      GITHUB.map((odd) => odd(recording, replayed)),
    ),
    ...listed(
      "Oddities of Jira's answers",
      JIRA.map((odd) => odd(recording, replayed)),
    ),
  ].join("\n");
}

const section = (title: string, rows: readonly (readonly string[])[]): string[] => ["", `== ${title}`, ...table(rows)];

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const listed = (title: string, found: readonly Oddity[]): string[] => [
  "",
  `== ${title}`,
  ...found.flatMap(({ what, count, of, examples, shown }) => [
    `${count} of ${of}  ${what}`,
    `    → ${shown}`,
    ...(examples.length > 0 ? [`    e.g. ${examples.join(" · ")}`] : []),
  ]),
];

const under = ({ leadTimes }: MeasuredItem, profile: string): LeadTime | undefined =>
  leadTimes.find((one) => one.profile === profile);
const when = (at: Instant | null | undefined): string => (at === null || at === undefined ? "–" : formatMinute(at));
const entered = (leadTime: LeadTime | undefined, name: string): Instant | null => {
  const stage = leadTime?.stages.find((one) => one.name === name);
  return stage && "enteredAt" in stage ? stage.enteredAt : null;
};

const MARKS: Readonly<Record<StageTime["state"], string>> = {
  reached: "",
  "out-of-order": " !",
  skipped: "skipped",
  pending: "pending",
};
const cell = ({ state, leadTime }: StageTime): string =>
  leadTime === null || state === "skipped" ? MARKS[state] : formatDuration(leadTime) + MARKS[state];
const cells = (leadTime: LeadTime | undefined, names: readonly string[]): string[] =>
  names.map((name) => leadTime?.stages.find((stage) => stage.name === name)).map((stage) => (stage ? cell(stage) : "–"));

const SCM = ["Pull request opened", "First review", "Approval", "Merge"];
const PULL_REQUEST_HEAD = ["#", "first commit", "opened", "first review", "merged", ...SCM, "total", "status", "notes"];

function pullRequestRow(item: MeasuredItem): string[] {
  const leadTime = under(item, "pull-request");
  const { number = 0, mergedAt = null } = item.pullRequests[0] ?? {};
  const opened = item.events.find(({ type }) => type === "pull-request.opened");
  return [
    String(number),
    when(leadTime?.startedAt),
    when(opened?.at),
    when(entered(leadTime, "First review")),
    when(mergedAt),
    ...cells(leadTime, SCM),
    leadTime?.total == null ? "–" : formatDuration(leadTime.total),
    leadTime?.status ?? "–",
    notesOf(leadTime),
  ];
}

/** What a reader has to know: notes of the start and the stages, and why the merge or the clock is missing. */
function notesOf(leadTime: LeadTime | undefined): string {
  const stages = leadTime?.stages ?? [];
  const notes = [leadTime?.start?.note, ...stages.map((stage) => ("evidence" in stage ? stage.evidence.note : null))];
  const merge = stages.find(({ name }) => name === "Merge");
  const missing = merge && "reason" in merge ? [merge.reason] : [];
  return [...new Set([...notes.flatMap((note) => note ?? []), ...missing])].join("; ");
}

const FLOW = ["In progress", "Done", "Release"];
const TICKET_HEAD = ["ticket", "type", "created", "in progress", "done", "released", ...FLOW, "total", "status"];

function ticketRow(item: MeasuredItem): string[] {
  const leadTime = under(item, "ticket-to-release");
  return [
    item.name,
    item.type ?? "–",
    when(leadTime?.startedAt),
    ...FLOW.map((name) => when(entered(leadTime, name))),
    ...cells(leadTime, FLOW),
    leadTime?.total == null ? "–" : formatDuration(leadTime.total),
    leadTime?.status ?? "–",
  ];
}

/** Of finished items that were not abandoned, under one profile. */
function stageRows(items: readonly MeasuredItem[], profile: string): string[][] {
  const finished = items.filter(({ abandoned, finishedAt }) => !abandoned && finishedAt !== null);
  const leadTimes = finished.flatMap((item) => under(item, profile) ?? []);
  const names = leadTimes[0]?.stages.map(({ name }) => name) ?? [];
  const stages = names.map(
    (name) =>
      [
        name,
        leadTimes.flatMap(({ stages }) =>
          stages.flatMap((one) => (one.name === name && "enteredAt" in one ? [one.leadTime] : [])),
        ),
      ] as const,
  );
  const totals = leadTimes.flatMap(({ total }) => total ?? []);
  return [
    ["stage", "count", "median", "p90"],
    ...[...stages, ["total", totals] as const].map(([name, values]) => figures(name, values)),
  ];
}

function figures(name: string, values: readonly number[]): string[] {
  const statistics = statisticsOf(values);
  if (!statistics) return [name, "0", "–", "–"];
  const { count, median, p90 } = statistics;
  return [name, String(count), formatDuration(milliseconds(median)), formatDuration(milliseconds(p90))];
}
