import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascending, median, percentile, statisticsOf, sum } from "../../src/core/statistics.js";

const durations = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1, maxLength: 50 });

describe("percentiles", () => {
  test.each([
    [0, 10],
    [25, 17.5],
    [50, 25],
    [75, 32.5],
    [90, 37],
    [95, 38.5],
    [100, 40],
  ])("p%i of 10, 20, 30, 40 is %d, exactly", (p, expected) => {
    expect(percentile([10, 20, 30, 40], p)).toBe(expected);
  });

  test("of one value are that value", () => {
    expect(statisticsOf([7])).toEqual({ count: 1, mean: 7, median: 7, p75: 7, p90: 7, p95: 7 });
  });

  test("half a second stays half a second, so that it rounds up", () => {
    expect(percentile([10_000, 20_000, 30_000, 40_000], 95)).toBe(38_500);
  });

  test("lie between the least and the greatest, and grow with p", () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (values, one, other) => {
        const sorted = ascending(values);
        const low = percentile(sorted, Math.min(one, other)) ?? Number.NaN;
        const high = percentile(sorted, Math.max(one, other)) ?? Number.NaN;
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(high - low).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test("the order of the values does not matter, and they stay as they were", () => {
  const values = [30, 10, 100, 9];
  expect(statisticsOf(values)).toEqual(statisticsOf([...values].reverse()));
  expect(ascending(values)).toEqual([9, 10, 30, 100]);
  expect(values).toEqual([30, 10, 100, 9]);
});

test("no items, no figures", () => {
  expect(statisticsOf([])).toBeUndefined();
  expect(median([])).toBeUndefined();
  expect(percentile([], 50)).toBeUndefined();
  expect(sum([])).toBe(0);
});
