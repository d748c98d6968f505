export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const MORNING = 9;
const EVENING = 17;

/** The moment itself if people are at work then (Monday to Friday, 9 to 17 UTC), else the next morning they are. */
export function atWork(ms: number): number {
  const date = new Date(ms);
  const weekday = date.getUTCDay();
  const midnight = ms - (ms % DAY);
  if (weekday === 6 || weekday === 0) return atWork(midnight + DAY + MORNING * HOUR);
  if (date.getUTCHours() < MORNING) return midnight + MORNING * HOUR + (ms % HOUR);
  return date.getUTCHours() < EVENING ? ms : atWork(midnight + DAY + MORNING * HOUR + (ms % HOUR));
}

/** A moment at work about so many hours later; often sooner, sometimes much later, as work goes. */
export function later(random: () => number, from: number, hours: number): number {
  const wait = -Math.log(1 - random() * 0.98) * hours * HOUR;
  return atWork(Math.round((from + MINUTE + wait) / 1000) * 1000);
}
