import { describe, expect, test } from "vitest";
import { at, HEAD, MERGE, merged, one, payload, person, pullRequest, reading, types } from "./payloads.js";

const told = (action: string, pull_request: object = pullRequest(), more: object = {}) =>
  reading("pull_request", payload({ action, pull_request, ...more }));
const carried = ["account.described", "repository.described", "repository.watched"];
const news = (result: ReturnType<typeof told>) => types(result).filter((type) => !carried.includes(type));
const listing = { kind: "list-commits", pullRequest: "github:pr:7#3", head: HEAD };

describe("a pull request", () => {
  test("is described as of its last change", () => {
    expect(one(told("edited"), "pull-request.described")).toEqual({
      id: "github:pr:7#3:described",
      ref: "github:pr:7#3",
      at: at("2024-05-06T10:30:00Z"),
      precision: "exact",
      reader: 1,
      repository: "github:repo:7",
      url: "https://github.com/acme/web/pull/3",
      type: "pull-request.described",
      number: 3,
      title: "PROP-1460 Sign in",
      branch: "feature/PROP-1460",
      base: "main",
      head: HEAD,
      author: { login: "bob", bot: false },
      draft: false,
      state: "open",
      mergeCommit: null,
      labels: ["Feature"],
      assigned: false,
    });
  });

  test("is opened once, whichever delivery tells of it", () => {
    const [first, ...others] = ["opened", "edited", "labeled", "synchronize"].map((action) =>
      one(told(action), "pull-request.opened"),
    );
    expect(first).toMatchObject({ id: "github:pr:7#3:opened", at: at("2024-05-06T10:00:00Z"), actor: { login: "bob" } });
    for (const other of others) expect(other).toEqual(first);
  });

  test("of a fork that was deleted, by an account that was deleted, is read", () => {
    const gone = pullRequest({ user: null, head: { ref: "patch-1", sha: HEAD, repo: null, user: null } });
    expect(one(told("opened", gone), "pull-request.described")).toMatchObject({
      author: { login: "ghost", bot: false },
      branch: "patch-1",
    });
  });

  test("is a bot's by the account's type or by its name", () => {
    const by = (user: object) => one(told("opened", pullRequest({ user })), "pull-request.described").author.bot;
    expect([by({ login: "renovate", type: "Bot" }), by({ login: "x[bot]" }), by({ login: "bot" })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("is assigned when a person is, not when only a bot is", () => {
    const to = (...assignees: (object | null)[]) =>
      one(told("assigned", pullRequest({ assignees })), "pull-request.described").assigned;
    expect([to(person("x[bot]")), to(null), to(person("x[bot]"), person("ann"))]).toEqual([false, false, true]);
  });

  test("opened as a draft was a draft from the beginning", () => {
    const result = told("opened", pullRequest({ draft: true }));
    expect(one(result, "pull-request.drafted")).toMatchObject({
      id: "github:pr:7#3:drafted:2024-05-06T10:00:00Z",
      at: at("2024-05-06T10:00:00Z"),
    });
    expect(result.notifies).toBe("github:pr:7#3:opened");
  });

  test.each([
    ["converted_to_draft", "pull-request.drafted", "drafted:2024-05-06T10:30:00Z"],
    ["ready_for_review", "pull-request.ready", "ready:2024-05-06T10:30:00Z"],
    ["reopened", "pull-request.reopened", "reopened:2024-05-06T10:30:00Z"],
  ] as const)("%s is an event of its own", (action, type, name) => {
    const result = told(action);
    expect(one(result, type)).toMatchObject({ id: `github:pr:7#3:${name}`, actor: { login: "ann" } });
    expect(result.notifies).toBe(`github:pr:7#3:${name}`);
  });

  test("gets a label, named in its own case", () => {
    const result = told("labeled", pullRequest(), { label: { name: "HotFix" } });
    expect(result.notifies).toBe("github:pr:7#3:labeled:hotfix:2024-05-06T10:30:00Z");
    expect(one(result, "pull-request.labeled").label).toBe("HotFix");
  });

  test("that lost a label which is gone altogether is only described", () => {
    expect(told("unlabeled").notifies).toBe("github:pr:7#3:described");
  });

  test("is merged at the time and by the commit that GitHub names", () => {
    const result = told("closed", merged());
    expect(news(result)).toEqual(["pull-request.described", "pull-request.opened", "pull-request.merged"]);
    expect(one(result, "pull-request.merged")).toMatchObject({
      at: at("2024-05-06T11:00:00Z"),
      mergeCommit: MERGE,
      base: "main",
      actor: { login: "cat" },
    });
    expect(one(result, "pull-request.described")).toMatchObject({ state: "merged", mergeCommit: MERGE });
    expect(result.notifies).toBe("github:pr:7#3:merged");
  });

  test("closed without merge keeps the sha of a test merge, which counts for nothing", () => {
    const closed = pullRequest({ state: "closed", closed_at: "2024-05-06T12:00:00Z" });
    const result = told("closed", closed);
    expect(news(result)).toEqual(["pull-request.described", "pull-request.opened", "pull-request.closed"]);
    expect(one(result, "pull-request.described")).toMatchObject({ state: "closed", mergeCommit: null });
    expect(result.notifies).toBe("github:pr:7#3:closed:2024-05-06T12:00:00Z");
    expect(result.wants).toEqual([]);
  });

  test("has its commits read whenever its head may be another, or is the last", () => {
    for (const action of ["opened", "synchronize", "reopened", "ready_for_review"])
      expect(told(action).wants, action).toContainEqual(listing);
    expect(told("closed", merged()).wants).toEqual([listing]);
    for (const action of ["edited", "labeled", "assigned", "converted_to_draft"])
      expect(told(action).wants, action).toEqual([]);
  });

  test("has its configuration checked whenever its head is another, unless it changes no file", () => {
    const check = { kind: "check-proposal", pullRequest: "github:pr:7#3", base: "main", head: HEAD };
    for (const action of ["opened", "synchronize", "reopened"]) {
      expect(told(action).wants, action).toEqual([listing, check]);
      expect(told(action, pullRequest({ changed_files: 1 })).wants, action).toEqual([listing, check]);
      expect(told(action, pullRequest({ changed_files: 0 })).wants, action).toEqual([listing]);
    }
    expect(told("ready_for_review").wants).toEqual([listing]);
  });
});

const review = (over: object = {}) => ({
  id: 11,
  state: "approved",
  user: person("dan"),
  submitted_at: "2024-05-06T10:20:00Z",
  html_url: "https://github.com/acme/web/pull/3#pullrequestreview-11",
  ...over,
});
const reviewed = (action: string, over: object = {}, pull_request: object = pullRequest()) =>
  reading("pull_request_review", payload({ action, review: review(over), pull_request }));

describe("a review", () => {
  test("that approves is an approval, by whom and when it was submitted", () => {
    const result = reviewed("submitted");
    expect(one(result, "pull-request.approved")).toMatchObject({
      id: "github:review:11:submitted",
      ref: "github:pr:7#3",
      at: at("2024-05-06T10:20:00Z"),
      actor: { login: "dan", bot: false },
      review: "11",
    });
    expect(result.notifies).toBe("github:review:11:submitted");
  });

  test.each(["commented", "changes_requested", "COMMENTED"])("that says %s approves nothing", (state) => {
    expect(one(reviewed("submitted", { state }), "pull-request.reviewed").id).toBe("github:review:11:submitted");
  });

  test("that is dismissed was submitted, and is dismissed", () => {
    const result = reviewed("dismissed", { state: "dismissed" });
    expect(one(result, "pull-request.reviewed").at).toBe(at("2024-05-06T10:20:00Z"));
    expect(one(result, "pull-request.dismissed")).toMatchObject({
      id: "github:review:11:dismissed",
      at: at("2024-05-06T10:30:00Z"),
    });
    expect(result.notifies).toBe("github:review:11:dismissed");
  });

  test("that is edited does not make us have watched since it was submitted", () => {
    const result = reviewed("edited");
    expect(result.notifies).toBe("github:pr:7#3:described");
    expect(one(result, "repository.watched").at).toBe(at("2024-05-06T10:30:00Z"));
  });

  test("on a merged pull request carries the merge, although its payload is slimmer", () => {
    const { merged: _, merged_by: __, ...slim } = { merged: true, merged_by: null, ...merged({ merged_by: undefined }) };
    expect(one(reviewed("submitted", {}, slim), "pull-request.merged").mergeCommit).toBe(MERGE);
  });
});

const comment = (body: string | null) => ({
  id: 21,
  user: person("eve"),
  body,
  created_at: "2024-05-06T10:25:00Z",
  html_url: "https://x/1",
});

describe("a comment", () => {
  test.each([
    ["Looks good", false],
    ["  /leadtime", true],
    ["see /leadtime", false],
    [null, false],
  ])("%j is a command: %s", (body, command) => {
    const onCode = reading(
      "pull_request_review_comment",
      payload({ action: "created", comment: comment(body), pull_request: pullRequest() }),
    );
    expect(one(onCode, "pull-request.commented")).toMatchObject({
      id: "github:review-comment:21",
      command,
      actor: { login: "eve" },
    });
    const issue = { number: 3, pull_request: { url: "https://x" } };
    const inConversation = reading("issue_comment", payload({ action: "created", comment: comment(body), issue }));
    expect(news(inConversation)).toEqual(["pull-request.commented"]);
    expect(inConversation.notifies).toBe("github:comment:21");
    expect(one(inConversation, "pull-request.commented")).toMatchObject({
      ref: "github:pr:7#3",
      command,
      at: at("2024-05-06T10:25:00Z"),
    });
  });

  test("tells the review that it is part of", () => {
    const part = { ...comment("nit"), pull_request_review_id: 77 };
    const body = payload({ action: "created", comment: part, pull_request: pullRequest() });
    expect(one(reading("pull_request_review_comment", body), "pull-request.commented")).toMatchObject({ review: "77" });
  });

  test("on an issue does not concern us", () => {
    expect(() => reading("issue_comment", payload({ action: "created", comment: comment("x"), issue: { number: 3 } }))).toThrow(
      "does not concern",
    );
  });
});
