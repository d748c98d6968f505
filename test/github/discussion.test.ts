import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { discussion } from "../../src/github/discussion.js";
import { clock, github, nextPage, octokit, web } from "./host.js";

const MARKER = "<!-- leadtime:pull-request -->";
const comments = () => discussion({ octokit, appId: "1001", clock });

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const said = (id: number, over: object = {}) => ({
  id,
  body: "Nice",
  user: { login: "ann", type: "User" },
  performed_via_github_app: null,
  ...over,
});
const ours = (id: number, over: object = {}) =>
  said(id, { body: `${MARKER}\r\n### Lead time`, performed_via_github_app: { id: 1001 }, ...over });
const page = (number: number) => github().get("/repos/acme/web/issues/3/comments").query({ per_page: 100, page: number });
const chatter = (from: number, count: number) => Array.from({ length: count }, (_, index) => said(from + index));

describe("our comment", () => {
  test("is found behind 150 others", async () => {
    page(1).reply(200, chatter(1, 100), nextPage(2));
    page(2).reply(200, [...chatter(101, 50), ours(151)]);
    expect(await comments().find(web, 3, MARKER)).toBe("151");
  });

  test("is the first of several, so that all who race find the same", async () => {
    page(1).reply(200, [said(1), ours(2), ours(3)]);
    expect(await comments().find(web, 3, MARKER)).toBe("2");
  });

  test.each([
    ["the marker was pasted by a person", said(1, { body: `${MARKER}\nhi` })],
    ["the marker was written by another App", ours(1, { performed_via_github_app: { id: 7 } })],
    ["a person wrote by another App", said(1, { body: MARKER, performed_via_github_app: { id: 7 } })],
    ["the marker is not the first line", ours(1, { body: `hi\n${MARKER}` })],
    ["the comment is of another kind", ours(1, { body: "<!-- leadtime:answer -->" })],
    ["the comment has no text", ours(1, { body: null })],
  ])("is not found when %s", async (_, comment) => {
    page(1).reply(200, [comment]);
    expect(await comments().find(web, 3, MARKER)).toBeUndefined();
  });

  test("is told by our account's name where GitHub does not say which App wrote", async () => {
    github().get("/app").once().reply(200, { id: 1001, slug: "leadtime" });
    const bot = (login: string) => ({ body: MARKER, user: { login, type: "Bot" } });
    page(1)
      .twice()
      .reply(200, [
        said(1, bot("other[bot]")),
        said(2, { body: MARKER, user: { login: "leadtime[bot]", type: "User" } }),
        said(3, bot("leadtime[bot]")),
      ]);
    const { find } = comments();
    expect([await find(web, 3, MARKER), await find(web, 3, MARKER)]).toEqual(["3", "3"]);
  });

  test.each([
    ["breaks off", 200, ""],
    ["is an error page", 502, "<html>"],
  ])("is not thought absent when the list %s", async (_, status, body) => {
    page(1).reply(200, chatter(1, 100), nextPage(2));
    page(2).reply(status, body, { "content-type": "application/json" });
    await expect(comments().find(web, 3, MARKER)).rejects.toMatchObject({ name: "Unavailable" });
  });

  test("is created, and known by its id", async () => {
    github().post("/repos/acme/web/issues/3/comments", { body: "text" }).reply(201, { id: 77 });
    expect(await comments().create(web, 3, "text")).toBe("77");
  });

  test("is changed in place", async () => {
    github().patch("/repos/acme/web/issues/comments/77", { body: "text" }).reply(200, { id: 77 });
    await comments().update(web, "77", "text");
  });

  test("is changed in place also when the repository was renamed meanwhile", async () => {
    const moved = "https://api.github.com/repositories/7/issues/comments/77";
    github().patch("/repos/acme/web/issues/comments/77").reply(307, {}, { location: moved });
    github().patch("/repositories/7/issues/comments/77", { body: "text" }).reply(200, { id: 77 });
    await comments().update(web, "77", "text");
  });

  test("is never taken for changed when GitHub redirects to where the change is lost", async () => {
    github().patch("/repos/acme/web/issues/comments/77").reply(301, {}, { location: "https://api.github.com/repositories/7" });
    await expect(comments().update(web, "77", "text")).rejects.toMatchObject({ name: "Unavailable" });
  });

  test.each([
    [404, "missing"],
    [410, "missing"],
    [403, "forbidden"],
    [422, "forbidden"],
    [401, "unauthorized"],
  ])("is not to be written when GitHub answers %d", async (status, reason) => {
    github().post("/repos/acme/web/issues/3/comments").reply(status, { message: "no" });
    await expect(comments().create(web, 3, "text")).rejects.toMatchObject({ name: "Refused", reason });
  });
});

describe("a conversation stands to us", () => {
  const pull = (status: number, body: object = {}) => github().get("/repos/acme/web/pulls/3").reply(status, body);
  const repository = (status: number) => github().get("/repos/acme/web").reply(status, {});

  test.each([
    [{ locked: false }, "open"],
    [{ locked: true }, "locked"],
    [{}, "locked"],
  ])("as GitHub says: %j", async (body, standing) => {
    pull(200, body);
    expect(await comments().standing(web, 3)).toBe(standing);
  });

  test.each([
    [404, 200, "gone"],
    [410, 200, "gone"],
    [404, 404, "hidden"],
  ])("by its repository, when it is not shown (%d, %d): %s", async (status, whole, standing) => {
    pull(status);
    repository(whole);
    expect(await comments().standing(web, 3)).toBe(standing);
  });

  test("in no way that may be told while we are refused", async () => {
    pull(403);
    await expect(comments().standing(web, 3)).rejects.toMatchObject({ name: "Refused", reason: "forbidden" });
    pull(404);
    repository(401);
    await expect(comments().standing(web, 3)).rejects.toMatchObject({ name: "Refused", reason: "unauthorized" });
  });
});
