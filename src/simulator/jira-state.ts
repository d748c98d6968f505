import { counter, toMs, type When } from "./ids.js";

// What Jira remembers. Ids are text, as Jira's are. Times are milliseconds since the epoch.

export interface Status {
  readonly id: string;
  readonly name: string;
  readonly category: "new" | "indeterminate" | "done";
}
export interface IssueType {
  readonly id: string;
  readonly name: string;
  readonly subtask: boolean;
  readonly hierarchyLevel: number;
}
export interface Project {
  readonly id: string;
  readonly key: string;
  readonly name: string;
}
export interface Version {
  readonly id: string;
  readonly project: Project;
  readonly name: string;
  released: boolean;
  archived: boolean;
  /** `2024-05-06` */
  releaseDate: string | null;
}
export interface ChangeItem {
  readonly field: string;
  readonly fieldtype: "jira" | "custom";
  readonly fieldId?: string;
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: string | null;
}
export interface Change {
  readonly id: string;
  readonly author: string;
  readonly at: number;
  readonly items: readonly ChangeItem[];
}
export interface Issue {
  readonly id: string;
  readonly createdAt: number;
  readonly reporter: string;
  readonly type: IssueType;
  readonly formerKeys: string[];
  readonly changes: Change[];
  /** Other fields, by id. */
  readonly fields: Map<string, string | null>;
  key: string;
  project: Project;
  summary: string;
  status: Status;
  resolution: { readonly id: string; readonly name: string } | null;
  resolvedAt: number | null;
  updatedAt: number;
  labels: readonly string[];
  fixVersions: readonly Version[];
}
/** How Jira fares. `deadToken`: it answers as if nobody were signed in. */
export type Mode = "ok" | "deadToken" | "down" | "hang" | { readonly retryAfter: number };
export interface JiraState {
  readonly projects: Map<string, Project>;
  readonly statuses: Map<string, Status>;
  readonly issues: Map<string, Issue>;
  readonly versions: Map<string, Version>;
  readonly nextId: () => string;
  mode: Mode;
}

const STATUSES: readonly Status[] = [
  { id: "10000", name: "To Do", category: "new" },
  { id: "10001", name: "In Progress", category: "indeterminate" },
  { id: "10002", name: "In Review", category: "indeterminate" },
  { id: "10003", name: "Done", category: "done" },
];
const TYPES: readonly IssueType[] = [
  { id: "10010", name: "Story", subtask: false, hierarchyLevel: 0 },
  { id: "10011", name: "Bug", subtask: false, hierarchyLevel: 0 },
  { id: "10012", name: "Task", subtask: false, hierarchyLevel: 0 },
  { id: "10013", name: "Incident", subtask: false, hierarchyLevel: 0 },
  { id: "10014", name: "Sub-task", subtask: true, hierarchyLevel: -1 },
  { id: "10015", name: "Epic", subtask: false, hierarchyLevel: 1 },
];

export function createJiraState(): JiraState {
  const next = counter(20_000);
  return {
    projects: new Map(),
    statuses: new Map(STATUSES.map((status) => [status.name, status])),
    issues: new Map(),
    versions: new Map(),
    nextId: () => String(next()),
    mode: "ok",
  };
}

/** The project of that key; made when it is first named. */
export function projectOf(state: JiraState, key: string): Project {
  const known = state.projects.get(key);
  if (known) return known;
  const made = { id: state.nextId(), key, name: key };
  state.projects.set(key, made);
  return made;
}

/** By id, by key, or by a key it had before it was moved. */
export const findIssue = (state: JiraState, idOrKey: string): Issue | undefined =>
  [...state.issues.values()].find(({ id, key }) => id === idOrKey || key === idOrKey.toUpperCase()) ??
  [...state.issues.values()].find(({ formerKeys }) => formerKeys.includes(idOrKey.toUpperCase()));

export function issueOf(state: JiraState, idOrKey: string): Issue {
  const found = findIssue(state, idOrKey);
  if (!found) throw new Error(`the simulated Jira has no issue ${idOrKey}: create it first`);
  return found;
}

export function versionOf(state: JiraState, project: string, name: string): Version {
  const found = [...state.versions.values()].find((version) => version.project.key === project && version.name === name);
  if (!found) throw new Error(`the simulated Jira has no version ${name} in ${project}: create it first`);
  return found;
}

export function statusNamed(state: JiraState, name: string): Status {
  const found = state.statuses.get(name);
  if (!found) throw new Error(`the simulated Jira has no status ${name}: it has ${[...state.statuses.keys()].join(", ")}`);
  return found;
}

export function typeNamed(name: string): IssueType {
  const found = TYPES.find((type) => type.name === name);
  if (!found)
    throw new Error(`the simulated Jira has no issue type ${name}: it has ${TYPES.map((type) => type.name).join(", ")}`);
  return found;
}

/** Notes a change in the issue's history. */
export function addChange(
  state: JiraState,
  issue: Issue,
  change: { at: When; by: string; items: readonly ChangeItem[] },
): Change {
  const made: Change = { id: state.nextId(), author: change.by, at: toMs(change.at), items: change.items };
  issue.changes.push(made);
  issue.updatedAt = Math.max(issue.updatedAt, made.at);
  return made;
}
