import { describe, expect, test } from "vitest";
import type { EventOf } from "../../src/core/event.js";
import {
  accountRef,
  commitRef,
  keyRef,
  pullRequestRef,
  type Ref,
  repositoryRef,
  SHARED,
  shaRef,
  siteRef,
  statusRef,
  ticketRef,
  versionRef,
} from "../../src/core/ref.js";
import { at, category, commit, deployment, posted, pullRequest, repository, ticket, version } from "../support/builders.js";
import { compared, OWNER, scene, watched } from "./scene.js";

const link = { key: "PROP-1", source: "commits" as const, matched: "PROP-1", refusal: null };

describe("commits that were pushed straight, and name a ticket, are measured anew", () => {
  const pushed = commitRef(1, "pushed");
  const named = async () => {
    const { store, learn } = await scene();
    await store.transaction(async (tx) => {
      const linked = [pushed, commitRef(2, "other")].map((from) => ({ from, links: [link] }));
      await tx.saveLinks(OWNER, linked);
    });
    return learn;
  };

  test("when their repository changed", async () => {
    const learn = await named();
    const { later } = await learn(repository({ at: at("10:00"), name: "acme/site" }));
    expect([...later]).toEqual([pushed]);
  });

  test("when the configuration of all, or Jira's list of projects, changed", async () => {
    const learn = await named();
    const { later } = await learn({
      ...ticket.created(at("10:00")),
      type: "site.projects",
      id: "jira:site:projects",
      ref: siteRef,
      keys: [],
    });
    expect([...later]).toEqual(expect.arrayContaining([pushed, commitRef(2, "other")]));
  });
});

describe("all that a configuration file concerns is left to batches of its own, behind what is live", () => {
  const file = (layer: "organisation" | "repository", ref: Ref): EventOf<"configuration.read"> => ({
    ...repository({ at: at("12:00") }),
    ...{ type: "configuration.read", id: `${ref}:configuration`, ref, layer, content: { profile: "change" }, sha: null },
  });

  test.each([
    ["a repository's: its pull requests", file("repository", repositoryRef(1)), [pullRequestRef(1, 7)]],
    [
      "the organisation's: all pull requests and tickets",
      file("organisation", accountRef(OWNER)),
      [pullRequestRef(1, 7), pullRequestRef(2, 8), ticketRef(5)],
    ],
  ])("of %s, and nothing is asked for", async (_what, event, expected) => {
    const { store, learn } = await scene();
    const elsewhere = { ref: pullRequestRef(2, 8), id: `${pullRequestRef(2, 8)}:merged`, repository: repositoryRef(2) };
    await learn(pullRequest(7).merged(at("10:00")), pullRequest(8).merged(at("10:00"), elsewhere));
    await store.transaction((tx) => tx.append(SHARED, [{ ...ticket.created(at("10:00")), ref: ticketRef(5) }]));
    const { later, pullRequests, tickets, commits, wants } = await learn(event);
    expect([...later].sort()).toEqual([...expected].sort());
    expect([pullRequests.size, tickets.size, commits.size, wants]).toEqual([0, 0, 0, []]);
  });
});

describe("what is only reached by a change", () => {
  const MANY = 60;
  const numbers = Array.from({ length: MANY }, (_, index) => index + 1);

  test("is measured at once while it is little", async () => {
    const { learn } = await scene();
    await learn(watched("09:00"), pullRequest(1).merged(at("10:00"), { mergeCommit: "m1" }));
    const { pullRequests, later } = await learn(deployment("1", "m1", at("11:00")));
    expect([[...pullRequests], [...later]]).toEqual([[pullRequestRef(1, 1)], []]);
  });

  test.each(["graph", "deployment"])("is left to batches of its own when it is much: of a %s", async (what) => {
    const { learn } = await scene();
    const merges = numbers.map((number) => pullRequest(number).merged(at("10:00"), { mergeCommit: `m${number}` }));
    await learn(watched("09:00"), ...merges);
    const answer = compared(
      "m1",
      "head",
      "ahead",
      numbers.map((number) => `m${number}`),
    );
    const { later, pullRequests } =
      what === "graph" ? await learn(answer) : await learn(answer, deployment("1", "head", at("11:00")));
    expect([later.size, pullRequests.size]).toEqual([MANY, 0]);
  });

  test.each(["version", "status"])("is left to batches of its own when it is much: of a %s", async (what) => {
    const { store, learn } = await scene();
    const tickets = numbers.map((number) => ({
      ...ticket.described(at("10:00"), { key: `PROP-${number}`, fixVersions: [{ id: "3", name: "v3" }] }),
      id: `jira:issue:${number}:described`,
      ref: ticketRef(number),
    }));
    await store.transaction((tx) => tx.append(SHARED, tickets));
    const change = what === "version" ? version("3").described(at("11:00"), true) : category("10", "done");
    expect([versionRef("3"), statusRef("10")]).toContain(change.ref);
    const { later, tickets: now } = await learn(change, { ...ticket.created(at("10:00")), ref: ticketRef(7) });
    expect([later.size, [...now]]).toEqual([MANY - 1, [ticketRef(7)]]);
  });
});

describe("an event that is posted affects", () => {
  const SHA = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";
  const event = posted("1", "built", at("12:00"), { ref: shaRef(SHA), sha: SHA });
  const pushed: EventOf<"commit.pushed"> = {
    ...repository({ at: at("10:00") }),
    type: "commit.pushed",
    id: `${commitRef(1, SHA)}:pushed`,
    ref: commitRef(1, SHA),
    commit: commit(SHA, at("10:00")),
    branch: "main",
  };

  test("the pull requests that its commit is of, or merged, and the commit itself when it was pushed", async () => {
    const { learn } = await scene();
    await learn(
      pullRequest(1).merged(at("10:00"), { mergeCommit: SHA }),
      pullRequest(2).commits(at("10:00"), [commit(SHA, at("09:00"))]),
      pullRequest(3).commits(at("10:00"), [commit(`1${SHA.slice(1)}`, at("09:00"))]),
      pushed,
    );
    const { pullRequests, commits } = await learn(event);
    expect([[...pullRequests].sort(), [...commits]]).toEqual([
      [pullRequestRef(1, 1), pullRequestRef(1, 2)],
      [commitRef(1, SHA)],
    ]);
  });

  test("nothing, while its commit is not known", async () => {
    const { learn } = await scene();
    const { pullRequests, commits, tickets } = await learn(event);
    expect([pullRequests.size, commits.size, tickets.size]).toEqual([0, 0, 0]);
  });

  test("the ticket of its key, and what names it", async () => {
    const { store, learn } = await scene();
    const moved = { ...ticket.field("7:key", "Key", "WEB-9", at("10:00")), formerKey: "PROP-1" };
    await store.transaction(async (tx) => {
      await tx.append(SHARED, [ticket.described(at("10:00"), { key: "WEB-9", project: "WEB" }), moved]);
      await tx.saveLinks(OWNER, [{ from: pullRequestRef(1, 5), links: [link] }]);
    });
    for (const [key, pullRequests] of [
      ["WEB-9", []],
      ["PROP-1", [pullRequestRef(1, 5)]],
    ] as const) {
      const affected = await learn(posted(key, "built", at("12:00"), { ref: keyRef(key) }));
      expect([[...affected.tickets], [...affected.pullRequests]]).toEqual([[moved.ref], pullRequests]);
    }
  });
});
