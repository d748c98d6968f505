import { describe, expect, test } from "vitest";
import type { Effect } from "../../src/core/effect.js";
import { merge } from "../../src/core/event.js";
import { at, one, payload, RECEIVED, read, reading, repository, types } from "./payloads.js";

const PUSHED = at("2024-05-06T10:00:00Z"); // 1714989600
const sha = (digit: number | string): string => String(digit).padStart(40, "0");
const commit = (over: object = {}) => ({
  id: sha(1),
  message: "PROP-7 Fix",
  timestamp: "2024-05-06T11:30:00+02:00",
  url: "https://github.com/acme/web/commit/1",
  distinct: true,
  author: { name: "Ann", email: "ann@example.com", username: "ann" },
  added: [],
  modified: ["src/a.ts"],
  removed: [],
  ...over,
});
const push = (over: object = {}) =>
  reading(
    "push",
    payload({
      ref: "refs/heads/main",
      created: false,
      deleted: false,
      forced: false,
      commits: [commit()],
      head_commit: commit(),
      ...over,
    }),
  );
const kinds = ({ wants }: { readonly wants: readonly Effect[] }) => wants.map(({ kind }) => kind);

describe("a push to the default branch", () => {
  test("tells of the commits that seem to name a ticket, and has them traced", () => {
    const result = push({ commits: [commit(), commit({ id: sha(2), message: "tidy up" })] });
    expect(one(result, "commit.pushed")).toMatchObject({
      id: `github:commit:7@${sha(1)}:pushed`,
      at: PUSHED,
      branch: "main",
      actor: { login: "ann", bot: false },
      commit: { sha: sha(1), message: "PROP-7 Fix", parents: 1, committedAt: at("2024-05-06T09:30:00Z") },
    });
    expect(result.wants).toEqual([{ kind: "trace-commit", repository: "github:repo:7", sha: sha(1) }]);
    expect(result.notifies).toBe(`github:commit:7@${sha(1)}:pushed`);
  });

  test("believes no commit that says it was made after the push", () => {
    const facts = one(push({ commits: [commit({ timestamp: "2031-01-01T00:00:00Z" })] }), "commit.pushed").commit;
    expect([facts.authoredAt, facts.committedAt]).toEqual([PUSHED, PUSHED]);
  });

  test("does without a commit's time when some clock or zone made it unreadable", () => {
    expect(
      one(push({ commits: [commit({ timestamp: "2024-05-06T11:30:00+51:80" })] }), "commit.pushed").commit.committedAt,
    ).toBe(PUSHED);
  });

  test("without a time is as old as its head, and never from the future", () => {
    const undated = repository({ pushed_at: undefined });
    expect(one(push({ repository: undated }), "commit.pushed").at).toBe(at("2024-05-06T09:30:00Z"));
    const ahead = commit({ timestamp: "2031-01-01T00:00:00Z" });
    expect(one(push({ repository: undated, head_commit: ahead }), "commit.pushed").at).toBe(RECEIVED);
  });

  test("has at most 50 commits traced, and none that was pushed before", () => {
    const commits = Array.from({ length: 70 }, (_, index) => commit({ id: sha(index), distinct: index !== 69 }));
    expect(push({ commits }).wants).toHaveLength(50);
    expect(push({ commits }).notifies).toBe(`github:commit:7@${sha(68)}:pushed`);
  });

  test("keeps the first 2,000 characters of a message, and no half of one", () => {
    const message = `PROP-7 ${"x".repeat(1992)}🎉 and more`;
    expect(one(push({ commits: [commit({ message })] }), "commit.pushed").commit.message).toBe(message.slice(0, 1999));
  });

  test.each([
    ["changes the configuration", { commits: [commit({ modified: [".github/leadtime.yml"] })] }],
    ["removes the configuration", { commits: [commit({ removed: [".github/leadtime.yml"] })] }],
    ["is forced", { forced: true }],
    ["lists no commits", { commits: [] }],
    ["lists no files", { commits: [commit({ added: undefined, modified: undefined, removed: undefined })] }],
    ["is cut", { commits: Array.from({ length: 2048 }, () => commit({ message: "x" })) }],
    ["is to the account's own configuration", { repository: repository({ name: ".github", full_name: "acme/.github" }) }],
  ])("that %s has the configuration read", (_, over) => {
    expect(kinds(push(over))).toContain("read-configuration");
  });

  test("that changes other files has nothing read", () => {
    expect(kinds(push({ commits: [commit({ message: "x" })], before: sha(8), after: sha(9) }))).toEqual([]);
  });

  const checks = (over: object) =>
    push({ before: sha(8), after: sha(9), ...over }).wants.filter(({ kind }) => kind === "check-commit");
  const check = { kind: "check-commit", repository: "github:repo:7", sha: sha(9) };

  test.each([
    ["changes", "modified"],
    ["adds", "added"],
    ["removes", "removed"],
  ])("that %s the configuration has its last commit checked", (_, list) => {
    expect(checks({ commits: [commit(), commit({ [list]: [".github/leadtime.yml"] })] })).toEqual([{ ...check, before: null }]);
  });

  test.each([
    ["is forced", { forced: true }],
    ["lists no commits", { commits: [] }],
    ["lists no files", { commits: [commit({ added: undefined })] }],
    ["is cut", { commits: Array.from({ length: 2048 }, () => commit({ message: "x" })) }],
  ])("that %s has it compared with what was there before", (_, over) => {
    expect(checks(over)).toEqual([{ ...check, before: sha(8) }]);
  });

  test("to the account's own configuration is checked when it changes that", () => {
    const account = { repository: repository({ name: ".github", full_name: "acme/.github" }) };
    expect(checks(account)).toEqual([]);
    expect(checks({ ...account, commits: [commit({ modified: [".github/leadtime.yml"] })] })).toHaveLength(1);
  });
});

test.each([
  ["another branch", { ref: "refs/heads/feature" }],
  ["a tag", { ref: "refs/tags/main" }],
  ["nothing, for the branch was deleted", { deleted: true, head_commit: null, commits: [] }],
])("a push to %s carries the repository's state only", (_, over) => {
  const result = push(over);
  expect(types(result)).toEqual(["account.described", "repository.described"]);
  expect(result).toMatchObject({ notifies: null, wants: [] });
});

describe("a repository", () => {
  test.each(["renamed", "transferred", "archived", "unarchived", "publicized", "privatized", "edited"])(
    "that is %s is described anew",
    (action) => {
      const result = reading(
        "repository",
        payload({ action, repository: repository({ full_name: "acme/new", archived: true }) }),
      );
      expect(one(result, "repository.described")).toMatchObject({
        name: "acme/new",
        archived: true,
        at: at("2024-05-01T00:00:00Z"),
        deleted: false,
      });
      expect(result.notifies).toBe("github:repo:7:described");
    },
  );

  test("that is deleted is gone from when we hear of it", () => {
    const result = reading("repository", payload({ action: "deleted" }));
    expect(one(result, "repository.described")).toMatchObject({ deleted: true, at: RECEIVED });
  });

  test("with a new branch has its state carried, as of the push that made it", () => {
    const result = reading(
      "create",
      payload({ ref: "x", ref_type: "branch", repository: repository({ pushed_at: "2024-05-06T10:00:00Z" }) }),
    );
    expect(types(result)).toEqual(["account.described", "repository.described"]);
    expect(one(result, "account.described").at).toBe(PUSHED);
  });
});

const NAMED = [{ id: 8, name: "api", full_name: "acme/api", private: true }];
const installed = (action: string, over: object = {}, more: object = {}) => ({
  action,
  installation: {
    id: 5,
    account: { id: 42, login: "acme", type: "Organization" },
    created_at: 1714900000,
    updated_at: 1714989600,
    suspended_at: null,
    ...over,
  },
  repositories: NAMED,
  ...more,
});
const account = (event: string, body: object) => one(reading(event, body), "account.described");

describe("an installation", () => {
  test("that is created names its repositories, whose configuration is then read", () => {
    const result = reading("installation", installed("created"));
    expect(one(result, "account.described")).toMatchObject({
      state: "installed",
      installation: "5",
      login: "acme",
      at: PUSHED,
    });
    expect(one(result, "repository.described")).toMatchObject({ name: "acme/api", visibility: "private", at: 0 });
    expect(result).toMatchObject({ owner: "42", notifies: "github:account:42:described" });
    expect(result.wants).toEqual([{ kind: "read-configuration", repository: "github:repo:8" }]);
  });

  test("that gets more repositories names those", () => {
    const more = { repositories: undefined, repositories_added: NAMED, repositories_removed: [] };
    expect(kinds(reading("installation_repositories", installed("added", {}, more)))).toEqual(["read-configuration"]);
  });

  test("is deleted, suspended and taken up again in this order, although its payload hardly tells when", () => {
    const suspended = account("installation", installed("suspend", { suspended_at: "2024-05-06T10:00:00Z" }));
    expect(suspended).toMatchObject({ state: "suspended", at: PUSHED });
    expect(account("installation", installed("unsuspend"))).toMatchObject({ state: "installed", at: RECEIVED });
    const deleted = reading("installation", installed("deleted"));
    expect(one(deleted, "account.described")).toMatchObject({ state: "deleted", at: RECEIVED });
    expect(deleted.wants).toEqual([]);
  });

  test("that was replaced by another leaves the account installed, even if it is told late that it was deleted", () => {
    const deleted = account("installation", installed("deleted"));
    const again = account("installation", installed("created", { id: 12 }));
    expect(deleted.at).toBeGreaterThan(again.at);
    expect([merge(again, deleted), merge(deleted, again)]).toEqual([again, again]);
  });

  test("whose account has another name tells it", () => {
    const renamed = {
      action: "renamed",
      account: { id: 42, login: "newacme" },
      changes: { login: { from: "acme" } },
      installation: { id: 5 },
    };
    expect(account("installation_target", renamed)).toMatchObject({ login: "newacme", state: "installed", at: RECEIVED });
    expect(read("installation_target", { ...renamed, account: { id: 1, slug: "enterprise" } })).toBeNull();
  });
});
