import { afterEach, beforeEach, expect, test } from "vitest";
import type { World } from "../../src/simulator/world.js";
import { type Api, at, aWorld, installationApi } from "./support.js";

let world: World;
let api: Api;
const on = { repository: "acme/web", at: at("10:00") };

beforeEach(async () => {
  world = await aWorld({ strict: false });
  await world.github.install({ account: "acme", at: at("09:00") });
  await world.github.createRepository(on);
  await world.github.push({ ...on, branch: "one", commits: [{ message: "x" }] });
  await world.github.openPullRequest({ ...on, branch: "one", title: "One" });
  api = await installationApi(world);
});
afterEach(() => world.close());

const COMMENTS = "/repos/acme/web/issues/1/comments";

test("the next fitting requests get the answer that was asked for, others not", async () => {
  world.github.faults.next({
    method: "POST",
    path: /comments$/,
    times: 2,
    answer: { status: 502, headers: { "retry-after": "1" } },
  });
  expect((await api("GET", COMMENTS)).status).toBe(200);
  const [one, two, three] = [
    await api("POST", COMMENTS, { body: "a" }),
    await api("POST", COMMENTS, { body: "a" }),
    await api("POST", COMMENTS, { body: "a" }),
  ];
  expect([one.status, one.headers.get("retry-after"), two.status, three.status]).toEqual([502, "1", 502, 201]);
});

test("an answer can be dropped after the work is done", async () => {
  world.github.faults.next({ method: "POST", answer: "drop-answer" });
  await expect(api("POST", COMMENTS, { body: "a" })).rejects.toThrow();
  expect(world.github.commentsOf({ repository: "acme/web", number: 1 })).toMatchObject([{ body: "a" }]);
});

test("of an answer half can come, as if that were all or before the connection ends, after the work is done", async () => {
  world.github.faults.next({ method: "POST", answer: "half" });
  world.github.faults.next({ method: "POST", answer: "cut" });
  await expect(api("POST", COMMENTS, { body: "a" })).rejects.toThrow("JSON");
  await expect(api("POST", COMMENTS, { body: "b" })).rejects.toThrow("terminated");
  expect(world.github.commentsOf({ repository: "acme/web", number: 1 })).toMatchObject([{ body: "a" }, { body: "b" }]);
});

test("an answer can come byte by byte", async () => {
  world.github.faults.next({ answer: "drip" });
  const { body } = await fetch(`${world.github.url}/nothing`);
  const pieces: string[] = [];
  for await (const piece of body ?? []) pieces.push(Buffer.from(piece).toString());
  expect(pieces.length).toBeGreaterThan(10);
  expect(JSON.parse(pieces.join(""))).toMatchObject({ message: "Not Found" });
});

test("an answer can be decided for each request", async () => {
  let asked = 0;
  world.github.faults.next({ times: 2, answer: () => (asked++ === 0 ? { status: 502 } : undefined) });
  expect([(await api("GET", COMMENTS)).status, (await api("GET", COMMENTS)).status]).toEqual([502, 200]);
});

test("a connection can be reset before anything is done", async () => {
  world.github.faults.next({ answer: "reset" });
  await expect(api("POST", COMMENTS, { body: "a" })).rejects.toThrow();
  expect(world.github.commentsOf({ repository: "acme/web", number: 1 })).toEqual([]);
});

test("a request that hangs ends when the server closes", async () => {
  world.github.faults.next({ path: /comments$/, answer: "hang" });
  const hanging = expect(api("GET", COMMENTS)).rejects.toThrow();
  await expect.poll(() => world.github.requests.at(-1)?.path).toBe(COMMENTS);
  await world.close();
  await hanging;
});

test("requests are noted", async () => {
  await api("GET", COMMENTS);
  expect(world.github.requests.at(-1)).toMatchObject({ method: "GET", path: COMMENTS, time: expect.any(Number) });
});
