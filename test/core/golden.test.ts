import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { measure } from "../../src/core/lead-time.js";
import { BUILT_IN, type Profile } from "../../src/core/profile.js";
import { median, statisticsOf, sum } from "../../src/core/statistics.js";
import { MINUTE } from "../../src/core/time.js";
import { at } from "../support/builders.js";
import { type Life, life, minutesOf, pullRequestLife, workItem } from "../support/life.js";

interface Result {
  readonly stages: readonly (number | null)[];
  readonly total: number;
  readonly absentStages?: "zero";
}
interface Golden {
  readonly examples: readonly {
    readonly id: string;
    readonly situation: string;
    readonly events: readonly (string | null)[];
    readonly entryToEntry: Result;
    readonly wallClock: Result;
  }[];
  readonly pullRequestOnly: { readonly events: readonly string[]; readonly stages: readonly number[]; readonly total: number };
  readonly statistics: {
    readonly percentiles: {
      readonly values: readonly number[];
      readonly p50: number;
      readonly p90: number;
      readonly p95: number;
    };
    readonly medians: {
      readonly items: readonly (readonly number[])[];
      readonly sumOfStages: number;
      readonly ofTotals: number;
    };
  };
}

const golden: Golden = JSON.parse(readFileSync(new URL("../golden/lead-time.json", import.meta.url), "utf8"));

function builtIn(name: string): Profile {
  const found = BUILT_IN.find((profile) => profile.name === name);
  if (!found) throw new RangeError(`no profile ${name}`);
  return found;
}

const LIFE = ["created", "inProgress", "firstCommit", "opened", "approved", "merged", "ci", "deployed", "done", "released"];
const timesOf = (events: readonly (string | null)[]): Partial<Life> =>
  Object.fromEntries(LIFE.map((name, index) => [name, events[index] ? at(events[index]) : null]));

/** In the second example the last merge is that of another pull request: CI and deployment follow the merge of the first. */
const secondPullRequest = pullRequestLife(8, {
  firstCommit: at("10:30"),
  opened: at("10:35"),
  reviewed: null,
  approved: at("10:40"),
  merged: at("10:45"),
  ci: null,
  deployed: null,
});

function eventsOf({ id, events }: Golden["examples"][number]) {
  return id === "2" ? [...life({ ...timesOf(events), merged: at("10:15") }), ...secondPullRequest] : life(timesOf(events));
}

const underRule = (rule: Profile["calculation"], absentStages?: "zero"): Profile => ({
  ...builtIn("ticket-to-release"),
  calculation: rule,
  absentStages: absentStages ?? "leave-out",
});

describe.each(golden.examples)("worked example $id: $situation", (example) => {
  test.each([
    ["entry-to-entry", example.entryToEntry],
    ["wall-clock", example.wallClock],
  ] as const)("under %s", (rule, expected) => {
    const result = measure(workItem(eventsOf(example)), underRule(rule, expected.absentStages));
    expect(minutesOf(result)).toEqual(expected.stages);
    expect(result.total).toBe(expected.total * MINUTE);
  });

  test("leaves out of a result without absent stages what no event entered", () => {
    const result = measure(workItem(eventsOf(example)), underRule("entry-to-entry"));
    const entered = example.events.slice(1).map((time) => time !== null);
    expect(minutesOf(result).map((minutes) => minutes !== null)).toEqual(entered);
    expect(result.total).toBe(example.entryToEntry.total * MINUTE);
  });
});

test("the worked example of a pull request alone", () => {
  const { events, stages, total } = golden.pullRequestOnly;
  const [firstCommit, opened, reviewed, approved, merged] = events.map(at);
  if (!firstCommit || !opened || !reviewed || !approved || !merged) throw new RangeError("expected five times");
  const seen = pullRequestLife(7, { firstCommit, opened, reviewed, approved, merged, ci: null, deployed: null });
  const result = measure(workItem(seen, { kind: "pull-request" }), builtIn("pull-request"));
  expect(minutesOf(result)).toEqual(stages);
  expect(result.total).toBe(total * MINUTE);
});

describe("the worked figures", () => {
  test("percentiles interpolate between the closest ranks", () => {
    const { values, p50, p90, p95 } = golden.statistics.percentiles;
    expect(statisticsOf(values)).toMatchObject({ median: p50, p90, p95 });
  });

  test("the sum of medians is not the median of sums", () => {
    const { items, sumOfStages, ofTotals } = golden.statistics.medians;
    const stages = [0, 1].map((index) => items.map((item) => item[index] ?? Number.NaN));
    expect(sum(stages.map((stage) => median(stage) ?? Number.NaN))).toBe(sumOfStages);
    expect(median(items.map((item) => sum(item)))).toBe(ofTotals);
  });

  test("a mean", () => {
    expect(statisticsOf([60, 30, 180])?.mean).toBe(90);
  });
});
