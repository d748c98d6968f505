import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/event.js";
import { measure } from "../../src/core/lead-time.js";
import { BUILT_IN, type Trigger } from "../../src/core/profile.js";
import { reasonFor, reasonsFor } from "../../src/core/reason.js";
import { at, commit, pullRequest, run, ticket } from "../support/builders.js";
import { type Around, life, workItem } from "../support/life.js";

const its = pullRequest(7);
const OPEN = [its.described(at("12:00")), its.opened(at("10:00")), its.commits(at("10:01"), [])];
const MERGED = [its.described(at("12:00"), { state: "merged" }), its.opened(at("10:00")), its.merged(at("10:15"))];
const TICKET_ALONE = [ticket.described(at("12:00")), ticket.history(at("12:00"))];

const reason = (trigger: Trigger, events: readonly Event[], around: Around = { kind: "pull-request" }): string =>
  reasonFor(trigger, workItem(events, around), null);

describe("a stage that was not entered says why", () => {
  const cases: [string, Trigger, readonly Event[], Around?][] = [
    ["no ticket linked", { on: "ticket.created" }, OPEN],
    [
      "Jira could not be read since …",
      { on: "ticket.released" },
      OPEN,
      { kind: "pull-request", unreadable: ["Jira could not be read since …"] },
    ],
    ["the ticket's creation has not been seen", { on: "ticket.created" }, TICKET_ALONE, {}],
    [
      "not seen yet: the ticket's history has not been read",
      { on: "ticket.status", category: "done" },
      TICKET_ALONE.slice(0, 1),
      {},
    ],
    ["not Doing or Review yet", { on: "ticket.status", status: ["Doing", "Review"] }, TICKET_ALONE, {}],
    ["not in-progress yet", { on: "ticket.status", category: "in-progress" }, TICKET_ALONE, {}],
    ["severity not set yet", { on: "ticket.field", field: "severity" }, TICKET_ALONE, {}],
    ["the ticket has no fix version", { on: "ticket.released" }, TICKET_ALONE, {}],
    ["no pull request or commit names the ticket", { on: "pull-request.merged" }, TICKET_ALONE, {}],
    ["no pull request or commit names the ticket", { on: "deployment.succeeded" }, TICKET_ALONE, {}],
    ["its commits have not been read", { on: "commit.created" }, MERGED],
    ["it has no commits", { on: "commit.created" }, OPEN],
    ["still a draft", { on: "pull-request.opened", drafts: false }, [...OPEN, its.drafted(at("10:00"))]],
    ["not labelled ready or go", { on: "pull-request.labeled", labels: ["ready", "go"] }, OPEN],
    ["not labelled", { on: "pull-request.labeled" }, OPEN],
    ["no review by another person", { on: "pull-request.reviewed" }, OPEN],
    ["no approval by another person", { on: "pull-request.approved" }, OPEN],
    ["merged without approval", { on: "pull-request.approved" }, MERGED],
    ["not merged yet", { on: "pull-request.merged" }, OPEN],
    [
      "closed without merge",
      { on: "pull-request.merged" },
      [its.described(at("12:00"), { state: "closed" }), its.opened(at("10:00"))],
    ],
    ["merged into main, which this stage does not count", { on: "pull-request.merged", branches: ["x"] }, MERGED],
    ["not merged yet", { on: "ci.completed" }, OPEN],
    ["no workflow has run on the merge commit", { on: "ci.completed" }, MERGED],
    [
      "build has not succeeded on the merge commit",
      { on: "ci.completed" },
      [...MERGED, run("1", "merge7", at("10:20"), { conclusion: "failure" })],
    ],
    ["integration has not succeeded on the merge commit", { on: "ci.completed", workflows: ["integration"] }, MERGED],
    ["no deployment contains it yet", { on: "deployment.succeeded" }, MERGED],
    ["no deployment to production contains it yet", { on: "deployment.succeeded", environments: "production" }, MERGED],
    ["no deployment to eu or us contains it yet", { on: "deployment.succeeded", environments: ["eu", "us"] }, MERGED],
    ["deployed before we looked", { on: "deployment.succeeded" }, MERGED, { kind: "pull-request", mergedUnwatched: true }],
    ["deployed before we looked", { on: "release.published" }, MERGED, { kind: "pull-request", mergedUnwatched: true }],
    ["no release contains it yet", { on: "release.published" }, MERGED],
    ["no accepted event has been posted", { on: "api-event", type: "accepted" }, OPEN],
    ["no API event has been posted", { on: "api-event", type: "" }, OPEN],
  ];
  test.each(cases)("%s: %j", (expected, trigger, events, around) => {
    expect(reason(trigger, events, around)).toBe(expected);
  });

  test("which fix versions are not released", () => {
    const described = ticket.described(at("12:00"), {
      fixVersions: [
        { id: "1", name: "v1" },
        { id: "2", name: "v2" },
      ],
    });
    expect(reason({ on: "ticket.released" }, [described], {})).toBe("fix version v1, v2 is not released");
  });

  test.each<[string, Trigger, readonly Event[]]>([
    ["merged into another branch, which this stage does not count", { on: "pull-request.merged", branches: ["x"] }, MERGED],
    [
      "a workflow has not succeeded on the merge commit",
      { on: "ci.completed" },
      [
        ...MERGED,
        run("1", "merge7", at("10:20"), { conclusion: "failure" }),
        run("2", "merge7", at("10:20"), { name: "deploy", conclusion: "failure" }),
      ],
    ],
    ["not labelled ready", { on: "pull-request.labeled", labels: ["ready"] }, OPEN],
  ])("plainly, without a word of the repository: %s", (expected, trigger, events) => {
    expect(reasonsFor(trigger, workItem(events, { kind: "pull-request" }), null).plainReason).toBe(expected);
  });

  test("a revert is no change of its own", () => {
    const revert = [
      its.described(at("12:00"), { title: 'Revert "x"' }),
      its.opened(at("10:00")),
      its.commits(at("10:01"), [commit("a", at("09:00"))]),
    ];
    const item = {
      ...workItem(OPEN, { kind: "pull-request" }),
      pullRequests: workItem([...TICKET_ALONE, ...revert]).pullRequests,
    };
    expect(reasonFor({ on: "commit.created" }, item, null)).toBe("a revert or backport is no change of its own");
  });

  test("when another stage came first, which one", () => {
    const profile = BUILT_IN.find(({ name }) => name === "ticket-to-release");
    if (!profile) throw new RangeError("no profile");
    const { stages } = measure(
      workItem(
        life({ inProgress: null, firstCommit: null, opened: null, approved: null, merged: null, ci: null, deployed: null }),
      ),
      profile,
    );
    expect(stages[0]).toMatchObject({ state: "skipped", reason: "not seen yet, Done came first" });
  });
});
