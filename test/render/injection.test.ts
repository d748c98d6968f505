import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LeadTime } from "../../src/core/measurement.js";
import { pullRequestRef } from "../../src/core/ref.js";
import { type CommentInput, MAX_COMMENT, renderComment } from "../../src/render/comment.js";
import {
  at,
  entered,
  evidence,
  input,
  leadTime,
  outOfOrder,
  PULL_REQUEST,
  pending,
  skipped,
  TICKET,
  table,
} from "./builders.js";
import { CORPUS } from "./corpus.js";
import { LIVE, type Seen, see } from "./gfm.js";

const OURS = [
  "<!-- leadtime:pull-request -->",
  "<details>\n<summary>Timeline</summary>",
  "<details>\n<summary>Evidence</summary>",
];
const EXPECTED = new Set(
  "root html heading paragraph text table tableRow tableCell link inlineCode list listItem strong code".split(" "),
);
const CONTROLS = /[\p{Cc}\p{Cs}\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** A comment with the text in every field that the world fills, addresses apart. */
function everywhere(text: string): CommentInput {
  const lead: LeadTime = leadTime({
    profile: text,
    start: evidence("commit.created", "09:50", { actor: text, note: text, pullRequest: pullRequestRef(11, 1) }),
    stages: [
      entered({ name: text }, "10:00", 10, { actor: text, note: text, pullRequest: PULL_REQUEST.ref }),
      outOfOrder({ name: `${text}2` }, "09:59"),
      skipped({ name: text }, text),
      pending({ name: text }, text, at("10:00")),
    ],
    notes: [text, `${text}2`],
  });
  const ticket = { ...TICKET, key: text, title: text };
  const tables = [ticket, { ...ticket, url: null }].map((head) => table({ leadTime: lead, ticket: head, others: () => text }));
  return input({ tables, notes: [text, `${text}3`] });
}

/** A comment with the text for every address. */
function linked(url: string): CommentInput {
  const lead = leadTime({ start: evidence("ticket.created", "09:50", { url }), stages: [entered({}, "10:00", 10, { url })] });
  return input({ tables: [table({ leadTime: lead, ticket: { ...TICKET, url } })], publicUrl: url });
}

/** Throws unless the text stayed text. */
function expectHarmless(given: CommentInput): Seen {
  const markdown = renderComment(given);
  const seen = see(markdown);
  expect(markdown.startsWith("<!-- leadtime:pull-request -->\n### Lead time ")).toBe(true);
  expect(markdown.length).toBeLessThanOrEqual(MAX_COMMENT);
  expect(markdown.replaceAll("\n", "")).not.toMatch(CONTROLS);
  expect(seen.text).not.toMatch(LIVE);
  expect(Object.keys(seen.counts).filter((type) => !EXPECTED.has(type))).toEqual([]);
  expect(seen.counts.heading).toBe(1);
  expect(seen.html.filter((html) => !isOurs(html))).toEqual([]);
  expect(seen.html.filter((html) => html === "</details>")).toHaveLength(
    seen.html.filter((html) => html.startsWith("<d")).length,
  );
  expect(seen.tables.map((rows) => rows.length)).toEqual(given.tables.map(({ leadTime }) => leadTime.stages.length + 1));
  expect(seen.tables.flat().filter((row) => row.length !== 6)).toEqual([]);
  return seen;
}

const isOurs = (html: string): boolean =>
  OURS.includes(html) ||
  ["</details>", "<sub>", "</sub>"].includes(html) ||
  /^<details>\n<summary>Lead time [^<>]*<code>[^<>]*<\/code><\/summary>$/.test(html);

const GOOD_LINKS = ["https://github.com/acme/web/pull/7#event", TICKET.url];
const BITS = [
  "@",
  "#1",
  "|",
  "`",
  "\\",
  "<",
  ">",
  "&",
  "*",
  "_",
  "~",
  "[",
  "](",
  ")",
  "!",
  "\n",
  "www.",
  "https://",
  "a",
  "-",
  " ",
];
const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.constantFrom(...BITS, ...CORPUS.filter((text) => text.length < 60)), { maxLength: 12 })
    .map((bits) => bits.join("")),
);

describe("a text from the world", () => {
  it.each(CORPUS.map((text) => [text.slice(0, 50), text]))("does nothing but stand there: %j", (_, text) => {
    const seen = expectHarmless(everywhere(text));
    expect(seen.links.filter((url) => !GOOD_LINKS.includes(url))).toEqual([]);
  });

  it.each(CORPUS.map((text) => [text.slice(0, 50), text]))("is linked to only as https: %j", (_, text) => {
    const seen = expectHarmless(linked(text));
    expect(seen.links.filter((url) => !url.startsWith("https://"))).toEqual([]);
  });

  it("leaves the table its rows and columns, and is not live, whatever it is", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expectHarmless(everywhere(text));
        expectHarmless(linked(`https://acme.example/${text}`));
      }),
      { numRuns: 50 },
    );
  });

  it("is tried in at least eighty ways", () => {
    expect(new Set(CORPUS).size).toBeGreaterThanOrEqual(80);
  });
});
