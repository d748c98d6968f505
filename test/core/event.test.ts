import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Event, isState, latest, merge } from "../../src/core/event.js";
import { releaseRef } from "../../src/core/ref.js";
import { instant } from "../../src/core/time.js";
import {
  at,
  category,
  commit,
  deployment,
  later,
  posted,
  pullRequest,
  release,
  repository,
  run,
  ticket,
  version,
} from "../support/builders.js";
import { mergedById } from "../support/life.js";

const its = pullRequest(7);
const ten = at("10:00");

/** One event of every type that is stored. */
const OF_EVERY_TYPE: readonly Event[] = [
  ticket.created(ten),
  ticket.status("1", "Done", ten),
  ticket.field("1", "resolution", "Done", ten),
  ticket.deleted(ten),
  ticket.described(ten),
  ticket.history(ten),
  {
    ...ticket.history(ten),
    type: "ticket.unreadable",
    id: "jira:key:A-1:unreadable",
    key: "A-1",
    reason: "unknown",
    since: ten,
  },
  version("1").released(ten),
  version("1").unreleased(ten),
  version("1").described(ten, true),
  category("Done", "done"),
  { ...ticket.history(ten), type: "site.projects", id: "jira:site:projects", keys: ["PROP"] },
  its.described(ten),
  its.opened(ten),
  its.drafted(ten),
  its.ready(ten),
  its.labeled("hotfix", ten),
  its.reviewed("1", ten),
  its.approved("2", ten),
  its.dismissed("2", ten),
  its.commented("3", ten),
  its.merged(ten),
  its.closed(ten),
  its.reopened(ten),
  its.deleted(ten),
  its.linked("A-1", ten),
  its.unlinked("A-1", ten),
  its.commits(ten, [commit("a", ten)]),
  repository(),
  { ...repository(), type: "repository.watched", id: "github:repo:1:watched" },
  {
    ...repository(),
    type: "configuration.read",
    id: "github:repo:1:configuration",
    layer: "repository",
    content: {},
    sha: null,
  },
  {
    ...repository(),
    type: "account.described",
    id: "github:account:9:described",
    login: "acme",
    installation: "5",
    state: "installed",
  },
  { ...run("1", "a", ten), type: "commit.pushed", id: "github:commit:1@a:pushed", commit: commit("a", ten), branch: "main" },
  { ...run("1", "a", ten), type: "commit.traced", id: "github:commit:1@a:traced", pullRequests: [7] },
  {
    ...run("1", "a", ten),
    type: "commits.compared",
    id: "github:compare:1:a...b",
    base: "a",
    head: "b",
    status: "ahead",
    ahead: ["b"],
  },
  run("1", "a", ten),
  deployment("1", "a", ten),
  { ...deployment("1", "a", ten), type: "deployment.failed", id: "github:deployment:1:failed" },
  {
    ...deployment("1", "a", ten),
    type: "lane.begun",
    id: "github:repo:1:lane:release",
    lane: "release",
    carrier: releaseRef(1),
  },
  ...release("1", "a", ten),
  { ...deployment("1", "a", ten), type: "release.deleted", id: "github:release:1:deleted" },
  posted("1", "incident", ten),
];

/** What two readers may see differently of one event. */
const observations = (event: Event): fc.Arbitrary<Event> =>
  fc
    .record({
      reader: fc.integer({ min: 1, max: 3 }),
      precision: fc.constantFrom("exact" as const, "day" as const),
      shift: fc.integer({ min: -2, max: 2 }),
      url: fc.constantFrom("https://a.example", "https://b.example"),
      readAt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    })
    .map(({ shift, readAt, ...seen }) => ({
      ...event,
      ...seen,
      at: later(event.at, shift * 60_000),
      ...(readAt === undefined ? {} : { readAt: instant(readAt) }),
    }));

describe.each(OF_EVERY_TYPE.map((event) => [event.type, event] as const))("observations of one %s merge", (_, event) => {
  const seen = observations(event);

  test("to the same in either order", () => {
    fc.assert(
      fc.property(seen, seen, (one, other) => {
        expect(merge(one, other)).toEqual(merge(other, one));
      }),
    );
  });

  test("to the same, whichever are merged first", () => {
    fc.assert(
      fc.property(seen, seen, seen, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
    );
  });

  test("with itself to itself", () => {
    fc.assert(
      fc.property(seen, seen, (one, other) => {
        expect(merge(one, one)).toEqual(one);
        expect(merge(merge(one, other), other)).toEqual(merge(one, other));
      }),
    );
  });
});

describe("of a fact holds", () => {
  const day = { ...its.merged(at("00:00")), precision: "day" as const };

  test("the newer reader's observation, even if it is coarser and later", () => {
    const mended = { ...day, reader: 2, at: at("23:00") };
    expect(merge(its.merged(ten), mended)).toBe(mended);
  });

  test("the finer one, even if it is later", () => {
    const exact = its.merged(at("11:00"));
    expect(merge(day, exact)).toBe(exact);
  });

  test("the earlier one", () => {
    const earlier = its.merged(at("09:59"));
    expect(merge(its.merged(ten), earlier)).toBe(earlier);
  });
});

describe("of a state holds", () => {
  const older = its.described(at("10:00"), { title: "old", reader: 2 });

  test("the latest stamp, even from an older reader", () => {
    const newer = its.described(at("10:01"), { title: "new" });
    expect(merge(newer, older)).toBe(newer);
  });

  test("on equal stamps the newer reader's, then what was read last", () => {
    const mended = its.described(at("10:00"), { title: "mended", reader: 3 });
    expect(merge(mended, older)).toBe(mended);
    const read = its.described(at("10:00"), { title: "read", reader: 2, readAt: at("12:00") });
    const again = its.described(at("10:00"), { title: "again", reader: 2, readAt: at("12:01") });
    expect(merge(read, older)).toBe(read);
    expect(merge(read, again)).toBe(again);
  });

  test("which are states is told by the type", () => {
    const states = OF_EVERY_TYPE.map(({ type }) => type).filter(isState);
    expect(states).toContain("pull-request.described");
    expect(states).not.toContain("pull-request.merged");
    expect(states).not.toContain("status.category");
  });
});

describe("a beginning stays where it was first seen, also for a newer reader", () => {
  const first = (type: "repository.watched" | "lane.begun" | "status.category"): Event => {
    const found = OF_EVERY_TYPE.find((event) => event.type === type);
    if (!found) throw new RangeError(`no ${type}`);
    return found;
  };

  test.each(["repository.watched", "lane.begun", "status.category"] as const)("%s", (type) => {
    const one = first(type);
    const newer = { ...one, reader: one.reader + 1, at: later(one.at, 60_000) };
    expect(merge(one, newer)).toBe(one);
    expect(merge(newer, one)).toBe(one);
  });
});

test("the latest of several states does not depend on their order", () => {
  const lists = [its.commits(ten, [], "a"), its.commits(ten, [], "b"), its.commits(at("09:00"), [], "c")];
  expect(latest(lists, "pull-request.commits")).toEqual(latest([...lists].reverse(), "pull-request.commits"));
  expect(latest([], "pull-request.commits")).toBeUndefined();
});

test("many observations give the same events in any order and repetition", () => {
  const seen = fc.constantFrom(...OF_EVERY_TYPE).chain(observations);
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (events, random) => {
      const keys = new Map(events.map((event) => [event, random.next().value]));
      const shuffled = [...events, ...events.slice(0, 3)].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
      const byId = (list: Event[]) => list.sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId(mergedById(shuffled))).toEqual(byId(mergedById(events)));
    }),
  );
});

test("of two observations that tie, the one that tells more holds: a review's payload does not say who merged", () => {
  const { actor: _, ...slim } = its.merged(ten);
  const full: Event = { ...slim, actor: { login: "bob", bot: false } };
  expect(merge<Event>(slim, full)).toBe(full);
  expect(merge<Event>(full, slim)).toBe(full);
});
