import { describe, expect, test } from "vitest";
import { BUILT_IN, needsTicket, type Profile, sourceControlPart, startsWithTicket } from "../../src/core/profile.js";
import { formatDuration } from "../../src/core/time.js";

const builtIn = (name: string): Profile | undefined => BUILT_IN.find((profile) => profile.name === name);
const told = (profile: Profile | undefined) =>
  profile?.stages.map(({ name, trigger, pick, ideal, acceptable }) =>
    [name, trigger.on, pick, ideal && formatDuration(ideal), acceptable && formatDuration(acceptable)].join(" · "),
  );

const PULL_REQUEST = [
  "Pull request opened · pull-request.opened · first · 8h · 1d",
  "First review · pull-request.reviewed · first · 4h · 1d",
  "Approval · pull-request.approved · first · 8h · 1d",
  "Merge · pull-request.merged · last · 4h · 1d",
];

describe("the built-in profile", () => {
  test.each([
    ["pull-request", "commit.created", PULL_REQUEST],
    ["change", "commit.created", [...PULL_REQUEST, "Deployment · deployment.succeeded · first · 2h · 1d"]],
    ["ticket-to-merge", "ticket.created", ["First commit · commit.created · first · 1d · 3d", ...PULL_REQUEST]],
    [
      "ticket-to-release",
      "ticket.created",
      [
        "In progress · ticket.status · first · 1d · 3d",
        "First commit · commit.created · first · 4h · 1d",
        "Pull request opened · pull-request.opened · first · 8h · 1d",
        "Approval · pull-request.approved · first · 8h · 1d",
        "Merge · pull-request.merged · last · 4h · 1d",
        "CI · ci.completed · first · 30m · 2h",
        "Deployment · deployment.succeeded · first · 2h · 1d",
        "Done · ticket.status · first · 1h · 1d",
        "Release · ticket.released · first · 1w · 2w",
      ],
    ],
    ["api-event", "api-event", ["First commit · commit.created · first · 1d · 3d", ...PULL_REQUEST]],
  ])("%s starts with %s", (name, start, stages) => {
    const profile = builtIn(name);
    expect(profile?.start).toMatchObject({ trigger: { on: start }, pick: "first" });
    expect(told(profile)).toEqual(stages);
    expect(profile).toMatchObject({
      calculation: "wall-clock",
      overall: "sum-of-stages",
      statistic: "median",
      absentStages: "leave-out",
    });
  });

  test("deploys to production", () => {
    for (const name of ["change", "ticket-to-release"]) {
      const stage = builtIn(name)?.stages.find((one) => one.name === "Deployment");
      expect(stage?.trigger).toEqual({ on: "deployment.succeeded", environments: "production" });
    }
  });
});

test("which profiles cannot start without a ticket", () => {
  expect(BUILT_IN.filter(startsWithTicket).map(({ name }) => name)).toEqual(["ticket-to-merge", "ticket-to-release"]);
  const firstStage = BUILT_IN.filter((profile) => startsWithTicket({ ...profile, start: "first-stage" })).map(
    ({ name }) => name,
  );
  expect(firstStage).toEqual(["ticket-to-release"]);
});

test("what everybody may see of a profile is what source control tells", () => {
  const profile = builtIn("ticket-to-release");
  if (!profile) throw new RangeError("no profile");
  const open = sourceControlPart(profile);
  expect(open.start).toEqual({ trigger: { on: "commit.created" }, pick: "first" });
  expect(open.stages.map(({ name }) => name)).toEqual(["Pull request opened", "Approval", "Merge", "CI", "Deployment"]);
  expect(open.stages.some(({ trigger }) => needsTicket(trigger))).toBe(false);
  const change = builtIn("change");
  expect(change && sourceControlPart(change)).toEqual(change);
});
