import { expect, it } from "vitest";
import { GOLDEN_TIMES, playPullRequest } from "../../src/simulator/stories.js";
import { type Stage, stage } from "../support/app.js";

const REPOSITORY = "acme/web";
const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);
const START = at("09:00");
const STORY = { repository: REPOSITORY, branch: "work", title: "Work" };

/** An app on a repository with this configuration. */
async function configured(yml?: string): Promise<Stage> {
  const on = await stage();
  const files = yml === undefined ? {} : { files: { ".github/leadtime.yml": yml } };
  await on.world.github.install({ account: "acme", at: START });
  await on.world.github.createRepository({ repository: REPOSITORY, at: START, ...files });
  return on;
}

interface Opening {
  readonly title?: string;
  readonly branch?: string;
  readonly by?: string;
  readonly base?: string;
  readonly assignees?: readonly string[];
  readonly message?: string;
}

/** A pull request that is opened and merged; its comments. */
async function merged({ world, app, comments }: Stage, opening: Opening = {}): Promise<string[]> {
  const { title = "Work", branch = "work", by = "alice", message = title, ...more } = opening;
  const on = { repository: REPOSITORY, by };
  await world.github.push({ ...on, branch, commits: [{ message, files: { [branch]: "" } }], at: at("10:05") });
  const number = await world.github.openPullRequest({ ...on, ...more, branch, title, at: at("10:10") });
  await world.github.merge({ repository: REPOSITORY, number, by: "bob", at: at("10:15") });
  await app.idle();
  return comments(number);
}

const ticket = ({ world }: Stage) => world.jira.createIssue({ project: "PROP", number: 7, summary: "T", at: at("09:50") });

it("comments the pull request of a person, without a ticket too", async () => {
  const on = await configured();
  const [comment] = await merged(on);
  expect(comment).toContain("ticket-to-release begins with a ticket: no ticket linked");
});

it("measures a pull request without a ticket by the built-in pull-request, whatever that name stands for here", async () => {
  const on = await configured("profile: pull-request\nprofiles: { pull-request: { extends: ticket-to-release } }\n");
  const [comment] = await merged(on);
  expect(comment).toContain("pull-request begins with a ticket: no ticket linked");
  expect(comment).toContain("under the profile `pull-request`");
  expect(comment).not.toContain("Ticket created");
  expect(comment).toContain("First review");
});

it("has no comment for a bot's own work, but for work that has a ticket or a person", async () => {
  const on = await configured();
  await ticket(on);
  expect(await merged(on, { by: "renovate[bot]", branch: "one" })).toEqual([]);
  expect(await merged(on, { by: "agent[bot]", branch: "two", assignees: ["carol"] })).toHaveLength(1);
  expect(await merged(on, { by: "agent[bot]", branch: "three", title: "PROP-7 Work" })).toHaveLength(1);
  expect(await merged(on, { by: "agent[bot]", branch: "four", assignees: ["other[bot]"] })).toEqual([]);
});

it("has no comment for those whom the configuration calls bots", async () => {
  const on = await configured("bots: [acme-robot]\n");
  expect(await merged(on, { by: "acme-robot" })).toEqual([]);
});

it("leaves out pull requests without a ticket where the configuration asks for one", async () => {
  const on = await configured("comment:\n  requireTicket: true\n");
  await ticket(on);
  expect(await merged(on, { branch: "one" })).toEqual([]);
  expect(await merged(on, { branch: "two", title: "PROP-99 Unknown" })).toEqual([]);
  expect(await merged(on, { branch: "PROP-7-three" })).toHaveLength(1);
});

it("has no comment where the configuration wants none", async () => {
  const on = await configured("comment:\n  enabled: false\n");
  expect(await merged(on)).toEqual([]);
});

it("comments a merge only into a branch that the merge stage counts", async () => {
  const on = await configured(`profile: ours
profiles:
  ours:
    start: { on: commit.created }
    stages:
      - { name: Landed, on: pull-request.merged, branches: [main, "release/*"] }
`);
  for (const base of ["next", "release/1"]) {
    await on.world.github.push({ repository: REPOSITORY, branch: base, commits: [{ message: base }], at: at("09:30") });
  }
  expect(await merged(on, { branch: "one", base: "next" })).toEqual([]);
  expect(await merged(on, { branch: "two", base: "release/1" })).toHaveLength(1);
  expect((await merged(on, { branch: "three" }))[0]).toContain("| Landed |");
});

it("comments no merge into another branch than the default one when nothing is configured", async () => {
  const on = await configured();
  await on.world.github.push({ repository: REPOSITORY, branch: "next", commits: [{ message: "x" }], at: at("09:30") });
  expect(await merged(on, { base: "next" })).toEqual([]);
});

it("has no comment for reverts and backports", async () => {
  const on = await configured();
  await ticket(on);
  expect(await merged(on, { branch: "PROP-7-login" })).toHaveLength(1);
  expect(await merged(on, { branch: "revert-1-PROP-7-login", title: 'Revert "PROP-7 Login"' })).toEqual([]);
  await on.world.github.push({ repository: REPOSITORY, branch: "release", commits: [{ message: "x" }], at: at("09:30") });
  const message = "PROP-7 Login\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)";
  expect(await merged(on, { branch: "backport-PROP-7", title: "PROP-7 Login", base: "release", message })).toEqual([]);
});

it("has no comment on what was closed without merge, nor before the merge", async () => {
  const on = await configured();
  const { world, app, comments } = on;
  await playPullRequest(world, { ...GOLDEN_TIMES, merged: null }, STORY);
  await app.idle();
  expect(comments()).toEqual([]);
  await world.github.closePullRequest({ repository: REPOSITORY, number: 1, by: "alice", at: at("10:20") });
  await world.github.comment({ repository: REPOSITORY, number: 1, body: "Oh.", by: "carol", at: at("10:21") });
  await app.idle();
  expect(comments()).toEqual([]);
  expect(world.github.requests.filter(({ path }) => path.includes("/issues/"))).toEqual([]);
});
