import { describe, expect, test } from "vitest";
import type { Trigger } from "../../src/core/profile.js";
import { at, deployment, pullRequest, release, run } from "../support/builders.js";
import { notes, picked, times } from "../support/entering.js";

const its = pullRequest(7);
const other = pullRequest(8);
const PULL_REQUEST = [its.described(at("12:00"), { state: "merged" }), its.opened(at("10:00"))];
const MERGED = [...PULL_REQUEST, its.merged(at("10:15"))];

describe("ci.completed", () => {
  const on = (id: string, name: string, time: string, over: Parameters<typeof run>[3] = {}) =>
    run(id, "merge7", at(time), { name, ...over });
  const all: Trigger = { on: "ci.completed" };

  test("is entered when every workflow that ran had succeeded once", () => {
    const runs = [on("1", "build", "10:20"), on("2", "test", "10:30"), on("3", "build", "10:50")];
    expect(times(all, [...MERGED, ...runs])).toEqual(["10:30"]);
    expect(notes(all, [...MERGED, ...runs])).toEqual([null]);
  });

  test("a re-run is a run of its own: the failed one before it does not count", () => {
    const runs = [on("1:1", "build", "10:20", { conclusion: "failure" }), on("1:2", "build", "10:40")];
    expect(times(all, [...MERGED, ...runs])).toEqual(["10:40"]);
  });

  test("a workflow that never succeeded is left out and named", () => {
    const runs = [on("1", "build", "10:20"), on("2", "flaky", "10:30", { conclusion: "failure" })];
    expect(times(all, [...MERGED, ...runs])).toEqual(["10:20"]);
    expect(notes(all, [...MERGED, ...runs])).toEqual(["without flaky: never succeeded"]);
    expect(times(all, [...MERGED, ...runs.slice(1)])).toEqual([]);
  });

  test("with any conclusion, when every workflow had completed once", () => {
    const runs = [on("1", "build", "10:20"), on("2", "flaky", "10:30", { conclusion: "failure" })];
    expect(times({ ...all, conclusion: "any" }, [...MERGED, ...runs])).toEqual(["10:30"]);
  });

  test.each([
    ["by schedule", { trigger: "schedule" }],
    ["for a pull request", { trigger: "pull_request" }],
    ["by hand", { trigger: "workflow_dispatch" }],
    ["cancelled", { conclusion: "cancelled" }],
    ["skipped", { conclusion: "skipped" }],
  ])("a run %s never counts", (_, over) => {
    const runs = [on("1", "build", "10:20"), on("2", "build", "10:17", over), on("3", "other", "10:30", over)];
    expect(times({ ...all, conclusion: "any" }, [...MERGED, ...runs])).toEqual(["10:20"]);
    expect(times({ ...all, workflows: ["*"], conclusion: "any" }, [...MERGED, ...runs])).toEqual(["10:20"]);
  });

  test("a run for a merge queue counts", () => {
    expect(times(all, [...MERGED, on("1", "build", "10:12", { trigger: "merge_group" })])).toEqual(["10:12"]);
  });

  test("of other commits than the merge commit none counts", () => {
    expect(times(all, [...MERGED, run("1", "head7", at("10:12"))])).toEqual([]);
    expect(times(all, [...PULL_REQUEST, run("1", "merge7", at("10:12"))])).toEqual([]);
  });

  test("with workflows each completed run of theirs is a candidate", () => {
    const runs = [on("1", "Build", "10:20"), on("2", "test", "10:30"), on("3", "build", "10:40", { conclusion: "failure" })];
    expect(times({ ...all, workflows: ["build"] }, [...MERGED, ...runs])).toEqual(["10:20"]);
    expect(times({ ...all, workflows: ["b*"], conclusion: "any" }, [...MERGED, ...runs])).toEqual(["10:20", "10:40"]);
  });

  test("suites and statuses count only when they are named as checks", () => {
    const checks = [
      on("1", "build", "10:20"),
      on("s", "external", "10:30", { source: "suite", trigger: null }),
      on("t", "ci/x", "10:40", { source: "status", trigger: null }),
    ];
    expect(times(all, [...MERGED, ...checks])).toEqual(["10:20"]);
    expect(times({ ...all, workflows: ["*"] }, [...MERGED, ...checks])).toEqual(["10:20"]);
    expect(times({ ...all, checks: ["External", "ci/*"] }, [...MERGED, ...checks])).toEqual(["10:30", "10:40"]);
    expect(times({ ...all, checks: ["external"], workflows: ["build"] }, [...MERGED, ...checks])).toEqual(["10:20", "10:30"]);
  });

  test("of several merge commits each has its candidate, the first one also before the last merge", () => {
    const second = [other.described(at("12:00"), { state: "merged" }), other.opened(at("10:20")), other.merged(at("10:45"))];
    const runs = [on("1", "build", "10:20"), run("2", "merge8", at("10:50"))];
    expect(times(all, [...MERGED, ...second, ...runs])).toEqual(["10:20", "10:50"]);
    expect(picked(all, "first", [...MERGED, ...second, ...runs])).toBe("10:20");
  });
});

describe("deployment.succeeded", () => {
  const deployed = [
    deployment("1", "merge7", at("10:20"), { environment: "Staging", production: false }),
    deployment("2", "merge7", at("10:30"), { environment: "eu-live", production: true }),
    deployment("3", "merge7", at("10:40"), { environment: "prod-us", production: false }),
  ];
  const on = "deployment.succeeded" as const;

  test("to any environment, or to those that are given", () => {
    expect(times({ on }, [...MERGED, ...deployed])).toEqual(["10:20", "10:30", "10:40"]);
    expect(times({ on, environments: ["staging"] }, [...MERGED, ...deployed])).toEqual(["10:20"]);
    expect(times({ on, environments: ["*-live"] }, [...MERGED, ...deployed])).toEqual(["10:30"]);
  });

  test("to production: as GitHub marks it, or by the usual names, or as configured", () => {
    expect(times({ on, environments: "production" }, [...MERGED, ...deployed])).toEqual(["10:30", "10:40"]);
    expect(times({ on, environments: "production" }, [...MERGED, ...deployed], { production: ["STAGING"] })).toEqual(["10:20"]);
  });

  test("never to an environment that goes away again", () => {
    expect(
      times({ on }, [...MERGED, deployment("1", "merge7", at("10:20"), { environment: "pr-7", transient: true })]),
    ).toEqual([]);
  });
});

describe("release.published", () => {
  const on = "release.published" as const;
  const published = [...release("1", "merge7", at("10:20"), { prerelease: true }), ...release("2", "merge7", at("10:40"))];

  test("by full releases, or by prereleases too", () => {
    expect(times({ on }, [...MERGED, ...published])).toEqual(["10:40"]);
    expect(times({ on, prereleases: true }, [...MERGED, ...published])).toEqual(["10:20", "10:40"]);
    expect(picked({ on, prereleases: true }, "first", [...MERGED, ...published])).toBe("10:20");
  });
});

describe("reverts and backports", () => {
  test("enter no stage", () => {
    const revert = [
      other.described(at("12:00"), { title: 'Revert "Sign in"', state: "merged" }),
      other.opened(at("11:00")),
      other.merged(at("11:30")),
    ];
    const seen = [...MERGED, ...revert, run("1", "merge8", at("11:40"))];
    expect(times({ on: "pull-request.merged" }, seen)).toEqual(["10:15"]);
    expect(times({ on: "pull-request.opened" }, seen)).toEqual(["10:00"]);
    expect(times({ on: "ci.completed" }, seen)).toEqual([]);
  });
});
