import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/event.js";
import { measure } from "../../src/core/lead-time.js";
import type { LeadTime } from "../../src/core/measurement.js";
import { BUILT_IN, type Profile } from "../../src/core/profile.js";
import { instant, MINUTE } from "../../src/core/time.js";
import { at, commit, deployment, pullRequest, release, run, ticket, version } from "../support/builders.js";
import { type Life, life, pullRequestLife, workItem } from "../support/life.js";

/** Minutes of one day: few enough that things often happen at once, or in an order nobody planned. */
const time = fc.integer({ min: 0, max: 40 }).map((minutes) => instant(at("10:00") + minutes * MINUTE));
const maybe = fc.option(time);

const lives: fc.Arbitrary<Life> = fc.record({
  created: maybe,
  inProgress: maybe,
  firstCommit: maybe,
  opened: time,
  reviewed: maybe,
  approved: maybe,
  merged: maybe,
  ci: maybe,
  deployed: maybe,
  done: maybe,
  released: maybe,
});

/** What else may happen around a ticket's life. */
const extra: fc.Arbitrary<Event[]> = fc.tuple(time, time, fc.nat({ max: 20 })).map(([one, other, index]): Event[] => {
  const its = pullRequest(7);
  const others: Event[] = [
    its.ready(one),
    its.drafted(one),
    its.labeled("x", one),
    its.reviewed("55", one),
    its.approved("56", one),
    its.dismissed("71", one),
    its.commented("57", one),
    its.commits(one, [commit("z", other)], "head7"),
    its.commits(one, [commit("y", other)], "older"),
    its.described(one, { title: "Other" }),
    run("88", "merge7", one, { name: "other" }),
    run("89", "merge7", one, { conclusion: "failure" }),
    deployment("88", "merge7", one),
    deployment("89", "merge7", one, { environment: "staging", production: false }),
    ticket.status("900", "In Progress", one),
    ticket.status("901", "Done", one),
    ticket.status("902", "To Do", one, { migrated: true }),
    ticket.field("903", "resolution", "Done", one),
    version("3").unreleased(one),
    version("3").released(one),
    ...release("1", "merge7", one),
  ];
  return others.slice(index, index + 1);
});

const histories: fc.Arbitrary<Event[]> = fc
  .tuple(lives, fc.array(extra, { maxLength: 8 }), fc.option(lives))
  .map(([times, extras, second]) => [...life(times), ...extras.flat(), ...(second ? pullRequestLife(8, second) : [])]);

const profiles: fc.Arbitrary<Profile> = fc
  .record({
    profile: fc.constantFrom(...BUILT_IN),
    calculation: fc.constantFrom("wall-clock" as const, "entry-to-entry" as const),
    absentStages: fc.constantFrom("leave-out" as const, "zero" as const),
    firstStage: fc.boolean(),
  })
  .map(({ profile, firstStage, ...over }) => ({
    ...profile,
    ...over,
    ...(firstStage ? { start: "first-stage" as const } : {}),
  }));

const shuffled = (events: readonly Event[]): fc.Arbitrary<Event[]> =>
  fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2, maxLength: events.length * 2 });

const measured = (check: (result: LeadTime, profile: Profile) => void) => () => {
  fc.assert(
    fc.property(histories, profiles, (events, profile) => {
      check(measure(workItem(events), profile), profile);
    }),
  );
};

const entriesOf = ({ stages }: LeadTime): number[] =>
  stages.flatMap((stage) => ("enteredAt" in stage ? [stage.enteredAt] : []));

describe("whatever happened, and when", () => {
  test(
    "the lead times of the stages sum up to the total",
    measured(({ stages, total, startedAt }) => {
      const sum = stages.reduce((all, { leadTime }) => all + (leadTime ?? 0), 0);
      expect(total).toBe(startedAt === null ? null : sum);
    }),
  );

  test(
    "no lead time is negative",
    measured(({ stages }) => {
      for (const { leadTime } of stages) expect(leadTime ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );

  test(
    "under wall-clock the total is the time from the start to the last entry",
    measured((result, { calculation }) => {
      if (calculation !== "wall-clock" || result.startedAt === null) return;
      expect(result.total).toBe(Math.max(result.startedAt, ...entriesOf(result)) - result.startedAt);
    }),
  );

  test(
    "under entry-to-entry the total is never less than that",
    measured((result, { calculation }) => {
      if (calculation !== "entry-to-entry" || result.startedAt === null) return;
      expect(result.total).toBeGreaterThanOrEqual(Math.max(result.startedAt, ...entriesOf(result)) - result.startedAt);
    }),
  );

  test(
    "each stage is in one state: a skipped one has an entered one after it, a pending one has none",
    measured(({ stages, status }, profile) => {
      expect(stages.map(({ name }) => name)).toEqual(profile.stages.map(({ name }) => name));
      const entered = stages.map(({ state }) => state === "reached" || state === "out-of-order");
      for (const [index, stage] of stages.entries()) {
        expect("enteredAt" in stage).toBe(entered[index]);
        if (stage.state === "skipped") expect(entered.slice(index).some(Boolean)).toBe(true);
        if (stage.state === "pending") expect(entered.slice(index).some(Boolean)).toBe(false);
        if (stage.state === "skipped" || stage.state === "pending") expect(stage.reason).not.toBe("");
        if (stage.state === "out-of-order") expect(stage.leadTime).toBe(0);
      }
      expect(status === "complete").toBe(entered.at(-1));
    }),
  );

  test(
    "only the first pending stage waits, and only when the clock has started",
    measured(({ stages, startedAt }) => {
      const waiting = stages.filter((stage) => stage.state === "pending" && stage.since !== null);
      const pending = stages.filter(({ state }) => state === "pending");
      expect(waiting).toEqual(startedAt === null ? [] : pending.slice(0, 1));
    }),
  );

  test("its order and repetition change nothing", () => {
    const runs = histories.chain((events) => fc.tuple(fc.constant(events), shuffled(events)));
    fc.assert(
      fc.property(runs, profiles, ([events, again], profile) => {
        for (const kind of ["ticket", "pull-request"] as const) {
          const [one, other] = [workItem(events, { kind }), workItem(again, { kind })];
          expect(other).toEqual(one);
          expect(measure(other, profile)).toEqual(measure(one, profile));
        }
      }),
      { numRuns: 150 },
    );
  });
});
