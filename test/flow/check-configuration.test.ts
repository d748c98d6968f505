import { expect, it } from "vitest";
import type { Check } from "../../src/core/check.js";
import type { LocatedProblem } from "../../src/core/configuration-problem.js";
import type { EventOf } from "../../src/core/event.js";
import { pullRequestRef } from "../../src/core/ref.js";
import {
  type CheckEffect,
  type CheckParts,
  checkConfiguration,
  type ProposedConfiguration,
} from "../../src/flow/check-configuration.js";
import { Gathering } from "../../src/flow/gather.js";
import type { Discussion, Proposal } from "../../src/ports.js";
import { account } from "../store/builders.js";
import { at, pullRequest, REPOSITORY } from "../support/builders.js";
import { OWNER, scene } from "./scene.js";

const HEAD = "a".repeat(40);
const PULL_REQUEST = pullRequestRef(1, 7);
const PROPOSAL: CheckEffect = { kind: "check-proposal", pullRequest: PULL_REQUEST, base: "main", head: HEAD };
const COMMIT: CheckEffect = { kind: "check-commit", repository: REPOSITORY, before: null, sha: HEAD };
const located = (): LocatedProblem => ({
  ...{ path: "bots", steps: ["bots"], marks: "value", expected: "a list", found: "1", nearest: null },
  ...{ message: "expected a list, found 1", line: 1, column: 7, endColumn: 8 },
});
const GOOD: Proposal = { there: true, content: { bots: ["b"] }, own: { bots: ["b"] }, problems: [], locate: located };
const BAD: Proposal = { ...GOOD, content: null, own: null, problems: [located()] };

/** A private repository whose host, checks and comments are the test's. */
async function office() {
  const { store, learn } = await scene();
  const described: EventOf<"pull-request.described"> = pullRequest(7).described(at("10:00"), { head: HEAD });
  await learn(account(Number(OWNER)), described);
  const state = { proposal: GOOD, touched: true, allowed: true };
  const checks: Check[] = [];
  const comments: string[] = [];
  const discussion = {
    find: async () => (comments.length > 0 ? "1" : undefined),
    create: async (_: unknown, __: number, body: string) => String(comments.push(body)),
    update: async (_: unknown, __: string, body: string) => void comments.splice(0, 1, body),
  } as Partial<Discussion> as Discussion; // no more is asked
  const errors: string[] = [];
  const nothing = () => {};
  const carry = (effect: CheckEffect, whatWouldChange?: CheckParts["whatWouldChange"]) =>
    checkConfiguration(effect, new Gathering(store, { owner: OWNER, policy: POLICY, jira: false }), {
      ...{ store, discussion, clock: { now: () => at("11:00") } },
      proposals: { touched: async () => state.touched, differs: async () => true, read: async () => state.proposal },
      checks: {
        put: async (_, __, check) => {
          if (state.allowed) checks.push(check);
          return state.allowed;
        },
      },
      log: { debug: nothing, info: nothing, warn: nothing, error: (_, message) => void errors.push(message) },
      ...(whatWouldChange ? { whatWouldChange } : {}),
    });
  return { state, checks, comments, errors, carry };
}
const POLICY = { configuration: null, jira: { configured: false, owners: null } };

it("what would change is asked of a good file that a pull request proposes, and told in its check", async () => {
  const { carry, checks, state } = await office();
  const asked: ProposedConfiguration[] = [];
  const change = async (proposed: ProposedConfiguration) => {
    asked.push(proposed);
    return "### What would change";
  };
  await carry(PROPOSAL, change);
  expect(asked).toEqual([{ owner: OWNER, repository: REPOSITORY, layer: "repository", content: { bots: ["b"] } }]);
  expect(checks[0]?.summary).toContain("\n\n### What would change\n\n### Profile `pull-request`");
  await carry(COMMIT, change);
  state.proposal = BAD;
  await carry(PROPOSAL, change);
  expect(asked).toHaveLength(1);
  expect(checks.map(({ conclusion }) => conclusion)).toEqual(["success", "success", "failure"]);
});

it("the check is told also when what would change cannot be", async () => {
  const { carry, checks, errors } = await office();
  await carry(PROPOSAL, async () => {
    throw new TypeError("a fault of ours");
  });
  expect(checks).toMatchObject([{ conclusion: "success" }]);
  expect(errors).toEqual(["what would change could not be told"]);
});

it("a comment that stands is mended once check runs may be written", async () => {
  const { carry, checks, comments, state } = await office();
  Object.assign(state, { proposal: BAD, allowed: false });
  await carry(PROPOSAL);
  expect(comments).toMatchObject([expect.stringContaining("1 mistake")]);
  Object.assign(state, { proposal: GOOD, allowed: true });
  await carry(PROPOSAL);
  expect(comments).toMatchObject([expect.stringContaining("### `.github/leadtime.yml` is good")]);
  expect(checks).toMatchObject([{ conclusion: "success" }]);
});

it("a comment is about the last head only", async () => {
  const { carry, comments, state } = await office();
  Object.assign(state, { proposal: BAD, allowed: false });
  await carry({ ...PROPOSAL, head: "b".repeat(40) });
  expect(comments).toEqual([]);
});
