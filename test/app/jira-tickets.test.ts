import { beforeEach, describe, expect, it } from "vitest";
import { furnish, GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import { type Stage, stage } from "../support/app.js";
import { asked, commented, notes, rows } from "../support/jira.js";

const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
const REPOSITORY = "acme/web";
const TICKET = /\/issue\/PROP-1460$/;
const NOT_THERE = "Jira has no ticket PROP-1460 that we may read";

let all: Stage;
beforeEach(async () => {
  all = await stage();
});

describe("a branch that names a ticket which does not exist", () => {
  beforeEach(async () => {
    const { world, app } = all;
    await furnish(world, { repository: REPOSITORY, visibility: "private", at: onTheDay("09:00") });
    await world.jira.createIssue({ project: "PROP", number: 1, summary: "Another", at: onTheDay("09:00") });
    const branch = "feature/PROP-1460-login";
    await world.github.push({ repository: REPOSITORY, branch, commits: [{ message: "m", files: {} }], at: onTheDay("10:05") });
    await world.github.openPullRequest({ repository: REPOSITORY, branch, title: "Log in", at: onTheDay("10:10") });
    await app.idle();
    await world.github.merge({ repository: REPOSITORY, number: 1, by: "bob", at: onTheDay("10:15") });
    await app.idle();
  });

  it("is looked up once, and the comment says in words that there is none", async () => {
    const { world, app } = all;
    const [comment] = all.comments();
    expect(notes(comment)).toContain(`- ℹ️ ticket-to-release begins with a ticket: ${NOT_THERE}`);
    expect(Object.keys(rows(comment))).toContain("Merge");
    for (const label of ["one", "two", "three"]) {
      await world.github.label({ repository: REPOSITORY, number: 1, label, at: onTheDay("10:30") });
    }
    await app.idle();
    expect(asked(all, TICKET)).toBe(1);
  });

  it("becomes a link when the ticket is created later", async () => {
    const { world, app } = all;
    const late = { project: "PROP", number: 1460, summary: "Written down afterwards", at: onTheDay("10:40") };
    await world.jira.createIssue(late);
    await app.idle();
    const [comment] = all.comments();
    expect(comment).toContain("[PROP-1460]");
    expect(notes(comment)).toEqual(["- ℹ️ PROP-1460 was created after the merge: is it the right ticket?"]);
    expect(asked(all, TICKET)).toBe(2);

    await world.jira.transition({ issue: "PROP-1460", status: "Done", at: onTheDay("10:50") });
    await app.idle();
    expect(rows(all.comments()[0])).toHaveProperty("Done", "10m");
    expect(asked(all, TICKET)).toBe(2);
  });
});

it("links, and links no more, when the title is edited after the merge", async () => {
  const { world, app } = all;
  await furnish(world, { repository: REPOSITORY, visibility: "private", at: onTheDay("09:00") });
  const issue = await world.jira.createIssue({ project: "PROP", number: 1460, summary: "A title", at: onTheDay("09:50") });
  await world.jira.transition({ issue, status: "In Progress", at: onTheDay("10:00") });
  await playPullRequest(world, GOLDEN_TIMES, { repository: REPOSITORY, branch: "login", title: "Log in" });
  await app.idle();
  const alone = all.comments();
  expect(notes(alone[0])).toEqual(["- ℹ️ ticket-to-release begins with a ticket: no ticket linked"]);

  await world.github.editTitle({ repository: REPOSITORY, number: 1, title: "PROP-1460 Log in", at: onTheDay("10:30") });
  await app.idle();
  expect(rows(all.comments()[0])).toMatchObject({ "In progress": "10m", "First commit": "5m", Deployment: "1m" });

  await world.github.editTitle({ repository: REPOSITORY, number: 1, title: "Log in", at: onTheDay("10:31") });
  await app.idle();
  expect(all.comments()).toEqual(alone);
});

describe("a ticket that went its whole way", () => {
  beforeEach(async () => {
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
  });

  it("is found under its old key and its new one after it was moved", async () => {
    const key = await all.world.jira.moveIssue({ issue: "PROP-1460", project: "WEB", at: onTheDay("12:00") });
    await all.app.idle();
    expect(all.comments()).toEqual([expect.stringContaining(`### Lead time 1h 10m · 🟢 good · [${key}]`)]);
    for (const name of ["PROP-1460", key, key.toLowerCase()]) {
      expect(await all.get(`/api/v1/work-items/${name}`)).toMatchObject({ item: key, links: [{ pullRequest: "acme/web#1" }] });
    }
  });

  it("goes on being measured by what happens under its new key", async () => {
    const key = await all.world.jira.moveIssue({ issue: "PROP-1460", project: "WEB", at: onTheDay("12:00") });
    await all.world.jira.setField({ issue: key, field: "summary", value: "Under a new name", at: onTheDay("12:10") });
    await all.app.idle();
    expect(all.comments()[0]).toContain("Under a new name");
  });

  it("is gone from comment and API when it is deleted, and what is left says so", async () => {
    const { world, app } = all;
    await world.jira.deleteIssue({ issue: "PROP-1460", at: onTheDay("13:00") });
    await app.idle();
    const comment = await commented(all, (body) => expect(body).not.toContain("[PROP-1460]"));
    expect(notes(comment)).toContain(`- ℹ️ ticket-to-release begins with a ticket: ${NOT_THERE}`);
    expect(comment).not.toContain("passkey");
    expect(await all.get("/api/v1/work-items/PROP-1460")).toMatchObject({ error: { code: "unknown" } });
  });
});
