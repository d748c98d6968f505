import type { EventOf } from "../../src/core/event.js";
import type { LeadTime, MeasuredItem, PullRequestHead, StageTime } from "../../src/core/measurement.js";
import { graphRef, owner, pullRequestRef, repositoryRef, ticketRef } from "../../src/core/ref.js";
import { instant, milliseconds } from "../../src/core/time.js";
import type { Delivery } from "../../src/ports.js";

export const ACME = owner(10);
export const REPOSITORY = repositoryRef(7);
export const at = instant;

export const delivery = (id: string, of: Partial<Delivery> = {}): Delivery => ({
  source: "github",
  id,
  event: "pull_request",
  receivedAt: at(1_000),
  body: new TextEncoder().encode(`{"id":"${id}"}`),
  ...of,
});

export const merged = (number: number, of: Partial<EventOf<"pull-request.merged">> = {}): EventOf<"pull-request.merged"> => ({
  id: `github:pr:7#${number}:merged`,
  ref: pullRequestRef(7, number),
  type: "pull-request.merged",
  at: at(5_000),
  precision: "exact",
  reader: 1,
  repository: REPOSITORY,
  mergeCommit: `c${number}`,
  base: "main",
  ...of,
});

export const ticket = (id: number, of: Partial<EventOf<"ticket.described">> = {}): EventOf<"ticket.described"> => ({
  id: `jira:issue:${id}:described`,
  ref: ticketRef(id),
  type: "ticket.described",
  at: at(2_000),
  precision: "exact",
  reader: 1,
  key: `PROP-${id}`,
  title: "Log in",
  issueType: "Story",
  level: 0,
  project: "PROP",
  status: { id: "3", name: "In Progress" },
  resolution: null,
  fixVersions: [],
  labels: [],
  ...of,
});

export const compared = (
  base: string,
  head: string,
  of: Partial<EventOf<"commits.compared">> = {},
): EventOf<"commits.compared"> => ({
  id: `github:compare:7:${base}...${head}`,
  ref: graphRef(7, head),
  type: "commits.compared",
  at: at(6_000),
  precision: "exact",
  reader: 1,
  repository: REPOSITORY,
  base,
  head,
  status: "ahead",
  ahead: [head],
  ...of,
});

export const account = (id: number, of: Partial<EventOf<"account.described">> = {}): EventOf<"account.described"> => ({
  id: `github:account:${id}:described`,
  ref: `github:account:${id}` as EventOf<"account.described">["ref"], // as `accountRef` makes it
  type: "account.described",
  at: at(1_000),
  precision: "exact",
  reader: 1,
  login: "acme",
  installation: "55",
  state: "installed",
  ...of,
});

export const head = (number: number, of: Partial<PullRequestHead> = {}): PullRequestHead => ({
  ref: pullRequestRef(7, number),
  repository: REPOSITORY,
  repositoryName: "acme/web",
  visibility: "private",
  number,
  title: "Log in",
  url: null,
  author: { login: "ada", bot: false },
  mergedAt: at(5_000),
  ...of,
});

export const reached = (name: string, enteredAt: number, leadTime: number): StageTime => ({
  name,
  on: "pull-request.merged",
  limits: {},
  state: "reached",
  enteredAt: at(enteredAt),
  leadTime: milliseconds(leadTime),
  rating: null,
  evidence: {
    event: "pull-request.merged",
    id: "github:pr:7#1:merged",
    at: at(enteredAt),
    precision: "exact",
    url: null,
    actor: null,
    pullRequest: null,
    note: null,
  },
});

export const skipped = (name: string, leadTime: 0 | null): StageTime => ({
  name,
  on: "pull-request.approved",
  limits: {},
  state: "skipped",
  leadTime: leadTime === null ? null : milliseconds(leadTime),
  reason: "merged without approval",
});

export const leadTime = (stages: readonly StageTime[], of: Partial<LeadTime> = {}): LeadTime => ({
  profile: "pull-request",
  calculation: "wall-clock",
  status: "complete",
  startedAt: at(0),
  start: null,
  total: milliseconds(0),
  rating: null,
  slowestStage: null,
  stages,
  notes: [],
  ...of,
});

export const item = (number: number, of: Partial<MeasuredItem> = {}): MeasuredItem => ({
  ref: pullRequestRef(7, number),
  kind: "pull-request",
  name: `acme/web#${number}`,
  title: "Log in",
  type: null,
  url: null,
  abandoned: false,
  finishedAt: at(5_000),
  timeInStatus: null,
  tickets: [],
  pullRequests: [head(number)],
  links: [],
  leadTimes: [leadTime([reached("Merge", 5_000, 100 * number)])],
  events: [],
  ...of,
});
