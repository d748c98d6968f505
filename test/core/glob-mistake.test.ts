import { describe, expect, test } from "vitest";
import { globsInstead, looksLikeExpression } from "../../src/core/glob-mistake.js";

describe("what looks like a regular expression is told from a glob, with the globs to write instead", () => {
  test.each<[string, ...string[]]>([
    ["^main", "main*"],
    ["main$", "*main"],
    ["^main$", "main"],
    ["^release/.*$", "release/*"],
    ["release/.*", "release/*"],
    [".*", "*"],
    [".*-prod", "*-prod"],
    ["prod.+", "prod*"],
    ["(main|master)", "main", "master"],
    ["(?:main|master)", "main", "master"],
    ["main|master", "main", "master"],
    ["^(main|release/.*)$", "main", "release/*"],
    ["v(1 | 2)-x", "v1-x", "v2-x"],
    ["[a-z]+", "*"],
    ["v[0-9]", "v?"],
    ["v[0-9]+\\.[0-9]+", "v*.*"],
    ["[^x]y", "?y"],
    ["[!x]y", "?y"],
    ["\\d", "?"],
    ["v\\d{2}", "v*"],
    ["v\\d+\\.\\d+", "v*.*"],
    ["a\\.b", "a.b"],
    ["/main/", "*main*"],
    ["/^main$/i", "main"],
    ["/^hotfix-/", "hotfix-*"],
    ["{main,master}", "main", "master"],
    ["release/{1,2}", "release/1", "release/2"],
    ["a{3}"],
    ["(ab)+"],
    ["(ab)*"],
    ["v(ab)*"],
    ["x (a+)*"],
    ["x (linux|mac)*", "x linux*", "x mac*"],
    ["lint|test", "lint", "test"],
    ["v[A-Za-z0-9]", "v?"],
    ["[xyz0-9]", "?"],
    ["[a-cxyz]", "?"],
    ["[xyza-c]", "?"],
    ["(?=x)"],
    ["^", "*"],
  ])("%s", (expression, ...instead) => {
    expect(looksLikeExpression(expression)).toBe(true);
    expect(globsInstead(expression)).toEqual(instead);
  });

  test.each([
    "main",
    "release/*",
    "release/1.*",
    "release/v2.?",
    "v*.*",
    "*",
    "**",
    "feature/**/x",
    "CI (Linux)",
    "CI (Linux)*",
    "test (18.x, ubuntu-latest)*",
    "build [v-next]",
    "build [v-next]/*",
    "deploy [pre-release]",
    "deploy [eu - west]",
    "test (18.x, ubuntu-latest)",
    "Build & test [x64]",
    "C/C++ CI",
    "Node.js*",
    "acme/web.js",
    "lint + test",
    "build | deploy",
    "`|`",
    "a \\ b",
    "{{name}}",
    "$HOME",
    "a^b",
    "100%",
    "prod_eu-1",
    "❤ prod",
  ])("%s is a glob", (glob) => {
    expect(looksLikeExpression(glob)).toBe(false);
  });

  test("a text that is too long for a glob is not looked into", () => {
    expect(looksLikeExpression(`^${"a".repeat(255)}`)).toBe(false);
  });
});
