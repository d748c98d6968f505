import type { JiraClient } from "../../src/jira/client.js";
import type { HistoryRow, IssueRow, Recording } from "./rows.js";

/** Jira answers people by name; the recording keeps only their accounts. */
const named = ({ author, ...history }: HistoryRow) => ({
  ...history,
  author: author && { ...author, displayName: author.accountId },
});

/** Jira's REST API as far as it was recorded, without a network. */
export function recordedJira({ issues, statuses }: Recording): JiraClient {
  const find = (key: string): IssueRow => {
    const issue = issues.find((one) => one.key === key);
    if (!issue) throw new Error(`expected a key of the recording, received ${key}`);
    return issue;
  };
  return {
    issue: async (key) => find(key),
    changelog: async (key) => ({ values: find(key).changelog.histories.map(named), isLast: true }),
    statuses: async () => statuses.map((status) => ({ ...status, statusCategory: { key: status.statusCategory } })),
    projects: async () => ({
      values: [...new Set(issues.map(({ fields }) => fields.project.key))].map((key) => ({ key })),
      isLast: true,
    }),
  };
}
