import { toMs, type When } from "./ids.js";
import type { JiraSite } from "./jira-announce.js";
import {
  addChange,
  type ChangeItem,
  type Issue,
  issueOf,
  projectOf,
  type Status,
  statusNamed,
  typeNamed,
  type Version,
  versionOf,
} from "./jira-state.js";

/** When something happens in Jira, and who does it (default: `Alice`). */
export interface JiraDeed {
  readonly at: When;
  readonly by?: string;
}
/** `issue`: its id or key. */
export interface IssueDeed extends JiraDeed {
  readonly issue: string;
}
export interface CreateIssueDeed extends JiraDeed {
  /** A key such as `PROP`; the project is made when it is first named. */
  readonly project: string;
  /** Default: the next one. */
  readonly number?: number;
  readonly summary: string;
  /** `Story` (default), `Bug`, `Task`, `Incident`, `Sub-task`, `Epic`. */
  readonly type?: string;
  /** Default `To Do`. */
  readonly status?: string;
  readonly labels?: readonly string[];
  /** Names of versions of the project. */
  readonly fixVersions?: readonly string[];
}

/** Creates an issue; returns its key. */
export async function createIssue({ state, tellIssue }: JiraSite, deed: CreateIssueDeed): Promise<string> {
  const { at, by = "Alice" } = deed;
  const project = projectOf(state, deed.project);
  const issue: Issue = {
    id: state.nextId(),
    createdAt: toMs(at),
    reporter: by,
    type: typeNamed(deed.type ?? "Story"),
    formerKeys: [],
    changes: [],
    fields: new Map(),
    key: `${project.key}-${deed.number ?? nextNumber(state.issues.values(), project.key)}`,
    project,
    summary: deed.summary,
    status: statusNamed(state, deed.status ?? "To Do"),
    resolution: null,
    resolvedAt: null,
    updatedAt: toMs(at),
    labels: deed.labels ?? [],
    fixVersions: (deed.fixVersions ?? []).map((name) => versionOf(state, project.key, name)),
  };
  state.issues.set(issue.id, issue);
  await tellIssue({ event: "jira:issue_created", type: "issue_created", at: toMs(at), by, issue });
  return issue.key;
}

function nextNumber(issues: Iterable<Issue>, project: string): number {
  const used = [...issues]
    .flatMap(({ key, formerKeys }) => [key, ...formerKeys])
    .filter((key) => key.startsWith(`${project}-`));
  return Math.max(0, ...used.map((key) => Number(key.slice(project.length + 1)))) + 1;
}

export interface TransitionDeed extends IssueDeed {
  readonly status: string;
  /** Default: `Done` when the status is of category done; null leaves it empty. */
  readonly resolution?: string | null;
  /** As when an administrator changes the workflow: nobody moved the issue. */
  readonly migrated?: boolean;
}

/** Moves an issue to a status; entering a done one resolves it, leaving it clears the resolution. */
export async function transition(site: JiraSite, deed: TransitionDeed): Promise<void> {
  const issue = issueOf(site.state, deed.issue);
  const status = statusNamed(site.state, deed.status);
  const resolution = deed.resolution === undefined ? (status.category === "done" ? "Done" : null) : deed.resolution;
  const items = [
    ...(deed.migrated ? [item("Workflow", ["1", "Old workflow"], ["2", "New workflow"])] : []),
    ...resolutionItems(issue, resolution),
    statusItem(issue.status, status),
  ];
  issue.status = status;
  setResolution(issue, resolution, toMs(deed.at));
  await tellChange(site, deed, { issue, items, type: "issue_generic" });
}

const statusItem = (from: Status, to: Status): ChangeItem => ({
  ...item("status", [from.id, from.name], [to.id, to.name]),
  fieldId: "status",
});

function item(field: string, from: readonly [string, string] | null, to: readonly [string, string] | null): ChangeItem {
  const [before, beforeText] = from ?? [null, null];
  const [after, afterText] = to ?? [null, null];
  return { field, fieldtype: "jira", from: before, fromString: beforeText, to: after, toString: afterText };
}

const RESOLUTIONS = ["Done", "Won't Do", "Duplicate", "Cannot Reproduce", "Won't Fix"];
const resolutionId = (name: string): string => String(10_000 + RESOLUTIONS.indexOf(name));

function resolutionItems({ resolution }: Issue, name: string | null): ChangeItem[] {
  if ((resolution?.name ?? null) === name) return [];
  const from = resolution && ([resolution.id, resolution.name] as const);
  return [{ ...item("resolution", from, name === null ? null : [resolutionId(name), name]), fieldId: "resolution" }];
}

function setResolution(issue: Issue, name: string | null, at: number): void {
  if ((issue.resolution?.name ?? null) === name) return;
  issue.resolution = name === null ? null : { id: resolutionId(name), name };
  issue.resolvedAt = name === null ? null : at;
}

/** Sets the resolution without moving the issue. */
export async function resolve(site: JiraSite, deed: IssueDeed & { readonly resolution: string | null }): Promise<void> {
  const issue = issueOf(site.state, deed.issue);
  const items = resolutionItems(issue, deed.resolution);
  setResolution(issue, deed.resolution, toMs(deed.at));
  await tellChange(site, deed, { issue, items, type: "issue_resolved" });
}

/** Sets any other field; null empties it. `summary` and `labels` (blank-separated) are known by name. */
export async function setField(
  site: JiraSite,
  deed: IssueDeed & { readonly field: string; readonly value: string | null },
): Promise<void> {
  const issue = issueOf(site.state, deed.issue);
  const { field, value } = deed;
  const before =
    field === "summary" ? issue.summary : field === "labels" ? issue.labels.join(" ") : (issue.fields.get(field) ?? null);
  if (field === "summary") issue.summary = value ?? "";
  else if (field === "labels") issue.labels = (value ?? "").split(" ").filter(Boolean);
  else issue.fields.set(field, value);
  const changed: ChangeItem = {
    field,
    fieldtype: "jira",
    fieldId: field,
    from: null,
    fromString: before,
    to: null,
    toString: value,
  };
  await tellChange(site, deed, { issue, items: [changed], type: "issue_updated" });
}

/** Sets the one fix version of an issue, or none. */
export async function setFixVersion(site: JiraSite, deed: IssueDeed & { readonly version: string | null }): Promise<void> {
  const issue = issueOf(site.state, deed.issue);
  const before = issue.fixVersions;
  issue.fixVersions = deed.version === null ? [] : [versionOf(site.state, issue.project.key, deed.version)];
  const items = [
    ...before.map(({ id, name }) => ({ ...item("Fix Version", [id, name], null), fieldId: "fixVersions" })),
    ...issue.fixVersions.map(({ id, name }) => ({ ...item("Fix Version", null, [id, name]), fieldId: "fixVersions" })),
  ];
  await tellChange(site, deed, { issue, items, type: "issue_updated" });
}

/** Moves an issue to another project; returns its new key. The old one goes on answering. */
export async function moveIssue(site: JiraSite, deed: IssueDeed & { readonly project: string }): Promise<string> {
  const issue = issueOf(site.state, deed.issue);
  const { project: from, key: oldKey } = issue;
  issue.project = projectOf(site.state, deed.project);
  issue.key = `${issue.project.key}-${nextNumber(site.state.issues.values(), issue.project.key)}`;
  issue.formerKeys.push(oldKey);
  const items = [
    { ...item("project", [from.id, from.name], [issue.project.id, issue.project.name]), fieldId: "project" },
    { ...item("Key", null, null), fromString: oldKey, toString: issue.key },
  ];
  await tellChange(site, deed, { issue, items, type: "issue_moved" });
  return issue.key;
}

async function tellChange(
  { state, tellIssue }: JiraSite,
  { at, by = "Alice" }: JiraDeed,
  { issue, items, type }: { readonly issue: Issue; readonly items: readonly ChangeItem[]; readonly type: string },
): Promise<void> {
  const change = addChange(state, issue, { at, by, items });
  await tellIssue({ event: "jira:issue_updated", type, at: toMs(at), by, issue, change });
}

export async function deleteIssue({ state, tellIssue }: JiraSite, { issue: name, at, by = "Alice" }: IssueDeed): Promise<void> {
  const issue = issueOf(state, name);
  state.issues.delete(issue.id);
  await tellIssue({ event: "jira:issue_deleted", type: "issue_deleted", at: toMs(at), by, issue });
}

export interface VersionDeed extends JiraDeed {
  readonly project: string;
  readonly version: string;
}

/** Creates a version; the project is made when it is first named. */
export async function createVersion(
  { state, tellVersion }: JiraSite,
  { project, version: name, at }: VersionDeed,
): Promise<Version> {
  const version: Version = {
    id: state.nextId(),
    project: projectOf(state, project),
    name,
    released: false,
    archived: false,
    releaseDate: null,
  };
  state.versions.set(version.id, version);
  await tellVersion({ event: "jira:version_created", at: toMs(at), version });
  return version;
}

export async function releaseVersion(
  { state, tellVersion }: JiraSite,
  { project, version: name, at }: VersionDeed,
): Promise<void> {
  const version = versionOf(state, project, name);
  version.released = true;
  version.releaseDate = new Date(toMs(at)).toISOString().slice(0, 10);
  await tellVersion({ event: "jira:version_released", at: toMs(at), version });
}

export async function unreleaseVersion(
  { state, tellVersion }: JiraSite,
  { project, version: name, at }: VersionDeed,
): Promise<void> {
  const version = versionOf(state, project, name);
  version.released = false;
  await tellVersion({ event: "jira:version_unreleased", at: toMs(at), version });
}

/** How Jira answers from now on. */
export function setMode({ state }: JiraSite, mode: JiraSite["state"]["mode"]): void {
  state.mode = mode;
}
