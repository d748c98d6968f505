import { afterEach, beforeEach, expect, test } from "vitest";
import type { World } from "../../src/simulator/world.js";
import { type Api, apiWith, appToken, at, aWorld, installationApi, manifest } from "./support.js";

let world: World;
let api: Api;
const repository = "acme/web";
const on = { repository, at: at("10:00") };

beforeEach(async () => {
  world = await aWorld({ strict: false });
  await world.github.install({ account: "acme", at: at("09:00") });
  await world.github.createRepository({ repository, at: at("09:01"), files: { ".github/leadtime.yml": "profile: change\n" } });
  api = await installationApi(world);
});
afterEach(() => world.close());

async function openOne(commits = 1): Promise<number> {
  const all = Array.from({ length: commits }, (_, index) => ({ message: `Commit ${index + 1}` }));
  await world.github.push({ ...on, branch: "one", commits: all });
  return world.github.openPullRequest({ ...on, branch: "one", title: "One" });
}

test("the App signs in with a web token that is its own and not expired", async () => {
  const past = Math.floor(Date.now() / 1000) - 10;
  const status = async (token: string) => (await apiWith(world, token)("GET", "/app")).status;
  expect(await status(appToken(world))).toBe(200);
  expect(await status(appToken(world, { exp: past }))).toBe(401);
  expect(await status(appToken(world, { exp: past + 7200 }))).toBe(401);
  expect(await status(appToken(world, { iss: "1" }))).toBe(404);
  expect(await status(`${appToken(world).slice(0, -8)}AAAAAAAA`)).toBe(401);
  expect(await status("")).toBe(401);
});

test("an installation's token opens its own repositories until it expires or the App is removed", async () => {
  expect((await apiWith(world, "ghs_unknown")("GET", "/repos/acme/web")).status).toBe(401);
  expect((await api("GET", "/repos/acme/web")).body).toMatchObject({ full_name: repository, private: true });
  await world.github.createRepository({ repository: "stranger/web", at: at("09:02") });
  expect((await api("GET", "/repos/stranger/web")).status).toBe(404);
  await world.github.uninstall({ account: "acme", at: at("11:00") });
  expect((await api("GET", "/repos/acme/web")).status).toBe(401);
});

test("a token is good for an hour", async () => {
  let now = Date.now();
  const other = await aWorld({ strict: false, now: () => now });
  await other.github.install({ account: "acme", at: 0 });
  const its = await installationApi(other);
  expect((await its("GET", "/installation/repositories")).status).toBe(200);
  now += 3_600_000;
  expect((await its("GET", "/installation/repositories")).status).toBe(401);
  await other.close();
});

test("the API answers without the prefix of GitHub Enterprise, too", async () => {
  expect((await api("GET", `${world.github.url}/repos/acme/web`)).status).toBe(200);
});

test("a route whose permission app.yml lacks answers 403", async () => {
  const { contents: _, ...permissions } = manifest.permissions;
  const poor = await aWorld({ strict: false, manifest: { permissions, events: [] } });
  await poor.github.install({ account: "acme", at: 0 });
  await poor.github.createRepository({ repository, at: 0 });
  const its = await installationApi(poor);
  expect((await its("GET", "/repos/acme/web/compare/main...main")).body).toMatchObject({
    message: "Resource not accessible by integration",
  });
  expect((await its("GET", "/repos/acme/web/commits/main")).status).toBe(403);
  expect((await its("GET", "/repos/acme/web")).status).toBe(200);
  await poor.close();
});

test("a renamed repository redirects to its id", async () => {
  await world.github.renameRepository({ ...on, name: "site" });
  const { status, headers } = await fetch(`${world.github.url}/api/v3/repos/acme/web/pulls?state=all`, {
    redirect: "manual",
    headers: { authorization: `Bearer ${[...world.github.state.tokens.keys()][0]}` },
  });
  const id = world.github.state.names.get(repository);
  expect([status, headers.get("location")]).toEqual([301, `${world.github.url}/api/v3/repositories/${id}/pulls?state=all`]);
  expect((await api("GET", "/repos/acme/web")).body.full_name).toBe("acme/site");
});

test("lists are paged with links, and a pull request's commits end at 250", async () => {
  const number = await openOne(260);
  const first = await api("GET", `/repos/acme/web/pulls/${number}/commits?per_page=100`);
  expect(first.body).toHaveLength(100);
  expect(first.body[0].commit.message).toBe("Commit 1");
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  expect((await api("GET", next)).body).toHaveLength(100);
  const last = await api("GET", `/repos/acme/web/pulls/${number}/commits?per_page=100&page=3`);
  expect(last.body).toHaveLength(50);
  expect(last.headers.get("link")).not.toContain('rel="next"');
});

test("comparisons know branches, tags and shas, page by page", async () => {
  await openOne(40);
  const all = await api("GET", "/repos/acme/web/compare/main...one");
  expect(all.body).toMatchObject({ status: "ahead", ahead_by: 40, behind_by: 0, total_commits: 40 });
  expect(all.body.commits).toHaveLength(40);
  const second = await api("GET", "/repos/acme/web/compare/main...one?per_page=30&page=2");
  expect(second.body.commits).toHaveLength(10);
  expect((await api("GET", "/repos/acme/web/compare/one...main")).body.status).toBe("behind");
  expect((await api("GET", `/repos/acme/web/compare/main...${"0".repeat(40)}`)).status).toBe(404);
});

test.each(["merge", "squash", "rebase"] as const)("a %s puts the pull request's commits on the base branch", async (method) => {
  const number = await openOne(2);
  await world.github.push({ ...on, branch: "main", commits: [{ message: "Meanwhile" }] });
  const sha = await world.github.merge({ ...on, number, method });
  const { body } = await api("GET", `/repos/acme/web/pulls/${number}`);
  expect(body).toMatchObject({ merged: true, state: "closed", merge_commit_sha: sha, commits: 2 });
  expect((await api("GET", "/repos/acme/web/commits/main")).body.sha).toBe(sha);
  expect(
    (await api("GET", `/repos/acme/web/commits/${sha}/pulls`)).body.map((found: { number: number }) => found.number),
  ).toEqual([number]);
  const parents = { merge: 2, squash: 1, rebase: 1 }[method];
  expect((await api("GET", `/repos/acme/web/commits/${sha}`)).body.parents).toHaveLength(parents);
  expect((await api("GET", `/repos/acme/web/pulls/${number}/commits`)).body).toHaveLength(2);
});

test("a file is read as it is on a branch", async () => {
  const raw = { accept: "application/vnd.github.raw" };
  expect((await api("GET", "/repos/acme/web/contents/.github/leadtime.yml", undefined, raw)).body).toBe("profile: change\n");
  await world.github.push({
    ...on,
    branch: "one",
    commits: [{ message: "x", files: { ".github/leadtime.yml": "profile: quick\n" } }],
  });
  const { body } = await api("GET", "/repos/acme/web/contents/.github/leadtime.yml?ref=one");
  expect(Buffer.from(body.content, "base64").toString()).toBe("profile: quick\n");
  expect((await api("GET", "/repos/acme/web/contents/none.yml")).status).toBe(404);
});

test("comments of the App bear its name, and are told to it as any other", async () => {
  const number = await openOne();
  world.collect();
  const { status, body } = await api("POST", `/repos/acme/web/issues/${number}/comments`, { body: "Hello" });
  expect(status).toBe(201);
  expect(body).toMatchObject({ user: { login: "leadtime[bot]", type: "Bot" }, performed_via_github_app: { slug: "leadtime" } });
  await api("PATCH", `/repos/acme/web/issues/comments/${body.id}`, { body: "Hello again" });
  expect((await api("GET", `/repos/acme/web/issues/${number}/comments`)).body).toMatchObject([{ body: "Hello again" }]);
  expect((await api("POST", `/repos/acme/web/issues/comments/${body.id}/reactions`, { content: "eyes" })).status).toBe(201);
  await world.github.deleteComment({ ...on, comment: body.id });
  expect((await api("PATCH", `/repos/acme/web/issues/comments/${body.id}`, { body: "?" })).status).toBe(404);
  const told = world.collect().map((webhook) => JSON.parse(webhook.body).action);
  expect(told).toEqual(["created", "edited", "deleted"]);
});

test("a reaction is put on a comment once, and is one of those that GitHub has", async () => {
  const number = await openOne();
  const comment = await world.github.comment({ ...on, number, body: "Hello", by: "carol" });
  const react = async (content: unknown) =>
    (await api("POST", `/repos/acme/web/issues/comments/${comment}/reactions`, { content })).status;
  expect([await react("eyes"), await react("eyes"), await react("rocket")]).toEqual([201, 200, 201]);
  expect([await react("👀"), await react(undefined), await react("Eyes")]).toEqual([422, 422, 422]);
  const [kept] = world.github.commentsOf({ repository, number });
  expect(kept?.reactions.map(({ content }) => content)).toEqual(["eyes", "rocket"]);
});

test("comments that GitHub would not take are refused", async () => {
  const number = await openOne();
  const comment = async (text: string) =>
    (await api("POST", `/repos/acme/web/issues/${number}/comments`, { body: text })).status;
  expect(await comment("x".repeat(65_537))).toBe(422);
  expect(await comment("")).toBe(422);
  await world.github.lockPullRequest({ ...on, number });
  expect(await comment("Hello")).toBe(403);
  world.github.deletePullRequest({ ...on, number });
  expect(await comment("Hello")).toBe(404);
});

test("a person's permission is what was set, else write", async () => {
  await world.github.createRepository({ repository: "acme/other", by: "carol", at: at("09:02") });
  world.github.setRole({ repository, login: "mallory", role: "triage" });
  const role = async (login: string) => (await api("GET", `/repos/acme/web/collaborators/${login}/permission`)).body;
  expect(await role("carol")).toMatchObject({ permission: "write" });
  expect(await role("mallory")).toMatchObject({ permission: "read", role_name: "triage" });
});

test("answers carry the rate limit", async () => {
  const { headers } = await api("GET", "/repos/acme/web");
  expect([headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-resource")]).toEqual(["5000", "core"]);
});
