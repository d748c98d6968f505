import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { furnish, playTicketLife, type TicketTimes } from "../../src/simulator/stories.js";
import { type Stage, stage } from "../support/app.js";

const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);
const SITES = { githubUrl: "https://github.example", jiraUrl: "https://jira.example" };

/** The times of the pull request are the same in every life, those of the ticket are not. */
const PULL_REQUEST = {
  commit: at("10:05"),
  opened: at("10:10"),
  approved: at("10:11"),
  merged: at("10:15"),
  ci: at("10:16"),
  deployed: at("10:17"),
};
const TICKET: TicketTimes = {
  ...PULL_REQUEST,
  created: at("08:13"),
  inProgress: at("08:52"),
  done: at("11:34"),
  released: at("13:41"),
};
const OTHER: TicketTimes = { ...PULL_REQUEST, created: at("07:07"), inProgress: at("10:31"), done: null, released: null };

/** What only Jira knows: its words, and when what happened there. */
const CANARIES =
  /ZORRO|canary|browse|ticket (?:created|status|version)|08:13|08:52|11:34|13:41|39m|1h 13m|In progress|\*\*Done|\| (?:Done|Release)|begins with/i;

async function published(
  times: TicketTimes,
  options: Partial<Parameters<typeof playTicketLife>[2]> = {},
  on?: Stage,
): Promise<string> {
  const { world, app, comments } = on ?? (await stage({}, SITES));
  await furnish(world, { repository: "acme/web", visibility: options.visibility ?? "public", at: at("06:00") });
  await playTicketLife(world, times, {
    visibility: "public",
    project: "ZORRO",
    number: 4242,
    title: "The canary sings",
    version: "canary-1",
    branch: "work",
    ...options,
  });
  await app.idle();
  const [comment = ""] = comments();
  return comment;
}

/** Names the ticket where it is public already. */
const named = async (times: TicketTimes, title = "ZORRO-4242 The canary sings") => published(times, { title });

describe("in a public repository", () => {
  it("says nothing that only Jira knows", async () => {
    const comment = await named(TICKET);
    expect(comment).toContain("| Merge |");
    expect(comment).toContain("| Deployment |");
    expect(comment).not.toMatch(CANARIES);
    expect(comment).toContain("### Lead time 12m");
  });

  it("says the same whatever the ticket's times are, and whether there is one", async () => {
    const comment = await named(TICKET);
    expect(await named(OTHER)).toBe(comment);
    const without = await stage({}, SITES);
    without.world.jira.setMode("down");
    expect(await published(TICKET, { title: "ZORRO-4242 The canary sings" }, without)).toBe(comment);
  });

  it("forgets what it said when the repository was private", async () => {
    const on = await stage({}, SITES);
    const before = await published(TICKET, { visibility: "private", title: "ZORRO-4242 The canary sings" }, on);
    expect(before).toContain("ZORRO-4242");
    await on.world.github.setVisibility({ repository: "acme/web", visibility: "public", at: at("14:00") });
    await on.app.idle();
    expect(on.comments()).toEqual([expect.not.stringMatching(CANARIES)]);
  });

  it("tells all where the operator allows it, and there alone", async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-config-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const LEADTIME_CONFIG = join(folder, "leadtime.yml");
    await writeFile(LEADTIME_CONFIG, "publicTickets: [acme/web]\n");
    const on = await stage({ LEADTIME_CONFIG }, SITES);
    const comment = await published(TICKET, { title: "ZORRO-4242 The canary sings" }, on);
    expect(comment).toMatch(/\[ZORRO-4242\]\([^)]+\/browse\/ZORRO-4242\)/);
    expect(comment).toContain("| Release |");
    expect(comment).toContain("2024-05-06 08:52");
    await published(TICKET, { repository: "acme/other", number: 4343, title: "ZORRO-4343 The canary sings" }, on);
    expect(on.comments(1, "acme/other")).toEqual([expect.not.stringMatching(/ZORRO|canary|\| Release/)]);
  });

  it("is not told more by its own configuration", async () => {
    const on = await stage({}, SITES);
    const files = { ".github/leadtime.yml": "publicTickets: [acme/web]\ncomment:\n  tickets: full\n" };
    await on.world.github.install({ account: "acme", at: at("07:00") });
    await on.world.github.createRepository({ repository: "acme/web", visibility: "public", at: at("07:00"), files });
    expect(await published(TICKET, { title: "ZORRO-4242 The canary sings" }, on)).not.toMatch(CANARIES);
  });
});

const SECRET = /vault|mallory|Hidden|hotfix/i;

/** A ticket with a pull request here and one in a private repository, and a commit straight to that one. */
async function shared(visibility: "public" | "internal" | "private", overrides: Record<string, string> = {}): Promise<Stage> {
  const on = await stage(overrides, SITES);
  const { github, jira } = on.world;
  await github.install({ account: "acme", at: at("07:00") });
  await github.createRepository({ repository: "acme/web", visibility, at: at("07:00") });
  await github.createRepository({ repository: "acme/vault", visibility: "private", at: at("07:00") });
  await jira.createIssue({ project: "ZORRO", number: 1, summary: "Shared", at: at("08:00") });
  await change(on, { repository: "acme/vault", by: "mallory", title: "ZORRO-1 Hidden work", hour: 9 });
  await change(on, { repository: "acme/web", by: "alice", title: "ZORRO-1 Work", hour: 10 });
  const message = "ZORRO-1 Hidden hotfix";
  const pushed = { repository: "acme/vault", branch: "main", by: "mallory", at: at("10:30") };
  const [commit] = await github.push({ ...pushed, commits: [{ message, files: { b: "" } }] });
  const sha = commit?.sha ?? "";
  await github.runWorkflow({ repository: "acme/vault", sha, name: "Hidden CI", by: "mallory", at: at("10:31") });
  await github.deploy({ repository: "acme/vault", sha, environment: "production", by: "mallory", at: at("10:32") });
  await on.app.idle();
  return on;
}

async function change(
  { world: { github } }: Stage,
  { repository, by, title, hour }: { repository: string; by: string; title: string; hour: number },
): Promise<string> {
  const time = (minute: number) => new Date(Date.UTC(2024, 4, 6, hour, minute));
  const on = { repository, by };
  await github.push({ ...on, branch: "work", commits: [{ message: title, files: { a: "" } }], at: time(1) });
  const number = await github.openPullRequest({ ...on, branch: "work", title, at: time(2) });
  await github.review({ repository, number, by: "mallory-too", state: "approved", at: time(3) });
  return github.merge({ ...on, number, at: time(5) });
}

/** A ticket whose pull request here waits for what a private repository keeps to itself. */
async function merger(): Promise<string | undefined> {
  const on = await stage({}, SITES);
  const { github, jira } = on.world;
  await github.install({ account: "acme", at: at("07:00") });
  await github.createRepository({ repository: "acme/web", visibility: "internal", at: at("07:00") });
  await github.createRepository({ repository: "acme/secret-merger", visibility: "private", at: at("07:00") });
  await jira.createIssue({ project: "ZORRO", number: 1, summary: "Shared", at: at("08:00") });
  const hidden = { repository: "acme/secret-merger", by: "mallory" };
  const sha = await change(on, { ...hidden, title: "ZORRO-1 Hidden work", hour: 9 });
  const name = "deploy-to-bigcorp-acquisition";
  await github.runWorkflow({ ...hidden, sha, name, conclusion: "failure", at: at("09:10") });
  await change(on, { repository: "acme/web", by: "alice", title: "ZORRO-1 Work", hour: 10 });
  await on.app.idle();
  return on.comments()[0];
}

describe("of a ticket's other pull request", () => {
  it("a more open repository is told that it is in another repository, and nothing more", async () => {
    const [comment, ...others] = (await shared("internal")).comments();
    expect(others).toEqual([]);
    expect(comment).toContain("[ZORRO-1]");
    expect(comment).toContain("another repository");
    expect(comment).not.toMatch(SECRET);
  });

  it("a public repository whose tickets may be shown is told as little", async () => {
    const folder = await mkdtemp(join(tmpdir(), "leadtime-config-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const LEADTIME_CONFIG = join(folder, "leadtime.yml");
    await writeFile(LEADTIME_CONFIG, "publicTickets: [acme/web]\n");
    const [comment] = (await shared("public", { LEADTIME_CONFIG })).comments();
    expect(comment).toContain("another repository");
    expect(comment).not.toMatch(SECRET);
  });

  it("a public repository is told nothing", async () => {
    const [comment] = (await shared("public")).comments();
    expect(comment).toContain("| Merge |");
    expect(comment).not.toMatch(/another repository|ZORRO|Shared/);
    expect(comment).not.toMatch(/vault|Hidden|hotfix/i);
  });

  it("a private repository is told its name", async () => {
    const [comment] = (await shared("private")).comments();
    expect(comment).toContain("`acme/vault#1`");
    expect(comment).toContain("https://github.example/acme/vault/pull/1");
    expect(comment).not.toContain("another repository");
  });

  it("why a stage is not reached is told without its words", async () => {
    const comment = await merger();
    expect(comment).toContain("a workflow has not");
    expect(comment).toContain("another repository");
    expect(comment).not.toMatch(/bigcorp|merger|mallory|Hidden/i);
  });
});
