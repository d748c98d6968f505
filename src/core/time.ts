/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly unit: "ms since the epoch" };
/** A span of time in milliseconds. */
export type Milliseconds = number & { readonly unit: "ms" };

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

export const instant = (milliseconds: number): Instant => milliseconds as Instant; // a brand costs one cast
export const milliseconds = (value: number): Milliseconds => value as Milliseconds; // a brand costs one cast

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * Reads an ISO 8601 time with zone, also Jira's `+0800` without colon.
 * Undefined for anything else, dates that do not exist (30 February) included.
 */
export function parseInstant(text: unknown): Instant | undefined {
  const match = typeof text === "string" ? ISO.exec(text) : null;
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  if (second === "60") return leapSecond(String(text));
  const numbers = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  const utc = Date.UTC(y, mo - 1, d, h, mi, s);
  const exists = isWritten(new Date(utc), [y, mo, d, h, mi, s]);
  const offset = zoneOffset(zone);
  if (!exists || offset === undefined) return undefined;
  return instant(utc + Number(fraction.padEnd(3, "0").slice(0, 3)) - offset);
}

/** Whether a time is written like this: another one came of what does not exist. */
const isWritten = (time: Date, [y, mo, d, h, mi, s]: readonly number[]): boolean =>
  time.getUTCFullYear() === y &&
  time.getUTCMonth() + 1 === mo &&
  time.getUTCDate() === d &&
  time.getUTCHours() === h &&
  time.getUTCMinutes() === mi &&
  time.getUTCSeconds() === s;

/** It ends a day in UTC, and is the first second of the next one, as computers count. */
function leapSecond(text: string): Instant | undefined {
  const before = parseInstant(text.replace(/:60(?=[.,Z+-])/, ":59"));
  const at = (before ?? Number.NaN) + SECOND;
  return at % DAY < SECOND ? instant(at) : undefined;
}

function zoneOffset(zone: string): number | undefined {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}

/** Reads `2024-05-06` as the first moment of that day in UTC. */
export function parseDay(text: unknown): Instant | undefined {
  return typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00Z`) : undefined;
}

/** `2024-05-06T10:00:00Z`, cut to seconds. */
export const formatInstant = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** `2024-05-06 10:00`, in UTC. */
export const formatMinute = (at: Instant): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

const UNITS = [
  ["w", WEEK],
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
] as const;

/** The two largest units, rounded half up to seconds first: `3d 4h`, `1h 10m`, `40m`, `25s`, `0s`. */
export function formatDuration(duration: Milliseconds): string {
  let rest = toSeconds(duration) * SECOND;
  const largest = UNITS.findIndex(([, size]) => rest >= size);
  if (largest < 0) return "0s";
  const parts = UNITS.slice(largest, largest + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { unit, count };
  });
  return parts
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${count}${unit}`)
    .join(" ");
}

/** Rounds half up to whole seconds. */
export const toSeconds = (duration: Milliseconds): number => Math.floor(duration / SECOND + 0.5);

/** Reads `8h`, `1d`, `1d 12h`, `30m`, `90s`, `2w`; undefined for anything else. */
export function parseDuration(text: string): Milliseconds | undefined {
  const words = text.trim().split(/\s+/);
  let total = 0;
  for (const word of words) {
    const match = /^(\d{1,6}(?:\.\d{1,3})?)([wdhms])$/.exec(word);
    const size = UNITS.find(([unit]) => unit === match?.[2])?.[1];
    if (!match || size === undefined) return undefined;
    total += Number(match[1]) * size;
  }
  return milliseconds(Math.round(total));
}
