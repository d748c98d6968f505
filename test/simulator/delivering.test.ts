import { createServer, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { World } from "../../src/simulator/world.js";
import { apiWith, appToken, at, aWorld } from "./support.js";

let world: World;
let status = 202;
let received: { path: string | undefined; id: string | string[] | undefined }[] = [];
const app = createServer((request: IncomingMessage, response) => {
  received.push({
    path: request.url,
    id: request.headers["x-github-delivery"] ?? request.headers["x-atlassian-webhook-identifier"],
  });
  request.resume().on("end", () => response.writeHead(status).end());
});

beforeEach(async () => {
  status = 202;
  received = [];
  world = await aWorld({ strict: false });
  await new Promise<void>((listening) => app.listen(0, "127.0.0.1", listening));
  const address = app.address();
  world.target(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
});
afterEach(async () => {
  await world.close();
  app.closeAllConnections();
  await new Promise((closed) => app.close(closed));
});

test("webhooks go to the app's two routes", async () => {
  await world.github.install({ account: "acme", at: at("09:00") });
  await world.jira.createVersion({ project: "PROP", version: "1.0", at: at("09:00") });
  expect(received.map(({ path }) => path)).toEqual(["/api/github/webhooks", "/api/jira/webhooks"]);
});

test("without a target they wait, and are sent in any order and as often as one likes", async () => {
  world.target(undefined);
  await world.github.install({ account: "acme", at: at("09:00") });
  await world.github.createRepository({ repository: "acme/web", at: at("09:01") });
  const [first, second] = world.collect();
  expect(world.collect()).toEqual([]);
  expect(received).toEqual([]);
  const address = app.address();
  world.target(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  if (!first || !second) throw new Error("expected two webhooks");
  expect(await world.send([second, first, second])).toEqual([202, 202, 202]);
  expect(received.map(({ id }) => id)).toEqual([second.id, first.id, second.id]);
});

test("failed deliveries are listed, and sent again under the same id when asked", async () => {
  status = 503;
  await world.github.install({ account: "acme", at: at("09:00") });
  status = 202;
  await world.github.createRepository({ repository: "acme/web", at: at("09:01") });
  const api = apiWith(world, appToken(world));
  const { body } = await api("GET", "/app/hook/deliveries?status=failure");
  expect(body).toMatchObject([{ event: "installation", action: "created", status_code: 503, redelivery: false }]);
  expect((await api("POST", `/app/hook/deliveries/${body[0].id}/attempts`)).status).toBe(202);
  await expect.poll(() => received.at(-1)?.id).toBe(body[0].guid);
  const page = await api("GET", "/app/hook/deliveries?per_page=1");
  expect(page.headers.get("link")).toContain("cursor=");
});
