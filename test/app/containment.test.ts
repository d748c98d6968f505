import { describe, expect, it, vi } from "vitest";
import type { MergeMethod } from "../../src/simulator/merge.js";
import { furnish } from "../../src/simulator/stories.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { type Stage, stage } from "../support/app.js";

vi.setConfig({ testTimeout: 60_000 });

const repository = "acme/web";
const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);

interface Told {
  readonly state: string | undefined;
  readonly at?: string | undefined;
  readonly reason?: string;
}

/** A team at work on acme/web, each thing at its minute of 6 May 2024. */
async function team(profile?: string) {
  const on: Stage = await stage();
  const { github } = on.world;
  const { app } = on;
  if (profile === undefined) await furnish(on.world, { repository, visibility: "private", at: onTheDay("09:00") });
  else {
    await github.install({ account: "acme", at: onTheDay("09:00") });
    await github.createRepository({ repository, files: { ".github/leadtime.yml": profile }, at: onTheDay("09:00") });
  }
  /** Opens a pull request an hour before, and merges it. */
  const merge = async (time: string, method: MergeMethod = "merge") => {
    const before = new Date(onTheDay(time).getTime() - 1_800_000);
    const branch = `work-${time}`;
    await github.push({ repository, branch, commits: [{ message: time, files: { [branch]: "" } }], at: before });
    const number = await github.openPullRequest({ repository, branch, title: time, at: before });
    const sha = await github.merge({ repository, number, method, by: "bob", at: onTheDay(time) });
    return { number, sha };
  };
  const deploy = (sha: string, time: string, environment = "production") =>
    github.deploy({ repository, sha, environment, by: "bob", at: onTheDay(time) });
  const itemOf = async (number: number) => {
    await app.idle();
    return (await on.get(`/api/v1/pull-requests/${repository}/${number}`)) as WorkItem; // as its schema says
  };
  /** The last stage under a profile: by default the deployment of `change`. */
  const told = async (number: number, under = "change"): Promise<Told> => {
    const found = (await itemOf(number)).leadTimes.find(({ profile }) => profile === under)?.stages.at(-1);
    if (found && "reason" in found) return { state: found.state, reason: found.reason };
    return { state: found?.state, at: found?.enteredAt.slice(11, 16) };
  };
  return { ...on, github, merge, deploy, itemOf, told };
}

const reached = (at: string): Told => ({ state: "reached", at });
const waiting = (reason: string): Told => ({ state: "pending", reason });
const NOT_YET = waiting("no deployment to production contains it yet");

describe("a deployment contains a pull request", () => {
  it.each(["merge", "squash", "rebase"] as const)("when it is of the commit that %s made", async (method) => {
    const { merge, deploy, told, itemOf } = await team();
    const { number, sha } = await merge("10:00", method);
    expect(await told(number)).toEqual(NOT_YET);
    await deploy(sha, "10:10");
    expect(await told(number)).toEqual(reached("10:10"));
    const deployed = (await itemOf(number)).leadTimes.at(-1)?.stages.at(-1);
    expect(deployed).toMatchObject({ evidence: { note: `${sha.slice(0, 7)} to production`, pullRequest: "acme/web#1" } });
  });

  it("when it is of a later commit, from the second deployment on", async () => {
    const { merge, deploy, told } = await team();
    await deploy("main", "09:10");
    const first = await merge("10:00");
    const second = await merge("10:05");
    const third = await merge("10:07");
    await deploy(second.sha, "10:10");
    expect(await told(first.number)).toEqual(reached("10:10"));
    expect(await told(second.number)).toEqual(reached("10:10"));
    expect(await told(third.number)).toEqual(NOT_YET);
    await deploy(third.sha, "10:20");
    expect(await told(third.number)).toEqual(reached("10:20"));
    expect(await told(first.number)).toEqual(reached("10:10"));
  });

  it("when it is of a later commit and the first that there ever was", async () => {
    const { merge, deploy, told } = await team();
    const first = await merge("10:00");
    const second = await merge("10:05");
    await deploy("main", "10:10");
    expect(await told(first.number)).toEqual(reached("10:10"));
    expect(await told(second.number)).toEqual(reached("10:10"));
  });

  it.each(["itself", "a later commit"])("when it arrives before the merge does, of %s", async (of) => {
    const { world, app, merge, deploy, told } = await team();
    await deploy("main", "09:10");
    world.target(undefined);
    const { number, sha } = await merge("10:00");
    const late = world.collect();
    const [later] = await world.github.push({
      repository,
      branch: "main",
      commits: [{ message: "Later" }],
      at: onTheDay("10:05"),
    });
    world.collect();
    world.target(app.url);
    await deploy(of === "itself" ? sha : (later?.sha ?? ""), "10:10");
    await app.idle();
    expect(await world.send(late)).not.toContain(null);
    expect(await told(number)).toEqual(reached("10:10"));
  });

  it("when the deployments themselves arrive in the wrong order", async () => {
    const { world, app, merge, deploy, told } = await team();
    await deploy("main", "09:10");
    const first = await merge("10:00");
    const second = await merge("10:05");
    const third = await merge("10:07");
    world.target(undefined);
    await deploy(second.sha, "10:06");
    const late = world.collect();
    world.target(app.url);
    await deploy(third.sha, "10:20");
    expect(await told(first.number)).toEqual(reached("10:20"));
    await world.send(late);
    expect(await told(first.number)).toEqual(reached("10:06"));
    expect(await told(second.number)).toEqual(reached("10:06"));
    expect(await told(third.number)).toEqual(reached("10:20"));
  });
});

describe("what is no deployment of it", () => {
  it("is one to another environment, though its first there is kept for stages that ask", async () => {
    const { merge, deploy, told, itemOf } = await team(`
profile: environments
profiles:
  environments:
    start: { on: pull-request.opened }
    stages:
      - { name: Staged, on: deployment.succeeded, environments: [staging] }
      - { name: Live, on: deployment.succeeded, environments: [production] }
`);
    await deploy("main", "09:10", "staging");
    await deploy("main", "09:11");
    const { number, sha } = await merge("10:00");
    await deploy(sha, "10:10", "staging");
    expect(await told(number)).toEqual(NOT_YET);
    await deploy(sha, "10:20");
    await deploy(sha, "10:30", "staging");
    expect((await itemOf(number)).leadTimes[0]?.stages.map((one) => "enteredAt" in one && one.enteredAt.slice(11, 16))).toEqual(
      ["10:10", "10:20"],
    );
  });

  it("is a rollback, nor a redeployment of what was there before", async () => {
    const { merge, deploy, told } = await team();
    await deploy("main", "09:10");
    const first = await merge("10:00");
    await deploy(first.sha, "10:10");
    const second = await merge("10:20");
    await deploy(first.sha, "10:30");
    expect(await told(second.number)).toEqual(NOT_YET);
    await deploy(second.sha, "10:40");
    await deploy(first.sha, "10:50");
    await deploy(second.sha, "11:00");
    expect(await told(first.number)).toEqual(reached("10:10"));
    expect(await told(second.number)).toEqual(reached("10:40"));
  });

  it("is one that failed, or has not succeeded yet: the first success counts", async () => {
    const { github, merge, told } = await team();
    const { number, sha } = await merge("10:00");
    const deed = { repository, sha, environment: "production", by: "bob" };
    await github.deploy({ ...deed, state: "failure", at: onTheDay("10:05") });
    const deployment = await github.deploy({ ...deed, state: "in_progress", at: onTheDay("10:10") });
    expect(await told(number)).toEqual(NOT_YET);
    await github.setDeploymentStatus({ repository, deployment, state: "success", at: onTheDay("10:12") });
    await github.setDeploymentStatus({ repository, deployment, state: "success", at: onTheDay("10:30") });
    expect(await told(number)).toEqual(reached("10:12"));
  });

  it("is one of a preview that goes away again", async () => {
    const { github, merge, told } = await team();
    const { number, sha } = await merge("10:00");
    await github.deploy({ repository, sha, environment: "production", transient: true, at: onTheDay("10:05") });
    expect(await told(number)).toEqual(NOT_YET);
  });

  it("is the one before the merge, whatever branch it is of", async () => {
    const { github, merge, deploy, told } = await team();
    await deploy("main", "09:10");
    await github.push({ repository, branch: "hot", commits: [{ message: "Hot" }], at: onTheDay("09:20") });
    await deploy("hot", "09:30");
    const number = await github.openPullRequest({ repository, branch: "hot", title: "Hot", at: onTheDay("09:40") });
    await github.merge({ repository, number, by: "bob", at: onTheDay("10:00") });
    expect(await told(number)).toEqual(NOT_YET);
    const { sha } = await merge("10:45");
    await deploy(sha, "11:00");
    expect(await told(number)).toEqual(reached("11:00"));
  });
});

describe("a release", () => {
  const PROFILE = `
profile: shipped
profiles:
  shipped:
    start: { on: pull-request.opened }
    stages:
      - { name: Merge, on: pull-request.merged }
      - { name: Shipped, on: release.published }
`;

  it("contains what its tag contains, and no prerelease counts", async () => {
    const { github, merge, told } = await team(PROFILE);
    await github.release({ repository, sha: "main", tag: "v1.0", at: onTheDay("09:10") });
    const first = await merge("10:00");
    expect(await told(first.number, "shipped")).toEqual(waiting("no release contains it yet"));
    await github.release({ repository, sha: "main", tag: "v1.1-rc", prerelease: true, at: onTheDay("10:05") });
    expect(await told(first.number, "shipped")).toEqual(waiting("no release contains it yet"));
    const second = await merge("10:45");
    await github.release({ repository, sha: first.sha, tag: "v1.1", at: onTheDay("11:00") });
    expect(await told(first.number, "shipped")).toEqual(reached("11:00"));
    expect(await told(second.number, "shipped")).toEqual(waiting("no release contains it yet"));
    await github.release({ repository, sha: "main", tag: "v1.2", at: onTheDay("12:00") });
    expect(await told(second.number, "shipped")).toEqual(reached("12:00"));
  });

  it("that is deleted no longer counts: what it contained is sought in those that follow", async () => {
    const { github, merge, told } = await team(PROFILE);
    const published = (tag: string, time: string) => github.release({ repository, sha: "main", tag, at: onTheDay(time) });
    const first = await merge("10:00");
    const earliest = await published("v1.0", "10:10");
    const second = await merge("10:45");
    const middle = await published("v1.1", "11:00");
    await merge("11:45");
    expect(await told(first.number, "shipped")).toEqual(reached("10:10"));
    expect(await told(second.number, "shipped")).toEqual(reached("11:00"));
    await github.deleteRelease({ repository, release: earliest, at: onTheDay("11:50") });
    await github.deleteRelease({ repository, release: middle, at: onTheDay("11:50") });
    expect(await told(first.number, "shipped")).toEqual(waiting("no release contains it yet"));
    expect(await told(second.number, "shipped")).toEqual(waiting("no release contains it yet"));
    await published("v1.2", "12:00");
    expect(await told(first.number, "shipped")).toEqual(reached("12:00"));
    expect(await told(second.number, "shipped")).toEqual(reached("12:00"));
  });

  it("that is deleted between two others leaves its changes to the next", async () => {
    const { github, merge, told } = await team(PROFILE);
    const published = (tag: string, time: string) => github.release({ repository, sha: "main", tag, at: onTheDay(time) });
    await published("v1.0", "09:10");
    const { number } = await merge("10:00");
    const middle = await published("v1.1", "10:10");
    await merge("10:45");
    await published("v1.2", "11:00");
    expect(await told(number, "shipped")).toEqual(reached("10:10"));
    await github.deleteRelease({ repository, release: middle, at: onTheDay("11:10") });
    expect(await told(number, "shipped")).toEqual(reached("11:00"));
  });
});

describe("why nothing contains it", () => {
  it("is that it is not merged", async () => {
    const { github, told } = await team();
    await github.push({ repository, branch: "open", commits: [{ message: "Open" }], at: onTheDay("09:20") });
    const number = await github.openPullRequest({ repository, branch: "open", title: "Open", at: onTheDay("09:40") });
    expect(await told(number)).toEqual(waiting("not merged yet"));
    await github.closePullRequest({ repository, number, at: onTheDay("09:50") });
    expect(await told(number)).toEqual(waiting("closed without merge"));
  });

  it("is, for what was merged before we looked, that it was deployed before we looked", async () => {
    const { world, app, github, merge, deploy, told } = await team();
    world.target(undefined);
    const old = await merge("10:00");
    await deploy(old.sha, "10:05");
    world.collect();
    world.target(app.url);
    await github.push({ repository, branch: "main", commits: [{ message: "FIX-1 First that we see" }], at: onTheDay("10:20") });
    await github.label({ repository, number: old.number, label: "late", at: onTheDay("10:30") });
    await deploy("main", "10:40");
    expect(await told(old.number)).toEqual(waiting("deployed before we looked"));
  });
});
