import { expect, it, vi } from "vitest";
import { MARKER } from "../../src/render/comment.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import { type Stage, stage } from "../support/app.js";

const REPOSITORY = "acme/web";
const PULL_REQUEST = { repository: REPOSITORY, number: 1 };
const COMMENTS = /\/issues\/1\/comments$/;
const COMMENT = /\/issues\/comments\/\d+$/;
const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);
const MERGED = { ...GOLDEN_TIMES, ci: null, deployed: null, done: null, released: null };

const asked = ({ github }: World, method: string, path: RegExp) =>
  github.requests.filter((request) => request.method === method && path.test(request.path));
const posts = (world: World) => asked(world, "POST", COMMENTS);
const patches = (world: World) => asked(world, "PATCH", COMMENT);

/** A merged pull request with its comment. */
async function merged(overrides: Readonly<Record<string, string>> = {}): Promise<Stage & { readonly merge: string }> {
  const on = await stage(overrides);
  const { pullRequests } = await playTicketLife(on.world, MERGED);
  await on.app.idle();
  return Object.assign(on, { merge: pullRequests[0]?.mergeCommit ?? "" });
}

const deploy = (
  { world, merge }: { readonly world: World; readonly merge: string },
  time = "10:17",
  environment = "production",
) => world.github.deploy({ repository: REPOSITORY, sha: merge, environment, by: "bob", at: at(time) });

const until = <Found>(look: () => Found) => vi.waitFor(look, { timeout: 12_000, interval: 20 });

it("keeps one comment, changed in place as stages follow", async () => {
  const on = await merged();
  const { world, app, merge, comments } = on;
  expect(comments()).toHaveLength(1);
  expect(comments()[0]).toContain("Still to come");
  const sha = merge;
  await world.github.runWorkflow({
    repository: REPOSITORY,
    sha,
    name: "CI",
    by: "bob",
    startedAt: at("10:15"),
    at: at("10:16"),
  });
  await app.idle();
  await deploy(on);
  await app.idle();
  await world.jira.transition({ issue: "PROP-1460", status: "Done", at: at("10:20") });
  await app.idle();
  await world.jira.releaseVersion({ project: "PROP", version: "1.0", at: at("11:00") });
  await app.idle();
  expect(comments()).toEqual([expect.stringContaining("### Lead time 1h 10m · 🟢 good")]);
  expect(posts(world)).toHaveLength(1);
  expect(patches(world)).toHaveLength(4);
});

it("does not send a text that would not change", async () => {
  const on = await merged();
  const { world, app } = on;
  await deploy(on, "10:17", "staging");
  await world.github.review({ ...PULL_REQUEST, state: "approved", by: "carol", at: at("10:30") });
  await world.github.comment({ ...PULL_REQUEST, body: "Nice.", by: "carol", at: at("10:31") });
  await world.github.label({ ...PULL_REQUEST, label: "ui", by: "carol", at: at("10:32") });
  for (const { webhook } of [...world.webhooks.attempts]) await world.webhooks.send(webhook);
  await app.idle();
  expect(patches(world)).toHaveLength(0);
  expect(posts(world)).toHaveLength(1);
});

it("finds its comment behind 150 others and one that begins with its marker", async () => {
  const { world, app, comments, restart } = await stage();
  const pasted = `${MARKER}\nmine`;
  const target = app.url;
  const { pullRequests } = await playTicketLife(world, { ...MERGED, merged: null });
  world.target(undefined);
  await world.github.comment({ ...PULL_REQUEST, body: pasted, by: "mallory", at: at("10:12") });
  for (let index = 0; index < 150; index++) {
    await world.github.comment({ ...PULL_REQUEST, body: `Remark ${index}`, by: "carol", at: at("10:12") });
  }
  world.collect();
  world.target(target);
  // The answer to the first attempt is lost, so that the comment has to be found.
  world.github.faults.next({ method: "POST", path: COMMENTS, answer: "drop-answer" });
  const [{ number } = { number: 0 }] = pullRequests;
  await world.github.merge({ repository: REPOSITORY, number, by: "bob", at: at("10:15") });
  await until(() => expect(patches(world)).toHaveLength(1));
  await restart();
  expect(comments()).toEqual([pasted, expect.stringContaining("### Lead time")]);
  expect(posts(world)).toHaveLength(1);
});

it("leaves its comment deleted when a person deleted it, whatever follows", async () => {
  const on = await merged();
  const { world, app, comments, merge } = on;
  const [comment] = world.github.commentsOf(PULL_REQUEST);
  await world.github.deleteComment({ repository: REPOSITORY, comment: comment?.id ?? 0, by: "carol", at: at("10:16") });
  await deploy(on);
  await app.idle();
  await world.jira.transition({ issue: "PROP-1460", status: "Done", at: at("10:20") });
  await app.idle();
  await on.restart();
  await world.jira.releaseVersion({ project: "PROP", version: "1.0", at: at("11:00") });
  await world.github.runWorkflow({
    repository: REPOSITORY,
    sha: merge,
    name: "CI",
    by: "bob",
    startedAt: at("10:15"),
    at: at("10:16"),
  });
  await on.app.idle();
  expect(comments()).toEqual([]);
  expect(posts(world)).toHaveLength(1);
  expect(patches(world)).toHaveLength(1);
});

it.each([
  ["a locked conversation", (world: World) => world.github.lockPullRequest({ ...PULL_REQUEST, by: "carol", at: at("10:12") })],
  ["a deleted pull request", async (world: World) => world.github.deletePullRequest({ ...PULL_REQUEST, at: at("10:15") })],
])("gives up on %s for good", async (_, end) => {
  const { world, app } = await stage();
  const { github } = world;
  // The first answer holds the comment up until the conversation has ended.
  github.faults.next({ method: "GET", path: COMMENTS, answer: { status: 503, headers: { "retry-after": "1" } } });
  const { pullRequests } = await playTicketLife(world, MERGED);
  await until(() => expect(asked(world, "GET", COMMENTS)).toHaveLength(1));
  await end(world);
  await until(() => expect(asked(world, "GET", COMMENTS)).toHaveLength(2));
  await app.idle();
  const before = posts(world).length;
  await deploy({ world, merge: pullRequests[0]?.mergeCommit ?? "" });
  await world.jira.transition({ issue: "PROP-1460", status: "Done", at: at("10:20") });
  await app.idle();
  expect(posts(world)).toHaveLength(before);
  expect(asked(world, "GET", COMMENTS)).toHaveLength(2);
  expect(patches(world)).toHaveLength(0);
  expect(before).toBeLessThanOrEqual(1);
});

it("comments after all when it was refused in an open conversation: a permission may be granted later", async () => {
  const on = await stage();
  const { world, app } = on;
  const refused = { status: 403, body: { message: "Resource not accessible by integration" } };
  world.github.faults.next({ method: "POST", path: COMMENTS, answer: refused });
  const { pullRequests } = await playTicketLife(world, MERGED);
  await app.idle();
  expect(on.comments()).toEqual([]);
  await deploy({ world, merge: pullRequests[0]?.mergeCommit ?? "" });
  await app.idle();
  expect(on.comments()).toHaveLength(1);
  expect(posts(world)).toHaveLength(2);
});

it("changes the comment that it has when the App is back on the repository that it was taken off", async () => {
  const on = await merged();
  const { world, app, comments } = on;
  const selection = { account: "acme", at: at("10:16") };
  await world.github.changeSelection({ ...selection, removed: [REPOSITORY] });
  await world.jira.transition({ issue: "PROP-1460", status: "Done", at: at("10:20") });
  await app.idle();
  expect(patches(world)).toHaveLength(1);
  expect(comments()).toEqual([expect.stringContaining("| Done | – pending |")]);
  await world.github.changeSelection({ ...selection, added: [REPOSITORY], at: at("10:30") });
  await app.idle();
  expect(patches(world)).toHaveLength(2);
  expect(comments()).toEqual([expect.not.stringContaining("| Done | – pending |")]);
  expect(posts(world)).toHaveLength(1);
});
