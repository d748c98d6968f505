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
  readonly method: "GET" | "POST";
  readonly answer: (now: number) => FaultKind;
  /** Milliseconds for which GitHub must be left alone. */
  readonly pause: number;
}
const answered = (status: number, headers: Readonly<Record<string, string>> = {}): FaultKind => ({
  status,
  headers,
  body: { message: "No." },
});
const limitedUntil = (now: number) => answered(403, { ...LIMIT, "x-ratelimit-reset": String(Math.ceil(now / 1000) + 2) });

const TROUBLES: readonly Trouble[] = (["GET", "POST"] as const).flatMap((method) => [
  { method, answer: () => answered(500), pause: 0 },
  { method, answer: () => answered(502, { "retry-after": "2" }), pause: 2000 },
  { method, answer: () => answered(403, { "retry-after": "2" }), pause: 2000 },
  { method, answer: () => answered(429, { "retry-after": "1" }), pause: 1000 },
  { method, answer: limitedUntil, pause: 1900 },
  { method, answer: () => ({ status: 200, text: "<html>Unicorn!</html>" }), pause: 0 },
  { method, answer: () => "reset", pause: 0 },
  { method, answer: () => "drop-answer", pause: 0 },
]);

const ours = ({ world }: Stage, number: number) => world.github.commentsOf({ repository: REPOSITORY, number });
const times = ({ github }: World, number: number) =>
  github.requests.filter(({ path }) => commentsPath(number).test(path)).map(({ time }) => time);

it("posts one comment through whatever GitHub answers, and never sooner than it asked for", async () => {
  const on = await stage();
  const { world, app } = on;
  const { github } = world;
  await furnish(world, { repository: REPOSITORY, visibility: "private", at: at("09:00") });
  await app.idle();
  for (const [index, { method, answer }] of TROUBLES.entries()) {
    const number = index + 1;
    await playPullRequest(
      world,
      { ...GOLDEN_TIMES, merged: null },
      { repository: REPOSITORY, branch: `b${number}`, title: "Work" },
    );
    github.faults.next({ method, path: commentsPath(number), answer: answer(Date.now()) });
  }
  await app.idle();
  const merges: string[] = [];
  for (let number = 1; number <= TROUBLES.length; number++) {
    const when = at("10:15");
    merges.push(await github.merge({ repository: REPOSITORY, number, by: "bob", at: when }));
  }
  await app.idle();
  // Events that come while we wait do not hasten us.
  for (const sha of merges) await github.runWorkflow({ repository: REPOSITORY, sha, by: "bob", at: at("10:16") });
  await app.idle();
  const commented = () => TROUBLES.filter((_, index) => ours(on, index + 1).length > 0);
  await vi.waitFor(() => expect(commented()).toHaveLength(TROUBLES.length), { timeout: 12_000 });
  await app.idle();
  for (const [index, { method, pause }] of TROUBLES.entries()) {
    const asked = times(world, index + 1);
    const failed = asked[method === "GET" ? 0 : 1] ?? Number.NaN;
    const next = asked[method === "GET" ? 1 : 2] ?? Number.NaN;
    expect(ours(on, index + 1), `trouble ${index}`).toHaveLength(1);
    expect(next - failed, `trouble ${index}`).toBeGreaterThanOrEqual(pause);
  }
}, 40_000);

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
