import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMANDS, MOST_COMMANDS, readCommands, rightFor } from "../../src/core/command.js";

const SHOW = { name: "show" };
const EXPLAIN = { name: "explain" };

describe("a command is read", () => {
  it.each<[what: string, body: string, commands: object[]]>([
    ["alone", "/leadtime", [SHOW]],
    ["in upper case", "/LEADTIME EXPLAIN", [EXPLAIN]],
    ["with spaces behind it", "/leadtime explain   \t ", [EXPLAIN]],
    ["with three spaces before it", "   /leadtime", [SHOW]],
    ["with CRLF", "Hello\r\n/leadtime explain\r\nBye", [EXPLAIN]],
    ["with CR alone", "Hello\r/leadtime\rBye", [SHOW]],
    ["between words of a paragraph", "Hello\n/leadtime\nBye", [SHOW]],
    ["behind a direction mark and a byte order mark", "\ufeff\u200f/leadtime", [SHOW]],
    ["before a zero-width space", "/leadtime\u200b", [SHOW]],
    ["inside a right-to-left override", "\u202e/leadtime explain\u202c", [EXPLAIN]],
    ["with no-break spaces", "/leadtime\u00a0explain", [EXPLAIN]],
    ["twice, once", "/leadtime\n/leadtime", [SHOW]],
    ["with another", "/leadtime\n/leadtime explain", [SHOW, EXPLAIN]],
    [
      "that changes something, as often as it is given",
      "/leadtime unlink A1-1\n/leadtime link A1-1\n/leadtime unlink A1-1",
      [
        { name: "unlink", keys: ["A1-1"] },
        { name: "link", keys: ["A1-1"] },
        { name: "unlink", keys: ["A1-1"] },
      ],
    ],
    ["with keys and commas", "/leadtime link PROP-1, web-2;X-3", [{ name: "link", keys: ["PROP-1", "web-2", "X-3"] }]],
    ["with a zero-width space inside of a key", "/leadtime link PROP-\u200b1", [{ name: "link", keys: ["PROP-1"] }]],
    ["with a name of several words", "/leadtime profile Our own", [{ name: "profile", profile: "Our own" }]],
    ["with days in upper case", "/leadtime report 90D", [{ name: "report", days: 90 }]],
    ["without days", "/leadtime report", [{ name: "report", days: 30 }]],
    ["behind a quote and an empty line", "> Quoted\n\n/leadtime", [SHOW]],
    ["behind a heading in a quote", "> # Quoted\n/leadtime", [SHOW]],
    ["behind code in a quote", "> ```\n> code\n/leadtime", [SHOW]],
    ["behind code", "```\ncode\n```\n/leadtime", [SHOW]],
    ["behind code of another fence", "~~~\n```\n~~~\n/leadtime", [SHOW]],
    ["behind code that ends with its list", "- ```\n/leadtime", [SHOW]],
    ["behind what only looks like a fence", "``` a`b\n/leadtime", [SHOW]],
    ["behind a comment", "<!-- hidden -->\n/leadtime", [SHOW]],
    ["before a comment", "/leadtime explain <!-- why -->", [EXPLAIN]],
    ["behind a comment mark that is code", "Say `<!--` and\n/leadtime", [SHOW]],
    ["behind a comment mark in a paragraph that ends", "Say <!-- and\n\n/leadtime", [SHOW]],
    ["behind two comments of one line", "<!-- a --> b <!-- c -->\n/leadtime", [SHOW]],
    ["behind raw HTML", "<pre>x</pre>\n/leadtime", [SHOW]],
    ["behind a list", "- item\n/leadtime", [SHOW]],
  ])("%s", (_, body, commands) => {
    expect(readCommands(body)).toEqual(commands);
  });
});

describe("nothing is read", () => {
  it.each<[what: string, body: string]>([
    ["in the middle of a line", "Please /leadtime"],
    ["in a quote", "> /leadtime"],
    ["in a quote of a quote", ">> /leadtime"],
    ["in a quote that goes on without its mark", "> Quoted\n/leadtime"],
    ["in a fence", "```\n/leadtime\n```"],
    ["in a fence that is never closed", "```\n/leadtime"],
    ["in a fence of tildes", "~~~ text\n/leadtime\n~~~"],
    ["in a fence behind a shorter one", "````\n```\n/leadtime\n````"],
    ["in a fence of a list item", "- ```\n  /leadtime\n  ```"],
    ["in code by four spaces", "    /leadtime"],
    ["in code by a tab", "\t/leadtime"],
    ["in a code span", "`/leadtime`"],
    ["in a comment", "<!-- /leadtime -->"],
    ["in a comment of several lines", "<!--\n/leadtime\n\n/leadtime\n-->"],
    ["in a comment within a paragraph", "Hello <!--\n/leadtime\n-->"],
    ["in a comment behind another", "<!-- a --> <!--\n/leadtime\n-->"],
    ["in preformatted HTML", "<PRE>\n/leadtime\n</PRE>"],
    ["of another app whose name begins alike", "/leadtimes"],
    ["of another app with a hyphen", "/leadtime-bot explain"],
    ["of another app", "/lgtm\n/approve\n/retest"],
    ["of a path", "/leadtime/docs"],
    ["that somebody broke on purpose", "/lead\u200btime"],
    ["with a full-width slash", "／leadtime"],
    ["in a list item", "- /leadtime"],
    ["in no text", ""],
  ])("%s", (_, body) => {
    expect(readCommands(body)).toEqual([]);
  });
});

it.each<[said: string, usage: string | null]>([
  ["/leadtime explian", "/leadtime explain"],
  ["/leadtime reprot 7d", "/leadtime report [7d|30d|90d]"],
  ["/leadtime report 45d", "/leadtime report [7d|30d|90d]"],
  ["/leadtime report 7d 30d", "/leadtime report [7d|30d|90d]"],
  ["/leadtime link", "/leadtime link KEY…"],
  ["/leadtime explain everything", "/leadtime explain"],
  ["/leadtime is a fine thing", null],
  [`/leadtime link ${Array.from({ length: 11 }, (_, index) => `A-${index + 1}`).join(" ")}`, "/leadtime link KEY…"],
])("%s is not understood", (said, usage) => {
  expect(readCommands(said)).toEqual([{ name: "unclear", said, usage }]);
});

it("looks at no more commands than it may", () => {
  const many = Array.from({ length: 30 }, (_, index) => `/leadtime link PROP-${index + 1}`).join("\n");
  expect(readCommands(many)).toHaveLength(MOST_COMMANDS);
});

it("reads every command that help tells of", () => {
  const said = COMMANDS.map(({ usage }) => usage.replace("KEY…", "PROP-1").replace(/\[(\w+).*\]/, "$1"));
  expect(readCommands(said.join("\n")).map(({ name }) => name)).toEqual(COMMANDS.map(({ name }) => name));
});

it("asks for write access for what changes something", () => {
  const changing = readCommands("/leadtime link A-1\n/leadtime unlink A-1\n/leadtime profile x\n/leadtime refresh");
  expect(changing.map(rightFor)).toEqual(["change", "change", "change", "change"]);
  const asking = readCommands("/leadtime\n/leadtime explain\n/leadtime profile\n/leadtime report\n/leadtime what");
  expect(asking.map(rightFor)).toEqual(["ask", "ask", "ask", "ask", "ask"]);
});

const PIECES = [
  "/leadtime",
  "> ",
  "`",
  "``",
  "```",
  "~~~",
  "<!--",
  "-->",
  "<pre>",
  "- ",
  "\n",
  "\r\n",
  " ",
  "    ",
  "\u200b",
  "x",
];

it("reads any text, and the same twice", () => {
  const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(texts, (text) => {
      expect(readCommands(text)).toEqual(readCommands(text));
      expect(readCommands(`${"```"}\n${text.replaceAll("`", "")}`)).toEqual([]);
    }),
  );
});

it.each(PIECES.filter((piece) => piece.trim()))("goes through much of %j", (piece) => {
  const much = piece.repeat(Math.ceil(60_000 / piece.length));
  const spans = Array.from({ length: 340 }, (_, index) => "`".repeat(index + 1)).join(" ");
  expect(readCommands(`${much}\n\n-->\n</pre>\n\n${spans}\n\n`).length).toBeLessThanOrEqual(1);
});
