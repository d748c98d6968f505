import type { Precision } from "../core/event.js";
import type { Evidence, LeadTime, Rating, StageTime } from "../core/measurement.js";
import type { Limits, TriggerName } from "../core/profile.js";
import { formatDuration, formatMinute, type Instant } from "../core/time.js";

/** The words and marks that every rendering of a lead time shares. Plain text: names and reasons are as the world gave them. */

export const RATING_MARKS: Readonly<Record<Rating, string>> = { good: "🟢", acceptable: "🟡", slow: "🔴" };
export const ratingWords = (rating: Rating): string => `${RATING_MARKS[rating]} ${rating}`;

export function stageMark(stage: StageTime): string {
  switch (stage.state) {
    case "reached":
      return stage.rating ? RATING_MARKS[stage.rating] : "✓";
    case "out-of-order":
      return "⇄";
    case "skipped":
      return "⚪";
    case "pending":
      return "⏳";
  }
}

/** `10m`, `0s · out of order`, `– skipped: no ticket linked`, `– pending since 2024-05-06 10:15`, `– pending`. */
export function leadTimeWords(stage: StageTime, of: LeadTime): string {
  switch (stage.state) {
    case "reached":
      return formatDuration(stage.leadTime);
    case "out-of-order":
      return `${formatDuration(stage.leadTime)} · out of order`;
    case "skipped":
      return `${stage.leadTime === null ? "–" : `${formatDuration(stage.leadTime)} ·`} skipped: ${stage.reason}`;
    case "pending":
      return stage.since === null ? "– pending" : `– pending since ${momentWords(stage.since, precisionAt(of, stage.since))}`;
  }
}

/** `2024-05-06 10:00`, or `2024-05-06 (day only)` where no more is known; UTC. */
export const momentWords = (at: Instant, precision: Precision): string =>
  precision === "exact" ? formatMinute(at) : `${formatMinute(at).slice(0, 10)} (day only)`;

/** `2024-05-06 10:00 (UTC)`, or the day. */
export const momentInUtc = ({ at, precision }: Evidence): string =>
  precision === "exact" ? `${formatMinute(at)} (UTC)` : momentWords(at, precision);

/** A clock that stands at an event known to the day is known no better. */
function precisionAt(of: LeadTime, at: Instant): Precision {
  const proofs = [of.start, ...of.stages.map(evidenceOf)].filter((proof) => proof?.at === at);
  return proofs.some((proof) => proof?.precision === "day") ? "day" : "exact";
}

export const evidenceOf = (stage: StageTime): Evidence | null => ("evidence" in stage ? stage.evidence : null);

/** `1d / 3d`; a dash for a limit that is not set. */
export function limitsWords({ ideal, acceptable }: Limits): string {
  if (ideal === undefined && acceptable === undefined) return "–";
  return [ideal, acceptable].map((limit) => (limit === undefined ? "–" : formatDuration(limit))).join(" / ");
}

/** `Lead time 1h 10m · 🟢 good`, `Lead time so far 34m`, `Lead time not started`. */
export function headline({ status, total, rating }: LeadTime): string {
  const time = status === "not-started" || total === null ? "not started" : formatDuration(total);
  const soFar = time !== "not started" && status !== "complete" ? "so far " : "";
  const parts = [`Lead time ${soFar}${time}`];
  if (rating) parts.push(ratingWords(rating));
  if (status === "abandoned") parts.push("abandoned");
  return parts.join(" · ");
}

/** `A`, `A and B`, `A, B and C`. */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

const TRIGGER_WORDS: Readonly<Record<TriggerName, string>> = {
  "ticket.created": "ticket created",
  "ticket.status": "ticket status changed",
  "ticket.field": "ticket field set",
  "commit.created": "commit made",
  "pull-request.opened": "pull request opened",
  "pull-request.labeled": "label added",
  "pull-request.reviewed": "reviewed",
  "pull-request.approved": "approved",
  "pull-request.merged": "merged",
  "ci.completed": "CI completed",
  "deployment.succeeded": "deployed",
  "release.published": "release published",
  "ticket.released": "version released",
  "api-event": "event posted",
};
export const triggerWords = (on: TriggerName): string => TRIGGER_WORDS[on];
