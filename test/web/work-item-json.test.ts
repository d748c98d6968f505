import { describe, expect, test } from "vitest";
import type { StageTime } from "../../src/core/measurement.js";
import { commitRef, pullRequestRef } from "../../src/core/ref.js";
import { instant, milliseconds } from "../../src/core/time.js";
import { workItemJson } from "../../src/web/work-item-json.js";
import { workItemSchema } from "../../src/web/work-item-schema.js";
import { at, evidence, leadTime, measuredPullRequest, measuredTicket, PULL_REQUEST } from "./items.js";

const NOW = at("12:00");
const LIMITS = { ideal: milliseconds(1000), acceptable: milliseconds(2000) };

const stageOf = (stage: StageTime) =>
  workItemJson(measuredTicket({ leadTimes: [leadTime({ stages: [stage] })] }), NOW).leadTimes[0]?.stages[0];

test("the first worked example reads as the interface promises", async () => {
  const text = `${JSON.stringify(workItemJson(measuredTicket(), NOW), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("worked-example.json");
});

test("its stages sum to 70 minutes", () => {
  const [of] = workItemJson(measuredTicket(), NOW).leadTimes;
  const seconds = of?.stages.map((stage) => ("leadTimeSeconds" in stage ? stage.leadTimeSeconds : null));
  expect(seconds).toEqual([600, 300, 300, 60, 240, 60, 60, 180, 2400]);
  expect(of?.totalSeconds).toBe(4200);
});

test.each([measuredTicket(), measuredPullRequest()])("what is answered holds to the published schema", (item) => {
  expect(workItemSchema.strict().parse(workItemJson(item, NOW))).toEqual(workItemJson(item, NOW));
});

describe("durations", () => {
  test("are rounded half up to seconds, the total from its exact sum", () => {
    const taking = (duration: number): StageTime => ({
      name: "First commit",
      on: "commit.created",
      limits: {},
      state: "reached",
      enteredAt: at("10:00"),
      leadTime: milliseconds(duration),
      rating: null,
      evidence: evidence("commit.created", "10:00"),
    });
    const stages = [taking(1400), taking(1400), taking(1400)];
    const item = measuredTicket({ leadTimes: [leadTime({ stages, total: milliseconds(4200) })] });
    expect(workItemJson(item, NOW).leadTimes[0]).toMatchObject({
      totalSeconds: 4,
      stages: [{ leadTimeSeconds: 1 }, { leadTimeSeconds: 1 }, { leadTimeSeconds: 1 }],
    });
    expect(stageOf(taking(1500))).toMatchObject({ leadTimeSeconds: 2 });
  });

  test("of a status still held run up to now", () => {
    const timeInStatus = [
      { status: "Done", duration: null, since: at("11:59:30") },
      { status: "Doing", duration: milliseconds(60_000), since: at("11:59") },
    ];
    expect(workItemJson(measuredTicket({ timeInStatus }), NOW).timeInStatus).toEqual([
      { status: "Done", seconds: 30 },
      { status: "Doing", seconds: 120 },
    ]);
  });

  test("are never negative, whatever the clocks say", () => {
    const since = instant(NOW + 5000);
    expect(workItemJson(measuredTicket({ timeInStatus: [{ status: "x", duration: null, since }] }), NOW).timeInStatus).toEqual([
      { status: "x", seconds: 0 },
    ]);
    expect(
      stageOf({ name: "x", on: "commit.created", limits: {}, state: "pending", leadTime: null, reason: "r", since }),
    ).toMatchObject({
      ageSeconds: 0,
    });
  });
});

describe("a stage", () => {
  const absent = { name: "Approval", on: "pull-request.approved", limits: LIMITS } as const;
  const limits = { rating: null, idealSeconds: 1, acceptableSeconds: 2 };

  test("that is out of order has its entry and no time", () => {
    const stage = stageOf({
      ...absent,
      state: "out-of-order",
      enteredAt: at("10:00"),
      leadTime: milliseconds(0),
      rating: "good",
      evidence: evidence("pull-request.approved", "10:00", { precision: "day", note: "by hand", pullRequest: PULL_REQUEST }),
    });
    expect(stage).toEqual({
      ...limits,
      name: "Approval",
      state: "out-of-order",
      rating: "good",
      enteredAt: "2024-05-06T10:00:00Z",
      leadTimeSeconds: 0,
      evidence: {
        event: "pull-request.approved",
        at: "2024-05-06T10:00:00Z",
        url: "https://example.com/pull-request.approved",
        precision: "day",
        note: "by hand",
        pullRequest: "acme/web#7",
      },
    });
  });

  test("that is skipped has a reason, and no time unless absent stages count as zero", () => {
    const skipped = { ...limits, name: "Approval", state: "skipped", reason: "merged without approval" };
    const stage = { ...absent, state: "skipped", reason: "merged without approval" } as const;
    expect(stageOf({ ...stage, leadTime: null })).toEqual(skipped);
    expect(stageOf({ ...stage, leadTime: milliseconds(0) })).toEqual({ ...skipped, leadTimeSeconds: 0 });
  });

  test("that is pending has a reason, and an age if it is the first", () => {
    const pending = { ...limits, name: "Approval", state: "pending", reason: "no review by another person" };
    const stage = { ...absent, state: "pending", leadTime: null, reason: "no review by another person" } as const;
    expect(stageOf({ ...stage, since: null })).toEqual(pending);
    expect(stageOf({ ...stage, since: at("11:00") })).toEqual({ ...pending, ageSeconds: 3600 });
  });

  test("without limits says so by null", () => {
    const pending = { ...absent, limits: {}, state: "pending", leadTime: null, reason: "r", since: null } as const;
    expect(stageOf(pending)).toMatchObject({ idealSeconds: null, acceptableSeconds: null });
  });
});

test("what has not started has no start and no total", () => {
  const item = measuredTicket({
    leadTimes: [leadTime({ status: "not-started", startedAt: null, total: null, notes: ["why"] })],
  });
  expect(workItemJson(item, NOW).leadTimes[0]).toMatchObject({ startedAt: null, totalSeconds: null, notes: ["why"] });
});

test("links and near misses are told apart, each with where it comes from", () => {
  const common = { key: "PROP-1", matched: "PROP-1 UTF-8", refusal: null };
  const links = [
    { ...common, from: commitRef(101, "abc"), source: "commits" } as const,
    { ...common, from: pullRequestRef(101, 8), source: "title" } as const,
    { ...common, from: pullRequestRef(999, 1), source: "title", key: "UTF-8", refusal: "UTF is no ticket project" } as const,
  ];
  const json = workItemJson(measuredTicket({ links }), NOW);
  expect(json.links).toEqual([
    { commit: "abc", source: "commits", matched: "PROP-1 UTF-8" },
    { pullRequest: "acme/web#8", source: "title", matched: "PROP-1 UTF-8" },
  ]);
  expect(json.nearMisses).toEqual([
    { pullRequest: null, source: "title", matched: "PROP-1 UTF-8", reason: "UTF is no ticket project" },
  ]);
});

test("a pull request's links name the ticket", () => {
  expect(workItemJson(measuredPullRequest(), NOW).links).toEqual([
    { pullRequest: "acme/web#7", ticket: "PROP-1460", source: "branch", matched: "feature/PROP-1460-login" },
  ]);
});
