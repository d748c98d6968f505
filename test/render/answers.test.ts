import { describe, expect, it } from "vitest";
import type { Choices } from "../../src/core/explanation.js";
import { BUILT_IN, type Profile } from "../../src/core/profile.js";
import { pullRequestRef } from "../../src/core/ref.js";
import { stageReport } from "../../src/core/stage-report.js";
import { MINUTE, milliseconds } from "../../src/core/time.js";
import { renderAnswer, roomFor } from "../../src/render/answer.js";
import { renderLinks, renderNoProfile, renderProfiles } from "../../src/render/changes.js";
import { MAX_COMMENT, renderBreakdown } from "../../src/render/comment.js";
import { renderExplanation } from "../../src/render/explanation.js";
import { renderUnclear } from "../../src/render/help.js";
import { renderRefreshed } from "../../src/render/refreshed.js";
import { renderReport } from "../../src/render/report.js";
import { at, entered, evidence, input, leadTime, pending, TICKET, table } from "./builders.js";
import { CORPUS } from "./corpus.js";
import { see } from "./gfm.js";

const [BASE] = BUILT_IN;
if (!BASE) throw new Error("there are built-in profiles");
const profileNamed = (name: string): Profile => ({
  ...BASE,
  name,
  description: name,
  stages: BASE.stages.map((stage) => ({ ...stage, name: `${name} ${stage.trigger.on}` })),
});

const hours = (count: number) => milliseconds(count * 60 * MINUTE);
/** `rated`: what of each time is rated, as a share. */
function reportOn(profile: Profile, times: readonly (readonly number[])[], rated = 1) {
  const rows = times.flatMap((of, item) =>
    of.map((time, stage) => ({
      item: pullRequestRef(1, item + 1),
      stage: profile.stages[stage]?.name ?? "",
      leadTime: hours(time),
      ratedTime: hours(time * rated),
    })),
  );
  return {
    report: stageReport(rows, profile),
    profile: profile.name,
    kind: "pull-request",
    days: 30,
    until: at("12:00"),
    ratings: true,
    worked: rated < 1,
  } as const;
}

/** Every answer, with the text wherever the world fills one in. */
function answersWith(text: string): string[] {
  const lead = leadTime({
    profile: text,
    start: evidence("commit.created", "09:50", { actor: text, note: text }),
    stages: [entered({ name: text }, "10:00", 10, { actor: text, note: text }), pending({ name: text }, text, at("10:00"))],
    notes: [text],
  });
  const others = [evidence("pull-request.approved", "10:01", { actor: text, note: text })];
  const choices: Choices = { start: { pick: "first", others }, stages: new Map([[text, { pick: "last", others }]]) };
  const told = input({
    tables: [table({ leadTime: lead, ticket: { ...TICKET, key: text, title: text }, others: () => text, choices })],
    notes: [text],
  });
  const link = { key: text, source: "title", matched: text, refusal: text } as const;
  const refusal = { why: text, form: false };
  return [
    renderBreakdown(told, MAX_COMMENT, at("11:00")),
    renderExplanation(told, [link, { ...link, refusal: null }], MAX_COMMENT),
    renderReport(reportOn(profileNamed(text), [[1, 2, 3, 4]])),
    renderProfiles({ current: text, chosen: true, profiles: [profileNamed(text)], namesOnly: false }),
    renderNoProfile(text, text),
    renderLinks(
      "linked",
      [
        { said: text, refusal },
        { said: text, refusal: null },
      ],
      false,
    ),
    renderUnclear({ name: "unclear", said: text, usage: null }, false),
    renderRefreshed(new Map([[text, "read"]]), false),
  ];
}

const LIVE = /@[a-z\d]|#\d|\bgh-\d|\bghsa-|https?:\/\/|ftp:\/\/|\bwww\.|:[a-z]+:|[\da-f]{7}/i;
const OURS = /^<(?:\/?details>|details>\n<summary>(?:Timeline|Evidence)<\/summary>|sub>|\/sub>)|^<!-- leadtime:answer 5 -->/;

it.each(CORPUS)("shows %j as text in every answer", (text) => {
  const replies = answersWith(text);
  const asker = { id: "9", login: text };
  const seen = see(renderAnswer({ question: "5", url: null, asker, now: at("12:00"), replies }));
  expect(seen.html.filter((html) => !OURS.test(html))).toEqual([]);
  expect(seen.links.filter((url) => !/^https:\/\/(?:github\.com\/acme|acme\.atlassian\.net)\//.test(url))).toEqual([]);
  expect(seen.text).not.toMatch(LIVE);
  expect(seen.counts).toMatchObject({ table: 3, thematicBreak: replies.length - 1 });
  expect(seen.counts).not.toHaveProperty("image");
  for (const chart of seen.code) expect(chart.split("\n")[0]).toMatch(/^(?:xychart-beta horizontal|%%\{init)/);
});

describe("a report", () => {
  it("counts what reached each stage, and sums", () => {
    const [rows = []] = see(
      renderReport(
        reportOn(BASE, [
          [1, 2],
          [3, 6],
          [5, 40, 0, 1],
        ]),
      ),
    ).tables;
    expect(rows.slice(1)).toEqual([
      ["🟢", "Pull request opened", "3", "3h", "4h 36m", "8h / 1d"],
      ["🟡", "First review", "3", "6h", "1d 9h", "4h / 1d"],
      ["🟢", "Approval", "1", "0s", "0s", "8h / 1d"],
      ["🟢", "Merge", "1", "1h", "1h", "4h / 1d"],
      ["", "Sum of the stages", "", "10h", "1d 14h", ""],
      ["", "Whole items", "3", "9h", "1d 14h", ""],
    ]);
  });

  it("rates what of the median is rated, and says so", () => {
    const told = renderReport(reportOn(BASE, [[1, 6]], 0.5));
    expect(told).toContain("| 🟢 | First review | 1 | 6h | 6h | 4h / 1d |");
    expect(told).toContain("Ratings count working time alone.");
    expect(renderReport(reportOn(BASE, [[1, 6]]))).toContain("| 🟡 | First review | 1 | 6h | 6h | 4h / 1d |");
  });

  it("says that there is nothing to count", () => {
    expect(renderReport(reportOn(BASE, []))).toContain("0 pull requests merged here in the 30 days before");
    expect(renderReport(reportOn(BASE, []))).not.toContain("|");
  });

  it("draws days where hours would be many", () => {
    expect(renderReport(reportOn(BASE, [[100]]))).toMatch(/title "Median, in days"[\s\S]*y-axis 0 --> 5\n {4}bar \[4\.17\]/);
  });
});

it("never is longer than GitHub takes", () => {
  const replies = Array.from({ length: 10 }, (_, index) => `${index}${"x".repeat(9000)}`);
  const answer = renderAnswer({ question: "5", url: null, asker: { id: "9", login: "ada" }, now: at("12:00"), replies });
  expect(answer.length).toBeLessThanOrEqual(MAX_COMMENT);
  expect(answer).toContain("The rest is too long for one comment");
  const long = input({
    tables: [
      table({
        leadTime: leadTime({
          stages: Array.from({ length: 300 }, (_, index) => pending({ name: `S ${index}` }, "x".repeat(200), null)),
        }),
      }),
    ],
  });
  expect(renderExplanation(long, [], roomFor(10)).length).toBeLessThanOrEqual(roomFor(10));
});
