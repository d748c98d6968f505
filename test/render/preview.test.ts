import { describe, expect, it } from "vitest";
import { type ComparedItem, compare } from "../../src/core/comparison.js";
import type { StageTime } from "../../src/core/measurement.js";
import { type Preview, renderPreview } from "../../src/render/preview.js";
import { entered, leadTime, minutes } from "./builders.js";

const item = (name: string, took: number, profile = "a"): ComparedItem => {
  const stage = (time: number): StageTime => entered({ name }, "10:00", time);
  const one = (time: number) => leadTime({ profile, stages: [stage(time)], total: minutes(2 * time) });
  return { kind: "pull-request", before: [one(took)], after: [one(took + 1)], own: { before: profile, after: profile } };
};
const preview = (items: readonly ComparedItem[], of: Partial<Preview> = {}): Preview => ({
  comparison: compare(items),
  overall: () => "sum-of-stages",
  days: 90,
  home: "acme/web",
  links: null,
  sample: null,
  ...of,
});

describe("the headline", () => {
  it("is the total that the profile's reports begin with, and so is the first of the two rows", () => {
    const rows = (text: string) =>
      text
        .split("\n")
        .filter((line) => line.startsWith("| **"))
        .map((line) => line.split("**")[1]);
    const sum = renderPreview(preview([item("Merge", 5)]));
    expect(sum).toMatch(
      /^Under this file \*\*1 of 1 item\*\* finished in the last 90 days changes: median total of pull requests 5m → 6m\./,
    );
    expect(rows(sum)).toEqual(["Sum of the stages", "Total of an item"]);
    const totals = renderPreview(preview([item("Merge", 5)], { overall: () => "of-totals" }));
    expect(totals).toContain("median total of pull requests 10m → 12m.");
    expect(rows(totals)).toEqual(["Total of an item", "Sum of the stages"]);
  });
});

describe("what files and branches say", () => {
  it("is shown as text", () => {
    const text = renderPreview(
      preview([item("@acme/all | <b>", 5, "acme/web:`own`")], {
        links: { gained: [{ from: "#1", key: "A-1 @x" }], lost: [], named: true },
      }),
    );
    expect(text).toContain("| @\u200bacme/all &#124; &lt;b&gt; |");
    expect(text).toContain("under `ˋownˋ`");
    expect(text).toContain("`#1` `A-1 @\u200bx`");
  });

  it("never makes more of it than a check can hold", () => {
    const wide = "<".repeat(60);
    const stages = (time: number) =>
      Array.from({ length: 99 }, (_, index) => entered({ name: `${index}${wide}` }, "10:00", time));
    const items = Array.from({ length: 9 }, (_, index): ComparedItem => {
      const profile = `${index}${"`".repeat(99)}`;
      return {
        kind: "ticket",
        own: { before: profile, after: profile },
        before: [leadTime({ profile, stages: stages(1) })],
        after: [leadTime({ profile, stages: stages(2) })],
      };
    });
    const links = Array.from({ length: 999 }, (_, index) => ({ from: `acme/${"x".repeat(99)}#${index}`, key: "K".repeat(99) }));
    const text = renderPreview(preview(items, { links: { gained: links, lost: links, named: true } }));
    expect(text.length).toBeLessThan(50_000);
    expect(text).toContain("And 69 more stages.");
    expect(text).toContain("And so do 5 more sets of items.");
    expect(text).toContain("and 979 more.");
  });
});
