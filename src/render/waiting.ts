import { formatDuration, formatMinute, type Instant, type Milliseconds, milliseconds } from "../core/time.js";
import type { ToldTable } from "./audience.js";
import { text } from "./markdown.js";
import { ratingWords } from "./words.js";

const MAX_NAME = 60;

/** Which stage is waited for at a moment, how long it has been, and how long it may take; nothing when nothing is. */
export function waiting({ leadTime, usual, rate }: ToldTable, now: Instant): string[] {
  const { stages, status } = leadTime;
  const next = stages.find((stage) => stage.state === "pending");
  if (next?.state !== "pending" || next.since === null || status === "abandoned") return [];
  const age = milliseconds(Math.max(0, now - next.since));
  const rating = rate(next.since, now, next.limits);
  const reached = stages.filter(({ state }) => state === "reached" || state === "out-of-order").length;
  const { ideal, acceptable } = next.limits;
  const bounds = [...bound("ideal", ideal), ...bound("acceptable", acceptable), ...bound("usual here", usual.get(next.name))];
  const mark = rating ? `, ${ratingWords(rating)}` : "";
  const against = bounds.length > 0 ? ` (${bounds.join(", ")})` : "";
  const name = text(next.name, MAX_NAME) || "–";
  return [
    `⏳ Waiting for **${name}** since ${formatMinute(next.since)} (UTC): **${formatDuration(age)}**${mark}${against}. ` +
      `${reached} of ${stages.length} stages are reached.`,
  ];
}

const bound = (word: string, limit: Milliseconds | undefined): string[] =>
  limit === undefined ? [] : [`${word} ${formatDuration(limit)}`];
