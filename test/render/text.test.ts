import { describe, expect, it } from "vitest";
import { renderText } from "../../src/render/text.js";
import { at, entered, GOLDEN_STAGES, item, leadTime, minutes, outOfOrder, pending, skipped } from "./builders.js";

describe("the table for a terminal", () => {
  it("tells the worked example", () => {
    expect(renderText(item(), leadTime())).toMatchSnapshot();
  });

  it("tells each state in words", () => {
    const stages = [
      ...GOLDEN_STAGES.slice(0, 1),
      skipped({ name: "Approval" }, "merged without approval"),
      outOfOrder({}, "09:55"),
      pending({ name: "CI" }, "", at("10:00")),
      pending({ name: "Deployment" }, ""),
    ];
    const lead = leadTime({ stages, status: "in-progress", total: minutes(10), notes: ["the ticket's history is unread"] });
    expect(renderText(item(), lead)).toMatchSnapshot();
  });

  it("passes nothing on that a terminal obeys", () => {
    const evil = "a\u001b[2J\u001b]0;owned\u0007\u202e\r\nb";
    const text = renderText(
      item({ name: evil, title: evil }),
      leadTime({ stages: [entered({ name: evil }, "10:00", 1)], notes: [evil] }),
    );
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.split("\n").filter((line) => line.startsWith("b"))).toEqual([]);
  });
});
