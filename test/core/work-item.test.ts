import { describe, expect, test } from "vitest";
import { keyRef, shaRef } from "../../src/core/ref.js";
import { finishedAt, isAbandoned, postedFor, straightCommit, timeline } from "../../src/core/work-item.js";
import { at, category, commit, posted, pullRequest, REPOSITORY, run, ticket } from "../support/builders.js";
import { life, workItem } from "../support/life.js";

const RESOLUTIONS = ["Duplicate", "Won't Do"];
const its = pullRequest(7);

describe("a timeline", () => {
  const { entries } = workItem(life());

  test("is ordered by time, then by kind, then by id, and holds each entry once", () => {
    expect(timeline([...entries, ...entries].reverse())).toEqual(entries);
    const same = workItem(
      life({
        inProgress: at("10:00"),
        firstCommit: at("10:00"),
        opened: at("10:00"),
        approved: at("10:00"),
        merged: at("10:00"),
      }),
    );
    expect(same.entries.filter((entry) => entry.at === at("10:00")).map(({ type }) => type)).toEqual([
      "ticket.status",
      "commit.created",
      "pull-request.opened",
      "pull-request.reviewed",
      "pull-request.approved",
      "pull-request.merged",
    ]);
  });

  test("orders what two pull requests share by theirs", () => {
    const shared = workItem(life()).entries.filter(({ type }) => type === "deployment.succeeded");
    const both = [7, 8].flatMap((number) => shared.map((entry) => ({ ...entry, pullRequest: pullRequest(number).ref })));
    expect(timeline(both)).toEqual(timeline([...both].reverse()));
    expect(timeline(both)).toHaveLength(2);
  });
});

describe("an item is finished", () => {
  test("by its merge, as a pull request", () => {
    expect(finishedAt(workItem(life(), { kind: "pull-request" }))).toBe(at("10:15"));
    expect(finishedAt(workItem(life({ merged: null }), { kind: "pull-request" }))).toBeNull();
  });

  test("by its first Done, as a ticket: a status of that category, or a resolution", () => {
    const again = [ticket.status("7", "To Do", at("10:30")), ticket.status("8", "Done", at("10:40"))];
    expect(finishedAt(workItem([...life(), ...again]))).toBe(at("10:20"));
    expect(finishedAt(workItem([...life(), ticket.field("9", "resolution", "Done", at("10:18"))]))).toBe(at("10:18"));
    expect(finishedAt(workItem([...life({ done: null }), category("Closed", "to-do")]))).toBeNull();
  });
});

describe("an item is abandoned", () => {
  test("as a pull request that was closed without merge, until it is reopened", () => {
    const abandoned = (state: "open" | "closed" | "merged") =>
      isAbandoned(
        workItem([its.described(at("12:00"), { state }), its.opened(at("10:00"))], { kind: "pull-request" }),
        RESOLUTIONS,
      );
    expect([abandoned("open"), abandoned("closed"), abandoned("merged")]).toEqual([false, true, false]);
  });

  test("as a ticket whose resolution says that nothing was done", () => {
    const abandoned = (resolution: string | null) =>
      isAbandoned(workItem([ticket.described(at("12:00"), { resolution })]), RESOLUTIONS);
    expect([abandoned(null), abandoned("Done"), abandoned("duplicate"), abandoned("WON'T DO")]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("as such a ticket also where Jira tells its resolution in another language than its history", () => {
    const abandoned = (resolution: string | null, ...history: string[]) =>
      isAbandoned(
        workItem([
          ticket.described(at("12:00"), { resolution }),
          ...history.map((to, index) => ticket.field(String(index), "resolution", to, at(`11:0${index}`))),
        ]),
        RESOLUTIONS,
      );
    expect(abandoned("不做", "Won't Do")).toBe(true);
    expect(abandoned("完成", "Won't Do", "Done")).toBe(false);
    expect(abandoned(null, "Won't Do")).toBe(false);
  });
});

test("a commit pushed straight is first commit and merge commit in one", () => {
  const pushed = {
    ...run("1", "abc", at("10:00")),
    type: "commit.pushed",
    id: "github:commit:1@abc:pushed",
    branch: "main",
    commit: commit("abc", at("09:30")),
  } as const;
  expect(straightCommit(pushed)).toMatchObject({
    merge: [{ repository: REPOSITORY, sha: "abc", at: at("10:00"), pullRequest: null }],
    entries: [{ type: "commit.created", at: at("09:30"), pullRequest: null, note: "pushed straight to the default branch" }],
  });
});

describe("an event that was posted for a commit", () => {
  const SHA = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";
  const of = (sha: string) => posted(sha, "built", at("10:00"), { ref: shaRef(sha), sha });
  const countsFor = (named: string, shas: readonly string[]) => postedFor([of(named)], shas).length;

  test.each([SHA, SHA.slice(0, 7), SHA.slice(0, 12)])("by the name %s counts for it, and for no other", (named) => {
    expect(countsFor(named, [SHA])).toBe(1);
    expect(countsFor(named, ["ffff", SHA.toUpperCase()])).toBe(1);
    expect(countsFor(named, [`1${SHA.slice(1)}`, SHA.slice(0, 6), `0d1a26f${SHA.slice(7)}`])).toBe(0);
  });

  test("by more than the first characters does not count for one that only begins alike", () => {
    const other = `${SHA.slice(0, 7)}0${SHA.slice(8)}`;
    expect(shaRef(other)).toBe(shaRef(SHA));
    expect([countsFor(SHA, [other]), countsFor(SHA.slice(0, 8), [other]), countsFor(SHA.slice(0, 7), [other])]).toEqual([
      0, 0, 1,
    ]);
  });

  test("is not mistaken for one of a ticket", () => {
    expect(postedFor([posted("1", "built", at("10:00"), { ref: keyRef("PROP-1") })], [SHA, ""])).toEqual([]);
  });
});
