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

/** A ticket with two pull requests and a straight push, and everything that is done to them twice, in vain or back again. */
async function playBusyLife({ github, jira }: World): Promise<void> {
  await github.install({ account: "acme", at: clock("08:00") });
  await github.createRepository({ repository, at: clock("08:01") });
  await jira.createVersion({ project: "PROP", version: "1.0", at: clock("08:02") });
  const issue = await jira.createIssue({ project: "PROP", number: 1460, summary: "Passkeys", at: clock("09:50") });
  const at = { repository, by: "alice" };
  await jira.transition({ issue, status: "In Progress", at: clock("10:00") });
  await github.deploy({ ...at, sha: "main", environment: "production", at: clock("10:01") });

  const branch = `feature/${issue}-login`;
  const commit = (message: string) => [{ message, files: { [`${message}.ts`]: "" } }];
  await github.push({ ...at, branch, commits: commit("one"), at: clock("10:05") });
  const first = { ...at, number: await github.openPullRequest({ ...at, branch, title: "Draft", draft: true, at: clock("10:10") }) };
  await github.comment({ ...first, by: "bob", body: "Too early to count", at: clock("10:11") });
  await github.markReady({ ...first, at: clock("10:12") });
  await github.push({ ...at, branch, commits: commit("two"), at: clock("10:13") });
  await github.editTitle({ ...first, title: "Log in", at: clock("10:14") });
  await github.label({ ...first, label: "feature", at: clock("10:14") });
  await github.reviewComment({ ...first, by: "bob", body: "Why?", at: clock("10:15") });
  const review = await github.review({ ...first, by: "bob", state: "approved", at: clock("10:16") });
  await github.dismissReview({ ...first, by: "alice", review, at: clock("10:17") });
  await github.review({ ...first, by: "carol", state: "approved", at: clock("10:18") });
  const merged = await github.merge({ ...first, by: "bob", method: "squash", at: clock("10:20") });
  const failed = await github.runWorkflow({ ...at, sha: merged, conclusion: "failure", at: clock("10:22") });
  await github.runWorkflow({ ...at, sha: merged, rerunOf: failed, at: clock("10:24") });
  await github.deploy({ ...at, sha: merged, environment: "staging", at: clock("10:25") });

  const other = `feature/${issue}-logout`;
  await github.push({ ...at, branch: other, commits: commit("three"), at: clock("10:30") });
  const second = { ...at, number: await github.openPullRequest({ ...at, branch: other, title: "Log out", at: clock("10:31") }) };
  await github.closePullRequest({ ...second, at: clock("10:32") });
  await github.reopenPullRequest({ ...second, at: clock("10:33") });
  await github.review({ ...second, by: "bob", state: "changes_requested", at: clock("10:34") });
  await jira.transition({ issue, status: "Done", at: clock("10:35") });
  await jira.transition({ issue, status: "In Progress", at: clock("10:36") });
  await github.review({ ...second, by: "bob", state: "approved", at: clock("10:37") });
  const last = await github.merge({ ...second, by: "bob", method: "rebase", at: clock("10:40") });
  await github.runWorkflow({ ...at, sha: last, name: "Lint", at: clock("10:41") });
  await github.setStatus({ ...at, sha: last, context: "legacy", at: clock("10:41") });
  const [straight] = await github.push({ ...at, branch: "main", commits: commit(`${issue} typo`), at: clock("10:42") });
  await github.deploy({ ...at, sha: straight?.sha ?? "main", environment: "production", at: clock("10:45") });
  await github.deploy({ ...at, sha: merged, environment: "production", at: clock("10:50") });
  await github.release({ ...at, sha: "main", tag: "v1.0", at: clock("10:52") });
  await jira.setFixVersion({ issue, version: "1.0", at: clock("10:53") });
  await jira.transition({ issue, status: "Done", at: clock("10:54") });
  await jira.releaseVersion({ project: "PROP", version: "1.0", at: clock("10:55") });
  await jira.unreleaseVersion({ project: "PROP", version: "1.0", at: clock("10:56") });
  await jira.releaseVersion({ project: "PROP", version: "1.0", at: clock("11:00") });
}

/** What stands in the end, without the times at which we read. */
interface Outcome {
  readonly events: readonly object[];
  readonly ticket: unknown;
  readonly pullRequests: readonly unknown[];
  readonly comments: readonly (readonly string[])[];
}

/** Delivers to a fresh app with a fresh database. `pauses`: before these the app comes to rest. */
async function deliverAll(world: World, webhooks: readonly Webhook[], pauses: ReadonlySet<number>): Promise<Outcome> {
  for (const { comments } of world.github.state.repositories.values()) comments.clear();
  const settings = await testSettings(world);
  const app = await startApp(settings);
  try {
    for (const [index, { source, headers, body }] of webhooks.entries()) {
      if (pauses.has(index)) await app.idle();
      const { ok } = await fetch(`${app.url}/api/${source}/webhooks`, { method: "POST", headers, body });
      expect(ok).toBe(true);
    }
    await app.idle();
    const get = async (path: string) => JSON.parse(await (await fetch(`${app.url}/api/v1/${path}`)).text(), timeless);
    return {
      events: storedEvents(settings.databaseUrl.reveal()),
      ticket: await get("work-items/PROP-1460"),
      pullRequests: [await get("pull-requests/acme/web/1"), await get("pull-requests/acme/web/2")],
      comments: [1, 2].map((number) => world.github.commentsOf({ repository, number }).map(({ body }) => body)),
    };
  } finally {
    await app.close();
  }
}

const YEAR = 365 * 86_400;
/** The ticket still is in its status: how long, is a question of when one asks. */
const timeless = (name: string, value: unknown) => (name === "seconds" && Number(value) > YEAR ? "until now" : value);

/** Which of git's graph is asked for depends on what was known when; what it says is proved by the lead times. */
const ASKED = new Set<Event["type"]>(["commits.compared"]);
/** These are stamped with the time at which they were read. */
const STAMPED = new Set<Event["type"]>([
  "commit.traced",
  "configuration.read",
  "pull-request.commits",
  "release.resolved",
  "site.projects",
  "ticket.history",
  "version.described",
]);

function storedEvents(databaseUrl: string): object[] {
  const database = new Database(databaseUrl.replace("sqlite:", ""), { readonly: true });
  try {
    const rows = database.prepare<[], { owner: string; data: string }>("select owner, data from events order by owner, id").all();
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

it("stores, measures and says the same, in whatever order and however often deliveries arrive", { timeout: 120_000 }, async () => {
  const world = await testWorld();
  await playBusyLife(world);
  const webhooks = world.collect();
  const inOrder = await deliverAll(world, webhooks, new Set());
  expect(inOrder.comments.map(({ length }) => length)).toEqual([1, 1]);
  if (process.env["SHOW"]) console.log(inOrder.comments.flat().join("\n\n"), JSON.stringify(inOrder.ticket, null, 1));

  const pauses = fc.uniqueArray(fc.nat(webhooks.length), { maxLength: 6 }).map((indices) => new Set(indices));
  await fc.assert(
    fc.asyncProperty(shuffled(webhooks.length), pauses, async (order, rests) => {
      const sent = order.flatMap(({ index, copy }) => webhooks.slice(index, index + 1).map((webhook) => again(webhook, copy)));
      expect(await deliverAll(world, sent, rests)).toEqual(inOrder);
    }),
    { numRuns: 50, seed: Number(process.env["SEED"] ?? 2), endOnFailure: true },
  );
});
