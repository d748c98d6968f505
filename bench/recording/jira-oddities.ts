import { DAY } from "../../src/core/time.js";
import { at } from "./github.js";
import { type Odd, oddity } from "./oddity.js";
import type { HistoryRow, IssueRow, Recording } from "./rows.js";

const moves = ({ changelog }: IssueRow) =>
  changelog.histories.flatMap((history) =>
    history.items.filter(({ field }) => field === "status").map((item) => ({ history, item })),
  );
const isMigration = ({ items }: HistoryRow): boolean => items.some(({ field }) => field === "Workflow");
const issueOf = (recording: Recording) => recording.issues.flatMap((issue) => moves(issue).map((move) => ({ issue, ...move })));
const resolved = (issue: IssueRow): number => Math.floor(at(issue.fields.resolutiondate ?? "") / 1000);
/** What is done by its category, and by its name where the status exists no more. */
const closedIn = ({ statuses }: Recording): ReadonlySet<string | null> =>
  new Set(["Resolved", ...statuses.filter(({ statusCategory }) => statusCategory === "done").map(({ name }) => name)]);

export const JIRA: readonly Odd[] = [
  (recording) => {
    const all = issueOf(recording);
    const found = all.filter(({ history }) => isMigration(history));
    return oddity(
      "moves made by workflow migrations",
      found.map(({ issue, item }) => `${issue.key} ${item.fromString} → ${item.toString}`),
      all.length,
      "enter no stage; time in status counts them",
    );
  },
  (recording) => {
    const closed = closedIn(recording);
    const found = recording.issues.filter((issue) =>
      moves(issue).some(
        ({ history, item }) => isMigration(history) && closed.has(item.fromString) && !closed.has(item.toString),
      ),
    );
    return oddity(
      "tickets that only a migration reopened",
      found.map(({ key }) => key),
      recording.issues.length,
      "not reopened",
    );
  },
  (recording) => {
    const known = new Set(recording.statuses.map(({ id }) => id));
    const all = issueOf(recording);
    const found = all
      .filter(({ item }) => !known.has(item.to ?? ""))
      .map(({ issue, item }) => `${issue.key} → ${item.toString}`);
    return oddity("moves to statuses that exist no more", found, all.length, "match by name only, of no category");
  },
  (recording, { tickets }) => {
    const closed = closedIn(recording);
    const known = new Set(recording.statuses.map(({ id }) => id));
    const found = recording.issues.filter((issue) => {
      const finished = tickets.find((item) => item.name === issue.key)?.finishedAt ?? Number.NaN;
      return moves(issue).some(
        ({ history, item }) =>
          !isMigration(history) && !known.has(item.to ?? "") && closed.has(item.toString) && at(history.created) < finished,
      );
    });
    return oddity(
      "tickets that people had put into such a status, named as if done, before they were Done",
      found.map(({ key }) => key),
      recording.issues.length,
      "Done is when the resolution was set: nobody can tell what the status meant",
    );
  },
  (recording) => {
    const names = new Map<string, Set<string>>();
    for (const { item } of issueOf(recording))
      names.set(item.to ?? "", (names.get(item.to ?? "") ?? new Set()).add(item.toString ?? ""));
    const found = [...names].filter(([, its]) => its.size > 1).map(([id, its]) => `${id}: ${[...its].join(", ")}`);
    return oddity(
      "statuses that were renamed",
      found,
      names.size,
      "time in status goes by the name of the time; stages by that or the category",
    );
  },
  ({ issues }) => {
    const keys = new Map<string, Set<string>>();
    for (const { fields } of issues)
      keys.set(fields.status.name, (keys.get(fields.status.name) ?? new Set()).add(fields.status.statusCategory.key));
    const found = [...keys].filter(([, its]) => its.size > 1).map(([of, its]) => `${of}: ${[...its].join(", ")}`);
    return oddity(
      "statuses that Jira gives two categories at once",
      found,
      keys.size,
      "the category that was first read is kept",
    );
  },
  (recording, { tickets }) => {
    const done = recording.issues.filter(({ fields }) => fields.resolutiondate);
    const found = done.filter((issue) => {
      const finished = tickets.find((item) => item.name === issue.key)?.finishedAt ?? Number.NaN;
      return Math.abs(finished / 1000 - resolved(issue)) > 2;
    });
    return oddity(
      "tickets whose first Done is not Jira's resolution date (its last)",
      found.map(({ key }) => key),
      done.length,
      "the first Done counts",
    );
  },
  ({ issues }, { tickets }) => {
    const found = issues.filter(({ fields }) => fields.resolution !== null && /[^ -~]/.test(fields.resolution.name));
    const abandoned = tickets.filter((item) => item.abandoned).map((item) => item.name);
    return oddity(
      "resolutions told in another language than in the history",
      found.map(({ key, fields }) => `${key} ${fields.resolution?.name}`),
      issues.length,
      `either name counts; abandoned: ${abandoned.join(", ") || "none"}`,
    );
  },
  ({ issues }) => {
    const found = issues.filter(({ fields }) => fields.fixVersions?.some(({ released }) => released));
    return oddity(
      "tickets with a release that is known to the day only",
      found.map(({ key, fields }) => `${key} ${fields.fixVersions?.[0]?.releaseDate}`),
      issues.length,
      "that day's first moment in UTC, marked as precise to the day",
    );
  },
  (_, { tickets }) => {
    const found = tickets.filter(({ leadTimes }) => leadTimes[0]?.stages.some(({ state }) => state === "out-of-order"));
    return oddity(
      "tickets with a stage out of order (released before they were made)",
      found.map((item) => item.name),
      tickets.length,
      "0, and the state says so",
    );
  },
  ({ issues }) => {
    const found = issues
      .filter(({ fields }) => fields.issuetype.subtask || fields.parent)
      .map(({ key, fields }) => `${key} of ${fields.parent?.key}`);
    return oddity("sub-tasks and children of epics", found, issues.length, "items of their own");
  },
  ({ issues }) => {
    const found = issues.filter(({ fields }) => fields.issuetype.name === "Epic");
    return oddity(
      "epics",
      found.map(({ key }) => key),
      issues.length,
      "of level 1 as stored, so that reports can leave them out",
    );
  },
  ({ issues }) => {
    const found = issues.filter(({ fields }) => Number.isFinite(at(fields.created)) && !fields.created.endsWith("+0000"));
    return oddity(
      "tickets with times of another zone",
      found.map(({ fields }) => fields.created.slice(-5)),
      issues.length,
      "read with their zone; shown in UTC",
    );
  },
  (recording) => {
    const days = new Map<string, number>();
    for (const { history } of issueOf(recording).filter((of) => !isMigration(of.history))) {
      const minute = new Date(Math.floor(at(history.created) / (DAY / 144)) * (DAY / 144)).toISOString().slice(0, 16);
      days.set(minute, (days.get(minute) ?? 0) + 1);
    }
    const found = [...days].filter(([, count]) => count >= 10).map(([minute, count]) => `${minute}: ${count} moves`);
    return oddity(
      "ten minutes in which ten tickets or more were moved by hand",
      found,
      days.size,
      "moves: nothing tells that nobody worked; the first Done stays",
    );
  },
  ({ changelogs, issues }) => {
    const known = new Set(issues.map(({ id }) => id));
    const found = changelogs.filter(({ issue_id }) => !known.has(String(issue_id)));
    return oddity(
      "changelog rows of issues that were not recorded",
      found.map(({ issue_id, id }) => `${issue_id}/${id}`),
      changelogs.length,
      "left out",
    );
  },
];
