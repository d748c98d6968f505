import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { Refused, Unavailable } from "../../src/core/failure.js";
import { discussion } from "../../src/github/discussion.js";
import { clock, github, octokit, web } from "./host.js";

const talk = discussion({ octokit, appId: "1001", clock });
const ADA = { id: "9", login: "ada" };
const asked = () => github().get("/repos/acme/web/collaborators/ada/permission");

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

describe("what a person may do", () => {
  test.each([
    ["admin", { permission: "admin", role_name: "admin" }, "write"],
    ["maintain, which the one field calls write", { permission: "write", role_name: "maintain" }, "write"],
    ["write", { permission: "write", role_name: "write" }, "write"],
    ["triage, which the one field calls read", { permission: "read", role_name: "triage" }, "triage"],
    ["read", { permission: "read", role_name: "read" }, "read"],
    ["nothing", { permission: "none", role_name: "" }, "none"],
    ["what an older server says", { permission: "write" }, "write"],
    ["a role of the organisation's own", { permission: "read", role_name: "Doorkeeper" }, "read"],
    ["a role whose name says more than it allows", { permission: "read", role_name: "push" }, "read"],
    ["something new", { permission: "wizard", role_name: "wizard" }, "none"],
  ])("is read: %s", async (_, answer, allowed) => {
    asked().reply(200, { ...answer, user: { id: 9, login: "ada" } });
    expect(await talk.permission(web, ADA)).toBe(allowed);
  });

  test("is told by the list of what a role of the organisation's own allows", async () => {
    const permissions = { pull: true, triage: true, push: false, maintain: false, admin: false };
    asked().reply(200, { permission: "read", role_name: "Doorkeeper", user: { id: 9, permissions } });
    expect(await talk.permission(web, ADA)).toBe("triage");
  });

  test("is nothing for who took over the name of another", async () => {
    asked().reply(200, { permission: "admin", role_name: "admin", user: { id: 10, login: "ada" } });
    expect(await talk.permission(web, ADA)).toBe("none");
  });

  test("is nothing for who is not there", async () => {
    asked().reply(404, { message: "ada is not a user" });
    expect(await talk.permission(web, ADA)).toBe("none");
  });

  test.each([
    [403, {}, Refused],
    [502, {}, Unavailable],
    [403, { "retry-after": "60" }, Unavailable],
  ])("is unknown when GitHub answers %i %j", async (status, headers, failure) => {
    asked().reply(status, { message: "No." }, headers);
    await expect(talk.permission(web, ADA)).rejects.toBeInstanceOf(failure);
  });
});

describe("a reaction", () => {
  const reacted = () => github().post("/repos/acme/web/issues/comments/55/reactions", { content: "eyes" });

  test.each([200, 201])("is there when GitHub answers %i", async (status) => {
    reacted().reply(status, { id: 1, content: "eyes" });
    await expect(talk.react(web, "55", "eyes")).resolves.toBeUndefined();
  });

  test("that is not ours to give is refused", async () => {
    reacted().reply(403, { message: "Resource not accessible by integration" });
    await expect(talk.react(web, "55", "eyes")).rejects.toBeInstanceOf(Refused);
  });
});
