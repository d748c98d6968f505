import { describe, expect, it } from "vitest";
import type { LeadTime } from "../../src/core/measurement.js";
import { pullRequestRef } from "../../src/core/ref.js";
import { instant } from "../../src/core/time.js";
import { type Audience, renderComment } from "../../src/render/comment.js";
import {
  at,
  entered,
  evidence,
  GOLDEN_STAGES,
  input,
  item,
  leadTime,
  minutes,
  pending,
  skipped,
  TICKET,
  table,
} from "./builders.js";
import { see } from "./gfm.js";

const PUBLIC: Audience = { public: true, tickets: "full", ratings: true };
const HIDDEN: Audience = { public: false, tickets: "hidden", ratings: true };
const SCM = GOLDEN_STAGES.slice(1, 7);
const fromCommit = leadTime({
  profile: "pull-request",
  start: evidence("commit.created", "10:05"),
  startedAt: at("10:05"),
  stages: SCM.slice(1),
  total: minutes(12),
});

describe("in a public repository", () => {
  it("the comment has the stages of source control only, and their total", () => {
    const markdown = renderComment(input({ tables: [table({ leadTime: fromCommit })], audience: PUBLIC }));
    expect(markdown).toContain("### Lead time 12m · 🟢 good\n\n|");
    expect(
      see(markdown)
        .tables[0]?.slice(1)
        .map(([, name]) => name),
    ).toEqual(["Pull request opened", "Approval", "Merge", "CI", "Deployment"]);
  });

  it("ticket stages handed in are left out, and the times are measured anew, for they would tell when the ticket moved", () => {
    const markdown = renderComment(input({ audience: PUBLIC }));
    const rows = see(markdown).tables[0]?.slice(1) ?? [];
    expect(markdown).toContain("### Lead time 12m · 🟢 good\n");
    expect(rows.map(([, name, time]) => [name, time])).toEqual([
      ["First commit", "0s"],
      ["Pull request opened", "5m"],
      ["Approval", "1m"],
      ["Merge", "4m"],
      ["CI", "1m"],
      ["Deployment", "1m"],
    ]);
    expect(markdown).toContain("Counted from 2024-05-06 10:05 (UTC), commit made");
  });

  it("what was skipped before a ticket stage is pending without it", () => {
    const stages = [
      ...GOLDEN_STAGES.slice(0, 5),
      skipped({ name: "CI", on: "ci.completed" }, "not seen yet, Done came first"),
      ...GOLDEN_STAGES.slice(7),
    ];
    const markdown = renderComment(input({ tables: [table({ leadTime: leadTime({ stages }) })], audience: PUBLIC }));
    expect(see(markdown).tables[0]?.at(-1)?.slice(1, 3)).toEqual(["CI", "– pending since 2024-05-06 10:15"]);
    expect(markdown).toContain("### Lead time so far 10m");
    expect(markdown).not.toContain("Done");
  });

  it("nothing tells of a ticket: no key, title, address, note or reason", () => {
    const telling = [
      "PROP-1460 could not be read",
      "prop-99 is unknown",
      `see ${TICKET.title}`,
      "Jira could not be read since 2024-05-06 10:15 (UTC)",
      "fix version 1.2",
      "not seen yet, Done came first",
    ];
    const merged = entered({}, "10:15", 4, { note: telling[0] ?? "" });
    const stages = [
      ...telling.map((reason) => skipped({}, reason)),
      merged,
      ...GOLDEN_STAGES,
      pending({}, telling[1] ?? "", at("10:15")),
    ];
    const tables = [table({ leadTime: leadTime({ stages, notes: telling }), item: item({ links: [] }) })];
    const markdown = renderComment(input({ tables, notes: telling, audience: PUBLIC }));
    expect(markdown).not.toMatch(
      /prop-|jira|atlassian|passkeys|ticket (created|status)|fix version|done came|in progress|\| release/i,
    );
  });

  it("what was posted by API is left out, for it may be about a ticket", () => {
    const lead = leadTime({ ...fromCommit, stages: [...SCM, entered({ name: "Accepted", on: "api-event" }, "10:30", 13)] });
    expect(renderComment(input({ tables: [table({ leadTime: lead })], audience: PUBLIC }))).not.toContain("Accepted");
  });

  it("not even when there is nothing to measure", () => {
    const notes = ["Jira could not be read since 2024-05-06 10:15 (UTC)"];
    expect(renderComment(input({ tables: [], notes, audience: PUBLIC }))).not.toContain("Jira");
  });

  it("an innocent note stays", () => {
    const notes = ["the comparison has not been read yet"];
    expect(renderComment(input({ tables: [table({ leadTime: fromCommit })], notes, audience: PUBLIC }))).toContain(notes[0]);
  });
});

describe("where tickets are not to be named", () => {
  it("`key` shows the key and its address, and no title", () => {
    const markdown = renderComment(input({ audience: { ...HIDDEN, tickets: "key" } }));
    expect(markdown).toContain("[PROP-1460](https://acme.atlassian.net/browse/PROP-1460)");
    expect(markdown).not.toContain(TICKET.title);
  });

  it("`hidden` shows its stages, and neither key nor title nor address", () => {
    const notes = ["PROP-1460 and prop-7 could not be read"];
    const markdown = renderComment(input({ audience: HIDDEN, notes }));
    expect(see(markdown).tables[0]).toHaveLength(10);
    expect(markdown).not.toMatch(/prop-|atlassian|passkeys/i);
    expect(markdown).toContain("the ticket and the ticket could not be read");
  });
});

describe("with ratings off", () => {
  it("there are no colours, and no words for them", () => {
    const markdown = renderComment(input({ audience: { public: false, tickets: "full", ratings: false } }));
    expect(markdown).not.toMatch(/🟢|🟡|🔴|good|:done|:active|:crit/u);
    expect(see(markdown).tables[0]?.[1]).toEqual(["✓", "In progress", "10m", "2024-05-06 10:00", "1d / 3d", "–"]);
  });
});

describe("what happened in a repository that may not be named", () => {
  const url = "https://github.com/acme/secret/pull/1";
  const shown = (overrides: Parameters<typeof entered>[3]) =>
    renderComment(input({ tables: [table({ leadTime: leadTime({ stages: [entered({}, "10:15", 4, overrides)] }) })] }));

  it("is of another repository: no name, address, person or note", () => {
    const markdown = shown({ url, pullRequest: pullRequestRef(11, 1), actor: "mallory", note: "secret to production" });
    expect(markdown).toContain("| 2024-05-06 10:15 · another repository |");
    expect(markdown).not.toMatch(/secret|mallory/);
  });

  it("nor without a pull request", () => {
    expect(shown({ url, pullRequest: null, actor: "mallory" })).not.toMatch(/secret|mallory/);
    expect(shown({ url: "https://github.com/acme/web/commit/1", pullRequest: null })).toContain("acme/web/commit/1");
  });
});

describe("where ratings count working time alone", () => {
  const rated = leadTime({
    workingTime: { days: ["mon", "tue"], hours: { from: minutes(540), to: minutes(1080) }, timeZone: "Europe/Berlin" },
    unitNotes: ["org unit payments: profile quick is not defined: change is used"],
  });
  const told = (audience: Audience) => renderComment(input({ tables: [table({ leadTime: rated })], audience }));
  const SAID = "Ratings count working time alone: mon, tue, 09:00-18:00, Europe/Berlin.";

  it("the comment says which, unless everybody reads it or no rating is shown", () => {
    expect(told({ public: false, tickets: "full", ratings: true })).toContain(SAID);
    expect(told({ public: false, tickets: "full", ratings: false })).not.toContain("Berlin");
    expect(told(PUBLIC)).not.toContain("Berlin");
  });

  it("times that are measured anew for everybody to read are rated so as well", () => {
    const stage = (name: string, at: string) => {
      const limits = { ideal: minutes(60), acceptable: minutes(120) };
      const made = entered({ name, on: "pull-request.merged", limits }, "10:00", 0);
      const enteredAt = instant(Date.parse(at));
      return "evidence" in made ? { ...made, enteredAt, evidence: { ...made.evidence, at: enteredAt } } : made;
    };
    // From Friday at nine to Sunday at nine, of which nothing counts.
    const ticket = entered({ name: "Done", on: "ticket.status" }, "10:00", 0);
    const stages = [stage("One", "2024-05-03T09:00:00Z"), ticket, stage("Two", "2024-05-05T09:00:00Z")];
    const markdown = (workingTime?: LeadTime["workingTime"]) =>
      renderComment(
        input({
          audience: PUBLIC,
          tables: [table({ leadTime: leadTime({ stages, ...(workingTime ? { workingTime } : {}) }) })],
        }),
      );
    expect(markdown()).toContain("### Lead time 2d · 🔴 slow");
    expect(markdown(rated.workingTime)).toContain("### Lead time 2d · 🟢 good");
  });

  it("no comment says what org units ask for", () => {
    for (const audience of [PUBLIC, HIDDEN, { public: false, tickets: "full", ratings: true } as const]) {
      expect(told(audience)).not.toContain("payments");
    }
  });
});
