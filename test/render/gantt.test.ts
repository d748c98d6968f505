import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gantt } from "../../src/render/gantt.js";
import { entered, GOLDEN_STAGES, leadTime, outOfOrder, pending, skipped } from "./builders.js";

const linesOf = (stages: typeof GOLDEN_STAGES): string[] => gantt(leadTime({ stages }))?.split("\n") ?? [];
const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
const BAR = new RegExp(`^ {4}[\\dwdhms ]+ :(done, |active, |crit, )?(milestone, ${TIME}, 0s|${TIME}, ${TIME})$`);

describe("the picture", () => {
  it("has a section a stage, whose bar is the time it took to reach it", () => {
    expect(linesOf(GOLDEN_STAGES.slice(0, 2))).toEqual([
      "```mermaid",
      '%%{init: {"gantt": {"leftPadding": 92}}}%%',
      "gantt",
      "    dateFormat YYYY-MM-DD HH:mm:ss",
      "    axisFormat %H:%M",
      "    todayMarker off",
      "    section In progress",
      "    10m :done, 2024-05-06 09:50:00, 2024-05-06 10:00:00",
      "    section First commit",
      "    5m :done, 2024-05-06 10:00:00, 2024-05-06 10:05:00",
      "```",
    ]);
  });

  it("shows a stage that took no time as a milestone", () => {
    expect(linesOf([outOfOrder({}, "10:00")])).toContain("    0s :done, milestone, 2024-05-06 10:00:00, 0s");
  });

  it("leaves out what was not reached, and is none without a stage", () => {
    expect(linesOf([skipped({}, ""), pending({}, "")])).toEqual([]);
    expect(linesOf([skipped({}, ""), entered({}, "10:00", 1)]).filter((line) => line.includes("section"))).toHaveLength(1);
  });

  it("tells apart stages of one name, which Mermaid would draw as one", () => {
    const sections = linesOf([entered({}, "10:00", 1), entered({}, "10:01", 1)]).filter((line) => line.includes("section"));
    expect(sections).toEqual(["    section Merge", "    section Merge (2)"]);
  });

  it("shows days on its axis when it spans days", () => {
    expect(linesOf([entered({}, "10:00", 3 * 24 * 60)])).toContain("    axisFormat %m-%d %H:%M");
    expect(linesOf([entered({}, "10:00", 30 * 24 * 60)])).toContain("    axisFormat %m-%d");
  });

  it("keeps its form whatever the stages are called", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 5 }), (names) => {
        const body = linesOf(names.map((name) => entered({ name }, "10:00", 1))).slice(6, -1);
        const sections = body.filter((_, index) => index % 2 === 0);
        expect(sections.filter((line) => !/^ {4}section [\p{L}\p{M}\p{N} ()/._…-]+$/u.test(line))).toEqual([]);
        expect(new Set(sections).size).toBe(names.length);
        expect(body.filter((line, index) => index % 2 === 1 && !BAR.test(line))).toEqual([]);
      }),
    );
  });
});
