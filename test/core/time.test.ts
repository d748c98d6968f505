import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatDuration,
  formatInstant,
  formatMinute,
  instant,
  milliseconds,
  parseDay,
  parseDuration,
  parseInstant,
  toSeconds,
} from "../../src/core/time.js";

describe("a time is read", () => {
  test.each([
    ["2024-05-06T10:00:00Z", "2024-05-06T10:00:00.000Z"],
    ["2024-05-06T10:00:00.5Z", "2024-05-06T10:00:00.500Z"],
    ["2024-05-06T10:00:00,123456789Z", "2024-05-06T10:00:00.123Z"],
    ["2021-01-20T15:58:12.797+1100", "2021-01-20T04:58:12.797Z"],
    ["2024-05-06T10:00:00+0800", "2024-05-06T02:00:00.000Z"],
    ["2024-05-06T10:00:00+08:00", "2024-05-06T02:00:00.000Z"],
    ["2024-05-06T10:00:00-03:30", "2024-05-06T13:30:00.000Z"],
    ["2024-01-01T00:30:00+14:00", "2023-12-31T10:30:00.000Z"],
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2017-01-01T05:29:60.500+0530", "2017-01-01T00:00:00.500Z"],
  ])("%s", (text, expected) => {
    expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(expected);
  });

  test.each([
    "2024-02-30T10:00:00Z",
    "2023-02-29T10:00:00Z",
    "2024-04-31T10:00:00Z",
    "2024-13-01T10:00:00Z",
    "2024-00-01T10:00:00Z",
    "2024-05-06T24:00:00Z",
    "2024-05-06T10:60:00Z",
    "2024-05-06T10:00:60Z",
    "2016-12-31T23:59:60+01:00",
    "2016-12-32T23:59:60Z",
    "2016-12-31T23:59:61Z",
    "2024-05-06T10:00:00",
    "2024-05-06T10:00:00+15:00",
    "2024-05-06T10:00:00+08:60",
    "2024-05-06 10:00:00Z",
    "2024-05-06",
    " 2024-05-06T10:00:00Z",
    "2024-05-06T10:00:00Z\n",
    "",
    null,
    undefined,
    1714989600,
  ])("but not %j", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("as it was written, to the second", () => {
    const times = fc.integer({ min: 0, max: Date.UTC(2999, 0) / 1000 }).map((seconds) => instant(seconds * 1000));
    fc.assert(
      fc.property(times, (time) => {
        expect(parseInstant(formatInstant(time))).toBe(time);
      }),
    );
  });
});

test("a day is its first moment in UTC", () => {
  expect(parseDay("2024-05-06")).toBe(Date.UTC(2024, 4, 6));
  expect(parseDay("2024-02-30")).toBeUndefined();
  expect(parseDay("2024-05-06T00:00:00Z")).toBeUndefined();
  expect(parseDay(null)).toBeUndefined();
});

test("times are shown in UTC, cut to what is shown", () => {
  const time = instant(Date.UTC(2024, 4, 6, 10, 15, 59, 999));
  expect(formatInstant(time)).toBe("2024-05-06T10:15:59Z");
  expect(formatMinute(time)).toBe("2024-05-06 10:15");
});

describe("a duration is shown in its two largest units", () => {
  test.each([
    ["0s", 0],
    ["0s", 499],
    ["1s", 500],
    ["25s", 25_000],
    ["1m", 59_500],
    ["59s", 59_499],
    ["40m", 40 * 60_000],
    ["1h", 3_599_500],
    ["1h 10m", 70 * 60_000],
    ["1h 10m", 70 * 60_000 + 59_000],
    ["3d 4h", 76 * 3_600_000 + 59 * 60_000],
    ["1d", 86_400_000 + 5 * 60_000],
    ["1w", 7 * 86_400_000],
    ["2w 6d", 20 * 86_400_000],
    ["150w", 1050 * 86_400_000],
  ])("%s", (expected, duration) => {
    expect(formatDuration(milliseconds(duration))).toBe(expected);
  });
});

test("seconds are rounded half up", () => {
  expect([0, 499, 500, 1499, 1500, 2500].map((duration) => toSeconds(milliseconds(duration)))).toEqual([0, 0, 1, 1, 2, 3]);
});

describe("a written duration is read", () => {
  test.each([
    ["90s", 90],
    ["30m", 1800],
    ["8h", 28_800],
    ["1d", 86_400],
    ["2w", 1_209_600],
    ["1d 12h", 129_600],
    ["1.5h", 5400],
    ["  8h ", 28_800],
    ["0s", 0],
  ])("%s", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds * 1000);
  });

  test.each(["", " ", "8", "h", "8 h", "8hours", "-1d", "1e3s", "1d12h", "8H", "1.d", "1234567s", "1d,2h"])(
    "but not %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test("as it was shown, but for what two units leave out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (duration) => {
        const shown = parseDuration(formatDuration(milliseconds(duration))) ?? Number.NaN;
        expect(shown).toBeLessThanOrEqual(duration + 500);
        expect(shown).toBeGreaterThan(duration * 0.85 - 500);
      }),
    );
  });
});
