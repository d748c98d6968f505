import type { Precision } from "../core/event.js";
import type { StoredLink } from "../core/link.js";
import type { Evidence, LeadTime, MeasuredItem, StageTime } from "../core/measurement.js";
import { plainName } from "../core/profile.js";
import { commitOf, pullRequestOf, type Ref, refKind } from "../core/ref.js";
import { formatInstant, type Instant, type Milliseconds, milliseconds, toSeconds } from "../core/time.js";
import type { WorkItem } from "./work-item-schema.js";

type LeadTimeJson = WorkItem["leadTimes"][number];
type StageJson = LeadTimeJson["stages"][number];
type LinkJson = WorkItem["links"][number];

/** A measured item as the API answers it (docs/api.md); what is still running is counted up to `now`. */
export function workItemJson(item: MeasuredItem, now: Instant): WorkItem {
  const { name, kind, url, title, type, links, timeInStatus } = item;
  return {
    item: name,
    kind,
    url,
    title,
    type,
    finished: item.finishedAt !== null,
    timeInStatus: timeInStatus?.map((time) => ({ status: time.status, seconds: secondsIn(time, now) })) ?? null,
    links: links.filter(({ refusal }) => refusal === null).map((link) => linkJson(link, item)),
    nearMisses: links.flatMap((link) => (link.refusal === null ? [] : [{ ...linkJson(link, item), reason: link.refusal }])),
    leadTimes: item.leadTimes.map((leadTime) => leadTimeJson(leadTime, item, now)),
    events: item.events.map(({ type, at, url, actor, precision }) => ({
      type,
      at: formatInstant(at),
      url,
      actor,
      ...precisionJson(precision),
    })),
  };
}

const age = (since: Instant, now: Instant): Milliseconds => milliseconds(Math.max(0, now - since));
const secondsOrNull = (duration: Milliseconds | null | undefined): number | null =>
  duration === null || duration === undefined ? null : toSeconds(duration);
const precisionJson = (precision: Precision): { precision?: "day" } => (precision === "day" ? { precision } : {});

type TimeInStatus = NonNullable<MeasuredItem["timeInStatus"]>[number];

/** What was spent in it before, and what has passed since it was last entered. */
const secondsIn = ({ duration, since }: TimeInStatus, now: Instant): number =>
  toSeconds(milliseconds((duration ?? 0) + (since === null ? 0 : age(since, now))));

function linkJson(link: StoredLink, item: MeasuredItem): LinkJson {
  const from = refKind(link.from) === "commit" ? { commit: commitOf(link.from).sha } : { pullRequest: nameOf(link.from, item) };
  const to = item.kind === "pull-request" ? { ticket: link.key } : {};
  return { ...from, ...to, source: link.source, matched: link.matched };
}

/** `acme/web#7`; null for a pull request of a repository that the item does not name. */
function nameOf(ref: Ref, { pullRequests }: MeasuredItem): string | null {
  const { repository, number } = pullRequestOf(ref);
  const known = pullRequests.find((head) => head.repository === repository);
  return known ? `${known.repositoryName}#${number}` : null;
}

/** By its plain name, unless the item is measured under two that are called so, of two repositories. */
function profileName(profile: string, { leadTimes }: MeasuredItem): string {
  const plain = plainName(profile);
  return leadTimes.filter((other) => plainName(other.profile) === plain).length > 1 ? profile : plain;
}

function leadTimeJson(leadTime: LeadTime, item: MeasuredItem, now: Instant): LeadTimeJson {
  const { profile, calculation, status, startedAt, total, rating, slowestStage, notes, unitNotes = [] } = leadTime;
  return {
    profile: profileName(profile, item),
    calculation,
    status,
    startedAt: startedAt === null ? null : formatInstant(startedAt),
    totalSeconds: secondsOrNull(total),
    rating,
    slowestStage,
    stages: leadTime.stages.map((stage) => stageJson(stage, item, now)),
    notes: [...notes, ...unitNotes],
  };
}

function stageJson(stage: StageTime, item: MeasuredItem, now: Instant): StageJson {
  const { name, limits } = stage;
  const idealSeconds = secondsOrNull(limits.ideal);
  const common = { name, rating: null, idealSeconds, acceptableSeconds: secondsOrNull(limits.acceptable) };
  switch (stage.state) {
    case "reached":
    case "out-of-order": {
      const { state, rating, leadTime } = stage;
      const evidence = evidenceJson(stage.evidence, item);
      const enteredAt = formatInstant(stage.enteredAt);
      const working = stage.workingTime === undefined ? {} : { workingSeconds: toSeconds(stage.workingTime) };
      return { ...common, state, enteredAt, leadTimeSeconds: toSeconds(leadTime), ...working, rating, evidence };
    }
    case "skipped": {
      const zero = stage.leadTime === null ? {} : { leadTimeSeconds: 0 as const };
      return { ...common, state: stage.state, ...zero, reason: stage.reason };
    }
    case "pending": {
      const ageSeconds = stage.since === null ? {} : { ageSeconds: toSeconds(age(stage.since, now)) };
      return { ...common, state: stage.state, reason: stage.reason, ...ageSeconds };
    }
  }
}

function evidenceJson(evidence: Evidence, item: MeasuredItem): Extract<StageJson, { state: "reached" }>["evidence"] {
  const { event, at, url, note, pullRequest } = evidence;
  return {
    event,
    at: formatInstant(at),
    url,
    ...precisionJson(evidence.precision),
    ...(pullRequest === null ? {} : { pullRequest: nameOf(pullRequest, item) }),
    ...(note === null ? {} : { note }),
  };
}
