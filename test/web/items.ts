import type { Evidence, LeadTime, MeasuredItem, PullRequestHead, StageTime } from "../../src/core/measurement.js";
import { BUILT_IN, type TriggerName } from "../../src/core/profile.js";
import { pullRequestRef, repositoryRef, ticketRef } from "../../src/core/ref.js";
import { type Instant, instant, MINUTE, milliseconds } from "../../src/core/time.js";

/** A time of the day of the worked examples. */
export const at = (time: string): Instant => instant(Date.parse(`2024-05-06T${time.length === 5 ? `${time}:00` : time}Z`));

export const WEB = repositoryRef(101);
export const PULL_REQUEST = pullRequestRef(101, 7);
export const TICKET = ticketRef(10_001);

export const pullRequestHead = (overrides: Partial<PullRequestHead> = {}): PullRequestHead => ({
  ref: PULL_REQUEST,
  repository: WEB,
  repositoryName: "acme/web",
  visibility: "private",
  number: 7,
  title: "PROP-1460 Login",
  url: "https://github.com/acme/web/pull/7",
  author: { login: "ada", bot: false },
  mergedAt: at("10:15"),
  ...overrides,
});

export const evidence = (event: TriggerName, time: string, overrides: Partial<Evidence> = {}): Evidence => ({
  event,
  id: `${event}@${time}`,
  at: at(time),
  precision: "exact",
  url: `https://example.com/${event}`,
  actor: "ada",
  pullRequest: null,
  note: null,
  ...overrides,
});

const ENTRIES = ["10:00", "10:05", "10:10", "10:11", "10:15", "10:16", "10:17", "10:20", "11:00"];

/** The stages of the first worked example: 10m, 5m, 5m, 1m, 4m, 1m, 1m, 3m, 40m. */
function workedStages(): StageTime[] {
  const { stages = [] } = BUILT_IN.find(({ name }) => name === "ticket-to-release") ?? {};
  return stages.map(({ name, trigger: { on }, ideal, acceptable }, index) => {
    const time = ENTRIES[index] ?? "";
    const leadTime = milliseconds(at(time) - at(ENTRIES[index - 1] ?? "09:50"));
    const limits = { ...(ideal && { ideal }), ...(acceptable && { acceptable }) };
    return { name, on, limits, state: "reached", enteredAt: at(time), leadTime, rating: "good", evidence: evidence(on, time) };
  });
}

export const leadTime = (overrides: Partial<LeadTime> = {}): LeadTime => ({
  profile: "ticket-to-release",
  calculation: "wall-clock",
  status: "complete",
  startedAt: at("09:50"),
  start: evidence("ticket.created", "09:50"),
  total: milliseconds(70 * MINUTE),
  rating: "good",
  slowestStage: "Release",
  stages: workedStages(),
  notes: [],
  ...overrides,
});

/** The ticket of the first worked example, as measured. */
export const measuredTicket = (overrides: Partial<MeasuredItem> = {}): MeasuredItem => ({
  ref: TICKET,
  kind: "ticket",
  name: "PROP-1460",
  title: "Login",
  type: "Story",
  url: "https://acme.atlassian.net/browse/PROP-1460",
  abandoned: false,
  finishedAt: at("10:20"),
  timeInStatus: [
    { status: "To Do", duration: milliseconds(10 * MINUTE), since: null },
    { status: "In Progress", duration: milliseconds(20 * MINUTE), since: null },
  ],
  tickets: [{ ref: TICKET, key: "PROP-1460", title: "Login", url: null }],
  pullRequests: [pullRequestHead()],
  links: [{ from: PULL_REQUEST, key: "PROP-1460", source: "branch", matched: "feature/PROP-1460-login", refusal: null }],
  leadTimes: [leadTime()],
  events: [
    { type: "ticket.created", id: "jira:issue:10001:created", at: at("09:50"), precision: "exact", url: null, actor: "grace" },
    { type: "ticket.released", id: "jira:version:1:released", at: at("11:00"), precision: "day", url: null, actor: null },
  ],
  ...overrides,
});

export const measuredPullRequest = (overrides: Partial<MeasuredItem> = {}): MeasuredItem =>
  measuredTicket({ ref: PULL_REQUEST, kind: "pull-request", name: "acme/web#7", type: null, timeInStatus: null, ...overrides });
