/** Figures over lead times of any one unit; all are in that unit. */
export interface Statistics {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
}

/**
 * Linear interpolation between closest ranks: position `1 + p/100·(n−1)` of the sorted list
 * (`percentile_cont`, NumPy's default, PERCENTILE.INC). Undefined for an empty list.
 */
export function percentile(sorted: readonly number[], p: number): number | undefined {
  const hundredths = p * (sorted.length - 1);
  const below = sorted[Math.floor(hundredths / 100)];
  const above = sorted[Math.ceil(hundredths / 100)];
  if (below === undefined || above === undefined) return undefined;
  // In hundredths the position is a whole number, so that no figure is lost before rounding.
  return below + ((above - below) * (hundredths % 100)) / 100;
}

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const median = (values: readonly number[]): number | undefined => percentile(ascending(values), 50);

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Undefined for an empty list: no items, no figures. */
export function statisticsOf(values: readonly number[]): Statistics | undefined {
  const sorted = ascending(values);
  const at = (p: number) => percentile(sorted, p) ?? Number.NaN;
  if (sorted.length === 0) return undefined;
  return { count: sorted.length, mean: sum(sorted) / sorted.length, median: at(50), p75: at(75), p90: at(90), p95: at(95) };
}
