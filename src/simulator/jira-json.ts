import { type Json, jiraTime, sha1 } from "./ids.js";
import type { Change, Issue, IssueType, Project, Status, Version } from "./jira-state.js";

const CATEGORIES = {
  new: { id: 2, colorName: "blue-gray", name: "To Do" },
  indeterminate: { id: 4, colorName: "yellow", name: "In Progress" },
  done: { id: 3, colorName: "green", name: "Done" },
} as const;

/** JSON as Jira Cloud shapes it. `base`: the site's address. */
export function statusJson(base: string, { id, name, category }: Status): Json {
  const { id: categoryId } = CATEGORIES[category];
  return {
    self: `${base}/rest/api/3/status/${id}`,
    description: "",
    iconUrl: `${base}/`,
    name,
    untranslatedName: name,
    id,
    statusCategory: { self: `${base}/rest/api/3/statuscategory/${categoryId}`, key: category, ...CATEGORIES[category] },
  };
}

/** `GET /statuses/search` names the category otherwise. */
export const foundStatusJson = ({ id, name, category }: Status): Json => ({
  id,
  name,
  description: "",
  statusCategory: { new: "TODO", indeterminate: "IN_PROGRESS", done: "DONE" }[category],
  scope: { type: "GLOBAL" },
});

export const projectJson = (base: string, { id, key, name }: Project): Json => ({
  expand: "description,lead,issueTypes,url,projectKeys",
  self: `${base}/rest/api/3/project/${id}`,
  id,
  key,
  name,
  projectTypeKey: "software",
  simplified: false,
  style: "classic",
  isPrivate: false,
  properties: {},
});

export const versionJson = (base: string, { id, name, released, archived, releaseDate, project }: Version): Json => ({
  self: `${base}/rest/api/3/version/${id}`,
  id,
  name,
  archived,
  released,
  ...(releaseDate !== null && { releaseDate }),
  projectId: Number(project.id),
});

export const personJson = (base: string, name: string): Json => ({
  self: `${base}/rest/api/3/user?accountId=${sha1(name).slice(0, 24)}`,
  accountId: sha1(name).slice(0, 24),
  displayName: name,
  active: true,
  timeZone: "Etc/UTC",
  accountType: "atlassian",
});

const typeJson = (base: string, { id, name, subtask, hierarchyLevel }: IssueType): Json => ({
  self: `${base}/rest/api/3/issuetype/${id}`,
  id,
  description: "",
  iconUrl: `${base}/`,
  name,
  subtask,
  hierarchyLevel,
});

export function issueJson(base: string, issue: Issue): Json {
  const { id, key, project, resolution, reporter } = issue;
  const person = personJson(base, reporter);
  return {
    expand: "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
    id,
    self: `${base}/rest/api/3/issue/${id}`,
    key,
    fields: {
      summary: issue.summary,
      issuetype: typeJson(base, issue.type),
      project: projectJson(base, project),
      status: statusJson(base, issue.status),
      statuscategorychangedate: jiraTime(issue.updatedAt),
      resolution: resolution && { self: `${base}/rest/api/3/resolution/${resolution.id}`, description: "", ...resolution },
      resolutiondate: issue.resolvedAt === null ? null : jiraTime(issue.resolvedAt),
      created: jiraTime(issue.createdAt),
      updated: jiraTime(issue.updatedAt),
      labels: issue.labels,
      fixVersions: issue.fixVersions.map((version) => versionJson(base, version)),
      versions: [],
      components: [],
      assignee: null,
      reporter: person,
      creator: person,
      priority: { self: `${base}/rest/api/3/priority/3`, iconUrl: `${base}/`, name: "Medium", id: "3" },
      description: null,
      parent: null,
      ...Object.fromEntries(issue.fields),
    },
  };
}

export const changeJson = (base: string, { id, author, at, items }: Change): Json => ({
  id,
  author: personJson(base, author),
  created: jiraTime(at),
  items,
});
