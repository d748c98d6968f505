import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import nock from "nock";
import pino from "pino";
import { Probot } from "probot";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { instant } from "../../src/core/time.js";
import { installationClients, quietOctokit, readPrivateKey } from "../../src/github/client.js";
import { githubSource } from "../../src/github/deliveries.js";
import { asking } from "../../src/github/failure.js";
import { clock, github, octokit } from "./host.js";
import { delivery, RECEIVED } from "./payloads.js";

afterEach(() => nock.cleanAll());

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const pkcs1 = privateKey.export({ type: "pkcs1", format: "pem" }).toString();

describe("a private key", () => {
  test.each([
    ["as GitHub gives it", pkcs1],
    ["as PKCS#8", pkcs8],
    ["on one line", pkcs1.replaceAll("\n", "\\n")],
    ["in quotes", `"${pkcs1.replaceAll("\n", "\\n")}"`],
    ["as base64", Buffer.from(pkcs1).toString("base64")],
    ["with space around", `\n  ${pkcs1}\n`],
  ])("is read %s", (_, text) => {
    expect(readPrivateKey(text)).toBe(pkcs8);
  });

  test.each([
    ["nothing", ""],
    ["any text", "s3cret"],
    ["half a key", pkcs1.slice(0, 200)],
    [
      "a public key",
      generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }).toString(),
    ],
    ["a key of another type", generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
  ])("is refused when it is %s, without being shown", (_, text) => {
    expect(() => readPrivateKey(text)).toThrow(
      /^expected the App's RSA private key \(the \.pem file that GitHub gave, or base64 of it\), received /,
    );
  });
});

describe("Octokit", () => {
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  const probot = new Probot({ appId: 1001, privateKey: pkcs8, secret: "s", log, Octokit: quietOctokit });
  const clients = installationClients(probot, clock);
  const token = (installation: number) =>
    github()
      .post(`/app/installations/${installation}/access_tokens`)
      .reply(201, { token: `t${installation}`, expires_at: "2999-01-01T00:00:00Z", permissions: {} });

  test("of each installation writes with its own token, at once, and logs no bodies", async () => {
    for (const installation of [1, 2, 3]) {
      token(installation);
      const as = { reqheaders: { authorization: `token t${installation}` } };
      nock("https://api.github.com", as).post("/repos/acme/web/issues/3/comments").twice().reply(201, { id: 1 });
    }
    const comment = { owner: "acme", repo: "web", issue_number: 3, body: "s3cret" };
    const began = performance.now();
    for (const installation of ["1", "2", "3"]) {
      const { rest } = await clients(installation);
      await rest.issues.createComment(comment);
      await rest.issues.createComment(comment);
    }
    expect(performance.now() - began).toBeLessThan(2000);
    expect(lines.join("")).not.toContain("s3cret");
  });

  test("sends nothing to an installation that wants to be left alone, until its time has come, and to others it does", async () => {
    let now = RECEIVED;
    const waiting = installationClients(probot, { now: () => now });
    const path = { owner: "acme", repo: "web" };
    for (const installation of [5, 6]) token(installation);
    github().get("/repos/acme/web").once().reply(429, {}, { "retry-after": "30" });
    const [limited, other] = [await waiting("5"), await waiting("6")];
    await expect(limited.rest.repos.get(path)).rejects.toMatchObject({ status: 429 });
    github().get("/repos/acme/web").twice().reply(200, {});
    await expect((await waiting("5")).rest.repos.get(path)).rejects.toMatchObject({
      name: "Unavailable",
      retryAt: now + 30_000,
    });
    await expect(other.rest.repos.get(path)).resolves.toMatchObject({ status: 200 });
    now = instant(now + 30_000);
    await expect(limited.rest.repos.get(path)).resolves.toMatchObject({ status: 200 });
  });

  test.each(["<html>Unicorn!</html>", '{"id": 1, "na', ""])("takes %j for no answer, whatever its status", async (text) => {
    github().get("/repos/acme/web").reply(200, text, { "content-type": "application/json" });
    const asked = (await octokit("5")).rest.repos.get({ owner: "acme", repo: "web" });
    await expect(asking("read", clock, () => asked)).rejects.toMatchObject({ name: "Unavailable" });
  });

  test("asks once, and leaves it to the outbox to ask again", async () => {
    token(4);
    github().get("/repos/acme/web").once().reply(502);
    const { rest } = await clients("4");
    await expect(rest.repos.get({ owner: "acme", repo: "web" })).rejects.toMatchObject({ status: 502 });
  });
});

describe("app.yml", () => {
  const manifest = parse(readFileSync(new URL("../../app.yml", import.meta.url), "utf8"));

  test("subscribes to what is read, and to nothing else", () => {
    const { read } = githubSource();
    for (const event of manifest.default_events) expect(() => read(delivery(event, "no JSON")), event).toThrow("expected JSON");
    expect(manifest.default_events).toHaveLength(13);
  });

  test("writes comments and check runs only, stays private, and leaves alone what GitHub subscribes by itself", () => {
    const writes = Object.entries(manifest.default_permissions).filter(([, access]) => access !== "read");
    expect(writes).toEqual([
      ["pull_requests", "write"],
      ["checks", "write"],
    ]);
    expect(manifest.public).toBe(false);
    expect(manifest.default_events.filter((event: string) => event.startsWith("installation"))).toEqual([]);
    expect(manifest.hook_attributes.url).toMatch(/\/api\/github\/webhooks$/);
  });
});
