import { DAY, HOUR, MINUTE, type Milliseconds, milliseconds } from "./time.js";

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

/** Whether the IANA list has a time zone of this name, whatever its case. An offset (`+01:00`) is none: it knows no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
