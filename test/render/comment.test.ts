import { describe, expect, it } from "vitest";
import type { StageTime } from "../../src/core/measurement.js";
import { pullRequestRef, ticketRef } from "../../src/core/ref.js";
import { type CommentTable, MARKER, MAX_COMMENT, renderComment } from "../../src/render/comment.js";
import {
  at,
  entered,
  evidence,
  GOLDEN_STAGES,
  input,
  leadTime,
  minutes,
  outOfOrder,
  pending,
  skipped,
  TICKET,
  table,
  withStages,
} from "./builders.js";
import { see } from "./gfm.js";

const rowsOf = (markdown: string): readonly (readonly string[])[] => see(markdown).tables[0]?.slice(1) ?? [];
const headingOf = (markdown: string): string => markdown.split("\n")[1] ?? "";

describe("the comment", () => {
  it("tells the worked example", () => {
    expect(renderComment(input())).toMatchSnapshot();
  });

  it("begins with the marker, the total, its rating and the ticket", () => {
    const [marker, heading] = renderComment(input()).split("\n");
    expect(marker).toBe(MARKER);
    expect(heading).toBe("### Lead time 1h 10m · 🟢 good · [PROP-1460](https://acme.atlassian.net/browse/PROP-1460)");
  });

  it("has the table's header as promised", () => {
    const header = "|    | Stage | Lead time | Reached (UTC) | Ideal / acceptable | Usual |\n|----|---|---|---|---|---|\n";
    expect(renderComment(input())).toContain(header);
  });

  it("shows each stage's lead time, entry and limits, and what is usual", () => {
    const usual = new Map([["In progress", minutes(240)]]);
    const rows = rowsOf(renderComment(input({ tables: [table({ usual })] })));
    expect(rows[0]).toEqual(["🟢", "In progress", "10m", "2024-05-06 10:00", "1d / 3d", "4h"]);
    expect(rows.map(([, , time]) => time)).toEqual(["10m", "5m", "5m", "1m", "4m", "1m", "1m", "3m", "40m"]);
    expect(rows[1]?.[5]).toBe("–");
  });

  it("has no ticket in its heading without one", () => {
    expect(headingOf(renderComment(input({ tables: [table({ ticket: null })] })))).toBe("### Lead time 1h 10m · 🟢 good");
  });

  it.each([null, "http://jira.internal/browse/PROP-1460"])("shows a ticket whose address is %j in a code span", (url) => {
    const heading = headingOf(renderComment(input({ tables: [table({ ticket: { ...TICKET, url } })] })));
    expect(heading).toBe("### Lead time 1h 10m · 🟢 good · `PROP-1460`");
  });

  it("says what is missing before why it is measured so, each once", () => {
    const missing = "Jira could not be read since 2024-05-06 10:15 (UTC)";
    const tables = [table({ leadTime: leadTime({ notes: ["no ticket linked", missing] }) })];
    expect(renderComment(input({ tables, notes: [missing] }))).toContain(`- ⚠️ ${missing}\n- ℹ️ no ticket linked\n\n`);
  });

  it("links to the app where it is reached over https", () => {
    expect(renderComment(input({ publicUrl: "https://leadtime.acme.dev" }))).toContain(
      "[Dashboard](https://leadtime.acme.dev/)",
    );
    expect(renderComment(input({ publicUrl: "http://127.0.0.1:3000" }))).not.toContain("Dashboard");
  });

  it("says so when there is nothing to measure", () => {
    expect(renderComment(input({ tables: [] }))).toBe(`${MARKER}\n### Lead time not measured`);
  });
});

describe("a stage", () => {
  const shown = (stage: StageTime) => rowsOf(renderComment(withStages([stage])))[0];

  it.each([
    ["good", "🟢"],
    ["acceptable", "🟡"],
    ["slow", "🔴"],
    [null, "✓"],
  ] as const)("rated %s is marked %s", (rating, mark) => {
    expect(shown({ ...entered({}, "10:15", 4), rating } as StageTime)?.[0]).toBe(mark); // the spread loses the union
  });

  it("out of order says so", () => {
    expect(shown(outOfOrder({}, "10:15"))).toEqual(["⇄", "Merge", "0s · out of order", "2024-05-06 10:15", "10m / 1h", "–"]);
  });

  it("skipped says why", () => {
    const row = ["⚪", "Merge", "– skipped: no ticket linked", "–", "10m / 1h", "–"];
    expect(shown(skipped({}, "no ticket linked"))).toEqual(row);
  });

  it("skipped counts 0 where the profile says so", () => {
    const stage: StageTime = { ...entered({}, "10:15", 4), state: "skipped", leadTime: minutes(0), reason: "no ticket linked" };
    expect(shown(stage)?.[2]).toBe("0s · skipped: no ticket linked");
  });

  it("pending says since when, the first of them, and no age", () => {
    const markdown = renderComment(
      withStages([pending({ name: "CI" }, "no run yet", at("10:15")), pending({ name: "Deployment" }, "not deployed yet")], {
        status: "in-progress",
      }),
    );
    expect(rowsOf(markdown)[0]).toEqual(["⏳", "CI", "– pending since 2024-05-06 10:15", "–", "10m / 1h", "–"]);
    expect(rowsOf(markdown)[1]?.[2]).toBe("– pending");
    expect(markdown).toContain("Still to come: CI (no run yet) and Deployment.");
    expect(markdown).toContain("- **Deployment** · pending: not deployed yet");
  });

  it("known to the day says so, and so does what waits since then", () => {
    const day = entered({ name: "Release" }, "00:00", 0, { precision: "day" });
    const rows = rowsOf(renderComment(withStages([day, pending({}, "not merged yet", at("00:00"))])));
    expect(rows.map(([, , time, reached]) => [time, reached])).toEqual([
      ["0s", "2024-05-06 (day only)"],
      ["– pending since 2024-05-06 (day only)", "–"],
    ]);
  });

  it.each([
    [{}, "–"],
    [{ ideal: minutes(60) }, "1h / –"],
    [{ acceptable: minutes(60) }, "– / 1h"],
  ])("with the limits %j shows %s", (limits, words) => {
    expect(shown(entered({ limits }, "10:15", 4))?.[4]).toBe(words);
  });

  it("from another pull request names it in a code span", () => {
    const markdown = renderComment(withStages([entered({}, "10:15", 4, { pullRequest: pullRequestRef(10, 12) })]));
    expect(markdown).toContain("| 2024-05-06 10:15 · `#12` |");
    expect(markdown).toContain(", from `#12`");
  });

  it("shows the correction made to its event", () => {
    const note = "the original commits were replaced: the opening counts";
    expect(renderComment(withStages([entered({}, "10:15", 4, { note })]))).toContain(` · ${note}\n`);
  });
});

describe("the heading", () => {
  it.each([
    [{ status: "in-progress", total: minutes(34), rating: "good" }, "### Lead time so far 34m · 🟢 good"],
    [{ status: "not-started", total: null, rating: null }, "### Lead time not started"],
    [{ status: "abandoned", total: minutes(34), rating: null }, "### Lead time so far 34m · abandoned"],
    [{ status: "complete", rating: "acceptable" }, "### Lead time 1h 10m · 🟡 acceptable"],
    [{ status: "complete", rating: "slow" }, "### Lead time 1h 10m · 🔴 slow"],
  ] as const)("of %j", (overrides, heading) => {
    const tables = [table({ ticket: null, leadTime: leadTime(overrides) })];
    expect(headingOf(renderComment(input({ tables })))).toBe(heading);
  });
});

describe("several tickets", () => {
  const tickets = (count: number, overrides: Partial<CommentTable> = {}): CommentTable[] =>
    Array.from({ length: count }, (_, index) =>
      table({ ticket: { ...TICKET, ref: ticketRef(index), key: `PROP-${index + 1}` }, ...overrides }),
    );

  it("have a table each, the first open, the others folded", () => {
    const markdown = renderComment(input({ tables: tickets(3) }));
    expect(headingOf(markdown)).toContain("PROP-1");
    expect(see(markdown).tables).toHaveLength(3);
    expect(see(markdown).html).toContain("<details>\n<summary>Lead time 1h 10m · 🟢 good · <code>PROP-3</code></summary>");
    expect(markdown).not.toContain("not shown");
  });

  it("are five at most, the rest is counted", () => {
    expect(see(renderComment(input({ tables: tickets(6) }))).tables).toHaveLength(5);
    expect(renderComment(input({ tables: tickets(6) }))).toContain("\n1 more ticket is linked and not shown.\n");
    expect(renderComment(input({ tables: tickets(8) }))).toContain("\n3 more tickets are linked and not shown.\n");
  });

  it("say nothing of those behind the first in a public repository", () => {
    const markdown = renderComment(input({ tables: tickets(8), audience: { public: true, tickets: "full", ratings: true } }));
    expect(see(markdown).tables).toHaveLength(1);
    expect(markdown).not.toContain("more ticket");
  });
});

describe("what does not fit", () => {
  const long = "|".repeat(300);
  const stages = (count: number): StageTime[] =>
    Array.from({ length: count }, (_, index) => entered({ name: `${index}${long}` }, "10:00", 1, { note: long }));
  const comment = (count: number, copies = 1, notes: string[] = []) => {
    const lead = leadTime({ stages: stages(count) });
    return renderComment(input({ tables: Array.from({ length: copies }, () => table({ leadTime: lead })), notes }));
  };
  const told = (markdown: string) => ({
    tables: markdown.split("| Stage |").length - 1,
    picture: markdown.includes("```mermaid"),
    evidence: markdown.includes("<summary>Evidence"),
  });

  it("loses the picture first, then the evidence, then further tables", () => {
    expect(told(comment(20))).toEqual({ tables: 1, picture: true, evidence: true });
    const notes = ["a".repeat(200), "b".repeat(200)];
    expect(told(comment(20, 1, notes))).toEqual({ tables: 1, picture: false, evidence: true });
    expect(told(comment(40))).toEqual({ tables: 1, picture: false, evidence: false });
    expect(told(comment(40, 5))).toEqual({ tables: 3, picture: false, evidence: false });
  });

  it("is cut in the cells last, and the table holds", () => {
    for (const count of [400, 3000]) {
      const markdown = comment(count, 7);
      const [rows] = see(markdown).tables;
      expect(markdown.length).toBeLessThanOrEqual(MAX_COMMENT);
      expect(markdown).toContain("… |");
      expect(markdown).toContain(`And ${count + 1 - (rows?.length ?? 0)} more stages.`);
      expect(rows?.filter((row) => row.length !== 6)).toEqual([]);
    }
  });

  it("fits even when every field is as long and as strange as it can be", () => {
    const strange = "👾|".repeat(5000);
    const found = evidence("pull-request.merged", "10:00", {
      actor: strange,
      note: strange,
      pullRequest: pullRequestRef(11, 1),
    });
    const stage: StageTime = { ...entered({ name: strange }, "10:00", 1), evidence: found } as StageTime; // the spread loses the union
    const absent = [skipped({ name: strange }, strange), pending({ name: strange }, strange)];
    const wild = leadTime({
      stages: Array.from({ length: 1000 }, () => [stage, ...absent]).flat(),
      notes: Array(50).fill(strange),
      profile: strange,
    });
    const url = `https://acme.example/${"(".repeat(1900)}`;
    const tables = [table({ leadTime: wild, ticket: { ...TICKET, key: strange, title: strange, url }, others: () => strange })];
    const markdown = renderComment(input({ tables, notes: Array.from({ length: 50 }, (_, index) => index + strange) }));
    expect(markdown.length).toBeLessThanOrEqual(MAX_COMMENT);
    expect(see(markdown).tables[0]?.filter((row) => row.length !== 6)).toEqual([]);
  });
});

describe("the evidence", () => {
  it("proves the start and each stage with a link", () => {
    const markdown = renderComment(input());
    expect(markdown).toContain(
      "- **Start** · [ticket created](https://acme.atlassian.net/browse/PROP-1460), 2024-05-06 09:50 (UTC), by `ada`\n",
    );
    expect(see(markdown).links).toHaveLength(GOLDEN_STAGES.length + 2);
  });

  it.each(["http://github.com/a", "javascript:alert(1)", "https://user:secret@github.com/a", "no address", ""])(
    "does not link to %j",
    (url) => {
      const markdown = renderComment(withStages([entered({}, "10:15", 4, { url })], { start: null }));
      expect(see(markdown).links).toEqual([TICKET.url]);
    },
  );
});
