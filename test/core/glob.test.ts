import { describe, expect, test } from "vitest";
import { matchesAny, matchesGlob, sameName } from "../../src/core/glob.js";

describe("a glob matches whole names, whatever their case", () => {
  test.each([
    ["main", "main"],
    ["MAIN", "main"],
    ["release/*", "release/1.2"],
    ["release/*", "release/"],
    ["prod-*", "Prod-EU"],
    ["*", ""],
    ["*", "anything/at all"],
    ["v?", "v2"],
    ["*-prod-*", "eu-prod-prod-1"],
    ["a*b*c", "aXbbXc"],
    ["?", "😀"],
    ["acme-robot", "acme-robot"],
  ])("%s matches %s", (glob, name) => {
    expect(matchesGlob(glob, name)).toBe(true);
  });

  test.each([
    ["main", "main2"],
    ["main", "xmain"],
    ["release/*", "releases/1"],
    ["prod-*", "prod"],
    ["v?", "v"],
    ["a*b", "abc"],
    ["", "a"],
    ["ma.n", "main"],
    ["[m]ain", "main"],
    ["(a+)+", "aaa"],
  ])("%s does not match %s", (glob, name) => {
    expect(matchesGlob(glob, name)).toBe(false);
  });
});

test("a hostile glob ends", () => {
  expect(matchesGlob(`${"*a".repeat(200)}b`, "a".repeat(2000))).toBe(false);
});

test("of several, one has to match", () => {
  expect(matchesAny(["main", "release/*"], "release/1")).toBe(true);
  expect(matchesAny([], "main")).toBe(false);
  expect(sameName("In Progress", "in progress")).toBe(true);
});
