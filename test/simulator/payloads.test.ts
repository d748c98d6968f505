import { createHmac } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { loadPayloadCheck } from "../../src/simulator/schema-check.js";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import { at, aWorld, manifest } from "./support.js";

// Compiling GitHub's schemas takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let world: World;
afterEach(() => world?.close());
const repository = "acme/web";

/** All kinds of webhook that the simulator sends. */
const KINDS = [
  "check_suite.completed",
  "create",
  "deployment.created",
  "deployment_status.created",
  "installation.created",
  "installation.deleted",
  "installation.suspend",
  "installation.unsuspend",
  "installation_repositories.added",
  "installation_repositories.removed",
  "issue_comment.created",
  "issue_comment.deleted",
  "issue_comment.edited",
  "pull_request.closed",
  "pull_request.converted_to_draft",
  "pull_request.edited",
  "pull_request.labeled",
  "pull_request.locked",
  "pull_request.opened",
  "pull_request.ready_for_review",
  "pull_request.reopened",
  "pull_request.synchronize",
  "pull_request.unlabeled",
  "pull_request_review.dismissed",
  "pull_request_review.submitted",
  "pull_request_review_comment.created",
  "push",
  "release.created",
  "release.deleted",
  "release.prereleased",
  "release.published",
  "release.released",
  "repository.archived",
  "repository.created",
  "repository.deleted",
  "repository.privatized",
  "repository.publicized",
  "repository.renamed",
  "repository.transferred",
  "repository.unarchived",
  "status",
  "workflow_run.completed",
  "workflow_run.requested",
];

/** Everything that can happen, once. */
async function playEverything({ github }: World): Promise<void> {
  const noon = at("12:00");
  await github.install({ account: "acme", at: noon });
  await github.createRepository({ repository, at: noon });
  const on = { repository, at: noon };
  await github.push({
    ...on,
    branch: "one",
    commits: [
      { message: "One", files: { "a.ts": "1" } },
      { message: "Two", files: { "README.md": null } },
    ],
  });
  const number = await github.openPullRequest({
    ...on,
    branch: "one",
    title: "One",
    draft: true,
    labels: ["new"],
    assignees: ["carol"],
  });
  const pull = { ...on, number };
  await github.markReady(pull);
  await github.convertToDraft(pull);
  await github.label({ ...pull, label: "urgent" });
  await github.unlabel({ ...pull, label: "urgent" });
  await github.editTitle({ ...pull, title: "Other" });
  await github.push({ ...on, branch: "one", onto: "main", commits: [{ message: "Anew" }] });
  const review = await github.review({ ...pull, state: "approved", by: "bob" });
  await github.dismissReview({ ...pull, review });
  await github.review({ ...pull, state: "changes_requested", by: "bob", body: "No" });
  await github.reviewComment({ ...pull, body: "Why?", by: "bob" });
  const comment = await github.comment({ ...pull, body: "/leadtime", by: "bob" });
  await github.editComment({ ...on, comment, body: "/leadtime help" });
  await github.deleteComment({ ...on, comment });
  await github.closePullRequest(pull);
  await github.reopenPullRequest(pull);
  await github.lockPullRequest(pull);
  await github.push({ ...on, branch: "next", commits: [] });
  await github.changeBase({ ...pull, base: "next" });
  const sha = await github.merge({ ...pull, by: "bob" });
  const rerunOf = await github.runWorkflow({ ...on, sha, conclusion: "failure" });
  await github.runWorkflow({ ...on, sha, rerunOf });
  await github.completeCheckSuite({ ...on, sha, app: "circleci" });
  await github.setStatus({ ...on, sha, context: "ci/jenkins" });
  const deployment = await github.deploy({ ...on, sha, environment: "production", state: "in_progress" });
  await github.setDeploymentStatus({ ...on, deployment, state: "success" });
  await github.setDeploymentStatus({ ...on, deployment, state: "inactive" });
  const release = await github.release({ ...on, tag: "v1", sha });
  await github.release({ ...on, tag: "v2-rc", sha, prerelease: true });
  await github.deleteRelease({ ...on, release });
  await github.renameRepository({ ...on, name: "site" });
  await github.setVisibility({ ...on, visibility: "public" });
  await github.setVisibility({ ...on, visibility: "private" });
  await github.archiveRepository(on);
  await github.unarchiveRepository(on);
  await github.suspend({ account: "acme", at: noon });
  await github.unsuspend({ account: "acme", at: noon });
  await github.install({ account: "beta", at: noon });
  await github.transferRepository({ ...on, to: "beta" });
  await github.createRepository({ repository: "beta/other", at: noon });
  await github.changeSelection({ account: "beta", added: ["beta/other"], removed: [repository], at: noon });
  await github.deleteRepository({ repository: "beta/other", at: noon });
  await github.uninstall({ account: "beta", at: noon });
}

test("every payload is what GitHub's published schemas describe", async () => {
  world = await aWorld();
  await playEverything(world);
  const kinds = world
    .collect()
    .map(({ headers, body }) => [headers["x-github-event"], JSON.parse(body).action].filter(Boolean).join("."));
  expect(new Set(kinds)).toEqual(new Set(KINDS));
});

test("the check refuses what the schemas do not describe", async () => {
  const check = await loadPayloadCheck();
  expect(() => check?.("pull_request", { action: "opened" })).toThrow("pull_request$opened");
  expect(() => check?.("pull_request", { action: "danced" })).toThrow("know no pull_request$danced");
});

test("every webhook is signed over its body", async () => {
  world = await aWorld();
  await playTicketLife(world, GOLDEN_TIMES);
  const { WEBHOOK_SECRET = "", JIRA_WEBHOOK_SECRET = "" } = world.environment();
  const webhooks = world.collect();
  expect(new Set(webhooks.map(({ source }) => source))).toEqual(new Set(["github", "jira"]));
  for (const { source, headers, body } of webhooks) {
    const secret = source === "github" ? WEBHOOK_SECRET : JIRA_WEBHOOK_SECRET;
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    expect(headers[source === "github" ? "x-hub-signature-256" : "x-hub-signature"]).toBe(signature);
  }
});

test("an event that app.yml does not subscribe to is not sent", async () => {
  const events = manifest.events.filter((event) => event !== "push");
  world = await aWorld({ manifest: { ...manifest, events } });
  await playTicketLife(world, GOLDEN_TIMES);
  const sent = world.collect().map(({ headers }) => headers["x-github-event"]);
  expect(sent).toContain("pull_request");
  expect(sent).not.toContain("push");
});

test("what happens in a repository the App is not installed on is not sent", async () => {
  world = await aWorld();
  await world.github.createRepository({ repository: "stranger/web", at: at("09:00") });
  await world.github.push({ repository: "stranger/web", branch: "main", commits: [{ message: "x" }], at: at("09:01") });
  expect(world.collect()).toEqual([]);
});
