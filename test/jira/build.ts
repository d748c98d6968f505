import { type Instant, instant } from "../../src/core/time.js";
import type { Delivery } from "../../src/ports.js";

export const BASE_URL = "https://jira.example";
/** 2024-05-06T12:00:00Z */
export const NOW: Instant = instant(Date.UTC(2024, 4, 6, 12));

/** As Jira writes times: milliseconds, and a zone without colon. */
export const jiraTime = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().replace("Z", "+0800");

type Json = Record<string, unknown>;

const FIELDS = {
  summary: "Sell more",
  created: "2024-05-06T17:50:00.000+0800",
  updated: "2024-05-06T18:00:00.000+0800",
  creator: { displayName: "Ada", accountType: "atlassian" },
  status: { id: "3", name: "In Progress", statusCategory: { key: "indeterminate" } },
  issuetype: { name: "Story", subtask: false, hierarchyLevel: 0 },
  project: { key: "PROP" },
  resolution: null,
  fixVersions: [],
  labels: [],
};

/** A REST issue; webhooks carry the same. */
export const issue = (fields: Json = {}, key = "PROP-1460"): Json => ({ id: "10063", key, fields: { ...FIELDS, ...fields } });

/** An item of a changelog entry that moves the ticket. */
export const move = (from: string, to: string): Json => ({
  field: "status",
  fieldtype: "jira",
  from: `1${from.length}`,
  fromString: from,
  to: `1${to.length}`,
  toString: to,
});
export const WORKFLOW = { field: "Workflow", fieldtype: "jira", from: "1", fromString: "old", to: "2", toString: "new" };

/** An entry of a changelog, as REST answers it. */
export const history = (id: string, at: number, ...items: Json[]): Json => ({
  id,
  created: jiraTime(at),
  author: { displayName: "Bob", accountType: "atlassian" },
  items,
});

/** A webhook of Jira. */
export const delivery = (payload: unknown): Delivery => ({
  source: "jira",
  id: "1",
  event: "",
  receivedAt: NOW,
  body: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
});

export const updated = (changelog?: Json, overrides: Json = {}): Json => ({
  timestamp: NOW,
  webhookEvent: "jira:issue_updated",
  user: { displayName: "Bob", accountType: "atlassian" },
  issue: issue(),
  ...(changelog ? { changelog } : {}),
  ...overrides,
});
