import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/event.js";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { commitRef, repositoryRef } from "../../src/core/ref.js";
import { milliseconds } from "../../src/core/time.js";
import { type Bounds, previewed, previewOf } from "../../src/flow/preview.js";
import { commit } from "../support/builders.js";
import { ago, change, measured, place, type Rules, task } from "./proposing.js";

const asStored = (item: MeasuredItem | null): unknown => item && JSON.parse(JSON.stringify(item));
const repositoryRules = (content: object | null): Rules => ({ layer: "repository", content });
const organisationRules = (content: object | null): Rules => ({ layer: "organisation", content });
const TO_MERGE = repositoryRules({ profile: "ticket-to-merge" });
const bounds = (of: Partial<Bounds> = {}): Bounds => ({ items: 1_000, time: milliseconds(60_000), atOnce: 20, ...of });

/** A commit that was pushed straight to the private repository and names a ticket. */
function straight(message: string): Event[] {
  const sha = "5".repeat(40);
  const fact = { ref: commitRef(1, sha), at: ago(7), precision: "exact", reader: 1, repository: repositoryRef(1) } as const;
  return [
    { ...fact, type: "commit.pushed", id: `${fact.ref}:pushed`, branch: "main", commit: commit(sha, ago(7), { message }) },
    { ...fact, type: "commit.traced", id: `${fact.ref}:traced`, pullRequests: [] },
  ];
}

/** An account with the tickets PROP-1 … PROP-3, each with a pull request that was merged some days ago. */
async function three() {
  const on = await measured();
  for (const number of [1, 2, 3]) {
    await on.learn(...change({ number, branch: `PROP-${number}`, opened: 10 + number, merged: number }));
    await on.learnTickets(...task({ number, created: 20 + number, done: number }));
  }
  return on;
}

describe("in whatever past", () => {
  const key = fc.constantFrom("", "PROP-1", "PROP-2", "PROP-3", "OPS-9");
  /** Days ago; null: not yet. */
  const times = fc.tuple(fc.nat(140), fc.nat(140), fc.boolean()).map(([one, other, open]) => ({
    begun: Math.max(one, other),
    ended: open ? null : Math.min(one, other),
  }));
  const changes = fc.array(
    fc.record({ repository: fc.constantFrom(1, 2), branch: key, title: key, message: key, times }).map(
      ({ times: { begun, ended }, ...of }) =>
        (number: number) =>
          change({ ...of, number, opened: begun, merged: ended }),
    ),
    { minLength: 1, maxLength: 6 },
  );
  const tasks = fc.array(
    fc.record({ times, resolution: fc.constantFrom(null, "Duplicate") }).map(
      ({ times: { begun, ended }, resolution }) =>
        (number: number) =>
          task({ number, created: begun, done: ended, resolution: ended === null ? null : resolution }),
    ),
    { minLength: 1, maxLength: 3 },
  );
  const ticketKeys = { from: fc.subarray(["branch", "title", "commits"]), projects: fc.subarray(["PROP", "OPS"]) };
  const written = fc.record(
    {
      profile: fc.constantFrom("pull-request", "change", "ticket-to-merge", "ticket-to-release", "own"),
      ticketKeys: fc.record(ticketKeys, { requiredKeys: [] }),
      bots: fc.constant(["grace"]),
      profiles: fc.constant({ own: { extends: "ticket-to-merge", without: ["Approval"], calculation: "entry-to-entry" } }),
    },
    { requiredKeys: ["profiles"] },
  );
  const layer = fc.constantFrom("repository" as const, "organisation" as const);
  const files = fc.array(fc.record({ layer, content: fc.option(written, { nil: null }) }), { minLength: 2, maxLength: 4 });
  const past = fc.record({ changes, tasks, files, atOnce: fc.integer({ min: 1, max: 4 }) });

  it("what a file would change is what it changes, whatever held before", { timeout: 120_000 }, async () => {
    const compare = async ({ atOnce, ...of }: typeof past extends fc.Arbitrary<infer Past> ? Past : never) => {
      const on = await measured();
      await on.learn(...place(2, "acme/api"), ...of.changes.flatMap((make, index) => make(index + 1)));
      await on.learnTickets(...of.tasks.flatMap((make, index) => make(index + 1)));
      for (const file of of.files) {
        const before = await on.items();
        const { items = new Map() } = (await previewed({ ...on.parts, bounds: bounds({ atOnce }) }, on.propose(file))) ?? {};
        expect(await on.items()).toEqual(before);
        await on.apply(file);
        const after = await on.items();
        for (const [ref, item] of items) expect(asStored(item)).toEqual(after.get(ref) ?? null);
        const unseen = [...after.values()].filter(({ ref, finishedAt }) => !items.has(ref) && (finishedAt ?? 0) >= ago(90));
        expect(unseen).toEqual(unseen.map(({ ref }) => before.get(ref)));
      }
    };
    await fc.assert(fc.asyncProperty(past, compare), { numRuns: 40 });
  });
});

describe("it is told", () => {
  it("in a sentence and a table", async () => {
    const on = await three();
    expect(await previewOf(on.parts, on.propose(TO_MERGE))).toMatchSnapshot();
  });

  it("which links come and go", async () => {
    const on = await three();
    await on.learn(...change({ number: 4, branch: "PROP-3", title: "PROP-2", opened: 200, merged: 190 }));
    const text = await previewOf(on.parts, on.propose(repositoryRules({ ticketKeys: { from: ["title"] } })));
    expect(text).toMatch(/^Under this file \*\*3 of 6 items\*\* .* 1 link to tickets comes, 4 links to tickets go\./);
    expect(text).toContain("Links that come: `#4` `PROP-2`.");
    expect(text).toContain("Links that go: `#1` `PROP-1`, `#2` `PROP-2`, `#3` `PROP-3`, `#4` `PROP-3`.");
  });

  it("of the repository's own items, and for an organisation's file of all", async () => {
    const on = await three();
    await on.learn(...place(2, "acme/api"), ...change({ number: 1, repository: 2, branch: "PROP-1", opened: 9, merged: 8 }));
    const { content } = TO_MERGE;
    const told = async (layer: Rules["layer"]) => (await previewed(on.parts, on.propose({ layer, content })))?.told.comparison;
    const all = { items: 3, profile: { before: "ticket-to-release", after: "ticket-to-merge" } };
    expect(await told("repository")).toMatchObject({ items: 6, changed: 3, profiles: [all] });
    expect(await told("organisation")).toMatchObject({ items: 7, changed: 3 });
  });

  it("when nothing changes, and when there is nothing to compare", async () => {
    const on = await three();
    const same = repositoryRules({ profile: "ticket-to-release", comment: { ratings: false } });
    expect(await previewOf(on.parts, on.propose(same))).toBe(
      "Under this file no figure changes of the 6 items finished in the last 90 days.",
    );
    const late = { ...on.parts, clock: { now: () => ago(-100) } };
    expect(await previewOf(late, on.propose(TO_MERGE))).toBe(
      "No item was finished in the last 90 days, so that there are no figures to compare.",
    );
    expect(await previewOf(on.parts, on.propose(TO_MERGE, 77))).toBeNull();
  });

  it("of what was finished in the last 90 days, and not given up", async () => {
    const on = await three();
    await on.learnTickets(...task({ number: 4, created: 95, done: 90 }), ...task({ number: 5, created: 95, done: 91 }));
    await on.learnTickets(...task({ number: 6, created: 9, done: 8, resolution: "Duplicate" }));
    const items = async (content: object) =>
      (await previewed(on.parts, on.propose(organisationRules(content))))?.told.comparison;
    expect(await items({ profile: "ticket-to-merge" })).toMatchObject({ items: 7, changed: 4 });
    expect(await items({ dora: { abandonedResolutions: ["Won't Do"] } })).toMatchObject({ items: 8, changed: 1 });
  });
});

describe("it is bounded", () => {
  it("in items: the newest are looked at, and that is said", async () => {
    const on = await three();
    const preview = await previewed({ ...on.parts, bounds: bounds({ items: 2 }) }, on.propose(TO_MERGE));
    expect(preview?.told.sample).toEqual({ bound: "items", counts: { looked: 2, of: 6 } });
    expect([...(preview?.items.values() ?? [])].map((item) => item?.name).sort()).toEqual(["PROP-1", "acme/web#1"]);
    const text = await previewOf({ ...on.parts, bounds: bounds({ items: 2 }) }, on.propose(TO_MERGE));
    expect(text).toContain("This is a sample, since no more are looked at: the newest 2 of 6 items were looked at.");
  });

  it("in what is looked at for its links too, the newest first", async () => {
    const on = await three();
    for (const number of [4, 5]) await on.learn(...change({ number, branch: "PROP-8", opened: 200, merged: 190 }));
    const parts = { ...on.parts, bounds: bounds({ items: 7 }) };
    const preview = await previewed(parts, on.propose(repositoryRules({ ticketKeys: { from: ["title"] } })));
    expect(preview?.told.sample).toEqual({ bound: "items", counts: { looked: 7, of: 8 } });
    expect(preview?.told.links?.lost.map(({ from }) => from)).toEqual(["#1", "#2", "#3", "#5"]);
  });

  it("in time", async () => {
    const on = await three();
    let passed = 0;
    const clock = { now: () => ago(-(passed++ * 3_000) / 86_400_000) };
    const slow = { ...on.parts, clock, bounds: bounds({ atOnce: 1, time: milliseconds(10_000) }) };
    const sample = (await previewed(slow, on.propose(TO_MERGE)))?.told.sample;
    expect(sample).toMatchObject({ bound: "time", counts: { of: 6 } });
    expect(sample?.counts?.looked).toBeGreaterThan(0);
    expect(sample?.counts?.looked).toBeLessThan(4);
    passed = 0;
    expect(await previewOf(slow, on.propose(TO_MERGE))).toContain(
      "This is a sample, since there was no time for more: the newest",
    );
  });

  it("waits for no transaction, and lets what waits go first again and again", async () => {
    const on = await three();
    let turns = 0;
    let looking = true;
    const turn = () => {
      turns++;
      if (looking) setImmediate(turn);
    };
    setImmediate(turn);
    const parts = { ...on.parts, bounds: bounds({ atOnce: 1 }) };
    await on.store.transaction(async () => expect(await previewOf(parts, on.propose(TO_MERGE))).not.toBeNull());
    looking = false;
    expect(turns).toBeGreaterThan(3);
  });
});

describe("an item's own profile", () => {
  const slowest = { name: "Merged", on: "pull-request.merged", ideal: "90d", acceptable: "95d" };
  const own = { start: { on: "commit.created" }, stages: [slowest] };
  /** Three pull requests without tickets, under a profile of their repository's own. */
  const lone = async (visibility: "public" | "private") => {
    const on = await measured();
    await on.learn(...place(1, "acme/web", visibility).map((event) => ({ ...event, at: ago(-1) })));
    for (const number of [1, 2, 3]) await on.learn(...change({ number, opened: 10 + number, merged: number }));
    await on.apply(repositoryRules({ profile: "own", profiles: { own } }));
    return on;
  };

  it.each([
    ["private", { profile: "pull-request" }, "pull-request"],
    ["private", { profile: "change" }, "change"],
    ["private", null, "pull-request"],
    ["public", { profile: "pull-request" }, "pull-request"],
    ["public", { profile: "change" }, "change"],
  ] as const)("in a %s repository is compared with the one that %j brings, whatever is always measured", async (...of) => {
    const [visibility, content, after] = of;
    const on = await lone(visibility);
    const preview = await previewed(on.parts, on.propose(repositoryRules(content)));
    const change = { own: true, items: 3, changed: 3, profile: { before: "acme/web:own", after } };
    expect(preview?.told.comparison).toMatchObject({ items: 3, changed: 3, profiles: [change] });
    expect(preview?.told.comparison.profiles).toHaveLength(1);
    const text = await previewOf(on.parts, on.propose(repositoryRules(content)));
    expect(text).toMatch(/median total of pull requests (still )?\d.* 3 total ratings change\./);
  });

  it("comes instead of one that is always measured in the same way", async () => {
    const on = await lone("private");
    await on.apply(repositoryRules({ profile: "change" }));
    const told = (await previewed(on.parts, on.propose(repositoryRules({ profile: "own", profiles: { own } }))))?.told;
    expect(told?.comparison.profiles.map(({ profile }) => [profile.before, profile.after])).toEqual([
      ["change", "acme/web:own"],
    ]);
  });

  it("and what is always measured are all that a repository is told of; those of org units are told to the organisation", async () => {
    const mine = { profile: "own", profiles: { own: { ...own, stages: [{ ...slowest, ideal: "1m", acceptable: "2m" }] } } };
    const told = async (visibility: "public" | "private", { layer, ...of }: Rules, id = 1) => {
      const on = await lone(visibility);
      await on.apply(repositoryRules(mine));
      await on.learn(...place(9, "acme/.github", visibility));
      const orgUnits = { pay: { repositories: ["acme/web"], profile: "unit" } };
      const organisation = { orgUnits, profiles: { unit: { extends: "change", without: ["Approval"] } } };
      await on.apply(organisationRules(organisation));
      const content = {
        ...(layer === "organisation" ? organisation : mine),
        ...(of.content as object),
      };
      const profiles = (await previewed(on.parts, on.propose({ layer, content }, id)))?.told.comparison.profiles ?? [];
      return profiles.map(({ profile }) => profile.after).sort();
    };
    const content = { workingTime: { days: ["sun"], hours: "09:00-09:01" } };
    const all = ["acme/web:own", "change", "pull-request"];
    expect(await told("private", repositoryRules(content))).toEqual(all);
    expect(await told("public", repositoryRules(content))).toEqual(all);
    expect(await told("private", organisationRules(content), 9)).toEqual([...all, "unit"]);
    expect(await told("public", organisationRules(content), 9)).toEqual(all);
  });
});

describe("what everybody reads", () => {
  const SECRETS = /PROP|canary|ticket|In progress|Done|Release|link/i;

  /** What is told in a public repository. */
  async function inPublic(content: object): Promise<string> {
    const on = await three();
    await on.learn(...place(1, "acme/web", "public").map((event) => ({ ...event, at: ago(-1) })));
    return (await previewOf(on.parts, on.propose(repositoryRules(content)))) ?? "";
  }

  it("is told by source control alone", async () => {
    const text = await inPublic({
      profile: "own",
      profiles: { own: { extends: "ticket-to-release", without: ["CI", "Approval", "Done"] } },
    });
    expect(text).toContain("Under this file **3 of 3 items** finished");
    expect(text).toContain("| Approval (removed) |");
    expect(text.replaceAll("instead of `ticket-to-release (source control)`", "")).not.toMatch(SECRETS);
  });

  it.each(["public", "internal"] as const)("does not count what may not be told: %s", async (visibility) => {
    const on = await three();
    await on.learn(...place(1, "acme/web", visibility).map((event) => ({ ...event, at: ago(-1) })));
    const parts = { ...on.parts, bounds: bounds({ items: 2 }) };
    expect(await previewOf(parts, on.propose(TO_MERGE))).toContain(
      "This is a sample, since no more are looked at: the newest items were looked at.",
    );
  });

  it("says nothing of tickets of commits that less people may read", async () => {
    const on = await three();
    await on.learn(...place(9, "acme/.github", "internal"), ...place(2, "acme/open", "internal"));
    await on.learn(...change({ number: 1, repository: 2, branch: "PROP-5", opened: 9, merged: 8 }));
    await on.learnTickets(...task({ number: 5, created: 12, done: 6 }));
    const told = async () =>
      (await previewed(on.parts, on.propose(organisationRules({ profile: "ticket-to-merge" }), 9)))?.told.comparison.items;
    const before = await told();
    await on.learn(...straight("PROP-5"));
    expect([before, await told()]).toEqual([2, 1]);
  });

  it("says nothing of links", async () => {
    expect(await inPublic({ ticketKeys: { from: [] } })).toBe(
      "Under this file no figure changes of the 3 items finished in the last 90 days.",
    );
  });

  it("tells all where the operator allows it", async () => {
    const on = await three();
    await on.learn(...place(1, "acme/web", "public").map((event) => ({ ...event, at: ago(-1) })));
    const parts = { ...on.parts, policy: { ...on.parts.policy, configuration: { publicTickets: ["Acme/Web"] } } };
    const text = await previewOf(parts, on.propose(repositoryRules({ ticketKeys: { from: [] } })));
    expect(text).toContain("Links that go: `#1` `PROP-1`");
  });

  it("says nothing of what less people may read, not even in figures", async () => {
    const on = await three();
    await on.learn(...place(9, "acme/.github", "internal"), ...place(2, "acme/open", "internal"));
    await on.learn(...change({ number: 1, repository: 2, branch: "PROP-2", opened: 9, merged: 8 }));
    await on.learn(...change({ number: 2, repository: 2, title: "PROP-5", opened: 9, merged: 8 }));
    await on.learnTickets(...task({ number: 5, created: 12, done: 6 }));
    const file = organisationRules({ profile: "ticket-to-merge", ticketKeys: { from: ["title"] } });
    const text = await previewOf(on.parts, on.propose(file, 9));
    expect(text).toContain("Links that go: `acme/open#1` `PROP-2`.");
    expect(text).toContain("**1 ticket** under `ticket-to-merge` instead of `ticket-to-release`");
    expect(text).not.toContain("acme/web");
  });
});

it("keeps the keys of tickets to itself where comments do", async () => {
  const on = await three();
  const without = { ticketKeys: { from: [] } };
  const hidden = { comment: { tickets: "hidden" } };
  const told = async (content: object) => previewOf(on.parts, on.propose(repositoryRules(content)));
  expect(await told(without)).toContain("PROP-1");
  expect(await told({ ...without, ...hidden })).not.toContain("PROP-1");
  await on.apply(repositoryRules(hidden));
  expect(await told(without)).toContain("3 links to tickets go.");
  expect(await told(without)).not.toContain("PROP-1");
});
