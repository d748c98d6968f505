import { expect, it } from "vitest";
import { owner } from "../../src/core/ref.js";
import { type Instant, instant, MINUTE, SECOND } from "../../src/core/time.js";
import { limitsWrites, pacing, trackerHealth } from "../../src/flow/pace.js";

const ACME = owner(1);
const at = (milliseconds: number): Instant => instant(1_000_000 + milliseconds);

/** How many are written to an account in a time, one claimed after the other as soon as that may be. */
function written(lane: "say" | "edit", time: number): number {
  const pace = pacing({ limited: true });
  let count = 0;
  for (let now = 0; now < time; now += 100) {
    while (pace.resting(lane, at(now)).length === 0) {
      pace.wrote(lane, ACME, at(now));
      count++;
    }
  }
  return count;
}

it("lets ten edits go at once, and then 30 a minute", () => {
  expect(written("edit", 1)).toBe(10);
  expect(written("edit", 10 * MINUTE)).toBe(10 * 30 + 9);
});

it("stays below the 80 writes a minute that GitHub lets an account make", () => {
  const minute = (lane: "say" | "edit") => written(lane, 10 * MINUTE) - written(lane, 9 * MINUTE);
  expect(minute("say") + minute("edit")).toBeLessThan(80);
});

it("makes edits wait for neither new comments nor other accounts, nor these for edits", () => {
  const pace = pacing({ limited: true });
  for (let count = 0; count < 500; count++) pace.wrote("edit", ACME, at(0));
  expect(pace.resting("edit", at(0))).toEqual([ACME]);
  expect(pace.resting("say", at(0))).toEqual([]);
  expect(pace.resting("host", at(0))).toEqual([]);
});

it("paces what is written where GitHub limits it: not on a server of one's own", () => {
  const addresses = ["https://api.github.com", "https://api.acme.ghe.com", "https://git.acme.com/api/v3", "http://127.0.0.1:9"];
  expect(addresses.map(limitsWrites)).toEqual([true, true, false, false]);
  const pace = pacing({ limited: false });
  for (let count = 0; count < 500; count++) pace.wrote("edit", ACME, at(0));
  expect(pace.resting("edit", at(0))).toEqual([]);
});

it("tries each of many failing reads the rarer the more they are, between one and ten minutes", () => {
  const health = trackerHealth();
  const caps = Array.from({ length: 100 }, (_, index) => health.failed(`read-ticket PROP-${index}`));
  expect([caps[0], caps[5], caps[39], caps[99]]).toEqual([MINUTE, MINUTE, 400 * SECOND, 10 * MINUTE]);
});

it("tells the end of an outage from an answer between failures", () => {
  const health = trackerHealth();
  expect(health.answered("a")).toBe(true); // nobody knows how it was before the start
  health.failed("b");
  expect(health.answered("a")).toBe(false);
  for (const subject of ["b", "c", "b", "c"]) health.failed(subject);
  expect(health.answered("a")).toBe(true);
});
