import type { Evidence, LeadTime, MeasuredItem, PullRequestHead, StageTime, TicketHead } from "../../src/core/measurement.js";
import type { Limits, TriggerName } from "../../src/core/profile.js";
import { BUILT_IN } from "../../src/core/profile.js";
import { pullRequestRef, repositoryRef, ticketRef } from "../../src/core/ref.js";
import { type Instant, MINUTE, milliseconds, parseInstant } from "../../src/core/time.js";
import type { CommentInput, CommentTable } from "../../src/render/comment.js";

/** A time of 6 May 2024, `09:50`. */
export function at(time: string): Instant {
  const instant = parseInstant(`2024-05-06T${time}:00Z`);
  if (instant === undefined) throw new TypeError(`expected hh:mm, not ${time}`);
  return instant;
}

export const minutes = (count: number) => milliseconds(count * MINUTE);

export const PULL_REQUEST: PullRequestHead = {
  ref: pullRequestRef(10, 7),
  repository: repositoryRef(10),
  repositoryName: "acme/web",
  visibility: "private",
  number: 7,
  title: "Log in with a passkey",
  url: "https://github.com/acme/web/pull/7",
  author: { login: "ada", bot: false },
  mergedAt: at("10:15"),
};

export const TICKET: TicketHead = {
  ref: ticketRef(1),
  key: "PROP-1460",
  title: "Passkeys for everyone",
  url: "https://acme.atlassian.net/browse/PROP-1460",
};

export const evidence = (event: TriggerName, time: string, overrides: Partial<Evidence> = {}): Evidence => ({
  event,
  id: `${event} at ${time}`,
  at: at(time),
  precision: "exact",
  url: event.startsWith("ticket.") ? TICKET.url : "https://github.com/acme/web/pull/7#event",
  actor: "ada",
  pullRequest: event.startsWith("ticket.") ? null : PULL_REQUEST.ref,
  note: null,
  ...overrides,
});

interface Naming {
  readonly name: string;
  readonly on: TriggerName;
  readonly limits: Limits;
}
export const NAMING: Naming = {
  name: "Merge",
  on: "pull-request.merged",
  limits: { ideal: minutes(10), acceptable: minutes(60) },
};

/** A stage entered at a time, so many minutes after the one before. */
export function entered(naming: Partial<Naming>, time: string, took: number, proof: Partial<Evidence> = {}): StageTime {
  const named = { ...NAMING, ...naming };
  const found = evidence(named.on, time, proof);
  return { ...named, state: "reached", enteredAt: found.at, leadTime: minutes(took), rating: "good", evidence: found };
}

export const outOfOrder = (naming: Partial<Naming>, time: string): StageTime => {
  const found = evidence(naming.on ?? NAMING.on, time);
  return {
    ...NAMING,
    ...naming,
    state: "out-of-order",
    enteredAt: found.at,
    leadTime: minutes(0),
    rating: "good",
    evidence: found,
  };
};
export const skipped = (naming: Partial<Naming>, reason: string): StageTime => ({
  ...NAMING,
  ...naming,
  state: "skipped",
  leadTime: null,
  reason,
});
export const pending = (naming: Partial<Naming>, reason: string, since: Instant | null = null): StageTime => ({
  ...NAMING,
  ...naming,
  state: "pending",
  leadTime: null,
  reason,
  since,
});

const NINE = BUILT_IN.find(({ name }) => name === "ticket-to-release")?.stages ?? [];
const GOLDEN_TIMES = ["10:00", "10:05", "10:10", "10:11", "10:15", "10:16", "10:17", "10:20", "11:00"];
const GOLDEN_MINUTES = [10, 5, 5, 1, 4, 1, 1, 3, 40];

/** The nine stages of the published worked example. */
export const GOLDEN_STAGES: readonly StageTime[] = NINE.map(({ name, trigger, ideal, acceptable }, index) =>
  entered(
    { name, on: trigger.on, limits: { ...(ideal && { ideal }), ...(acceptable && { acceptable }) } },
    GOLDEN_TIMES[index] ?? "",
    GOLDEN_MINUTES[index] ?? 0,
  ),
);

export const leadTime = (overrides: Partial<LeadTime> = {}): LeadTime => ({
  profile: "ticket-to-release",
  calculation: "wall-clock",
  status: "complete",
  startedAt: at("09:50"),
  start: evidence("ticket.created", "09:50"),
  total: minutes(70),
  rating: "good",
  slowestStage: "Release",
  stages: GOLDEN_STAGES,
  notes: [],
  ...overrides,
});

export const item = (overrides: Partial<MeasuredItem> = {}): MeasuredItem => ({
  ref: TICKET.ref,
  kind: "ticket",
  name: TICKET.key,
  title: TICKET.title,
  type: "Story",
  url: TICKET.url,
  abandoned: false,
  finishedAt: at("10:20"),
  timeInStatus: null,
  tickets: [TICKET],
  pullRequests: [PULL_REQUEST],
  links: [],
  leadTimes: [],
  events: [],
  ...overrides,
});

export const table = (overrides: Partial<CommentTable> = {}): CommentTable => ({
  item: item(),
  leadTime: leadTime(),
  ticket: TICKET,
  usual: new Map(),
  open: true,
  others: (ref) => (ref.startsWith("github:pr:10#") ? `#${ref.split("#")[1]}` : null),
  ...overrides,
});

export const input = (overrides: Partial<CommentInput> = {}): CommentInput => ({
  pullRequest: PULL_REQUEST,
  tables: [table()],
  audience: { public: false, tickets: "full", ratings: true },
  publicUrl: null,
  notes: [],
  ...overrides,
});

/** The comment over one lead time. */
export const withStages = (stages: readonly StageTime[], overrides: Partial<LeadTime> = {}): CommentInput =>
  input({ tables: [table({ leadTime: leadTime({ stages, ...overrides }) })] });
