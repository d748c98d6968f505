import { DAY, HOUR, type Instant, MINUTE, type Milliseconds, milliseconds, WEEK } from "./time.js";
import { steadyParts } from "./time-zone.js";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The part of a day that counts, from midnight on. */
export interface Hours {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
}

/** When people work. Ratings, and only ratings, count this time alone. */
export interface WorkingTime {
  readonly days: readonly Weekday[];
  readonly hours: Hours;
  /** As the IANA list names it: `Europe/Berlin`. */
  readonly timeZone: string;
}

/** What holds for the parts that a file leaves out. */
export const WORKING_TIME: WorkingTime = {
  days: ["mon", "tue", "wed", "thu", "fri"],
  hours: { from: milliseconds(0), to: milliseconds(DAY) },
  timeZone: "UTC",
};

/**
 * How much of the time between two instants is working time: all moments at which the zone's clocks show one of the days and
 * hours. An hour that summer time takes away is none; one that comes twice counts twice.
 */
export function workingBetween(from: Instant, to: Instant, working: WorkingTime): Milliseconds {
  if (to <= from) return milliseconds(0);
  const parts = steadyParts(working.timeZone, from, to);
  const worked = parts.map(
    (part) => workedUntil(part.to + part.offset, working) - workedUntil(part.from + part.offset, working),
  );
  return milliseconds(worked.reduce((total, one) => total + one, 0));
}

/** The first day of 1970 was a Thursday. */
const DAYS_BEFORE_1970 = 3;

/** Working time from the Monday of the first week of 1970 to what clocks show, as if they were never put: weeks, days, and the rest of today. */
function workedUntil(clock: number, { days, hours }: WorkingTime): number {
  const today = Math.floor(clock / DAY);
  const since = today + DAYS_BEFORE_1970;
  const weekday = since - Math.floor(since / DAYS_A_WEEK) * DAYS_A_WEEK;
  const worked = WEEKDAYS.map((day) => days.includes(day));
  const count = (some: readonly boolean[]) => some.filter(Boolean).length;
  const wholeDays = Math.floor(since / DAYS_A_WEEK) * count(worked) + count(worked.slice(0, weekday));
  const now = clock - today * DAY;
  const ofToday = worked[weekday] ? Math.min(Math.max(now - hours.from, 0), hours.to - hours.from) : 0;
  return wholeDays * (hours.to - hours.from) + ofToday;
}
const DAYS_A_WEEK = WEEK / DAY;

/** Reads `09:00-18:00`, at the latest until `24:00`; undefined for anything else, and where the end is not behind the beginning. */
export function parseHours(text: string): Hours | undefined {
  const match = /^(\d{2}):(\d{2})\s?-\s?(\d{2}):(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [hour = 0, minute = 0, lastHour = 0, lastMinute = 0] = match.slice(1).map(Number);
  const from = hour * HOUR + minute * MINUTE;
  const to = lastHour * HOUR + lastMinute * MINUTE;
  const exists = minute < 60 && lastMinute < 60 && from < to && to <= DAY;
  return exists ? { from: milliseconds(from), to: milliseconds(to) } : undefined;
}

/** `09:00-18:00`. */
export const formatHours = ({ from, to }: Hours): string => [from, to].map(timeOfDay).join("-");
const timeOfDay = (time: Milliseconds): string => [time / HOUR, (time % HOUR) / MINUTE].map(twoDigits).join(":");
const twoDigits = (number: number): string => String(Math.floor(number)).padStart(2, "0");

/** Whether the IANA list has a time zone of this name, whatever its case. An offset (`+01:00`) is none: it knows no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
