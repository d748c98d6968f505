import { describe, expect, test } from "vitest";
import { merge } from "../../src/core/event.js";
import { at, HEAD, one, payload, person, RECEIVED, read, reading, types } from "./payloads.js";

const run = (over: object = {}, workflow: object | null = { name: "CI" }) =>
  payload({
    action: "completed",
    workflow,
    workflow_run: {
      id: 31,
      run_attempt: 2,
      name: "run",
      head_sha: HEAD,
      event: "push",
      conclusion: "success",
      run_started_at: "2024-05-06T11:01:00Z",
      updated_at: "2024-05-06T11:05:00Z",
      html_url: "https://github.com/acme/web/actions/runs/31",
      pull_requests: [],
      ...over,
    },
  });

describe("a workflow run", () => {
  test("is known by its attempt and told of its commit", () => {
    const result = reading("workflow_run", run());
    expect(one(result, "ci.completed")).toMatchObject({
      id: "github:run:31:2",
      ref: `github:commit:7@${HEAD}`,
      at: at("2024-05-06T11:05:00Z"),
      source: "run",
      name: "CI",
      conclusion: "success",
      trigger: "push",
      startedAt: at("2024-05-06T11:01:00Z"),
    });
    expect(result.notifies).toBe("github:run:31:2");
  });

  test("has the run's name where the workflow is not named", () => {
    expect(one(reading("workflow_run", run({}, null)), "ci.completed").name).toBe("run");
  });

  test("without a conclusion does not concern us", () => {
    expect(read("workflow_run", run({ conclusion: null }))).toBeNull();
  });
});

const suite = (over: object = {}) =>
  payload({
    action: "completed",
    check_suite: {
      id: 41,
      head_sha: HEAD,
      conclusion: "failure",
      updated_at: "2024-05-06T11:05:00.123Z",
      app: { id: 900, slug: "circleci", name: "CircleCI" },
      pull_requests: [],
      ...over,
    },
  });

describe("a check suite", () => {
  test("of another App is told by that App's name, also when it names no pull request", () => {
    expect(one(reading("check_suite", suite()), "ci.completed")).toMatchObject({
      id: "github:suite:41:2024-05-06T11:05:00Z",
      source: "suite",
      name: "CircleCI",
      conclusion: "failure",
      trigger: null,
      startedAt: null,
    });
  });

  test.each([
    ["GitHub Actions", { app: { id: 1, slug: "github-actions", name: "GitHub Actions" } }],
    ["our own App", { app: { id: 1001, slug: "leadtime", name: "leadtime" } }],
    ["no App", { app: null }],
    ["nothing that ended", { conclusion: null }],
  ])("of %s does not concern us", (_, over) => {
    expect(read("check_suite", suite(over))).toBeNull();
  });
});

const status = (over: object = {}) =>
  payload({
    id: 6805126730,
    sha: HEAD.toUpperCase(),
    state: "success",
    context: "ci/x",
    target_url: "https://ci",
    updated_at: "2024-05-06T11:05:00+00:00",
    ...over,
  });

describe("a commit status", () => {
  test.each(["success", "failure", "error"])("%s is the end of a check", (state) => {
    expect(one(reading("status", status({ state })), "ci.completed")).toMatchObject({
      id: "github:status:6805126730",
      ref: `github:commit:7@${HEAD}`,
      source: "status",
      name: "ci/x",
      conclusion: state,
      url: "https://ci",
    });
  });

  test("that is pending does not concern us", () => {
    expect(read("status", status({ state: "pending" }))).toBeNull();
  });

  test("shows an address only when it is https", () => {
    for (const target_url of ["javascript:alert(1)", "http://ci", "", null, 7]) {
      expect(one(reading("status", status({ target_url })), "ci.completed").url).toBeUndefined();
    }
  });
});

const deployed = (state: string, over: object = {}) =>
  payload({
    action: "created",
    deployment_status: {
      state,
      created_at: "2024-05-06T12:00:00Z",
      target_url: "",
      log_url: "https://logs",
      environment: "other",
    },
    deployment: {
      id: 51,
      sha: HEAD,
      environment: "production",
      production_environment: true,
      transient_environment: false,
      ...over,
    },
  });

describe("a deployment", () => {
  test("succeeds at the time of its status, in its own environment", () => {
    expect(one(reading("deployment_status", deployed("success")), "deployment.succeeded")).toMatchObject({
      id: "github:deployment:51:succeeded",
      ref: "github:deployment:51",
      repository: "github:repo:7",
      at: at("2024-05-06T12:00:00Z"),
      sha: HEAD,
      environment: "production",
      production: true,
      transient: false,
      url: "https://logs",
    });
  });

  test.each(["failure", "error"])("fails with the status %s", (state) => {
    expect(reading("deployment_status", deployed(state)).notifies).toBe("github:deployment:51:failed");
  });

  test.each(["inactive", "in_progress", "queued", "pending", "constructor"])("with the status %s has not ended", (state) => {
    expect(read("deployment_status", deployed(state))).toBeNull();
  });

  test("that is asked for carries the repository's state and notifies of nothing", () => {
    const result = reading(
      "deployment",
      payload({ action: "created", deployment: { id: 51, created_at: "2024-05-06T11:59:00Z" } }),
    );
    expect(types(result)).toEqual(["account.described", "repository.described"]);
    expect(result.notifies).toBeNull();
  });
});

const release = (action: string, over: object = {}) =>
  payload({
    action,
    release: {
      id: 61,
      tag_name: "v1.2",
      name: "",
      prerelease: false,
      draft: false,
      created_at: "2024-05-01T00:00:00Z",
      published_at: "2024-05-06T13:00:00Z",
      html_url: "https://github.com/acme/web/releases/v1.2",
      author: person("ann"),
      ...over,
    },
  });

describe("a release", () => {
  test("is published when it was published, not when its tag was made, and its tag is then resolved", () => {
    const result = reading("release", release("published"));
    expect(one(result, "release.published")).toMatchObject({
      id: "github:release:61:published",
      at: at("2024-05-06T13:00:00Z"),
      tag: "v1.2",
      name: "v1.2",
      prerelease: false,
    });
    expect(result.wants).toEqual([
      { kind: "resolve-release", repository: "github:repo:7", release: "github:release:61", tag: "v1.2" },
    ]);
  });

  test("that is promoted is none any more, whatever of the two came first, and was published when it was", () => {
    const told = (action: string, over: object) => one(reading("release", release(action, over)), "release.published");
    const before = told("published", { prerelease: true, updated_at: "2024-05-06T13:00:01Z" });
    for (const action of ["edited", "released"]) {
      const after = told(action, { prerelease: false, updated_at: "2024-05-06T15:00:00Z" });
      expect([merge(before, after), merge(after, before)]).toEqual([after, after]);
      expect(after.at).toBe(before.at);
    }
    expect(told("edited", {}).readAt).toBe(RECEIVED);
  });

  test.each(["released", "edited"])("has its tag resolved also when the first that we hear of it is %s", (action) => {
    expect(reading("release", release(action)).wants).toMatchObject([{ kind: "resolve-release", tag: "v1.2" }]);
  });

  test.each(["released", "edited", "deleted"])(
    "that is %s, perhaps after years, does not tell since when we watch",
    (action) => {
      const result = reading("release", release(action, { published_at: "2019-01-01T00:00:00Z" }));
      expect(result.notifies).toBeNull();
      expect(types(result)).not.toContain("repository.watched");
    },
  );

  test.each(["edited", "deleted"])("that is still a draft does not concern us when %s", (action) => {
    expect(read("release", release(action, { draft: true, published_at: null }))).toBeNull();
  });

  test("is deleted when we hear of it", () => {
    const result = reading("release", release("deleted"));
    expect(one(result, "release.deleted")).toMatchObject({ id: "github:release:61:deleted", at: RECEIVED });
  });
});
