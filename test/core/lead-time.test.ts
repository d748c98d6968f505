import { describe, expect, test } from "vitest";
import { measure, rate, rateTotal, slowestOf } from "../../src/core/lead-time.js";
import { BUILT_IN, type Profile, type Stage } from "../../src/core/profile.js";
import { DAY, HOUR, instant, MINUTE, milliseconds } from "../../src/core/time.js";
import { WORKING_TIME } from "../../src/core/working-time.js";
import { at, deployment, ticket } from "../support/builders.js";
import { life, minutesOf, statesOf, workItem } from "../support/life.js";

function builtIn(name: string, over: Partial<Profile> = {}): Profile {
  const found = BUILT_IN.find((profile) => profile.name === name);
  if (!found) throw new RangeError(`no profile ${name}`);
  return { ...found, ...over };
}
const RELEASE = builtIn("ticket-to-release");
const NAMES = RELEASE.stages.map(({ name }) => name);
const measured = (over: Parameters<typeof life>[0] = {}, profile = RELEASE) => measure(workItem(life(over)), profile);

describe("each stage is in one state", () => {
  test("reached, with the event that proves it", () => {
    const { status, startedAt, start, stages } = measured();
    expect([status, startedAt, start?.event]).toEqual(["complete", at("09:50"), "ticket.created"]);
    expect(stages.map(({ name, state }) => [name, state])).toEqual(NAMES.map((name) => [name, "reached"]));
    expect(stages[4]).toMatchObject({
      enteredAt: at("10:15"),
      evidence: { event: "pull-request.merged", id: "github:pr:1#7:merged" },
    });
  });

  test("reached, also at the very moment of the stage before", () => {
    expect(statesOf(measured({ ci: at("10:15") }))[5]).toBe("reached");
  });

  test("out of order, when it was entered before the clock", () => {
    const { stages } = measured({ done: at("10:16") });
    expect(stages[7]).toMatchObject({
      name: "Done",
      state: "out-of-order",
      leadTime: 0,
      enteredAt: at("10:16"),
      rating: "good",
    });
  });

  test("skipped, when a later one was entered; it can still be reached", () => {
    expect(measured({ approved: null }).stages[3]).toMatchObject({
      state: "skipped",
      leadTime: null,
      reason: "merged without approval",
    });
    expect(measured({ ci: null }).stages[5]).toMatchObject({ state: "skipped" });
    expect(measured().stages[5]).toMatchObject({ state: "reached" });
  });

  test("skipped or pending, it also says why without a word of the repository", () => {
    const { stages } = measured({ merged: null, done: null, released: null });
    expect(stages[4]).toMatchObject({ reason: "not merged yet", plainReason: "not merged yet" });
    const notStarted = measured({ created: null });
    expect(notStarted.stages[0]).toMatchObject({
      reason: "the clock has not started: the ticket's creation has not been seen",
      plainReason: "the clock has not started: the ticket's creation has not been seen",
    });
  });

  test("pending, when no later one was; the first of these waits since the clock last moved", () => {
    const { status, stages } = measured({ deployed: null, done: null, released: null });
    expect(status).toBe("in-progress");
    expect(stages.slice(6).map((stage) => [stage.state, "since" in stage && stage.since])).toEqual([
      ["pending", at("10:16")],
      ["pending", null],
      ["pending", null],
    ]);
  });

  test("pending since the start, when nothing was entered yet", () => {
    const waiting = {
      inProgress: null,
      firstCommit: null,
      opened: null,
      approved: null,
      merged: null,
      ci: null,
      deployed: null,
    };
    expect(measured({ ...waiting, done: null, released: null }).stages[0]).toMatchObject({
      state: "pending",
      since: at("09:50"),
    });
  });

  test("and waits, under entry-to-entry, since the clock was set back", () => {
    const over = { ci: at("10:12"), deployed: null, done: null, released: null };
    expect(measured(over, { ...RELEASE, calculation: "entry-to-entry" }).stages[6]).toMatchObject({ since: at("10:12") });
    expect(measured(over).stages[6]).toMatchObject({ since: at("10:15") });
  });
});

describe("the clock", () => {
  test("never goes back under wall-clock", () => {
    const result = measured({ ci: at("10:12") });
    expect(minutesOf(result)).toEqual([10, 5, 5, 1, 4, 0, 2, 3, 40]);
    expect(result.total).toBe(70 * MINUTE);
  });

  test("goes back under entry-to-entry, so that the total exceeds the real time", () => {
    const result = measured({ ci: at("10:12") }, { ...RELEASE, calculation: "entry-to-entry" });
    expect(minutesOf(result)).toEqual([10, 5, 5, 1, 4, 0, 5, 3, 40]);
    expect(result.total).toBe(73 * MINUTE);
  });

  test("does not start before the start event: what came earlier is out of order", () => {
    expect(measured({ inProgress: at("09:00") }).stages[0]).toMatchObject({ state: "out-of-order", leadTime: 0 });
  });

  test("starts with the first stage, whose lead time is then 0", () => {
    const profile: Profile = { ...RELEASE, start: "first-stage" };
    const result = measured({}, profile);
    expect(result).toMatchObject({ startedAt: at("10:00"), start: { event: "ticket.status" }, total: 60 * MINUTE });
    expect(result.stages[0]).toMatchObject({ state: "reached", leadTime: 0 });
    expect(measured({ inProgress: null }, profile).status).toBe("not-started");
  });

  test("starts with the picked one of several", () => {
    const moves = [ticket.status("7", "In Progress", at("10:02")), ticket.status("8", "To Do", at("10:01"))];
    const start = { trigger: { on: "ticket.status", category: "in-progress" }, pick: "last" } as const;
    expect(measure(workItem([...life(), ...moves]), { ...RELEASE, start }).startedAt).toBe(at("10:02"));
  });
});

describe("without a start nothing is measured", () => {
  const result = measured({ created: null });

  test("all stages are pending, and say why", () => {
    expect(result).toMatchObject({
      status: "not-started",
      startedAt: null,
      start: null,
      total: null,
      rating: null,
      slowestStage: null,
    });
    for (const stage of result.stages) {
      expect(stage).toMatchObject({ state: "pending", leadTime: null, since: null });
      expect(stage).toMatchObject({ reason: "the clock has not started: the ticket's creation has not been seen" });
    }
  });

  test("a stage that was not entered either gives its own reason", () => {
    expect(measured({ created: null, approved: null }).stages[3]).toMatchObject({ reason: "merged without approval" });
  });
});

describe("absent stages that count as zero", () => {
  const zero = measured({ ci: null, released: null }, { ...RELEASE, absentStages: "zero" });

  test("stay skipped, with the lead time 0; pending ones have none", () => {
    expect(zero.stages[5]).toMatchObject({ state: "skipped", leadTime: 0 });
    expect(zero.stages[8]).toMatchObject({ state: "pending", leadTime: null });
  });

  test("are never the slowest", () => {
    expect(slowestOf(zero.stages.slice(5, 6))).toBeNull();
  });
});

describe("a rating", () => {
  const limits = { ideal: milliseconds(HOUR), acceptable: milliseconds(DAY) };

  test.each([
    [0, "good"],
    [HOUR, "good"],
    [HOUR + 1, "acceptable"],
    [DAY, "acceptable"],
    [DAY + 1, "slow"],
  ])("of %i ms is %s", (duration, expected) => {
    expect(rate(milliseconds(duration), limits)).toBe(expected);
  });

  test("needs both limits", () => {
    expect(rate(milliseconds(1), { ideal: limits.ideal })).toBeNull();
    expect(rate(milliseconds(1), { acceptable: limits.acceptable })).toBeNull();
  });

  test("of the total compares it with the limits of the stages that have a lead time and limits", () => {
    const withLimits = (name: string, ideal: number, acceptable: number): Partial<Stage> & { name: string } => ({
      name,
      ideal: milliseconds(ideal * MINUTE),
      acceptable: milliseconds(acceptable * MINUTE),
    });
    const limited = [withLimits("Approval", 1, 2), withLimits("Merge", 3, 70), withLimits("CI", 1000, 1000)];
    const stages = RELEASE.stages.map(({ ideal, acceptable, ...stage }) => ({
      ...stage,
      ...limited.find(({ name }) => name === stage.name),
    }));
    const { stages: times, rating, total } = measured({ ci: null }, { ...RELEASE, stages });
    expect([total, rating, rateTotal(times)]).toEqual([70 * MINUTE, "acceptable", "acceptable"]);
    expect(measured({ ci: null, released: at("11:03") }, { ...RELEASE, stages }).rating).toBe("slow");
    expect(measured({}, { ...RELEASE, stages }).rating).toBe("good");
    const bare = RELEASE.stages.map(({ ideal, acceptable, ...stage }) => stage);
    expect(measured({}, { ...RELEASE, stages: bare }).rating).toBeNull();
  });
});

describe("the slowest stage", () => {
  test("has the largest lead time", () => {
    expect(measured().slowestStage).toBe("Release");
  });

  test("is the earlier one on a tie", () => {
    expect(measured({ released: at("10:30") }).slowestStage).toBe("In progress");
    expect(
      measured({ released: null, inProgress: at("09:55"), firstCommit: at("10:00"), opened: at("10:05") }).slowestStage,
    ).toBe("Approval");
    expect(
      measured({
        released: at("10:25"),
        inProgress: at("09:55"),
        firstCommit: at("10:00"),
        opened: at("10:05"),
        approved: at("10:10"),
      }).slowestStage,
    ).toBe("In progress");
  });
});

test("the notes are kept", () => {
  expect(measure(workItem(life()), RELEASE, ["a note"]).notes).toEqual(["a note"]);
  expect(measure(workItem(life({ created: null })), RELEASE, ["a note"]).notes).toEqual(["a note"]);
});

describe("where ratings count working time alone", () => {
  const workingTime = { ...WORKING_TIME, hours: { from: milliseconds(9 * HOUR), to: milliseconds(18 * HOUR) } };
  const on = (day: number, hour: number) => instant(Date.UTC(2024, 4, day, hour));
  /** Friday the third at five in the afternoon, and what follows on Monday the sixth. */
  const overTheWeekend = {
    firstCommit: on(3, 16),
    opened: on(3, 17),
    reviewed: on(3, 18),
    approved: on(6, 9),
    merged: on(6, 11),
  };
  const PULL_REQUEST = builtIn("pull-request");
  const item = workItem(life(overTheWeekend), { kind: "pull-request" });
  const rated = measure(item, PULL_REQUEST, [], { workingTime });
  const hours = (time: number | null | undefined) => (time ?? Number.NaN) / HOUR;

  test("a weekend makes nobody red, and the lead times are what they are", () => {
    const all = measure(item, PULL_REQUEST);
    expect(rated.stages.map(({ leadTime }) => hours(leadTime))).toEqual([1, 1, 63, 2]);
    expect(rated.stages.map((stage) => "workingTime" in stage && hours(stage.workingTime))).toEqual([1, 1, 0, 2]);
    expect(rated.stages.map((stage) => "rating" in stage && stage.rating)).toEqual(["good", "good", "good", "good"]);
    expect(all.stages.map((stage) => "rating" in stage && stage.rating)).toEqual(["good", "good", "slow", "good"]);
    expect([hours(all.total), all.rating, all.slowestStage]).toEqual([67, "acceptable", "Approval"]);
    expect([hours(rated.total), rated.rating, rated.slowestStage]).toEqual([67, "good", "Approval"]);
    expect([rated.workingTime, all.workingTime]).toEqual([workingTime, undefined]);
  });

  test("the total is rated by the sum of its stages' working times, also where the clock was set back", () => {
    const late = { ...overTheWeekend, ci: on(3, 17), deployed: on(6, 12) };
    const back = workItem(life(late), { kind: "pull-request" });
    const stages = RELEASE.stages.slice(4, 7);
    const under = (calculation: Profile["calculation"], limit: number) => {
      const limits = { ideal: milliseconds(0), acceptable: milliseconds(limit / stages.length) };
      const start = { trigger: { on: "pull-request.opened" }, pick: "first" } as const;
      const profile = { ...RELEASE, start, calculation, stages: stages.map((stage) => ({ ...stage, ...limits })) };
      return measure(back, profile, [], { workingTime });
    };
    const worked = (calculation: Profile["calculation"]) =>
      under(calculation, 0).stages.map((stage) => "workingTime" in stage && hours(stage.workingTime));
    expect(worked("wall-clock")).toEqual([3, 0, 1]);
    expect(worked("entry-to-entry")).toEqual([3, 0, 4]);
    const ratings = (calculation: Profile["calculation"], limit: number) =>
      [limit, limit - 3].map((one) => under(calculation, one).rating);
    expect(ratings("wall-clock", 4 * HOUR)).toEqual(["acceptable", "slow"]);
    expect(ratings("entry-to-entry", 7 * HOUR)).toEqual(["acceptable", "slow"]);
  });
});

test("what production is, and what was given up, is a rule of the profile that it is measured under", () => {
  const events = [
    ...life({ deployed: null }),
    deployment("9", "merge7", at("10:40"), { environment: "live", production: false }),
  ];
  const stateOf = (production: readonly string[] | null) => statesOf(measure(workItem(events), RELEASE, [], { production }))[6];
  expect([stateOf(null), stateOf(["LIVE"]), stateOf(["prod"])]).toEqual(["skipped", "reached", "skipped"]);
  const resolved = workItem([...life(), ticket.described(at("13:00"), { resolution: "Later" })]);
  const statusOf = (...abandonedResolutions: string[]) => measure(resolved, RELEASE, [], { abandonedResolutions }).status;
  expect([statusOf(), statusOf("Duplicate"), statusOf("later")]).toEqual(["in-progress", "in-progress", "abandoned"]);
});
