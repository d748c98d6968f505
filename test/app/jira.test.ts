import { describe, expect, it, vi } from "vitest";
import { instant } from "../../src/core/time.js";
import { backOff } from "../../src/flow/back-off.js";
import { furnish, GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import { stage } from "../support/app.js";
import { asked, commented, eventually, muteJira, notes, rows, WITHOUT_JIRA } from "../support/jira.js";

// Failed reads are tried again after seconds.
vi.setConfig({ testTimeout: 40_000 });

const TICKET = /\/issue\/PROP-1460$/;
const UNREAD_SINCE = /Jira could not be read since \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)/;
const PULL_REQUEST_ALONE = { "Pull request opened": "5m", "First review": "1m", Approval: "0s", Merge: "4m" };
const WITH_TICKET = {
  ...{ "In progress": "10m", "First commit": "5m", "Pull request opened": "5m", Approval: "1m", Merge: "4m" },
  ...{ CI: "1m", Deployment: "1m", Done: "3m" },
};

const always = (status: number, text: string) => ({
  begin: ({ jira }: World) => jira.faults.next({ times: 1e6, answer: { status, text } }),
  end: ({ jira }: World) => jira.faults.clear(),
});
const mode = (of: Parameters<World["jira"]["setMode"]>[0]) => ({
  begin: ({ jira }: World) => jira.setMode(of),
  end: ({ jira }: World) => jira.setMode("ok"),
});

describe.each([
  ["answers as if nobody had signed in, since its token is dead", mode("deadToken")],
  ["is down", mode("down")],
  ["asks for patience", mode({ retryAfter: 2 })],
  ["refuses the token", always(401, "Client must be authenticated to access this resource.")],
  ["answers with a page for people", always(200, "<html><body>Under maintenance</body></html>")],
])("a Jira that %s during the whole life, and whose webhooks are lost,", (_how, outage) => {
  it("is named as missing in the comment, which completes when it is back", async () => {
    const all = await stage();
    const { world } = all;
    outage.begin(world);
    muteJira(all);
    await playTicketLife(world, GOLDEN_TIMES);
    const partial = await commented(all, (comment) => expect(notes(comment)[0]).toMatch(UNREAD_SINCE));
    expect(rows(partial)).toEqual(PULL_REQUEST_ALONE);
    expect(notes(partial)).toEqual([expect.stringContaining("ℹ️ ticket-to-release begins with a ticket: Jira could not")]);
    const away = expect.stringMatching(/^Jira has not answered as it should since \d{4}-/);
    expect(await all.get("/readyz")).toEqual({ status: "ready", degraded: [away] });

    outage.end(world);
    const read = await commented(all, (comment) => expect(rows(comment)).toMatchObject(WITH_TICKET));
    expect(notes(read)).toEqual([]);
    await eventually(async () => expect(await all.get("/readyz")).toMatchObject({ degraded: [] }));

    // The moment of the release only its webhook tells; Jira's redelivery or an administrator sends it again.
    world.target(all.app.url);
    expect(new Set(await world.send(world.collect()))).toEqual(new Set([200]));
    await commented(all, (comment) => expect(comment).toContain("### Lead time 1h 10m · 🟢 good · [PROP-1460]"));
  });
});

it("asks a Jira that wants patience nothing at all before the time it named", async () => {
  const all = await stage();
  const { world } = all;
  world.jira.setMode({ retryAfter: 3 });
  muteJira(all);
  await playTicketLife(world, GOLDEN_TIMES);
  await playTicketLife(world, GOLDEN_TIMES, { number: 1461 });
  await all.app.idle();
  const [first] = world.jira.requests;
  const together = world.jira.requests.filter(({ time }) => time < (first?.time ?? 0) + 3000);
  // Those that were under way when the first answer came.
  expect(together.length).toBeLessThanOrEqual(2);
  world.jira.setMode("ok");
  await commented(all, (comment) => expect(rows(comment)).toMatchObject(WITH_TICKET), 2);
});

it("waits 1, 2, 4 … seconds between two tries, and never longer than told", () => {
  const waits = Array.from({ length: 9 }, (_, attempts) => backOff(attempts, instant(0), 60_000) / 1000);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

describe("without Jira", () => {
  it("measures a pull request by itself, and asks and retries nothing", async () => {
    const all = await stage(WITHOUT_JIRA);
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    const [comment, ...others] = all.comments();
    expect(others).toEqual([]);
    expect(rows(comment)).toEqual(PULL_REQUEST_ALONE);
    expect(comment).toContain("under the profile `pull-request`");
    expect(notes(comment)).toEqual(["- ⚠️ PROP-1460 is named, but Jira is not set up"]);
    expect(comment).not.toContain("passkey");
    expect(all.world.jira.requests).toEqual([]);
  });

  it("completes the comment once Jira is set up, without another word from GitHub", async () => {
    const all = await stage(WITHOUT_JIRA);
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    await all.restart({ ...all.world.environment() });
    const comment = await commented(all, (one) => expect(rows(one)).toMatchObject(WITH_TICKET));
    expect(notes(comment)).toEqual([]);
  });

  it("refuses its webhooks", async () => {
    const all = await stage(WITHOUT_JIRA);
    await all.world.jira.createIssue({ project: "PROP", summary: "unheard", at: Date.now() });
    expect(all.world.webhooks.attempts.map(({ status }) => status)).toEqual([403]);
  });
});

it("comments on a pull request while Jira hangs", async () => {
  const all = await stage();
  const { world } = all;
  world.jira.setMode("hang");
  muteJira(all);
  await playTicketLife(world, GOLDEN_TIMES);
  const comment = await commented(all, (one) => expect(rows(one)).toEqual(PULL_REQUEST_ALONE));
  expect(notes(comment)).toEqual([expect.stringContaining("PROP-1460 has not been read from Jira yet")]);
  expect(asked(all, TICKET)).toBe(1); // the one that hangs: nothing has timed out yet
  await world.jira.close(); // cuts the calls that hang, for the app waits for them at its end
});

describe("while Jira's API is down and its webhooks come", () => {
  it("measures the ticket from them alone, says that the rest is missing, and reads the whole history later", async () => {
    const all = await stage();
    const { world } = all;
    world.jira.setMode("down");
    await playTicketLife(world, GOLDEN_TIMES);
    const heard = await commented(all, (comment) => expect(comment).toContain("### Lead time 1h 10m"));
    expect(rows(heard)).toEqual({ ...WITH_TICKET, Release: "40m" });
    const item = "/api/v1/work-items/PROP-1460";
    await commented(all, (comment) => expect(notes(comment)).toEqual([expect.stringMatching(UNREAD_SINCE)]));
    expect(await all.get(item)).toMatchObject({ timeInStatus: null });

    world.jira.setMode("ok");
    const whole = await commented(all, (comment) => expect(notes(comment)).toEqual([]));
    expect(rows(whole)).toEqual(rows(heard));
    expect(await all.get(item)).toMatchObject({
      timeInStatus: [{ status: "To Do" }, { status: "In Progress" }, { status: "Done" }],
    });
  });

  it("fills in afterwards what the webhooks that were lost would have told", async () => {
    const all = await stage();
    const { world, app } = all;
    world.jira.setMode("down");
    muteJira(all);
    await playTicketLife(world, { ...GOLDEN_TIMES, done: null, released: null });
    world.target(app.url);
    await world.jira.transition({ issue: "PROP-1460", status: "Done", at: GOLDEN_TIMES.done ?? 0 });
    const partial = await commented(all, (comment) => expect(rows(comment)).toHaveProperty("Done", "3m"));
    expect(rows(partial)["In progress"]).not.toBe("10m");
    world.jira.setMode("ok");
    await commented(all, (comment) => expect(rows(comment)).toMatchObject(WITH_TICKET));
  });

  it("goes on asking after a restart", async () => {
    const all = await stage();
    const { world } = all;
    world.jira.setMode("down");
    muteJira(all);
    await playTicketLife(world, GOLDEN_TIMES);
    await commented(all, (comment) => expect(notes(comment)[0]).toMatch(UNREAD_SINCE));
    await all.restart();
    world.jira.setMode("ok");
    await commented(all, (comment) => expect(rows(comment)).toMatchObject(WITH_TICKET));
  });
});

it("keeps telling since when Jira could not be read, however often it is tried", async () => {
  const all = await stage();
  const { world } = all;
  await furnish(world, { repository: "acme/web", visibility: "private", at: Date.parse("2024-05-06T09:00:00Z") });
  world.jira.setMode("down");
  muteJira(all);
  await playTicketLife(world, GOLDEN_TIMES);
  const first = await commented(all, (comment) => expect(notes(comment)[0]).toMatch(UNREAD_SINCE));
  await eventually(() => expect(asked(all, TICKET)).toBeGreaterThanOrEqual(3));
  await all.app.idle();
  expect(notes(all.comments()[0])).toEqual(notes(first));
});
