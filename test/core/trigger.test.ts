import { describe, expect, test } from "vitest";
import { defaultPick, type Trigger } from "../../src/core/profile.js";
import { at, category, commit, posted, pullRequest, ticket, version } from "../support/builders.js";
import { notes, picked, times } from "../support/entering.js";

const its = pullRequest(7);
const other = pullRequest(8);
const PULL_REQUEST = [its.described(at("12:00"), { state: "merged" }), its.opened(at("10:00"))];
const MERGED = [...PULL_REQUEST, its.merged(at("10:15"))];

describe("ticket.created", () => {
  test("is entered when the ticket was created", () => {
    expect(times({ on: "ticket.created" }, [])).toEqual(["08:00"]);
  });
});

describe("ticket.status", () => {
  const moves = [
    category("Doing", "in-progress"),
    category("Closed", "done"),
    ticket.status("initial", "Backlog", at("08:00")),
    ticket.status("1", "Doing", at("09:00")),
    ticket.status("2", "Closed", at("11:00")),
    ticket.status("3", "Doing", at("11:30")),
    ticket.status("4", "Closed", at("11:45")),
  ];

  test("by name, whatever its case, also the initial one at the creation", () => {
    expect(times({ on: "ticket.status", status: ["BACKLOG"] }, moves)).toEqual(["08:00"]);
    expect(times({ on: "ticket.status", status: ["doing", "backlog"] }, moves)).toEqual(["08:00", "09:00", "11:30"]);
  });

  test("by category", () => {
    expect(times({ on: "ticket.status", category: "in-progress" }, moves)).toEqual(["09:00", "11:30"]);
    expect(times({ on: "ticket.status", category: "to-do" }, moves)).toEqual([]);
  });

  test("by either, when both are given", () => {
    expect(times({ on: "ticket.status", category: "in-progress", status: ["Backlog"] }, moves)).toEqual([
      "08:00",
      "09:00",
      "11:30",
    ]);
  });

  test("a later return never moves a first entry; it is the last one", () => {
    const inProgress: Trigger = { on: "ticket.status", category: "in-progress" };
    expect(picked(inProgress, "first", moves)).toBe("09:00");
    expect(picked(inProgress, "last", moves)).toBe("11:30");
  });

  test("a migrated change enters none", () => {
    const migrated = ticket.status("9", "Doing", at("08:30"), { migrated: true });
    expect(picked({ on: "ticket.status", category: "in-progress" }, "first", [...moves, migrated])).toBe("09:00");
  });

  test("done is also entered when the resolution is first set, by no other category and no later resolution", () => {
    const resolved = [
      ticket.field("5", "resolution", null, at("10:30")),
      ticket.field("6", "Resolution", "Fixed", at("10:45")),
      ticket.field("7", "resolution", "Done", at("11:50")),
    ];
    expect(times({ on: "ticket.status", category: "done" }, [...moves, ...resolved])).toEqual(["10:45", "11:00", "11:45"]);
    expect(times({ on: "ticket.status", category: "in-progress" }, [...moves, ...resolved])).toEqual(["09:00", "11:30"]);
    expect(times({ on: "ticket.status", status: ["Closed"] }, [...moves, ...resolved])).toEqual(["11:00", "11:45"]);
  });
});

describe("ticket.field", () => {
  const fields = [
    ticket.field("1", "Severity", "High", at("09:00")),
    ticket.field("2", "severity", "Low", at("09:10")),
    ticket.field("3", "severity", null, at("09:20")),
    ticket.field("4", "labels", "x", at("09:30")),
  ];

  test("is entered when the field is set to one of the values, or to any; not when it is emptied", () => {
    expect(times({ on: "ticket.field", field: "severity", to: ["HIGH", "medium"] }, fields)).toEqual(["09:00"]);
    expect(times({ on: "ticket.field", field: "SEVERITY" }, fields)).toEqual(["09:00", "09:10"]);
  });
});

describe("commit.created", () => {
  const rebased = commit("a", at("09:00"), { committedAt: at("09:30") });
  const seen = [...PULL_REQUEST, its.commits(at("10:01"), [rebased, commit("b", at("09:10"), { committedAt: at("09:20") })])];

  test("by author date, or by committer date", () => {
    expect(times({ on: "commit.created" }, seen)).toEqual(["09:00", "09:10"]);
    expect(times({ on: "commit.created", time: "committed" }, seen)).toEqual(["09:20", "09:30"]);
    expect(picked({ on: "commit.created", time: "committed" }, "first", seen)).toBe("09:20");
  });

  test("the opening counts where every commit is later than it, and the stage says so", () => {
    const replaced = [...PULL_REQUEST, its.commits(at("10:30"), [commit("a", at("10:05")), commit("b", at("10:20"))])];
    expect(picked({ on: "commit.created" }, "first", replaced)).toBe("10:00");
    expect(notes({ on: "commit.created" }, replaced)).toContainEqual(expect.stringContaining("the opening counts"));
    expect(picked({ on: "commit.created" }, "last", replaced)).toBe("10:20");
  });

  test("by each of its dates by itself: the author date may be early where the committer date is late", () => {
    const late = [...PULL_REQUEST, its.commits(at("10:30"), [commit("a", at("09:00"), { committedAt: at("10:20") })])];
    expect(picked({ on: "commit.created" }, "first", late)).toBe("09:00");
    expect(picked({ on: "commit.created", time: "committed" }, "first", late)).toBe("10:00");
  });

  test("a commit made with the opening is not later than it", () => {
    const same = [...PULL_REQUEST, its.commits(at("10:30"), [commit("a", at("10:00"))])];
    expect(notes({ on: "commit.created" }, same)).toEqual([null]);
  });

  test("of each pull request by itself: the other's early commit hides no late one", () => {
    const two = [
      ...PULL_REQUEST,
      its.commits(at("10:30"), [commit("a", at("10:20"))]),
      other.described(at("12:00")),
      other.opened(at("09:00")),
      other.commits(at("09:00"), [commit("b", at("08:30"))]),
    ];
    expect(times({ on: "commit.created" }, two)).toEqual(["08:30", "10:00", "10:20"]);
  });
});

describe("pull-request.opened", () => {
  const draft = [...PULL_REQUEST, its.drafted(at("10:00"))];

  test("is entered at the opening, of drafts too", () => {
    expect(times({ on: "pull-request.opened" }, draft)).toEqual(["10:00"]);
  });

  test("without drafts, when it was first ready for review", () => {
    const trigger: Trigger = { on: "pull-request.opened", drafts: false };
    expect(times(trigger, PULL_REQUEST)).toEqual(["10:00"]);
    expect(times(trigger, draft)).toEqual([]);
    expect(times(trigger, [...draft, its.ready(at("10:30"))])).toEqual(["10:30"]);
    expect(notes(trigger, [...draft, its.ready(at("10:30"))])).toEqual(["counted from when it was ready for review"]);
  });
});

describe("pull-request.labeled", () => {
  const labels = [...PULL_REQUEST, its.labeled("Ready", at("10:05")), its.labeled("hotfix", at("10:06"))];

  test("by one of the labels, whatever their case, or by any", () => {
    expect(times({ on: "pull-request.labeled", labels: ["ready"] }, labels)).toEqual(["10:05"]);
    expect(times({ on: "pull-request.labeled" }, labels)).toEqual(["10:05", "10:06"]);
  });
});

describe("pull-request.reviewed", () => {
  const seen = [
    ...PULL_REQUEST,
    its.commented("1", at("10:05")),
    its.reviewed("2", at("10:06")),
    its.approved("3", at("10:07")),
  ];

  test("by reviews and comments, or by reviews only", () => {
    expect(times({ on: "pull-request.reviewed" }, seen)).toEqual(["10:05", "10:06", "10:07"]);
    expect(times({ on: "pull-request.reviewed", comments: false }, seen)).toEqual(["10:06", "10:07"]);
  });

  test("an approval enters its own stage only when it approves", () => {
    expect(times({ on: "pull-request.approved" }, seen)).toEqual(["10:07"]);
  });
});

describe("pull-request.merged", () => {
  const seen = [
    ...MERGED,
    other.described(at("12:00"), { state: "merged" }),
    other.opened(at("09:00")),
    other.merged(at("09:30"), { base: "Release/1" }),
  ];

  test("into the default branch, or into the branches that are given", () => {
    expect(times({ on: "pull-request.merged" }, seen)).toEqual(["10:15"]);
    expect(times({ on: "pull-request.merged", branches: ["release/*"] }, seen)).toEqual(["09:30"]);
    expect(times({ on: "pull-request.merged", branches: ["main", "release/*"] }, seen)).toEqual(["09:30", "10:15"]);
  });

  test("the last one, unless the first is asked for", () => {
    const trigger: Trigger = { on: "pull-request.merged", branches: ["*"] };
    expect(defaultPick(trigger)).toBe("last");
    expect(picked(trigger, "last", seen)).toBe("10:15");
    expect(picked(trigger, "first", seen)).toBe("09:30");
    expect(defaultPick({ on: "commit.created" })).toBe("first");
  });
});

describe("ticket.released", () => {
  const released = [version("1").released(at("11:30")), version("2").released(at("11:00"))];

  test("first is the earliest released version, last the latest", () => {
    expect(picked({ on: "ticket.released" }, "first", released)).toBe("11:00");
    expect(picked({ on: "ticket.released" }, "last", released)).toBe("11:30");
  });
});

describe("api-event", () => {
  test("by its type, whatever its case", () => {
    const events = [posted("1", "Accepted", at("11:00")), posted("2", "refused", at("11:10"))];
    expect(times({ on: "api-event", type: "accepted" }, events)).toEqual(["11:00"]);
    expect(times({ on: "api-event", type: "" }, events)).toEqual([]);
  });
});
