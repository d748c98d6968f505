import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY, HOUR, instant, MINUTE, milliseconds, WEEK } from "../../src/core/time.js";
import {
  formatHours,
  isTimeZone,
  parseHours,
  WEEKDAYS,
  type Weekday,
  WORKING_TIME,
  type WorkingTime,
  workingBetween,
} from "../../src/core/working-time.js";

describe("hours", () => {
  test.each([
    ["09:00-18:00", 9 * HOUR, 18 * HOUR],
    ["08:30 - 17:45", 8 * HOUR + 30 * MINUTE, 17 * HOUR + 45 * MINUTE],
    ["00:00-24:00", 0, 24 * HOUR],
  ])("%s are read", (text, from, to) => {
    expect(parseHours(text)).toEqual({ from, to });
    expect(formatHours({ from: milliseconds(from), to: milliseconds(to) })).toBe(text.replaceAll(" ", ""));
  });

  test.each([
    "",
    "9-18",
    "9:00-18:00",
    "18:00-09:00",
    "09:00-09:00",
    "09:00-24:01",
    "09:60-18:00",
    "09:00-18:75",
    "09:00–18:00",
  ])("%j are none", (text) => {
    expect(parseHours(text)).toBeUndefined();
  });
});

describe("a time zone", () => {
  test.each(["Europe/Berlin", "europe/berlin", "UTC", "Etc/UTC", "Asia/Kolkata", "America/Argentina/Ushuaia"])(
    "is %s",
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  test.each(["", "Berlin", "+01:00", "-05:00", "GMT+1", "Europe/Berlim", "Europe/Berlin ", "local"])("is not %j", (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

const working = (hours: string, timeZone: string, days: readonly Weekday[] = WORKING_TIME.days): WorkingTime => ({
  days,
  hours: parseHours(hours) ?? WORKING_TIME.hours,
  timeZone,
});
const between = (from: string, to: string, of: WorkingTime): number =>
  workingBetween(instant(Date.parse(from)), instant(Date.parse(to)), of);

/** What a zone's clock shows, asked of another part of the platform, and minute by minute: slow, and simple. */
function minuteByMinute(from: number, to: number, { days, hours, timeZone }: WorkingTime): number {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" });
  let total = 0;
  for (let minute = Math.floor(from / MINUTE) * MINUTE; minute < to; minute += MINUTE) {
    const [, day = "", hour = 0, minutes = 0] = /^(\w+),? (\d+):(\d+)$/.exec(clock.format(minute)) ?? [];
    const shown = Number(hour) * HOUR + Number(minutes) * MINUTE;
    const works = days.some((one) => one === day.toLowerCase()) && shown >= hours.from && shown < hours.to;
    if (works) total += Math.min(to, minute + MINUTE) - Math.max(from, minute);
  }
  return total;
}

describe("working time between two moments", () => {
  const berlin = working("09:00-18:00", "Europe/Berlin");

  test.each([
    ["within a day", "2024-05-06T08:00:00Z", "2024-05-06T08:30:15.250Z", 30 * MINUTE + 15_250],
    ["over a weekend", "2024-05-03T14:00:00Z", "2024-05-06T08:00:00Z", 3 * HOUR],
    ["of a weekend", "2024-05-04T00:00:00Z", "2024-05-05T20:00:00Z", 0],
    ["of a week and a half", "2024-05-06T00:00:00Z", "2024-05-15T22:00:00Z", 8 * 9 * HOUR],
    ["the wrong way round", "2024-05-06T12:00:00Z", "2024-05-06T08:00:00Z", 0],
    ["of one moment", "2024-05-06T08:00:00Z", "2024-05-06T08:00:00Z", 0],
  ])("%s counts the days and hours alone", (_what, from, to, expected) => {
    expect(between(from, to, berlin)).toBe(expected);
  });

  test.each([
    ["takes an hour", "Europe/Berlin", "2024-03-31", 23],
    ["gives one", "Europe/Berlin", "2024-10-27", 25],
    ["is half an hour", "Australia/Lord_Howe", "2024-10-06", 23.5],
    ["begins at midnight", "America/Sao_Paulo", "2018-11-04", 23],
    ["never was", "Pacific/Apia", "2011-12-30", 0],
    ["is not known", "Asia/Kolkata", "2024-03-31", 24],
  ])("of a day whose summer time %s is as long as the day was: %s, %s", (_what, timeZone, day, hours) => {
    const [weekday] = WEEKDAYS.filter((_, index) => index === (new Date(day).getUTCDay() + 6) % 7);
    const only = working("00:00-24:00", timeZone, weekday ? [weekday] : []);
    const noon = Date.parse(`${day}T12:00:00Z`);
    expect(workingBetween(instant(noon - 3 * DAY), instant(noon + 3 * DAY), only)).toBe(hours * HOUR);
  });

  /** Moments around which clocks were put, in ways that are not alike, and some around which nothing happened. */
  const around = fc.constantFrom(
    ["Europe/Berlin", "2024-03-31T01:00:00Z"],
    ["Europe/Berlin", "2024-10-27T01:00:00Z"],
    ["America/New_York", "2023-11-05T06:00:00Z"],
    ["America/Sao_Paulo", "2018-11-04T03:00:00Z"],
    ["America/Sao_Paulo", "2019-02-17T02:00:00Z"],
    ["Australia/Lord_Howe", "2024-04-06T15:00:00Z"],
    ["Antarctica/Troll", "2024-03-31T01:00:00Z"],
    ["Pacific/Apia", "2011-12-30T10:00:00Z"],
    ["Pacific/Kwajalein", "1993-08-21T12:00:00Z"],
    ["Africa/Casablanca", "2024-03-10T02:00:00Z"],
    ["Asia/Kathmandu", "1985-12-31T18:30:00Z"],
    ["Asia/Beirut", "2022-10-29T21:00:00Z"],
    ["UTC", "2024-02-29T12:00:00Z"],
  );
  const workings = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    hours: fc
      .uniqueArray(fc.integer({ min: 0, max: DAY / MINUTE }), { minLength: 2, maxLength: 2 })
      .map((pair) => pair.toSorted((a, b) => a - b).map((minutes) => milliseconds(minutes * MINUTE)))
      .map(([from = milliseconds(0), to = milliseconds(DAY)]) => ({ from, to })),
  });

  test("is what counting minute by minute gives, whatever is done to the clocks", () => {
    const moment = fc.integer({ min: -3 * DAY, max: 3 * DAY });
    fc.assert(
      fc.property(around, workings, fc.tuple(moment, moment), ([timeZone, shift], when, moments) => {
        const [from = 0, to = 0] = moments.map((one) => Date.parse(shift) + one).toSorted((a, b) => a - b);
        const all = { ...when, timeZone };
        expect(workingBetween(instant(from), instant(to), all)).toBe(minuteByMinute(from, to, all));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test("of years is what counting gives, and adds up wherever it is divided", () => {
    const [from, to] = [Date.parse("2021-02-03T04:05:06.789Z"), Date.parse("2022-12-30T11:22:33.444Z")];
    const zones = ["Europe/Berlin", "Africa/Casablanca"];
    for (const timeZone of zones) {
      const all = { ...berlin, timeZone };
      expect(workingBetween(instant(from), instant(to), all)).toBe(minuteByMinute(from, to, all));
    }
    const year = { min: Date.UTC(1975, 0), max: Date.UTC(2045, 0) };
    fc.assert(
      fc.property(fc.tuple(fc.integer(year), fc.integer(year), fc.integer(year)), workings, (moments, when) => {
        const [one = 0, two = 0, three = 0] = moments.toSorted((a, b) => a - b).map(instant);
        const of = (start: number, end: number) =>
          workingBetween(instant(start), instant(end), { ...when, timeZone: "America/New_York" });
        expect(of(one, two) + of(two, three)).toBe(of(one, three));
      }),
    );
  }, 60_000);

  test("of thousands of years is reckoned as well, by the clocks of the first and the last year that are known", () => {
    const week = between("9000-01-01T00:00:00Z", "9999-12-31T00:00:00Z", berlin);
    expect(Math.abs(week / (9 * HOUR) / ((999.99 * 365.2425 * DAY * 5) / WEEK) - 1)).toBeLessThan(0.001);
    expect(between("0001-01-01T00:00:00Z", "0001-01-08T00:00:00Z", berlin)).toBe(5 * 9 * HOUR);
  });
});
