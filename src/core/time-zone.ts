import { DAY, HOUR, type Instant, instant, MINUTE, SECOND } from "./time.js";

/** A part of a span throughout which a zone's clocks run on without being put forward or back. */
export interface SteadyPart {
  readonly from: Instant;
  readonly to: Instant;
  /** Milliseconds that its clocks are ahead of UTC. */
  readonly offset: number;
}

/** Before and after these nobody knows, or can know, how clocks are put: they are taken to stay as they are then. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2099;

/** Cuts a span where the zone's clocks are put forward or back. As many parts as there are such moments, and one. */
export function steadyParts(timeZone: string, from: Instant, to: Instant): SteadyPart[] {
  const zone = zoneOf(timeZone);
  const shifts = yearsOf(from, to)
    .flatMap((year) => shiftsIn(zone, year))
    .filter(({ at }) => at > from && at < to);
  const starts = [{ at: from, offset: offsetAt(zone, from) }, ...shifts];
  return starts.map(({ at, offset }, index) => ({ from: at, to: starts[index + 1]?.at ?? to, offset }));
}

/** A moment from which on clocks show another offset. */
interface Shift {
  readonly at: Instant;
  readonly offset: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** By year, in order of time. */
  readonly shifts: Map<number, readonly Shift[]>;
}

/** What is found out of a zone is kept: it never changes, and to find it out takes a thousand times longer than to look it up. */
const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const name = timeZone.toLowerCase();
  const zone = zones.get(name) ?? {
    format: new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }),
    shifts: new Map(),
  };
  zones.set(name, zone);
  return zone;
}

function yearsOf(from: Instant, to: Instant): number[] {
  const [first, last] = [yearOf(from), yearOf(to)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const yearOf = (at: number): number => Math.min(Math.max(new Date(at).getUTCFullYear(), FIRST_YEAR), LAST_YEAR);
const startOf = (year: number): number => Date.UTC(year, 0, 1);

function shiftsIn(zone: Zone, year: number): readonly Shift[] {
  const shifts = zone.shifts.get(year) ?? findShifts(zone, year);
  zone.shifts.set(year, shifts);
  return shifts;
}

/** Day by day: no zone has ever put its clocks twice within one. */
function findShifts(zone: Zone, year: number): Shift[] {
  const shifts: Shift[] = [];
  const end = startOf(year + 1);
  let before = offsetAt(zone, startOf(year));
  for (let day = startOf(year); day < end; day += DAY) {
    const offset = offsetAt(zone, day + DAY);
    if (offset !== before) shifts.push({ at: shiftBetween(zone, day, day + DAY), offset });
    before = offset;
  }
  return shifts;
}

/** The first moment of the new offset, in `(before, after]`. Clocks are put at whole seconds. */
function shiftBetween(zone: Zone, before: number, after: number): Instant {
  const old = offsetAt(zone, before);
  let [early, late] = [before, after];
  while (late - early > SECOND) {
    const middle = early + Math.floor((late - early) / SECOND / 2) * SECOND;
    if (offsetAt(zone, middle) === old) early = middle;
    else late = middle;
  }
  return instant(late);
}

const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** `GMT`, `GMT+05:45`, `GMT-00:44:30`, as the Intl API writes a long offset. */
function offsetAt({ format }: Zone, at: number): number {
  const known = Math.min(Math.max(at, startOf(FIRST_YEAR)), startOf(LAST_YEAR + 1));
  const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(format.format(known)) ?? [];
  const size = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND;
  return sign === "-" ? -size : size;
}
