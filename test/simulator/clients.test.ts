import { Version3Client } from "jira.js";
import { Probot } from "probot";
import { afterEach, expect, test } from "vitest";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { startWorld, type World } from "../../src/simulator/world.js";

let world: World;
afterEach(() => world.close());

test("the clients that the app uses understand the simulator, with the permissions of app.yml", async () => {
  world = await startWorld({ now: Date.now });
  const { pullRequests } = await playTicketLife(world, GOLDEN_TIMES);
  const settings = world.environment();
  const probot = new Probot({
    appId: Number(settings.APP_ID),
    privateKey: settings.PRIVATE_KEY ?? "",
    secret: settings.WEBHOOK_SECRET ?? "",
    baseUrl: `${settings.GHE_PROTOCOL}://${settings.GHE_HOST}/api/v3`,
    logLevel: "fatal",
  });
  const [installation] = world.github.state.installations.keys();
  const { rest, paginate } = await probot.auth(installation);
  const web = { owner: "acme", repo: "web" };
  const number = pullRequests[0]?.number ?? 0;
  const { data } = await rest.pulls.get({ ...web, pull_number: number });
  expect(data.merge_commit_sha).toBe(pullRequests[0]?.mergeCommit);
  expect(await paginate(rest.pulls.listCommits, { ...web, pull_number: number })).toHaveLength(1);
  const comparison = await rest.repos.compareCommitsWithBasehead({ ...web, basehead: "main...feature/PROP-1460-login" });
  expect(comparison.data.status).toBe("behind");
  await rest.issues.createComment({ ...web, issue_number: number, body: "Lead time" });
  expect(await paginate(rest.issues.listComments, { ...web, issue_number: number })).toHaveLength(1);

  const jira = new Version3Client({
    host: settings.JIRA_BASE_URL ?? "",
    authentication: { basic: { email: settings.JIRA_EMAIL ?? "", apiToken: settings.JIRA_API_TOKEN ?? "" } },
  });
  expect((await jira.issues.getIssue({ issueIdOrKey: "PROP-1460" })).fields.status.name).toBe("Done");
  const changelog = await jira.issues.getChangeLogs({ issueIdOrKey: "PROP-1460" });
  expect(changelog.total).toBe(2);
  expect((await jira.projects.searchProjects()).values.map(({ key }) => key)).toEqual(["PROP"]);
});
