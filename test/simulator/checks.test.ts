import { afterEach, beforeEach, expect, test } from "vitest";
import { parseManifest } from "../../src/simulator/manifest.js";
import type { World } from "../../src/simulator/world.js";
import { type Api, at, aWorld, installationApi } from "./support.js";

const repository = "acme/web";
const RUNS = "/repos/acme/web/check-runs";

let world: World;
let api: Api;
let sha: string;

beforeEach(async () => {
  world = await aWorld({ strict: false });
  await world.github.install({ account: "acme", at: at("09:00") });
  await world.github.createRepository({ repository, at: at("09:01"), files: { "b.md": "b", "c.md": "c" } });
  sha = world.github.commitOf({ repository, ref: "main" }).sha;
  api = await installationApi(world);
});
afterEach(() => world.close());

const annotation = (over: object = {}) => ({
  ...{ path: "b.md", start_line: 1, end_line: 1, annotation_level: "failure", message: "Wrong" },
  ...over,
});
const run = (annotations: readonly object[] = [], over: object = {}) => ({
  name: "leadtime",
  head_sha: sha,
  output: { title: "Title", summary: "Summary", annotations },
  ...over,
});
const many = (count: number) => Array.from({ length: count }, () => annotation());

test("a check run gathers the annotations of all requests, and is complete with its conclusion", async () => {
  const { status, body } = await api("POST", RUNS, run(many(50), { status: "in_progress", external_id: "x" }));
  expect(status).toBe(201);
  expect(body).toMatchObject({ status: "in_progress", conclusion: null, head_sha: sha, external_id: "x" });
  const { head_sha: _, ...update } = run(many(7), { conclusion: "failure" });
  expect((await api("PATCH", `${RUNS}/${body.id}`, update)).body).toMatchObject({
    ...{ status: "completed", conclusion: "failure", external_id: "x" },
    output: { title: "Title", summary: "Summary", annotations_count: 57 },
  });
  expect((await api("GET", `${RUNS}/${body.id}/annotations?per_page=100`)).body).toHaveLength(57);
  expect(world.github.checkRunsOf({ repository, ref: "main" })).toMatchObject([{ conclusion: "failure" }]);
});

test("of several runs of one name the newest is listed, unless all are asked for", async () => {
  const [first, second, other] = [
    await api("POST", RUNS, run()),
    await api("POST", RUNS, run()),
    await api("POST", RUNS, run([], { name: "other" })),
  ].map(({ body }) => body.id);
  const listed = async (query: string) =>
    (await api("GET", `/repos/acme/web/commits/${sha}/check-runs?${query}`)).body.check_runs.map(
      ({ id }: { id: number }) => id,
    );
  expect(await listed("")).toEqual([other, second]);
  expect(await listed("check_name=leadtime&app_id=4711&filter=latest")).toEqual([second]);
  expect(await listed("check_name=leadtime&filter=all")).toEqual([second, first]);
  expect(await listed("app_id=1")).toEqual([]);
});

test.each([
  ["more than 50 annotations", many(51), {}],
  ["columns of several lines", [annotation({ end_line: 2, start_column: 1, end_column: 2 })], {}],
  ["lines that end before they begin", [annotation({ start_line: 2 })], {}],
  ["columns that end before they begin", [annotation({ start_column: 3, end_column: 2 })], {}],
  ["a line 0", [annotation({ start_line: 0 })], {}],
  ["a level that is none", [annotation({ annotation_level: "error" })], {}],
  ["an annotation without message", [annotation({ message: "" })], {}],
  ["a conclusion that is none", [], { conclusion: "good" }],
  ["an end without conclusion", [], { status: "completed" }],
  ["an output without summary", [], { output: { title: "Title" } }],
  ["a summary that is too long", [], { output: { title: "Title", summary: "x".repeat(65_536) } }],
  ["a commit that is not there", [], { head_sha: "f".repeat(40) }],
  ["no name", [], { name: undefined }],
])("a check run with %s is refused", async (_, annotations, over) => {
  expect((await api("POST", RUNS, run(annotations, over))).status).toBe(422);
  expect(world.github.checkRunsOf({ repository, ref: "main" })).toEqual([]);
});

test("check runs are written with the permission only", async () => {
  const manifest = parseManifest("default_permissions: { checks: read, contents: read }");
  const poor = await aWorld({ strict: false, manifest });
  await poor.github.install({ account: "acme", at: at("09:00") });
  await poor.github.createRepository({ repository, at: at("09:01") });
  const its = await installationApi(poor);
  const its_sha = poor.github.commitOf({ repository, ref: "main" }).sha;
  expect((await its("POST", RUNS, run([], { head_sha: its_sha }))).status).toBe(403);
  expect((await its("GET", `/repos/acme/web/commits/${its_sha}/check-runs`)).status).toBe(200);
  await poor.close();
});

test("a pull request's files are those that it changes itself", async () => {
  const on = { repository, branch: "one" };
  await world.github.putFile({ ...on, path: "a.md", content: "a", at: at("10:00") });
  await world.github.putFile({ ...on, path: "b.md", content: null, at: at("10:01") });
  const head = await world.github.putFile({ ...on, path: "c.md", content: "other", at: at("10:02") });
  const number = await world.github.openPullRequest({ ...on, title: "One", at: at("10:03") });
  await world.github.putFile({ repository, branch: "main", path: "d.md", content: "d", at: at("10:04") });
  expect(world.github.commitOf({ repository, ref: "one" }).sha).toBe(head);
  const { body } = await api("GET", `/repos/acme/web/pulls/${number}/files`);
  expect(body.map(({ filename, status }: { filename: string; status: string }) => [filename, status])).toEqual([
    ["a.md", "added"],
    ["b.md", "removed"],
    ["c.md", "modified"],
  ]);
});
