import { describe, expect, test } from "vitest";
import { correlate, type KeyRules, type NamedIn, relationOf } from "../../src/core/correlation.js";
import { at, pullRequest } from "../support/builders.js";

const RULES: KeyRules = { projects: null, from: ["branch", "title", "commits"] };
const named = (over: Partial<NamedIn>): NamedIn => ({ branch: "", title: "", commits: [], ...over });
const linked = (of: NamedIn, rules = RULES, commands: Parameters<typeof correlate>[2] = []): string[] =>
  correlate(of, rules, commands).flatMap(({ key, refusal }) => (refusal === null ? [key] : []));

describe("tickets are named by the first source that has any key", () => {
  const all = named({ branch: "ABC-1", title: "ABC-2", commits: ["ABC-3", "ABC-4 ABC-5"] });

  test("the branch before the title before the commit messages", () => {
    expect(linked(all)).toEqual(["ABC-1"]);
    expect(linked({ ...all, branch: "fix" })).toEqual(["ABC-2"]);
    expect(linked({ ...all, branch: "fix", title: "Fix" })).toEqual(["ABC-3", "ABC-4", "ABC-5"]);
  });

  test("in the order and of the kinds that are configured", () => {
    expect(linked(all, { ...RULES, from: ["commits", "branch"] })).toEqual(["ABC-3", "ABC-4", "ABC-5"]);
    expect(linked({ ...all, branch: "" }, { ...RULES, from: ["branch"] })).toEqual([]);
    expect(linked(all, { ...RULES, from: [] })).toEqual([]);
  });

  test("all keys of that source", () => {
    expect(linked(named({ branch: "ABC-1-and-ABC-2" }))).toEqual(["ABC-1", "ABC-2"]);
  });

  test("a source with near misses only does not count as one that has any", () => {
    expect(linked(named({ branch: "utf-8", title: "ABC-2" }))).toEqual(["ABC-2"]);
    expect(linked(named({ branch: "WEB-1", title: "ABC-2" }), { ...RULES, projects: new Set(["ABC"]) })).toEqual(["ABC-2"]);
  });

  test("each link keeps its source and the text that matched, cut to 255 characters", () => {
    const title = `ABC-2 ${"x".repeat(300)}`;
    expect(correlate(named({ title }), RULES)).toEqual([
      { key: "ABC-2", source: "title", matched: title.slice(0, 255), refusal: null },
    ]);
  });

  test("every near miss says why it is none", () => {
    expect(correlate(named({ branch: "ABC-1-utf-8", title: "ABC-2" }), RULES)).toEqual([
      { key: "ABC-1", source: "branch", matched: "ABC-1-utf-8", refusal: null },
      { key: "UTF-8", source: "branch", matched: "ABC-1-utf-8", refusal: "UTF is a common name and no ticket project" },
      { key: "ABC-2", source: "title", matched: "ABC-2", refusal: "the branch already named a ticket" },
    ]);
  });
});

describe("a branch that a tool named", () => {
  test.each(["dependabot/npm/abc-4.17", "renovate/abc-4", "gh-readonly-queue/main/pr-7-ABC-1", "Dependabot/abc-4"])(
    "%s names no ticket",
    (branch) => {
      expect(linked(named({ branch }))).toEqual([]);
    },
  );

  test("does not take away what the title names", () => {
    expect(correlate(named({ branch: "renovate/abc-4", title: "ABC-4: newer" }), RULES)).toEqual([
      { key: "ABC-4", source: "title", matched: "ABC-4: newer", refusal: null },
    ]);
  });
});

describe("what people say by command outranks what is found", () => {
  const its = pullRequest(7);

  test("a link adds a ticket, whatever is known of its project", () => {
    const rules = { ...RULES, projects: new Set(["ABC"]) };
    expect(correlate(named({ branch: "ABC-1" }), rules, [its.linked("WEB-2", at("10:00"))])).toEqual([
      { key: "ABC-1", source: "branch", matched: "ABC-1", refusal: null },
      { key: "WEB-2", source: "command", matched: "@grace", refusal: null },
    ]);
  });

  test("an unlink cuts a tie and says who did", () => {
    expect(correlate(named({ branch: "ABC-1" }), RULES, [its.unlinked("ABC-1", at("10:00"))])).toEqual([
      { key: "ABC-1", source: "command", matched: "@grace", refusal: "@grace unlinked it" },
    ]);
  });

  test("the last command about a key holds, in whatever order they are read", () => {
    const link = its.linked("ABC-1", at("10:00"));
    const unlink = its.unlinked("ABC-1", at("10:05"));
    const again = its.linked("ABC-1", at("10:10"));
    expect(linked(named({}), RULES, [link, unlink])).toEqual([]);
    expect(linked(named({}), RULES, [unlink, link])).toEqual([]);
    expect(linked(named({}), RULES, [again, unlink, link])).toEqual(["ABC-1"]);
  });
});

describe("a pull request is", () => {
  const relation = (over: Partial<Parameters<typeof relationOf>[0]>): string =>
    relationOf({ ...named({ branch: "feature/PROP-1", title: "Sign in" }), base: "main", defaultBranch: "main", ...over });

  test.each([
    ["change", {}],
    ["change", { title: "Revert to the old sign-in" }],
    ["change", { branch: "revert-to-old" }],
    ["change", { base: "release/1" }],
    ["change", { title: "Backport the fix", base: "main" }],
    ["change", { commits: ["x\n(cherry picked from commit abc)"], base: "main" }],
    ["revert", { title: 'Revert "Sign in"' }],
    ["revert", { title: 'revert "Sign in"' }],
    ["revert", { branch: "revert-12-feature/PROP-1" }],
    ["backport", { title: "Backport #7 to 1.x", base: "release/1" }],
    ["backport", { branch: "backport-7-to-release/1", base: "release/1" }],
    ["backport", { title: "Cherry-pick #7", base: "release/1" }],
    ["backport", { commits: ["x\n(cherry picked from commit abc)"], base: "release/1" }],
  ] as const)("a %s: %j", (expected, over) => {
    expect(relation(over)).toBe(expected);
  });
});

test("what matched is cut between characters, never in one", () => {
  const title = `PROP-1 ${"x".repeat(247)}\u{1F600}`;
  expect(correlate(named({ title }), RULES)[0]?.matched).toBe(title.slice(0, 254));
});
