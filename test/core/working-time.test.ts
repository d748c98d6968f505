import { describe, expect, test } from "vitest";
import { HOUR, MINUTE } from "../../src/core/time.js";
import { isTimeZone, parseHours } from "../../src/core/working-time.js";

describe("hours", () => {
  test.each([
    ["09:00-18:00", 9 * HOUR, 18 * HOUR],
    ["08:30 - 17:45", 8 * HOUR + 30 * MINUTE, 17 * HOUR + 45 * MINUTE],
    ["00:00-24:00", 0, 24 * HOUR],
  ])("%s are read", (text, from, to) => {
    expect(parseHours(text)).toEqual({ from, to });
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
