import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { gitAt, type WrittenClone, writeClone } from "./support/clone.js";
import { emptyFolder, runCommand } from "./support/command.js";
import { ROOT } from "./support/planted.js";

// A process takes seconds to start where many tests share two processors.
vi.setConfig({ testTimeout: 60_000 });

const NOW = Date.now();
const ago = (days: number): string => new Date(NOW - days * 86_400_000).toISOString();
const TITLE = 'Log <in> & "out" <script>alert(1)</script> \u001b[31m\u202e';

const team = (): Promise<WrittenClone> =>
  writeClone({
    commits: [
      { key: "begin", at: ago(200), message: "begin" },
      { key: "old", parents: ["begin"], at: ago(190), committed: ago(180), message: "Old (#1)" },
      { key: "work", parents: ["old"], at: ago(12), message: `${TITLE} work` },
      {
        key: "new",
        parents: ["old", "work"],
        at: ago(10),
        message: `Merge pull request #2 from acme/PROP-1-login\n\n${TITLE}`,
      },
    ],
    tags: [{ name: "v1", of: "new", at: ago(9) }],
    branches: { main: "new", other: "old" },
  });

const run = async (parameters: readonly string[], folder?: string) =>
  runCommand(folder ?? (await emptyFolder()), ["analyze", ...parameters]);

const seconds = z.number().int().nonnegative().nullable();
const time = z.iso.datetime();
const statistics = z.strictObject({
  meanSeconds: seconds,
  medianSeconds: seconds,
  p75Seconds: seconds,
  p90Seconds: seconds,
  p95Seconds: seconds,
});
const rating = z.enum(["good", "acceptable", "slow"]).nullable();
const figures = {
  stages: z.array(statistics.extend({ name: z.enum(["Merge", "Release"]), count: z.number(), rating })),
  total: z.strictObject({ sumOfStages: statistics, ofTotals: statistics.extend({ count: z.number() }) }),
};
const stage = z.strictObject({
  name: z.string(),
  state: z.enum(["reached", "out-of-order", "skipped", "pending"]),
  leadTimeSeconds: seconds,
  rating,
  reason: z.string().optional(),
});
const pullRequest = z.strictObject({
  number: z.number(),
  title: z.string(),
  branch: z.string().nullable(),
  way: z.enum(["merge", "squash", "rebase"]),
  mergeCommit: z.string().length(40),
  commitCount: z.number(),
  startedAt: time.nullable(),
  mergedAt: time,
  tag: z.string().nullable(),
  taggedAt: time.nullable(),
  tickets: z.array(z.string()),
  totalSeconds: seconds,
  rating,
  stages: z.array(stage),
});
const commit = z.strictObject({ sha: z.string(), authoredAt: time, committedAt: time, subject: z.string() });
const counts = z.record(z.string(), z.number());
const ANALYSIS = z.strictObject({
  report: z.literal("pr-lead-time-by-stage"),
  profile: z.literal("git"),
  repository: z.strictObject({
    ...{ name: z.string(), url: z.url().nullable(), branch: z.string(), head: z.string(), shallow: z.boolean() },
    ...{ commits: z.number(), tags: z.number() },
  }),
  from: time.nullable(),
  to: time,
  items: z.number(),
  overall: z.literal("sum-of-stages"),
  ...figures,
  tickets: z.strictObject({
    ...{ changes: z.number(), withTicket: z.number(), share: z.number().nullable(), sources: counts },
    projects: z.array(z.strictObject({ project: z.string(), changes: z.number() })),
    nearMisses: z.array(z.strictObject({ reason: z.string(), count: z.number(), keys: z.array(z.string()) })),
  }),
  slowest: z.array(pullRequest.extend({ commits: z.array(commit) })),
  trend: z.array(z.strictObject({ month: z.string(), items: z.number(), withTicket: z.number(), ...figures })),
  unreleased: z.strictObject({ count: z.number(), oldestMergedAt: time.nullable() }),
  leftOut: counts,
  withoutPullRequest: z.strictObject({ count: z.number(), withTicket: z.number() }),
  pullRequests: z.array(pullRequest),
  limits: z.array(z.string()),
});

describe("leadtime analyze", () => {
  it("tells of the clone that it stands in, without a letter that a terminal would obey", async () => {
    const { path } = await team();
    const { code, out, err } = await run([], path);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("2 pull requests (1 by merge commits, 1 squashed)");
    expect(out).toMatch(/^First commit → merge +2 +6d +6d /m);
    expect(out).toMatch(/^Merge → first tag +2 /m);
    expect(out).toMatch(
      /^1 of 2 pull requests \(50 %\) name a ticket: 1 in branch names, 0 in titles, 0 in commit messages; PROP 1$/m,
    );
    expect(out).toMatch(/^ {2}25w 5d|^ {2}\d+w/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: just these must not come out
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it("gives JSON of the published shape, with the exact figures", async () => {
    const { path } = await team();
    const { code, out } = await run([path, "--json"]);
    expect(code).toBe(0);
    const analysis = ANALYSIS.parse(JSON.parse(out));
    expect(analysis).toMatchObject({ items: 2, tickets: { share: 0.5 }, withoutPullRequest: { count: 1, withTicket: 0 } });
    expect(analysis.stages.map(({ count, medianSeconds }) => [count, medianSeconds])).toEqual([
      [2, 6 * 86_400],
      [2, 86 * 86_400],
    ]);
    expect(analysis.total.ofTotals).toMatchObject({ count: 2, medianSeconds: 92 * 86_400 });
    expect(analysis.slowest.map(({ number, totalSeconds }) => [number, totalSeconds])).toEqual([
      [1, 181 * 86_400],
      [2, 3 * 86_400],
    ]);
  });

  it("of an empty range and of a history without pull requests says that none was found", async () => {
    const { path } = await team();
    const none = await run([path, "--since", "1d", "--json"]);
    expect(ANALYSIS.parse(JSON.parse(none.out))).toMatchObject({
      items: 0,
      pullRequests: [],
      total: { ofTotals: { count: 0, meanSeconds: null } },
    });
    expect((await run([path, "--since", "1d"])).out).toContain("No pull request was found since ");
  });

  it.each([
    ["--since", "90d", [2]],
    ["--since", ago(185).slice(0, 10), [2, 1]],
    ["--branch", "other", [1]],
  ])("with %s %s tells of those alone", async (option, value, expected) => {
    const { path } = await team();
    const { out } = await run([path, "--json", option, value]);
    expect(ANALYSIS.parse(JSON.parse(out)).pullRequests.map(({ number }) => number)).toEqual(expected);
  });

  it.each([
    [["--since", "soon"], 2, /^error: option '--since <time>' argument 'soon' is invalid\. Expected how long ago/],
    [["--sinse", "90d"], 2, /^error: unknown option '--sinse'/],
    [["/nowhere"], 1, /^leadtime: expected a git repository at \/nowhere: /],
    [["--branch", "mian"], 1, /^leadtime: expected a branch of this clone, got "mian"; did you mean "main"\?$/],
    [
      ["--html", "/nowhere/page.html"],
      1,
      /^leadtime: expected a file that can be written, got \/nowhere\/page\.html \(ENOENT\)$/,
    ],
  ])("ends for %j with %i and says what was expected", async (parameters, code, line) => {
    const { path } = await team();
    const ended = await run(parameters, path);
    expect({ code: ended.code, out: ended.out }).toEqual({ code, out: "" });
    expect(ended.lines[0]).toMatch(line);
  });

  it("does not read the `.env` of the folder, which is another's", async () => {
    const { path } = await team();
    execFileSync("sh", ["-c", "echo XDG_CONFIG_HOME=. > .env; mkdir git; printf '[broken' > git/config"], { cwd: path });
    expect((await run([], path)).code).toBe(0);
  });

  it("writes a page that loads nothing and shows every text as text", async () => {
    const { path, git } = await team();
    git("remote", "add", "origin", "https://github.com/acme/web.git");
    const folder = await emptyFolder();
    const { code, out } = await run([path, "--html", join(folder, "page.html")]);
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n").at(-1)).toBe(`The page: ${join(folder, "page.html")}`);
    const page = await readFile(join(folder, "page.html"), "utf8");
    expect(page).toContain(`http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).toContain("Log &lt;in&gt; &amp; &quot;out&quot; &lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\ssrc=|@import|url\(|\son\w+=|javascript:/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href?.replace(/[0-9a-f]{40}$/, "SHA"))).toEqual([
      ...["https://github.com/acme/web", "https://github.com/acme/web/pull/1", "https://github.com/acme/web/commit/SHA"],
      ...["https://github.com/acme/web/pull/2", "https://github.com/acme/web/commit/SHA"],
    ]);
    expect(unbalanced(page)).toEqual([]);
  });

  it("analyses this repository's own clone", async () => {
    const { code, out } = await run([ROOT, "--json"]);
    expect(code).toBe(0);
    const { repository } = ANALYSIS.parse(JSON.parse(out));
    expect(gitAt(ROOT)("cat-file", "-t", repository.head)).toBe("commit");
    expect(repository.commits).toBeGreaterThan(0);
  });
});

/** The tags that are not closed in their order. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, close, name = "", alone] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (alone || ["meta", "br"].includes(name)) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}
