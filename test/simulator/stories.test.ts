import { afterEach, expect, test, vi } from "vitest";
import { seededRandom } from "../../src/simulator/chance.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import { playSteps, teamHistory } from "../../src/simulator/team.js";
import type { World } from "../../src/simulator/world.js";
import { at, aWorld, installationApi } from "./support.js";

// Compiling GitHub's schemas takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
async function freshWorld(strict = false): Promise<World> {
  const world = await aWorld({ strict });
  worlds.push(world);
  return world;
}
const told = (world: World) => world.collect().map(({ body }) => JSON.parse(body));

test("the golden life happens at its times", async () => {
  const world = await freshWorld(true);
  const { key, pullRequests } = await playTicketLife(world, GOLDEN_TIMES);
  expect(key).toBe("PROP-1460");
  const api = await installationApi(world);
  const { body } = await api("GET", `/repos/acme/web/pulls/${pullRequests[0]?.number}`);
  expect(body).toMatchObject({
    created_at: "2024-05-06T10:10:00Z",
    merged_at: "2024-05-06T10:15:00Z",
    head: { ref: "feature/PROP-1460-login" },
    merge_commit_sha: pullRequests[0]?.mergeCommit,
  });
  const commits = await api("GET", `${new URL(body.commits_url).pathname.replace("/api/v3", "")}`);
  expect(commits.body).toMatchObject([{ commit: { author: { date: "2024-05-06T10:05:00Z" } } }]);
  const payloads = told(world);
  const run = payloads.findLast((payload) => payload.workflow_run)?.workflow_run;
  expect(run).toMatchObject({
    conclusion: "success",
    updated_at: "2024-05-06T10:16:00Z",
    head_sha: pullRequests[0]?.mergeCommit,
    event: "push",
  });
  const deployed = payloads.find((payload) => payload.deployment_status)?.deployment_status;
  expect(deployed).toMatchObject({ state: "success", environment: "production", created_at: "2024-05-06T10:17:00Z" });
  expect(payloads.at(-1)).toMatchObject({ webhookEvent: "jira:version_released", timestamp: at("11:00").getTime() });
});

test("the same story twice tells the same", async () => {
  const [one, other] = [await freshWorld(), await freshWorld()];
  for (const world of [one, other]) await playTicketLife(world, GOLDEN_TIMES);
  const bodies = (world: World) => world.collect().map(({ id, body }) => [id, body]);
  expect(bodies(one)).toEqual(bodies(other));
});

test("a ticket can have several pull requests, or none", async () => {
  const several = await freshWorld();
  const second = {
    ...GOLDEN_TIMES,
    commit: at("10:21"),
    opened: at("10:22"),
    approved: null,
    merged: at("10:45"),
    ci: null,
    deployed: null,
  };
  expect(
    (await playTicketLife(several, GOLDEN_TIMES, { morePullRequests: [second] })).pullRequests.map(({ number }) => number),
  ).toEqual([1, 2]);
  const none = await freshWorld();
  const { pullRequests } = await playTicketLife(none, { ...GOLDEN_TIMES, commit: null, opened: null });
  expect(pullRequests).toEqual([]);
});

test("a ticket can get its fix version late", async () => {
  const world = await freshWorld();
  await playTicketLife(world, GOLDEN_TIMES, { versionSetAt: at("10:18") });
  const issues = told(world).filter((payload) => payload.issue?.key === "PROP-1460");
  expect(issues[0].issue.fields.fixVersions).toEqual([]);
  expect(issues.at(-1).issue.fields.fixVersions).toMatchObject([{ name: "1.0" }]);
});

test("a team's months are real payloads, in order, the same for the same numbers", async () => {
  const until = Date.parse("2024-05-06T12:00:00Z");
  const history = (seed: number) => [...teamHistory({ random: seededRandom(seed), until })];
  const steps = history(1);
  expect(steps.every(({ at: when }, index) => when <= until && when >= (steps[index - 1]?.at ?? 0))).toBe(true);
  expect(history(1).map(({ at: when }) => when)).toEqual(steps.map(({ at: when }) => when));
  expect(history(2).map(({ at: when }) => when)).not.toEqual(steps.map(({ at: when }) => when));

  const world = await freshWorld(true);
  await playSteps(world, steps);
  const pullRequests = [...world.github.state.repositories.values()].flatMap((repository) => [
    ...repository.pullRequests.values(),
  ]);
  expect(pullRequests.length).toBeGreaterThan(80);
  expect(pullRequests.filter(({ merged }) => merged).length).toBeGreaterThan(60);
  expect(pullRequests.some(({ author }) => author.type === "Bot")).toBe(true);
  expect(pullRequests.some(({ state, merged }) => state === "closed" && !merged)).toBe(true);
  expect([...world.jira.state.issues.values()].length).toBeGreaterThan(70);
});
