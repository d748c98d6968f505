import { describe, expect, test } from "vitest";
import { commitRef, mergesRef } from "../../src/core/ref.js";
import { instant, MINUTE } from "../../src/core/time.js";
import { at, commit, deployment, pullRequest, release, run } from "../support/builders.js";
import { compared, scene, watched } from "./scene.js";

const merged = (number: number, time: string) => pullRequest(number).merged(at(time), { mergeCommit: `m${number}` });
const pushed = (sha: string, time: string) => ({
  ...run("1", sha, at(time)),
  type: "commit.pushed" as const,
  id: `github:commit:1@${sha}:pushed`,
  commit: commit(sha, at(time)),
  branch: "main",
});
const preview = (id: string, sha: string, time: string) => deployment(id, sha, at(time), { environment: `pr-${id}` });

describe("the first deployment of a lane", () => {
  test("is compared with the earliest merge since the repository is watched, until then", async () => {
    const { ask } = await scene();
    await ask(watched("10:00"), merged(1, "09:59"), merged(3, "10:20"), pushed("p", "10:10"), merged(4, "11:01"));
    expect(await ask(deployment("1", "head", at("11:00")))).toEqual(["p→head"]);
  });

  test("asks for the next while nothing is known of one, but not for ever", async () => {
    const { ask } = await scene();
    const merges = Array.from({ length: 20 }, (_, index) => merged(index + 1, `10:${index + 10}`));
    await ask(watched("10:00"), ...merges);
    let wanted = await ask(deployment("1", "head", at("11:00")));
    const asked: string[] = [];
    while (wanted.length > 0) {
      asked.push(...wanted);
      wanted = await ask(compared(wanted[0]?.split("→")[0] ?? "", "head", "unknown"));
    }
    expect(asked).toEqual(Array.from({ length: 10 }, (_, index) => `m${index + 1}→head`));
  });

  test("asks for the next when the earliest was unknown, and is done with the first that it does not contain", async () => {
    const { ask } = await scene();
    await ask(watched("10:00"), ...[1, 2, 3, 4, 5].map((number) => merged(number, `10:0${number}`)));
    expect(await ask(deployment("1", "head", at("11:00")))).toEqual(["m1→head"]);
    expect(await ask(compared("m1", "head", "unknown"))).toEqual(["m2→head"]);
    expect(await ask(compared("m2", "head", "ahead", ["m3", "head"]))).toEqual(["m4→head"]);
    expect(await ask(compared("m4", "head", "diverged", ["head"]))).toEqual([]);
    expect(await ask(merged(6, "10:06"))).toEqual([]);
  });

  test("asks for what came into range when the repository turns out to be watched since earlier", async () => {
    const { ask } = await scene();
    await ask(watched("10:30"), merged(1, "10:00"), merged(2, "10:40"));
    expect(await ask(deployment("1", "head", at("11:00")))).toEqual(["m2→head"]);
    expect(await ask(compared("m2", "head", "ahead", ["head"]))).toEqual([]);
    expect(await ask(watched("09:00"))).toEqual(["m1→head"]);
  });

  test("that others follow is asked for nothing when an answer about another comes", async () => {
    const { ask } = await scene();
    await ask(watched("09:00"), deployment("1", "first", at("09:30")), merged(1, "10:00"));
    expect(await ask(deployment("2", "head", at("11:00")))).toEqual(["first→head"]);
    expect(await ask(compared("first", "head", "unknown"))).toEqual([]);
  });
});

describe("a merge that becomes known", () => {
  test("is asked for in the lanes whose first carrier comes after it, and in no others", async () => {
    const { ask } = await scene();
    await ask(watched("09:00"));
    for (let id = 10; id < 40; id++) await ask(preview(String(id), `b${id}`, `09:${id}`));
    await ask(deployment("1", "head", at("11:00")), preview("50", "b50", "11:30"));
    expect(await ask(merged(1, "10:00"))).toEqual(["m1→b50", "m1→head"]);
    expect(await ask(merged(2, "12:00"))).toEqual([]);
    expect(await ask(merged(3, "08:00"))).toEqual([]);
  });

  test("is asked for of the first release that is left, when the one that began its lane was deleted", async () => {
    const { ask } = await scene();
    const [published, resolved] = release("1", "r1", at("09:30"));
    await ask(watched("09:00"), published, resolved, ...release("2", "r2", at("11:00")), ...release("3", "r3", at("12:00")));
    expect(await ask(merged(1, "10:00"))).toEqual([]);
    expect(await ask({ ...published, type: "release.deleted", id: "github:release:1:deleted" })).toContain("m1→r2");
    expect(await ask(merged(2, "09:50"))).toEqual(["m2→r2"]);
  });
});

describe("a release", () => {
  test("that is promoted stands among the full ones, and leaves its prerelease changes to the next", async () => {
    const { ask, learn } = await scene();
    const of = (id: string, time: string, prerelease: boolean) => release(id, `r${id}`, at(time), { prerelease });
    const [candidate, resolved] = of("3", "11:00", true);
    await ask(watched("09:00"), ...of("1", "09:30", false), ...of("2", "10:00", true), candidate, resolved);
    await ask(...of("4", "12:00", true), ...of("5", "13:00", false));
    const promoted = { ...candidate, prerelease: false, readAt: at("14:00") };
    const asked = await ask(promoted);
    expect(asked).toEqual(expect.arrayContaining(["r1→r3", "r3→r5", "r2→r4"]));
    expect((await learn({ ...candidate, readAt: at("11:00") })).wants).toEqual([]);
  });
});

test("the end of a check reads no more rows, and asks for nothing more, however long the history is", async () => {
  const { learn, ask, rowsFor } = await scene();
  await learn(watched("09:00"), merged(1, "10:00"));
  const check = () => rowsFor(commitRef(1, "m1"));
  await learn(run("1", "m1", at("10:05")), deployment("d", "m0", at("11:00")), ...release("0", "m0", at("11:00")));
  const before = await check();
  const later = (index: number) => instant(at("12:00") + index * MINUTE);
  for (let index = 1; index <= 200; index++) {
    const merge = pullRequest(index + 1).merged(later(index), { mergeCommit: `later${index}` });
    await learn(merge, deployment(`${index}`, `later${index}`, later(index)), ...release(`${index}`, "later", later(index)));
  }
  expect(await check()).toBe(before);
  expect(await ask(run("2", "m1", at("12:05")))).toEqual([]);
});

test("a merge reads no more rows, however many merges, deployments and releases there were", async () => {
  const { learn, rowsFor } = await scene();

  await learn(watched("09:00"), deployment("d", "m0", at("11:00")), ...release("0", "m0", at("11:00")));
  const both = () => rowsFor(mergesRef(1, at("10:00")), mergesRef(1, at("23:00")));
  await learn(merged(1, "10:00"));
  const before = await both();
  for (let index = 2; index <= 100; index++) {
    const time = instant(at("10:00") + index * MINUTE);
    const merge = pullRequest(index).merged(time, { mergeCommit: `m${index}` });
    await learn(
      merge,
      deployment(`${index}`, `m${index}`, instant(at("11:00") + index)),
      ...release(`${index}`, "r", at("13:00")),
    );
  }
  expect(await both()).toBeLessThanOrEqual(before);
});
