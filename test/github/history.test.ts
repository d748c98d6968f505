import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { Refused, Unavailable } from "../../src/core/failure.js";
import { releaseRef } from "../../src/core/ref.js";
import { codeHost } from "../../src/github/history.js";
import { clock, github, keptLog, nextPage, octokit, web } from "./host.js";
import { HEAD, MERGE, merged, one, payload, RECEIVED, reading } from "./payloads.js";

const log = keptLog();
const host = codeHost({ octokit, clock, log, check: () => [] });

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const sha = (index: number): string => index.toString(16).padStart(40, "0");
const commit = (index: number, over: object = {}) => ({
  sha: sha(index),
  html_url: `https://github.com/acme/web/commit/${index}`,
  author: { login: "ann", type: "User" },
  parents: [{ sha: sha(index - 1) }],
  commit: {
    message: `change ${index}`,
    author: { date: "2024-05-06T08:00:00Z" },
    committer: { date: "2024-05-06T09:00:00Z" },
  },
  ...over,
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a pull request", () => {
  test("is read as a webhook tells it, and says when it was read", async () => {
    github().get("/repos/acme/web/pulls/3").reply(200, merged());
    const [described, ...facts] = await host.pullRequest(web, 3);
    const told = reading("pull_request", payload({ action: "closed", pull_request: merged() }));
    expect(described).toEqual({ ...one(told, "pull-request.described"), readAt: RECEIVED });
    expect(facts).toEqual([one(told, "pull-request.opened"), one(told, "pull-request.merged")]);
  });

  test("that is gone is missing", async () => {
    github().get("/repos/acme/web/pulls/3").reply(404, { message: "Not Found" });
    await expect(host.pullRequest(web, 3)).rejects.toMatchObject({ name: "Refused", reason: "missing" });
  });

  test("is read on where a renamed repository moved to", async () => {
    github()
      .get("/repos/acme/web/pulls/3")
      .reply(301, { message: "Moved" }, { location: "https://api.github.com/repositories/7/pulls/3" });
    github().get("/repositories/7/pulls/3").reply(200, merged());
    expect(await host.pullRequest(web, 3)).toHaveLength(3);
  });

  test("comes later when one redirect leads to the next", async () => {
    const location = "https://api.github.com/repos/acme/web/pulls/3";
    github().get("/repos/acme/web/pulls/3").twice().reply(301, {}, { location });
    await expect(host.pullRequest(web, 3)).rejects.toBeInstanceOf(Unavailable);
  });

  test("comes later when GitHub redirects to elsewhere, which is not asked", async () => {
    const elsewhere = nock("https://evil.example").get("/").reply(200, merged());
    github().get("/repos/acme/web/pulls/3").reply(302, "", { location: "https://evil.example/" });
    await expect(host.pullRequest(web, 3)).rejects.toBeInstanceOf(Unavailable);
    expect(elsewhere.isDone()).toBe(false);
    nock.cleanAll();
  });

  test.each([
    ["an error page", 200, "<html>", { "content-type": "text/html" }],
    ["cut JSON", 200, '{"number":', { "content-type": "application/json" }],
    ["an answer without what we read", 200, {}, {}],
  ])("comes later when GitHub answers %s", async (_, status, body, headers) => {
    github().get("/repos/acme/web/pulls/3").reply(status, body, headers);
    await expect(host.pullRequest(web, 3)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("the commits of a pull request", () => {
  const list = (page: number) => github().get("/repos/acme/web/pulls/3/commits").query({ per_page: 100, page });

  test("are read page by page, and stored under the head that they end in", async () => {
    list(1).reply(
      200,
      range(1, 100).map((index) => commit(index)),
      nextPage(2),
    );
    list(2).reply(
      200,
      range(101, 120).map((index) => commit(index)),
      { link: '<https://api.github.com/x?page=1>; rel="prev"' },
    );
    const listed = one({ events: await host.commits(web, 3, HEAD) }, "pull-request.commits");
    expect(listed).toMatchObject({
      id: `github:pr:7#3:commits:${sha(120)}`,
      ref: "github:pr:7#3",
      head: sha(120),
      at: RECEIVED,
    });
    expect(listed.commits).toHaveLength(120);
    expect(listed.commits[0]).toEqual({
      sha: sha(1),
      authoredAt: Date.parse("2024-05-06T08:00:00Z"),
      committedAt: Date.parse("2024-05-06T09:00:00Z"),
      parents: 1,
      message: "change 1",
      author: { login: "ann", bot: false },
      url: "https://github.com/acme/web/commit/1",
    });
  });

  test("are stored under the wanted head when the list is cut at 250", async () => {
    for (const page of [1, 2, 3]) {
      const commits = range(page * 100 - 99, Math.min(page * 100, 250)).map((index) => commit(index));
      list(page).reply(200, commits, page < 3 ? nextPage(page + 1) : {});
    }
    expect(one({ events: await host.commits(web, 3, HEAD) }, "pull-request.commits").head).toBe(HEAD);
  });

  test("by nobody known to GitHub have no author", async () => {
    list(1).reply(200, [commit(1, { author: null })]);
    expect(one({ events: await host.commits(web, 3, HEAD) }, "pull-request.commits").commits[0]).not.toHaveProperty("author");
  });

  test("that break off half-way are not taken for all of them", async () => {
    list(1).reply(
      200,
      range(1, 100).map((index) => commit(index)),
      nextPage(2),
    );
    list(2).reply(200, "", { "content-type": "application/json" });
    await expect(host.commits(web, 3, HEAD)).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("a pushed commit", () => {
  test("is traced to the merged pull requests of this repository", async () => {
    const bringers = [
      { number: 3, merged_at: "2024-05-06T11:00:00Z", base: { repo: { id: 7 } } },
      { number: 4, merged_at: null, base: { repo: { id: 7 } } },
      { number: 5, merged_at: "2024-05-06T11:00:00Z", base: { repo: { id: 8 } } },
    ];
    github().get(`/repos/acme/web/commits/${HEAD}/pulls`).query({ per_page: 100 }).reply(200, bringers);
    expect(one({ events: await host.trace(web, HEAD) }, "commit.traced")).toMatchObject({
      id: `github:commit:7@${HEAD}:traced`,
      ref: `github:commit:7@${HEAD}`,
      pullRequests: [3],
    });
  });

  test("that GitHub does not have is missing", async () => {
    github().get(`/repos/acme/web/commits/${HEAD}/pulls`).query(true).reply(422, { message: "No commit found" });
    await expect(host.trace(web, HEAD)).rejects.toMatchObject({ reason: "missing" });
  });
});

describe("a comparison", () => {
  const basehead = `${HEAD}...${MERGE}`;
  const page = (number: number) => github().get(`/repos/acme/web/compare/${basehead}`).query({ per_page: 100, page: number });
  const answer = (from: number, to: number, total: number) => ({
    status: "ahead",
    total_commits: total,
    commits: range(from, to).map((index) => ({ sha: sha(index) })),
  });
  const compared = async () => one({ events: await host.compare(web, HEAD, MERGE) }, "commits.compared");

  test("is paged to the end", async () => {
    page(1).reply(200, answer(1, 100, 130));
    page(2).reply(200, answer(101, 130, 130));
    const result = await compared();
    expect(result).toMatchObject({
      id: `github:compare:7:${basehead}`,
      ref: `github:graph:7@${MERGE}`,
      base: HEAD,
      head: MERGE,
      status: "ahead",
    });
    expect(result.ahead).toEqual(range(1, 130).map(sha));
  });

  test.each([404, 422])("of commits that GitHub does not have (%d) is unknown", async (status) => {
    page(1).reply(status, { message: "no common ancestor" });
    expect(await compared()).toMatchObject({ status: "unknown", ahead: [] });
  });

  test("of identical commits is one page", async () => {
    page(1).reply(200, { status: "identical", total_commits: 0, commits: [] });
    expect(await compared()).toMatchObject({ status: "identical", ahead: [] });
  });

  test("never looks at more than 10,000 commits", async () => {
    for (const number of range(1, 100)) page(number).reply(200, answer(number * 100 - 99, number * 100, 12_345));
    expect((await compared()).ahead).toHaveLength(10_000);
  });
});

describe("a release", () => {
  const release = releaseRef(61);

  test("is resolved to the commit of its tag", async () => {
    github().get("/repos/acme/web/commits/v1.2%2Brc").query(true).reply(200, { sha: MERGE });
    expect(one({ events: await host.release(web, release, "v1.2+rc") }, "release.resolved")).toMatchObject({
      id: "github:release:61:resolved",
      ref: release,
      repository: "github:repo:7",
      sha: MERGE,
    });
  });

  test("whose tag is gone is missing", async () => {
    github().get("/repos/acme/web/commits/v1").query(true).reply(422, {});
    await expect(host.release(web, release, "v1")).rejects.toBeInstanceOf(Refused);
  });
});
