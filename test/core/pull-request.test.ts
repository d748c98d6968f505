import { describe, expect, test } from "vitest";
import type { Actor, Event } from "../../src/core/event.js";
import { isBot, type PullRequest, readPullRequest } from "../../src/core/pull-request.js";
import type { Instant } from "../../src/core/time.js";
import { AUTHOR, at, commit, pullRequest, repository } from "../support/builders.js";

const its = pullRequest(7);

function read(events: readonly Event[], bots: readonly string[] = []): PullRequest {
  const described = events.some(({ type }) => type === "pull-request.described") ? [] : [its.described(at("12:00"))];
  const found = readPullRequest([...described, its.opened(at("10:00")), ...events], repository(), { bots });
  if (!found) throw new Error("expected a pull request");
  return found;
}
const entered = (type: string, events: readonly Event[], bots?: readonly string[]) =>
  read(events, bots).entries.filter((entry) => entry.type === type);
const reviewed = (...events: Event[]) => entered("pull-request.reviewed", events).map(({ id }) => id);
const approved = (...events: Event[]) => entered("pull-request.approved", events).map(({ id }) => id);

describe("a pull request is not told of", () => {
  test("before it is described and opened, nor once deleted", () => {
    const rules = { bots: [] };
    const known = [its.described(at("12:00")), its.opened(at("10:00"))];
    expect(readPullRequest(known.slice(0, 1), repository(), rules)).toBeNull();
    expect(readPullRequest(known.slice(1), repository(), rules)).toBeNull();
    expect(readPullRequest([...known, its.deleted(at("11:00"))], repository(), rules)).toBeNull();
  });
});

describe("it is ready for review", () => {
  const draft = its.described(at("12:00"), { draft: true });
  const cases: [string, Event[], string | null][] = [
    ["from its opening", [], "10:00"],
    ["from its opening, also when it became a draft later", [draft, its.drafted(at("10:30"))], "10:00"],
    [
      "when it first became so, if opened as a draft",
      [its.drafted(at("10:00")), its.ready(at("10:20")), its.drafted(at("10:30")), its.ready(at("10:40"))],
      "10:20",
    ],
    ["when it first became so, also if the draft was not seen", [its.ready(at("10:20"))], "10:20"],
    ["never, while it is the draft it was opened as", [draft, its.drafted(at("10:00"))], null],
    ["never, while it is a draft and nothing is known of when it became one", [draft], null],
  ];
  test.each(cases)("%s", (_, events, expected) => {
    expect(read(events).readyAt).toBe(expected === null ? null : at(expected));
  });
});

describe("a review counts", () => {
  const review = its.reviewed("1", at("10:10"));
  const approval = its.approved("2", at("10:11"));
  const comment = its.commented("3", at("10:12"));
  const id = { review: "github:review:1:submitted", approval: "github:review:2:submitted", comment: "github:comment:3" };

  test("of another person: a submitted review, an approval, a comment", () => {
    expect(reviewed(review, approval, comment)).toEqual([id.review, id.approval, id.comment]);
    expect(approved(review, approval, comment)).toEqual([id.approval]);
  });

  const never: [string, { readonly actor?: Actor; readonly at?: Instant }][] = [
    ["of the author", { actor: AUTHOR }],
    ["of the author, however the name is written", { actor: { login: "Ada", bot: false } }],
    ["of an account of type Bot", { actor: { login: "scanner", bot: true } }],
    ["of a name that ends in [bot]", { actor: { login: "Scanner[Bot]", bot: false } }],
    ["of a bot by configuration", { actor: { login: "acme-robot-2", bot: false } }],
    ["before the pull request was ready", { at: at("09:59") }],
  ];
  test.each(never)("not %s, nor does an approval or comment", (_, over) => {
    const events = [
      its.reviewed("1", at("10:10"), over),
      its.approved("2", at("10:11"), over),
      its.commented("3", at("10:12"), over),
    ];
    const bots = ["acme-robot*"];
    expect(entered("pull-request.reviewed", events, bots)).toEqual([]);
    expect(entered("pull-request.approved", events, bots)).toEqual([]);
  });

  test("not while the pull request is the draft it was opened as", () => {
    const draft = [its.drafted(at("10:00")), review, approval, comment];
    expect(reviewed(...draft)).toEqual([]);
    expect(reviewed(...draft, its.ready(at("10:11")))).toEqual([id.approval, id.comment]);
    expect(approved(...draft, its.ready(at("10:12")))).toEqual([]);
  });

  test("also when it became a draft again", () => {
    expect(reviewed(its.drafted(at("10:05")), review)).toEqual([id.review]);
  });

  test("not of somebody who is no more: nobody knows who it was", () => {
    const { actor, ...ghostly } = review;
    expect(reviewed(ghostly)).toEqual([]);
  });

  test("not as a comment drafted for a review: others see it when the review is submitted", () => {
    const drafted = its.commented("3", at("10:02"), { review: "1" });
    expect(reviewed(drafted, review)).toEqual([id.review]);
    expect(reviewed(drafted)).toEqual([id.comment]);
  });

  test("not as a comment that begins with /", () => {
    expect(reviewed(its.commented("3", at("10:12"), { command: true }))).toEqual([]);
  });

  test("not as an approval once it is dismissed, whenever that was; it stays a review", () => {
    expect(approved(approval, its.dismissed("2", at("10:12")))).toEqual([]);
    expect(approved(approval, its.merged(at("10:15")), its.dismissed("2", at("23:00")))).toEqual([]);
    expect(approved(approval, its.dismissed("9", at("10:12")))).toEqual([id.approval]);
    expect(reviewed(approval, its.dismissed("2", at("10:12")))).toEqual([id.approval]);
  });

  test("not as an approval after the merge; at its moment it does", () => {
    expect(approved(approval, its.merged(at("10:10")))).toEqual([]);
    expect(approved(approval, its.merged(at("10:11")))).toEqual([id.approval]);
    expect(reviewed(approval, its.merged(at("10:10")))).toEqual([id.approval]);
  });
});

describe("its commits", () => {
  const commits = (events: readonly Event[]) => entered("commit.created", events);

  test("are those that GitHub lists for its present head: what a force push dropped does not count", () => {
    const events = [
      its.commits(at("10:01"), [commit("old", at("09:00"))], "before"),
      its.commits(at("10:00"), [commit("new", at("09:30"))]),
    ];
    expect(commits(events)).toMatchObject([{ id: "github:commit:1@new", at: at("09:30") }]);
  });

  test("are the latest list, while that of the present head is unread", () => {
    const events = [
      its.commits(at("10:01"), [commit("newer", at("09:10"))], "b"),
      its.commits(at("10:00"), [commit("old", at("09:00"))], "a"),
    ];
    expect(commits(events)).toMatchObject([{ id: "github:commit:1@newer" }]);
  });

  test("are unknown until they are read", () => {
    expect(read([]).commits).toBeNull();
  });

  test("leave merge commits out", () => {
    expect(commits([its.commits(at("10:01"), [commit("merge", at("09:00"), { parents: 2 })])])).toEqual([]);
  });

  test("that were copied, written more than 90 days before the opening, count from their committer date", () => {
    const copied = commit("a", at("2024-02-06T09:59:59Z"), { committedAt: at("09:00") });
    const [entry] = commits([its.commits(at("10:01"), [copied])]);
    expect(entry).toMatchObject({ at: at("09:00"), note: expect.stringContaining("90 days") });
    const own = commit("a", at("2024-02-06T10:00:00Z"), { committedAt: at("09:00") });
    expect(commits([its.commits(at("10:01"), [own])])).toMatchObject([{ at: own.authoredAt, note: null }]);
  });
});

describe("its merge", () => {
  test("names the commit that stands for it", () => {
    expect(read([its.merged(at("10:15"))]).merge).toMatchObject({ sha: "merge7", at: at("10:15"), pullRequest: its.ref });
  });

  test("is none when it was closed, whatever merge commit it is described with", () => {
    const closed = its.described(at("12:00"), { state: "closed", mergeCommit: "test-merge" });
    expect(read([closed, its.closed(at("11:00"))]).merge).toBeNull();
  });

  test("tells whether it went to the default branch", () => {
    const base = (name: string) => entered("pull-request.merged", [its.merged(at("10:15"), { base: name })])[0];
    expect(base("main")).toMatchObject({ onDefaultBranch: true });
    expect(base("release/1")).toMatchObject({ onDefaultBranch: false, base: "release/1" });
  });
});

test("who is no person is told by the account, its name or the configuration", () => {
  const rules = { bots: ["acme-*"] };
  const bot = (login: string, ofType = false) => isBot({ login, bot: ofType }, rules);
  expect([bot("ada"), bot("ada", true), bot("dependabot[bot]"), bot("ACME-robot"), bot("robot")]).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(read([its.described(at("12:00"), { author: { login: "x[bot]", bot: false } })]).bot).toBe(true);
});
