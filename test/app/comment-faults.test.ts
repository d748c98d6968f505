import { expect, it, vi } from "vitest";
import type { FaultKind } from "../../src/simulator/http.js";
import { furnish, GOLDEN_TIMES, playPullRequest } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import { type Stage, stage } from "../support/app.js";

const REPOSITORY = "acme/web";
const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);
const commentsPath = (number: number) => new RegExp(`/issues/${number}/comments$`);
const LIMIT = { "x-ratelimit-remaining": "0" };

interface Trouble {
  readonly answer: FaultKind;
  /** From when GitHub may be asked again, if it answered so at that time; milliseconds. */
  readonly until?: (answered: number) => number;
}
const answered = (status: number, headers: Readonly<Record<string, string>> = {}): FaultKind => ({
  status,
  headers,
  body: { message: "No." },
});
const inSeconds = (seconds: number) => (time: number) => time + seconds * 1000;

/** The limit is over at a time that is told in whole seconds. */
function troubles(reset: number): Trouble[] {
  return [
    { answer: answered(500) },
    { answer: answered(502, { "retry-after": "2" }), until: inSeconds(2) },
    { answer: answered(403, { "retry-after": "2" }), until: inSeconds(2) },
    { answer: answered(429, { "retry-after": "1" }), until: inSeconds(1) },
    { answer: answered(403, { ...LIMIT, "x-ratelimit-reset": String(reset) }), until: () => reset * 1000 },
    { answer: { status: 200, text: "<html>Unicorn!</html>" } },
    { answer: "reset" },
    { answer: "drop-answer" },
  ];
}

const ours = ({ world }: Stage, number: number) => world.github.commentsOf({ repository: REPOSITORY, number });
const times = ({ github }: World, number: number) =>
  github.requests.filter(({ path }) => commentsPath(number).test(path)).map(({ time }) => time);

it.each(["GET", "POST"] as const)(
  "posts one comment through whatever GitHub answers to %s, and never sooner than it asked for",
  async (method) => {
    const on = await stage();
    const { world, app } = on;
    const { github } = world;
    await furnish(world, { repository: REPOSITORY, visibility: "private", at: at("09:00") });
    await app.idle();
    const all = troubles(Math.ceil(Date.now() / 1000) + 4);
    const given = new Map<number, number>();
    for (const [index, { answer }] of all.entries()) {
      const branch = `b${index + 1}`;
      await playPullRequest(world, { ...GOLDEN_TIMES, merged: null }, { repository: REPOSITORY, branch, title: "Work" });
      const giving = () => {
        given.set(index, Date.now());
        return answer;
      };
      github.faults.next({ method, path: commentsPath(index + 1), answer: giving });
    }
    await app.idle();
    const merges: string[] = [];
    for (const index of all.keys()) {
      merges.push(await github.merge({ repository: REPOSITORY, number: index + 1, by: "bob", at: at("10:15") }));
    }
    await app.idle();
    // Events that come while we wait do not hasten us.
    for (const sha of merges) await github.runWorkflow({ repository: REPOSITORY, sha, by: "bob", at: at("10:16") });
    await app.idle();
    const commented = () => all.filter((_, index) => ours(on, index + 1).length > 0);
    await vi.waitFor(() => expect(commented()).toHaveLength(all.length), { timeout: 20_000 });
    await app.idle();
    for (const [index, { until = inSeconds(0) }] of all.entries()) {
      const failed = given.get(index) ?? Number.NaN;
      const next = times(world, index + 1).find((time) => time > failed) ?? Number.NaN;
      expect(ours(on, index + 1), `trouble ${index}`).toHaveLength(1);
      expect(next, `trouble ${index}`).toBeGreaterThanOrEqual(until(failed));
    }
  },
  40_000,
);

it("changes its comment at last when GitHub fails meanwhile", async () => {
  const on = await stage();
  const { world, app } = on;
  const { github } = world;
  await furnish(world, { repository: REPOSITORY, visibility: "private", at: at("09:00") });
  const lived = await playPullRequest(
    world,
    { ...GOLDEN_TIMES, approved: null, ci: null, deployed: null },
    { repository: REPOSITORY, branch: "b", title: "Work" },
  );
  await app.idle();
  const path = /\/issues\/comments\/\d+$/;
  for (const answer of [answered(502), answered(429, { "retry-after": "1" }), "drop-answer"] as const)
    github.faults.next({ method: "PATCH", path, answer });
  await github.editTitle({ repository: REPOSITORY, number: 1, title: "Other work", by: "bob", at: at("10:16") });
  await github.review({ repository: REPOSITORY, number: 1, state: "commented", by: "bob", at: at("10:14") });
  await vi.waitFor(() => expect(github.requests.filter(({ method }) => method === "PATCH")).toHaveLength(4), {
    timeout: 12_000,
  });
  await app.idle();
  expect(lived?.number).toBe(1);
  expect(ours(on, 1)).toMatchObject([{ body: expect.stringContaining("| First review | ") }]);
  expect(ours(on, 1)[0]?.body).toContain("2024-05-06 10:14");
}, 40_000);
