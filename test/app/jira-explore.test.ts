import { it, vi } from "vitest";
import { GOLDEN_TIMES, playTicketLife, playPullRequest } from "../../src/simulator/stories.js";
import { stage } from "../support/app.js";
const NO = { JIRA_BASE_URL: undefined, JIRA_EMAIL: undefined, JIRA_API_TOKEN: undefined, JIRA_WEBHOOK_SECRET: undefined };
it("absent", async () => {
  const s = await stage(NO);
  await playTicketLife(s.world, GOLDEN_TIMES);
  await s.app.idle();
  console.log("ABSENT", s.comments(), s.world.jira.requests);
  await s.restart({ JIRA_BASE_URL: s.world.environment().JIRA_BASE_URL, JIRA_EMAIL: s.world.environment().JIRA_EMAIL, JIRA_API_TOKEN: s.world.environment().JIRA_API_TOKEN });
  await s.app.idle();
  console.log("ABSENT then set up", s.comments(), s.world.jira.requests);
});
for (const mode of ["down", "deadToken", { retryAfter: 2 }] as const)
  it(`mode ${JSON.stringify(mode)}`, async () => {
    const s = await stage();
    s.world.jira.setMode(mode);
    s.world.webhooks.target({ github: `${s.app.url}/api/github/webhooks` });
    await playTicketLife(s.world, GOLDEN_TIMES);
    await s.app.idle();
    console.log(mode, s.comments(), s.world.jira.requests.map(r => r.path));
    const t = Date.now();
    s.world.jira.setMode("ok");
    await vi.waitFor(() => { if (!s.comments()[0]?.includes("1h 10m")) throw new Error("not yet"); }, { timeout: 9000, interval: 50 }).catch((e) => console.log(e));
    console.log("back after", Date.now() - t, s.comments());
  });
it("unknown ticket", async () => {
  const s = await stage();
  s.world.webhooks.target({ github: `${s.app.url}/api/github/webhooks` });
  await s.world.github.createRepository({ repository: "acme/web", visibility: "private", at: new Date("2024-05-06T09:00:00Z") });
  await s.world.github.install({ account: "acme", at: new Date("2024-05-06T09:00:00Z") });
  await s.world.jira.createIssue({ project: "PROP", number: 1, summary: "other", at: new Date("2024-05-06T09:00:00Z") });
  await playPullRequest(s.world, GOLDEN_TIMES, { repository: "acme/web", branch: "feature/PROP-1460-x", title: "hello" });
  await s.app.idle();
  console.log("UNKNOWN", s.comments(), s.world.jira.requests.map((r) => r.path));
});
