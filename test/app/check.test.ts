import { describe, expect, it, vi } from "vitest";
import type { FaultKind } from "../../src/simulator/http.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { at, type Desk, desk, PATH, REPOSITORY } from "../support/checked.js";

vi.setConfig({ testTimeout: 60_000 });

const RUNS = /\/check-runs(\/\d+)?$/;
const CONTENTS = /\/contents\//;
const failing = (count: number) => Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join("");
const summaryOf = ({ runs }: Desk, ref: string) => runs(ref)[0]?.summary ?? "";

describe("a pull request that touches the configuration file", () => {
  it("is told what a good file means", async () => {
    const on = await desk();
    await on.propose(
      "good",
      `profile: quick
profiles:
  quick:
    description: "@everybody: *fast*"
    start: first-stage
    calculation: entry-to-entry
    stages:
      - { name: "Smoke|test", on: ci.completed, workflows: ["smoke-*"], ideal: 30m }
      - { name: Live, on: deployment.succeeded, environments: [live], pick: last, ideal: 1h, acceptable: 1d 12h }
`,
    );
    await on.on.app.idle();
    expect(on.runs("good")).toMatchObject([{ name: "leadtime", status: "completed", conclusion: "success", annotations: [] }]);
    expect(on.runs("good")[0]?.title).toBe("Good: this repository is measured under quick");
    expect(summaryOf(on, "good")).toBe(`This repository is measured under the profile \`quick\`.

No item was finished in the last 90 days, so that there are no figures to compare.

### Profile \`quick\`

@\u200beverybody: \\*fast\\*

The clock starts when the first stage is entered.

|   | Stage | Entered when | Ideal / acceptable |
|---|---|---|---|
| 1 | Smoke&#124;test | \`smoke-*\` has succeeded on the merge commit | 30m / – |
| 2 | Live | a deployment to \`live\` with the merge in it succeeds (the last one counts) | 1h / 1d 12h |

Calculation: **entry-to-entry**: an event before its predecessor takes no time and sets the clock back. Reports put the sum of the stages' medians first.`);
  });

  it("is checked on every head, and told when it is mended", async () => {
    const on = await desk({ own: "profile: change\n" });
    await on.propose("one", "prfile: change\n");
    await on.on.app.idle();
    const broken = on.runs("one");
    const later = await on.push("one", "text", { path: "b.md" });
    await on.on.app.idle();
    const again = on.runs(later);
    await on.push("one", "profile: pull-request\n");
    await on.on.app.idle();
    expect([broken, again, on.runs("one")].map(([run]) => run?.conclusion)).toEqual(["failure", "failure", "success"]);
    expect(again[0]?.sha).toBe(later);
  });

  it("that deletes it is told what holds then", async () => {
    const on = await desk({ own: "profile: change\n", organisation: "profile: ticket-to-merge\n" });
    await on.propose("gone", null);
    await on.on.app.idle();
    expect(on.runs("gone")).toMatchObject([
      { conclusion: "success", title: "No file: this repository is measured under ticket-to-merge" },
    ]);
    expect(summaryOf(on, "gone")).toContain(`There is no \`${PATH}\`: what the organisation's file says holds`);
  });

  it("of the organisation is told of its org units, and may say what only it may", async () => {
    const on = await desk();
    const units = "orgUnits:\n  pay: { repositories: ['acme/pay-*'], projects: [PAY], profile: change }\n";
    await on.propose("units", units, { repository: "acme/.github" });
    await on.propose("units", units);
    await on.on.app.idle();
    const [run] = on.runs("units", "acme/.github");
    expect(run).toMatchObject({ conclusion: "success" });
    expect(run?.summary).toContain("A repository whose own file says nothing else is measured under the profile");
    expect(run?.summary).toContain(
      "### Org units\n\n- `pay`: the repositories `acme/pay-*`, the ticket projects `PAY`; also measured under `change`",
    );
    expect(on.runs("units")[0]?.annotations).toMatchObject([
      { message: expect.stringContaining("expected orgUnits only in the organisation's file") },
    ]);
  });

  it("is read with the files that it extends", async () => {
    const on = await desk();
    const { github } = on.on.world;
    const shared = "profiles: { shared: { extends: change, without: [Merge] } }\n";
    await github.createRepository({
      repository: "acme/settings",
      visibility: "public",
      files: { [PATH]: shared },
      at: at("07:30"),
    });
    await on.propose("good", "_extends: settings\nprofile: shared\n");
    await on.propose("nowhere", "_extends: elsewhere\n");
    await on.on.app.idle();
    expect(on.runs("good")).toMatchObject([{ conclusion: "success", title: expect.stringContaining("under shared") }]);
    expect(on.runs("nowhere")[0]?.annotations).toMatchObject([{ start_line: 1, start_column: 11, title: "_extends" }]);
  });

  it("is warned of names that nobody has seen, with the nearest one, and of none that somebody has", async () => {
    const on = await desk();
    await playTicketLife(on.on.world, GOLDEN_TIMES);
    const file = (environment: string, workflow: string, status: string) => `profiles:
  own:
    start: { on: ticket.created }
    stages:
      - { name: Begun, on: ticket.status, status: [${status}] }
      - { name: CI, on: ci.completed, workflows: [${workflow}] }
      - { name: Live, on: deployment.succeeded, environments: [${environment}] }
`;
    await on.on.app.idle();
    await on.propose("unseen", file("prodution", "deploy-nightly", "In Progres"));
    await on.propose("seen", file("prod*", "'*'", "in progress"));
    await on.on.app.idle();
    expect(on.runs("unseen")).toMatchObject([
      {
        conclusion: "success",
        title: "Good: this repository is measured under ticket-to-release · 3 names not seen yet",
        annotations: [
          {
            annotation_level: "warning",
            start_line: 5,
            message: expect.stringMatching(/status that was seen.*did you mean "In Progress"/),
          },
          { annotation_level: "warning", start_line: 6, message: expect.stringContaining("a workflow that was seen") },
          {
            annotation_level: "warning",
            start_line: 7,
            message: expect.stringMatching(/environment.*did you mean "production"/),
          },
        ],
      },
    ]);
    expect(on.runs("seen")).toMatchObject([{ conclusion: "success", annotations: [] }]);
  });

  it("that everybody reads is told nothing that stands in the organisation's file, nor of tickets", async () => {
    const secret = "profiles: { s3cret-plan: { extends: ticket-to-release, without: [Merge], description: Hush } }\n";
    const on = await desk({ organisation: secret, visibility: "public" });
    await on.propose("typo", "profile: s3cret-pln\n");
    await on.propose("edit", "profiles: { own: { extends: s3cret-plan, without: [Nothing] } }\n");
    await on.propose("good", "profile: own\nprofiles: { own: { extends: ticket-to-release } }\n");
    await on.on.app.idle();
    for (const name of ["typo", "edit"]) {
      expect(on.runs(name)).toMatchObject([{ conclusion: "failure" }]);
      expect(on.runs(name)[0]?.annotations).toHaveLength(1);
      expect(JSON.stringify(on.runs(name)), name).not.toMatch(/s3cret-plan|Pull request opened|Hush/);
    }
    expect(on.runs("good")).toMatchObject([{ conclusion: "success" }]);
    expect(summaryOf(on, "good")).not.toMatch(/In progress|Done|ticket is/);
    expect(summaryOf(on, "good")).toContain("| Merge |");
  });
});

describe("a pull request that does not touch it", () => {
  it("costs one question, and is told nothing", async () => {
    const on = await desk({ own: "profile: change\n" });
    await on.propose("other", "x", { path: "b.md" });
    await on.on.app.idle();
    expect(on.runs("other")).toEqual([]);
    expect(on.asked("GET", /\/pulls\/1\/files$/)).toBe(1);
    expect(on.asked("GET", CONTENTS) + on.asked("GET", RUNS) + on.asked("POST", RUNS)).toBe(0);
  });

  it("is not blamed for what is wrong on the default branch, before or behind it", async () => {
    const on = await desk({ own: "profile: change\n" });
    await on.push("main", "prfile: change\n");
    await on.propose("behind", "x", { path: "b.md" });
    await on.push("main", "profile: change\n");
    await on.on.app.idle();
    expect(on.runs("behind")).toEqual([]);
  });
});

describe("a push to the default branch", () => {
  it("that breaks the file is told so on its commit, and what was good stays in force, also after a restart", async () => {
    const on = await desk({ own: "profile: ticket-to-merge\n" });
    await on.push("main", "profile: ticket-to-relase\n");
    await on.on.app.idle();
    expect(on.runs("main")).toMatchObject([
      { conclusion: "failure", annotations: [{ message: expect.stringContaining('did you mean "ticket-to-release"?') }] },
    ]);
    await playTicketLife(on.on.world, GOLDEN_TIMES);
    await on.on.app.idle();
    const profiles = async () => {
      const item = (await on.on.get("/api/v1/work-items/PROP-1460")) as WorkItem; // as its schema says
      return item.leadTimes.map(({ profile }) => profile);
    };
    expect(await profiles()).toEqual(["ticket-to-merge"]);
    await on.on.restart();
    await on.on.app.idle();
    expect(await profiles()).toEqual(["ticket-to-merge"]);
    await on.push("main", "profile: change\n");
    await on.on.app.idle();
    expect(on.runs("main")).toMatchObject([{ conclusion: "success" }]);
    await vi.waitFor(async () => expect(await profiles()).toEqual(["change"]), { timeout: 10_000 });
  });

  it("that touches other files asks nothing; one that is forced is compared with what was there", async () => {
    const on = await desk({ own: "profile: change\n" });
    const { github } = on.on.world;
    const start = github.commitOf({ repository: REPOSITORY, ref: "main" }).sha;
    await on.push("main", "x", { path: "b.md" });
    await on.on.app.idle();
    expect(github.requests).toEqual([]);
    const force = (files: Readonly<Record<string, string>>) =>
      github.push({
        repository: REPOSITORY,
        branch: "main",
        onto: start,
        commits: [{ message: "Forced", files }],
        at: at("09:00"),
      });
    await force({ "c.md": "x" });
    await on.on.app.idle();
    expect(on.runs("main")).toEqual([]);
    await force({ [PATH]: "profile: 1\n" });
    await on.on.app.idle();
    expect(on.runs("main")).toMatchObject([{ conclusion: "failure" }]);
  });
});

describe("one check run a commit", () => {
  it("has all of 120 mistakes, in three requests", async () => {
    const on = await desk();
    await on.propose("many", failing(120));
    await on.on.app.idle();
    const [run, ...others] = on.runs("many");
    expect(others).toEqual([]);
    expect(run).toMatchObject({ status: "completed", conclusion: "failure", title: "120 mistakes" });
    expect(run?.annotations.map(({ start_line }) => start_line)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect([on.asked("POST", RUNS), on.asked("PATCH", RUNS)]).toEqual([1, 2]);
  });

  it.each<[string, "POST" | "PATCH", FaultKind]>([
    ["is not answered", "POST", "drop-answer"],
    ["cannot be written for a moment", "POST", { status: 500 }],
    ["is not answered half-way", "PATCH", "drop-answer"],
    ["cannot be written half-way", "PATCH", { status: 502 }],
  ])("stays one, with each mistake once, when it %s", async (_, method, answer) => {
    const on = await desk();
    on.on.world.github.faults.next({ method, path: RUNS, answer });
    await on.propose("many", failing(120));
    await on.on.app.idle();
    await vi.waitFor(() => expect(on.runs("many")).toMatchObject([{ status: "completed" }]), { timeout: 20_000 });
    await on.on.app.idle();
    expect(on.runs("many")).toHaveLength(1);
    expect(new Set(on.runs("many")[0]?.annotations.map(({ title }) => title)).size).toBe(120);
    expect(on.runs("many")[0]?.annotations).toHaveLength(120);
  });

  it("stays one when the App is killed between writing it and noting that", async () => {
    const on = await desk();
    on.on.world.github.faults.next({ method: "PATCH", path: RUNS, answer: "hang", times: 99 });
    await on.propose("many", failing(70));
    await vi.waitFor(() => expect(on.asked("PATCH", RUNS)).toBe(1), { timeout: 20_000 });
    on.on.world.github.faults.clear();
    await on.on.restart();
    await vi.waitFor(() => expect(on.runs("many")).toMatchObject([{ status: "completed" }]), { timeout: 20_000 });
    expect(on.runs("many")).toHaveLength(1);
    expect(on.runs("many")[0]?.annotations).toHaveLength(70);
  });

  it("stays one when the delivery comes again, and is not written again", async () => {
    const on = await desk();
    const { world, app } = on.on;
    world.target(undefined);
    await on.propose("one", "prfile: change\n");
    const webhooks = world.collect();
    world.target(app.url);
    await world.send(webhooks);
    await app.idle();
    const renamed = webhooks.map((webhook) => ({
      ...webhook,
      headers: { ...webhook.headers, "x-github-delivery": `again-${webhook.id}` },
    }));
    await world.send(renamed);
    await app.idle();
    expect(on.asked("GET", /\/pulls\/1\/files$/)).toBe(2);
    expect(on.runs("one")).toHaveLength(1);
    expect(on.runs("one")[0]?.annotations).toHaveLength(1);
    expect([on.asked("POST", RUNS), on.asked("PATCH", RUNS)]).toEqual([1, 0]);
  });

  it("never calls a file bad that could not be read", async () => {
    const on = await desk();
    const { github } = on.on.world;
    for (const answer of [{ status: 500 }, { status: 502 }, "reset"] as const) {
      github.faults.next({ method: "GET", path: CONTENTS, answer });
    }
    await on.propose("good", "profile: change\n");
    await on.on.app.idle();
    expect(on.runs("good")).toEqual([]);
    await vi.waitFor(() => expect(on.runs("good")).toMatchObject([{ conclusion: "success" }]), { timeout: 30_000 });
    expect(on.asked("GET", CONTENTS)).toBe(4);
    expect(on.runs("good")).toHaveLength(1);
  });
});

describe("without the permission to write checks", () => {
  const poor = async (): Promise<Desk> => {
    const { readManifest } = await import("../../src/simulator/manifest.js");
    const manifest = await readManifest(new URL("../../app.yml", import.meta.url));
    const permissions = { ...manifest.permissions, checks: "read" as const };
    return desk({ own: "profile: change\n", options: { manifest: { ...manifest, permissions } } });
  };

  it("one comment tells what is wrong, and is kept true in its place", async () => {
    const on = await poor();
    const number = await on.propose("one", "prfile: '@alice'\nbots: 1\n");
    await on.on.app.idle();
    const [first, ...others] = on.comments(number);
    expect(others).toEqual([]);
    expect(first).toMatch(/^<!-- leadtime:configuration -->\n### 2 mistakes in `\.github\/leadtime\.yml`\n/);
    expect(first).toContain("- Line 1, column 1, `prfile`: unknown key: expected one of profile,");
    expect(first).toContain("- Line 2, column 7, `bots`: expected a list, found 1");
    await on.push("one", "bots: 2\n");
    await on.on.app.idle();
    expect(on.comments(number)).toMatchObject([expect.stringContaining("### 1 mistake in")]);
    await on.push("one", "bots: []\n");
    await on.on.app.idle();
    expect(on.comments(number)).toMatchObject([expect.stringContaining("### `.github/leadtime.yml` is good")]);
    expect(on.runs("one")).toEqual([]);
  });

  it("what is wrong is no more once the pull request touches the file no more", async () => {
    const on = await poor();
    const number = await on.propose("one", "bots: 1\n");
    await on.on.app.idle();
    await on.push("one", "profile: change\n");
    await on.on.app.idle();
    expect(on.asked("GET", CONTENTS)).toBe(1);
    expect(on.comments(number)).toMatchObject([expect.stringContaining("### `.github/leadtime.yml` is good")]);
  });

  it("stays one comment when the answer to it is lost", async () => {
    const on = await poor();
    on.on.world.github.faults.next({ method: "POST", path: /\/issues\/1\/comments$/, answer: "drop-answer" });
    const number = await on.propose("one", "bots: 1\n");
    await on.on.app.idle();
    await vi.waitFor(() => expect(on.asked("PATCH", /\/issues\/comments\//)).toBe(1), { timeout: 20_000 });
    await on.on.app.idle();
    expect(on.comments(number)).toHaveLength(1);
  });

  it("a good file gets none", async () => {
    const on = await poor();
    const number = await on.propose("one", "profile: pull-request\n");
    await on.push("main", "bots: 1\n");
    await on.on.app.idle();
    expect(on.comments(number)).toEqual([]);
  });
});
