import { describe, expect, it } from "vitest";
import { clean, code, link, safeUrl, text } from "../../src/render/markdown.js";

const BREAK = "\u200b";

describe("text", () => {
  it.each([
    ["plain words, 1 to 3 (of 5): ok!", "plain words, 1 to 3 (of 5): ok!"],
    ["2024-05-06 10:15:30", "2024-05-06 10:15:30"],
    ["cc @acme/team", `cc @${BREAK}acme/team`],
    ["fixes #1", `fixes \\#${BREAK}1`],
    ["GH-1", `GH${BREAK}-1`],
    ["https://a.example", `https:${BREAK}//a.example`],
    ["www.a.example", `www${BREAK}.a.example`],
    ["0123456", `012345${BREAK}6`],
    [":shipit:", `:${BREAK}shipit:`],
    ["a | b", "a &#124; b"],
    ["<b>&amp;", "&lt;b&gt;&amp;amp;"],
    ["1. one", "1\\. one"],
    ["- one", "\\- one"],
    ["a\r\n\tb", "a b"],
    ["\u202eabc\u200d", "abc"],
    ["\u001b[31mred\u001b[0m", "red"],
    ["\ud800", ""],
  ])("of %j is %j", (value, expected) => {
    expect(text(value, 100)).toBe(expected);
  });

  it("is cut before it is escaped", () => {
    expect(text("|||||", 3)).toBe("&#124;&#124;…");
    expect(clean("👾👾👾", 2)).toBe("👾…");
    expect(clean("👾👾", 2)).toBe("👾👾");
  });
});

describe("a code span", () => {
  it.each([
    ["#12", "`#12`"],
    ["a`b|c", "`aˋb¦c`"],
    ["@acme", `\`@${BREAK}acme\``],
    ["\n", ""],
  ])("of %j is %j", (value, expected) => {
    expect(code(value, 100)).toBe(expected);
  });
});

describe("an address", () => {
  it.each([
    ["https://a.example/x?y=1&z=2#c", "https://a.example/x?y=1&amp;z=2#c"],
    ["https://a.example/(x)[y]|z", "https://a.example/%28x%29%5By%5D%7Cz"],
    ["https://a.example/@user", "https://a.example/%40user"],
    ["http://a.example", null],
    ["https://u@a.example", null],
    ["https://:p@a.example", null],
    ["javascript:alert(1)", null],
    [`https://a.example/${"a".repeat(3000)}`, null],
    [null, null],
  ])("%j is linked as %j", (url, expected) => {
    expect(safeUrl(url)).toBe(expected);
  });

  it("that is none to link to leaves the label", () => {
    expect(link("label", "ftp://a.example")).toBe("label");
    expect(link("", "https://a.example")).toBe("");
  });
});
