import { beforeEach, describe, expect, it, vi } from "vitest";
import { furnish, GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import { type Stage, stage } from "../support/app.js";
import { rows } from "../support/jira.js";

const AT = new Date("2024-05-06T08:00:00Z");
const SECOND_REPOSITORY = { repository: "globex/web", visibility: "private", at: AT } as const;
const WITH_TICKET = expect.stringContaining("### Lead time 1h 10m · 🟢 good · [PROP-1460]");

/** Another account's pull request whose branch names acme's ticket. */
async function nameIt({ world, app }: Stage): Promise<void> {
  await furnish(world, SECOND_REPOSITORY);
  await playPullRequest(world, GOLDEN_TIMES, { ...SECOND_REPOSITORY, branch: "feature/PROP-1460-peek", title: "Peek" });
  await app.idle();
}

/** What only Jira knows of the ticket. */
const SECRETS = ["passkey", "Story", "In progress", "Alice", "/browse/", "fix version", "1h 10m"];

async function saysNothing({ comments, get }: Stage): Promise<void> {
  const [comment = "", ...others] = comments(1, "globex/web");
  expect(others).toEqual([]);
  expect(rows(comment)).toHaveProperty("Merge", "4m");
  const item = await get("/api/v1/pull-requests/globex/web/1");
  expect(item).toMatchObject({ item: "globex/web#1", kind: "pull-request" });
  for (const text of [comment, JSON.stringify(item)]) for (const secret of SECRETS) expect(text).not.toContain(secret);
  expect(await get("/api/v1/work-items/PROP-1460?owner=globex")).toMatchObject({ error: { code: "unknown" } });
}

describe("JIRA_OWNERS unset", () => {
  it("lets the one account use Jira", async () => {
    const all = await stage();
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    expect(all.comments()).toEqual([WITH_TICKET]);
  });

  it("lets none use it once there are two, until one of them goes", async () => {
    const all = await stage();
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    const before = all.world.jira.requests.length;
    await nameIt(all);
    expect(all.comments()).toEqual([expect.not.stringContaining("passkey")]);
    expect(rows(all.comments()[0])).toHaveProperty("Merge", "4m");
    await saysNothing(all);
    expect(all.world.jira.requests.length).toBe(before);

    await all.world.github.uninstall({ account: "globex", at: new Date("2024-05-07T08:00:00Z") });
    await all.app.idle();
    expect(all.comments()).toEqual([WITH_TICKET]);
  });
});

describe("JIRA_OWNERS set", () => {
  let all: Stage;
  beforeEach(async () => {
    all = await stage({ JIRA_OWNERS: "Acme, initech" });
    await furnish(all.world, SECOND_REPOSITORY);
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
  });

  it("lets those named use Jira, in whatever case they are written", () => {
    expect(all.comments()).toEqual([WITH_TICKET]);
  });

  it("tells another account's branch nothing of the ticket that it names, and asks Jira nothing for it", async () => {
    const before = all.world.jira.requests.length;
    await nameIt(all);
    await saysNothing(all);
    expect(all.world.jira.requests.length).toBe(before);
    expect(all.comments()).toEqual([WITH_TICKET]);
  });

  it("tells another account nothing when the ticket moves on", async () => {
    await nameIt(all);
    const comments = all.comments(1, "globex/web");
    await all.world.jira.transition({ issue: "PROP-1460", status: "In Progress", at: new Date("2024-05-08T08:00:00Z") });
    await all.app.idle();
    expect(all.comments(1, "globex/web")).toEqual(comments);
    await saysNothing(all);
  });
});

it("keeps two accounts apart that name the same ticket from repositories of the same name", async () => {
  const all = await stage({ JIRA_OWNERS: "acme,globex" });
  const { world, app } = all;
  await playTicketLife(world, GOLDEN_TIMES);
  await nameIt(all);
  await app.idle();
  const pullRequests = async (owner: string) => {
    const item = await all.get(`/api/v1/work-items/PROP-1460?owner=${owner}`);
    return (item as { links: { pullRequest: string }[] }).links.map(({ pullRequest }) => pullRequest); // our own API's answer
  };
  expect(await pullRequests("acme")).toEqual(["acme/web#1"]);
  expect(await pullRequests("globex")).toEqual(["globex/web#1"]);
  expect(await all.get("/api/v1/work-items/PROP-1460")).toMatchObject({
    error: { code: "ambiguous", message: expect.stringContaining("acme, globex") },
  });
  expect(await all.get("/api/v1/work-items/PROP-1460?owner=nobody")).toMatchObject({ error: { code: "unknown-owner" } });
  expect(await all.get("/api/v1/pull-requests/acme/web/1?owner=globex")).toMatchObject({ error: { code: "unknown" } });
  expect(all.comments()[0]).not.toContain("globex");
  expect(all.comments(1, "globex/web")[0]).not.toContain("acme");
});

describe("with several accounts and JIRA_OWNERS unset the log says that none may use Jira", () => {
  const written: string[] = [];
  const warnings = () => written.filter((line) => line.includes("JIRA_OWNERS does not name those that may"));
  const logged = { LOG_LEVEL: "warn", LOG_FORMAT: "json" };
  beforeEach(() => {
    written.length = 0;
    vi.spyOn(process.stdout, "write").mockImplementation((line) => written.push(String(line)) > 0);
  });

  it("when the second account comes, and at every start", async () => {
    const all = await stage(logged);
    await playTicketLife(all.world, GOLDEN_TIMES);
    await all.app.idle();
    expect(warnings()).toEqual([]);
    await furnish(all.world, SECOND_REPOSITORY);
    await all.app.idle();
    await vi.waitFor(() => expect(warnings()).not.toEqual([]));
    written.length = 0;
    await all.restart(logged);
    await vi.waitFor(() => expect(warnings()).toHaveLength(1));
    written.length = 0;
    await all.restart({ ...logged, JIRA_OWNERS: "acme" });
    await all.app.idle();
    expect(warnings()).toEqual([]);
  });
});
