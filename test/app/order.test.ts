import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, it } from "vitest";
import { startApp } from "../../src/app.js";
import type { Event } from "../../src/core/event.js";
import type { Webhook } from "../../src/simulator/webhook.js";
import type { World } from "../../src/simulator/world.js";
import { testSettings, testWorld } from "../support/app.js";

const repository = "acme/web";
const clock = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);

const at = { repository, by: "alice" };
const issue = "PROP-1460";
const commit = (message: string) => [{ message, files: { [`${message}.ts`]: "" } }];

/** Two tickets with three pull requests and a straight push, and everything that is done twice, in vain or back again. */
async function playBusyLife(world: World): Promise<void> {
  const { github, jira } = world;
  await github.install({ account: "acme", at: clock("08:00") });
  await github.createRepository({ repository, at: clock("08:01") });
  await jira.createVersion({ project: "PROP", version: "1.0", at: clock("08:02") });
  await jira.createIssue({ project: "PROP", number: 1460, summary: "Passkeys", at: clock("09:50") });
  await jira.transition({ issue, status: "In Progress", at: clock("10:00") });
  await github.deploy({ ...at, sha: "main", environment: "production", at: clock("10:01") });
  const merged = await playFirst(world);
  await playSecond(world);
  const [straight] = await github.push({ ...at, branch: "main", commits: commit(`${issue} typo`), at: clock("10:42") });
  await github.deploy({ ...at, sha: straight?.sha ?? "main", environment: "production", at: clock("10:45") });
  await github.deploy({ ...at, sha: merged, environment: "production", at: clock("10:50") });
  const withdrawn = await github.release({ ...at, sha: merged, tag: "v0.9", at: clock("10:51") });
  await github.release({ ...at, sha: "main", tag: "v1.0", at: clock("10:52") });
  await github.deleteRelease({ ...at, release: withdrawn, at: clock("10:52") });
  await jira.setFixVersion({ issue, version: "1.0", at: clock("10:53") });
  await jira.transition({ issue, status: "Done", at: clock("10:54") });
  await jira.releaseVersion({ project: "PROP", version: "1.0", at: clock("10:55") });
  await jira.unreleaseVersion({ project: "PROP", version: "1.0", at: clock("10:56") });
  await jira.releaseVersion({ project: "PROP", version: "1.0", at: clock("11:00") });
  await playThird(world);
}

/** A draft, made ready, doubted, approved in vain and then for good, squashed; its CI fails once. Returns the merge commit. */
async function playFirst({ github }: World): Promise<string> {
  const branch = `feature/${issue}-login`;
  await github.push({ ...at, branch, commits: commit("one"), at: clock("10:05") });
  const number = await github.openPullRequest({ ...at, branch, title: "Draft", draft: true, at: clock("10:10") });
  const first = { ...at, number };
  await github.comment({ ...first, by: "bob", body: "Too early to count", at: clock("10:11") });
  await github.markReady({ ...first, at: clock("10:12") });
  await github.push({ ...at, branch, commits: commit("two"), at: clock("10:13") });
  await github.editTitle({ ...first, title: "Log in", at: clock("10:14") });
  await github.label({ ...first, label: "feature", at: clock("10:14") });
  await github.reviewComment({ ...first, by: "bob", body: "Why?", at: clock("10:15") });
  const review = await github.review({ ...first, by: "bob", state: "approved", at: clock("10:16") });
  await github.dismissReview({ ...first, review, at: clock("10:17") });
  await github.review({ ...first, by: "carol", state: "approved", at: clock("10:18") });
  const sha = await github.merge({ ...first, by: "bob", method: "squash", at: clock("10:20") });
  const failed = await github.runWorkflow({ ...at, sha, conclusion: "failure", at: clock("10:22") });
  await github.runWorkflow({ ...at, sha, rerunOf: failed, at: clock("10:24") });
  await github.deploy({ ...at, sha, environment: "staging", at: clock("10:25") });
  return sha;
}

/** Closed, reopened, rebased, while the ticket is done and taken up again. */
async function playSecond({ github, jira }: World): Promise<void> {
  const branch = `feature/${issue}-logout`;
  await github.push({ ...at, branch, commits: commit("three"), at: clock("10:30") });
  const number = await github.openPullRequest({ ...at, branch, title: "Log out", at: clock("10:31") });
  const second = { ...at, number };
  await github.closePullRequest({ ...second, at: clock("10:32") });
  await github.reopenPullRequest({ ...second, at: clock("10:33") });
  await github.review({ ...second, by: "bob", state: "changes_requested", at: clock("10:34") });
  await jira.transition({ issue, status: "Done", at: clock("10:35") });
  await jira.transition({ issue, status: "In Progress", at: clock("10:36") });
  await github.review({ ...second, by: "bob", state: "approved", at: clock("10:37") });
  const sha = await github.merge({ ...second, by: "bob", method: "rebase", at: clock("10:40") });
  await github.runWorkflow({ ...at, sha, name: "Lint", at: clock("10:41") });
  await github.setStatus({ ...at, sha, context: "legacy", at: clock("10:41") });
}

/** Names the wrong ticket until it is merged; the right one moves to another project afterwards. */
async function playThird({ github, jira }: World): Promise<void> {
  const twin = await jira.createIssue({ project: "PROP", number: 1461, summary: "The right one", at: clock("10:00") });
  await github.push({ ...at, branch: "misnamed", commits: commit("four"), at: clock("11:05") });
  const opening = { ...at, branch: "misnamed", title: `${issue} Wrong`, at: clock("11:06") };
  const third = { ...at, number: await github.openPullRequest(opening) };
  await github.convertToDraft({ ...third, at: clock("11:07") });
  await github.markReady({ ...third, at: clock("11:08") });
  const sha = await github.merge({ ...third, by: "bob", at: clock("11:10") });
  await github.editTitle({ ...third, title: `${twin} Right`, at: clock("11:11") });
  await github.deploy({ ...at, sha, environment: "production", at: clock("11:12") });
  await jira.transition({ issue: twin, status: "Done", at: clock("11:13") });
  await jira.moveIssue({ issue: twin, project: "WEB", at: clock("11:14") });
}

/** What stands in the end, without the times at which we read. */
interface Outcome {
  readonly events: readonly object[];
  readonly tickets: readonly unknown[];
  readonly pullRequests: readonly unknown[];
  readonly comments: readonly (readonly string[])[];
}

interface Delivering {
  readonly webhooks: readonly Webhook[];
  /** So many come at once. */
  readonly atOnce: number;
  /** Before these the app comes to rest. */
  readonly rests: ReadonlySet<number>;
}

/** Delivers to a fresh app with a fresh database. Its comments' own webhooks stay undelivered: they are of this run alone. */
async function deliver(world: World, { webhooks, atOnce, rests }: Delivering): Promise<Outcome> {
  for (const { comments } of world.github.state.repositories.values()) comments.clear();
  const settings = await testSettings(world);
  const app = await startApp(settings);
  try {
    for (let next = 0; next < webhooks.length; next += atOnce) {
      if (rests.has(next / atOnce)) await app.idle();
      await Promise.all(webhooks.slice(next, next + atOnce).map((webhook) => post(app.url, webhook)));
    }
    await app.idle();
    const get = async (path: string) => JSON.parse(await (await fetch(`${app.url}/api/v1/${path}`)).text(), timeless);
    return {
      events: storedEvents(settings.databaseUrl.reveal()),
      tickets: await Promise.all([issue, "PROP-1461", "WEB-1"].map((key) => get(`work-items/${key}`))),
      pullRequests: await Promise.all([1, 2, 3].map((number) => get(`pull-requests/acme/web/${number}`))),
      comments: [1, 2, 3].map((number) => world.github.commentsOf({ repository, number }).map(({ body }) => body)),
    };
  } finally {
    await app.close();
  }
}

async function post(url: string, { source, headers, body }: Webhook): Promise<void> {
  const { ok } = await fetch(`${url}/api/${source}/webhooks`, { method: "POST", headers, body });
  expect(ok).toBe(true);
}

const YEAR = 365 * 86_400;
/** How long something has lasted is a question of when one asks. */
const timeless = (name: string, value: unknown) =>
  /^(ageS|s)econds$/.test(name) && Number(value) > YEAR ? "until now" : value;

/** Which of git's graph is asked for depends on what was known when; what it says is proved by the lead times. */
const ASKED = new Set<Event["type"]>(["commits.compared"]);
/** These are stamped with the time at which they were read. */
const STAMPED = new Set<Event["type"]>([
  "commit.traced",
  "configuration.read",
  "pull-request.commits",
  "release.deleted",
  "release.resolved",
  "site.projects",
  "ticket.history",
  "version.described",
]);

function storedEvents(databaseUrl: string): object[] {
  const database = new Database(databaseUrl.replace("sqlite:", ""), { readonly: true });
  try {
    const rows = database
      .prepare<[], { owner: string; data: string }>("select owner, data from events order by owner, id")
      .all();
    return rows.flatMap(({ owner, data }) => {
      const { at, readAt, ...event }: Event = JSON.parse(data);
      if (ASKED.has(event.type)) return [];
      return [{ owner, ...event, ...(STAMPED.has(event.type) ? {} : { at }) }];
    });
  } finally {
    database.close();
  }
}

/** The same again: under its own id, or as from a second webhook that was set up for the same events. */
function again(webhook: Webhook, copy: number): Webhook {
  if (copy === 0) return webhook;
  const name = webhook.source === "github" ? "x-github-delivery" : "x-atlassian-webhook-identifier";
  return { ...webhook, headers: { ...webhook.headers, [name]: `${webhook.id}-${copy}` } };
}

/** By index, since a failure prints it. */
interface Sent {
  readonly index: number;
  readonly copy: number;
}

/** Each delivery once or several times, in any order. */
function shuffled(count: number): fc.Arbitrary<Sent[]> {
  const once = Array.from({ length: count }, (_, index): Sent => ({ index, copy: 0 }));
  const repeated = fc.array(fc.record({ index: fc.nat(count - 1), copy: fc.nat(1) }), { maxLength: 15 });
  return repeated.chain((more) => fc.shuffledSubarray([...once, ...more], { minLength: count + more.length }));
}

it("stores, measures and says the same, in whatever order and however often deliveries arrive", {
  timeout: 120_000,
}, async () => {
  const world = await testWorld();
  await playBusyLife(world);
  const webhooks = world.collect();
  const inOrder = await deliver(world, { webhooks, atOnce: 1, rests: new Set() });
  expect(inOrder.comments.map(({ length }) => length)).toEqual([1, 1, 1]);

  const rests = fc.uniqueArray(fc.nat(15), { maxLength: 3 }).map((groups) => new Set(groups));
  await fc.assert(
    fc.asyncProperty(shuffled(webhooks.length), fc.constantFrom(8, 32), rests, async (order, atOnce, rests) => {
      const sent = order.flatMap(({ index, copy }) => webhooks.slice(index, index + 1).map((webhook) => again(webhook, copy)));
      expect(await deliver(world, { webhooks: sent, atOnce, rests })).toEqual(inOrder);
    }),
    { numRuns: 50, seed: 2024, endOnFailure: true },
  );
});
