import { describe, expect, it } from "vitest";
import type { Check } from "../../src/core/check.js";
import type { LocatedProblem } from "../../src/core/configuration-problem.js";
import type { EventOf } from "../../src/core/event.js";
import { accountRef, pullRequestRef, repositoryRef } from "../../src/core/ref.js";
import {
  type CheckEffect,
  type CheckParts,
  checkConfiguration,
  type ProposedConfiguration,
} from "../../src/flow/check-configuration.js";
import { Gathering } from "../../src/flow/gather.js";
import type { Discussion, Proposal, ProposalPlace } from "../../src/ports.js";
import { account } from "../store/builders.js";
import { at, pullRequest, REPOSITORY, repository } from "../support/builders.js";
import { place } from "./proposing.js";
import { OWNER, scene } from "./scene.js";

type Visibility = EventOf<"repository.described">["visibility"];

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

/** A repository whose host, checks and comments are the test's. */
async function office({ visibility = "private" as Visibility, publicTickets = [] as string[] } = {}) {
  const { store, learn } = await scene();
  await learn(repository({ visibility, at: at("09:00") }));
  const described: EventOf<"pull-request.described"> = pullRequest(7).described(at("10:00"), { head: HEAD });
  await learn(account(Number(OWNER)), described);
  const state = { proposal: GOOD, touched: true, allowed: true };
  const places: ProposalPlace[] = [];
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
    checkConfiguration(
      effect,
      new Gathering(store, { owner: OWNER, policy: { ...POLICY, configuration: { publicTickets } }, jira: false }),
      {
        ...{ store, discussion, clock: { now: () => at("11:00") } },
        proposals: {
          touched: async () => state.touched,
          differs: async () => true,
          read: async (_, __, place) => {
            places.push(place);
            return state.proposal;
          },
        },
        checks: {
          put: async (_, __, check) => {
            if (state.allowed) checks.push(check);
            return state.allowed;
          },
        },
        log: { debug: nothing, info: nothing, warn: nothing, error: (_, message) => void errors.push(message) },
        ...(whatWouldChange ? { whatWouldChange } : {}),
      },
    );
  /** The organisation's file, in a repository of its own; null: there is none that we know. */
  const organisation = async (content: object, its: Visibility | null) => {
    if (its) await learn(...place(9, "acme/.github", its));
    const read = { id: "read", ref: accountRef(OWNER), at: at("09:30"), precision: "exact", reader: 1, sha: null } as const;
    await learn({ ...read, type: "configuration.read", layer: "organisation", content });
  };
  /** Environments that a repository was deployed to. */
  const deployed = (id: number, ...environments: string[]) =>
    learn(
      ...environments.map(
        (name): EventOf<"lane.begun"> => ({
          ...{ ref: repositoryRef(id), at: at("09:30"), precision: "exact", reader: 1, carrier: repositoryRef(id) },
          ...{ type: "lane.begun", id: `${repositoryRef(id)}:lane:deployment ${name}`, lane: `deployment ${name}` },
        }),
      ),
    );
  return { state, places, checks, comments, errors, carry, learn, organisation, deployed };
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

/** A good proposal, whose warnings are told by the name that is nearest. */
const proposing = (content: object): Proposal => ({
  ...{ there: true, content, own: content, problems: [] },
  locate: (problem) => ({ ...located(), message: `nearest: ${problem.nearest}` }),
});
const live = (environment: string) => ({
  profiles: {
    own: { start: "first-stage", stages: [{ name: "Live", on: "deployment.succeeded", environments: [environment] }] },
  },
});

it.each<[Visibility, string[], string]>([
  ["private", [], "s3cret-live"],
  ["internal", [], "null"],
  ["public", [], "null"],
  ["public", ["acme/web"], "null"],
])("names of other repositories are told in no %s repository but a private one (publicTickets %j)", async (...of) => {
  const [visibility, publicTickets, nearest] = of;
  const { carry, checks, state, learn, deployed } = await office({ visibility, publicTickets });
  await learn(...place(2, "acme/hidden"));
  await deployed(1, "staging");
  await deployed(2, "s3cret-live");
  state.proposal = proposing(live("s3cret-liv"));
  await carry(PROPOSAL);
  expect(checks[0]?.annotations).toMatchObject([{ message: `nearest: ${nearest}` }]);
});

describe("publicTickets", () => {
  const UNITS = { orgUnits: { pay: { repositories: ["acme/s3cret-*"] } } };
  const opened = async (publicTickets: string[]) => {
    const on = await office({ visibility: "public", publicTickets });
    await on.organisation(UNITS, "private");
    on.state.proposal = proposing({ profile: "own", profiles: { own: { extends: "ticket-to-release" } } });
    await on.carry(PROPOSAL);
    return { place: on.places[0], summary: on.checks[0]?.summary ?? "" };
  };

  it("opens the stages of tickets, and nothing else", async () => {
    const { place: asked, summary } = await opened(["Acme/Web"]);
    expect(summary).toContain("| In progress |");
    expect(summary).not.toContain("Everybody can read this");
    expect(summary).not.toMatch(/s3cret|Org units/);
    expect(asked?.public).toBe(true);
  });

  it("opens no other repository", async () => {
    const { summary } = await opened(["acme/api"]);
    expect(summary).not.toContain("| In progress |");
    expect(summary).toContain("Everybody can read this");
  });
});

describe("the organisation's profile", () => {
  const SECRET = {
    name: "Hush",
    on: "deployment.succeeded",
    environments: ["s3cret"],
  };
  const GUESSED = {
    "s3cret-plan": { extends: "change", description: "Psst", calculation: "entry-to-entry", insert: [SECRET] },
  };
  const guess = async (visibility: Visibility, its: Visibility | null) => {
    const on = await office({ visibility });
    await on.organisation({ profiles: GUESSED }, its);
    const mine = { name: "Mine", on: "pull-request.merged", ideal: "1h" };
    on.state.proposal = proposing({ profiles: { x: { extends: "s3cret-plan", insert: [mine] }, y: { extends: "change" } } });
    await on.carry(PROPOSAL);
    return { place: on.places[0], summary: on.checks[0]?.summary ?? "" };
  };

  it.each<[Visibility, Visibility | null]>([
    ["public", "private"],
    ["public", "internal"],
    ["public", null],
    ["internal", "private"],
  ])("is not shown in a %s repository to who guesses its name, where the file is %s", async (visibility, its) => {
    const { place: asked, summary } = await guess(visibility, its);
    expect(summary).toContain("| Mine |");
    expect(summary).toMatch(/### Profile `y`[^#]*\| Merge \|/);
    expect(summary).not.toMatch(/Hush|s3cret|Psst|entry-to-entry/);
    expect(summary.match(/\| Merge \|/g)).toHaveLength(2);
    expect(asked?.public).toBe(true);
  });

  it.each<[Visibility, Visibility | null]>([
    ["private", "private"],
    ["private", null],
    ["internal", "internal"],
    ["internal", "public"],
    ["public", "public"],
  ])("is shown in a %s repository where the file is %s", async (visibility, its) => {
    const { summary } = await guess(visibility, its);
    expect(summary).toContain("| Hush |");
    expect(summary).toContain("entry-to-entry");
  });
});
