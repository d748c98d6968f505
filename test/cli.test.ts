import { generateKeyPairSync, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { GOLDEN_TIMES, playTicketLife } from "../src/simulator/stories.js";
import { testWorld } from "./support/app.js";
import { emptyFolder, type Run, runCommand, startCommand, type Variables } from "./support/command.js";

// A process takes seconds to start where many tests share two processors.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(async () => {
  folder = await emptyFolder();
});

const start = (parameters: readonly string[], variables?: Variables): Run => startCommand(folder, parameters, variables);
const run = (parameters: readonly string[], variables?: Variables) => runCommand(folder, parameters, variables);

const seen = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 40_000, interval: 50 });

const pkcs1 = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs1", format: "pem" })
  .toString();
const CREDENTIALS = { APP_ID: "4711", PRIVATE_KEY: pkcs1, WEBHOOK_SECRET: "b9be2f3f5b4b9d40b4a1e2d7" };

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => found(typeof address === "object" && address ? address.port : 0));
    });
  });

describe("leadtime start with settings that are missing or wrong", () => {
  it("says so in one line each that begins with its name, prints no value, and ends with 1", async () => {
    const canary = (name: string) => `canary-${name}`;
    const { code, out, lines } = await run(["start"], {
      ...{ APP_ID: canary("id"), PRIVATE_KEY: canary("key"), WEBHOOK_SECRET: "canary-1", PORT: canary("port") },
      ...{
        DATABASE_URL: `mysql://leadtime:${canary("password")}@localhost`,
        JIRA_BASE_URL: `http://${canary("jira")}.example`,
      },
      ...{ JIRA_API_TOKEN: canary("token"), SENTRY_DSN: canary("dsn"), LEADTIME_CONFIG: canary("file") },
    });
    expect(code).toBe(1);
    expect(lines.map((line) => line.split(" ", 1)[0]).sort()).toEqual(
      [
        ...["APP_ID", "DATABASE_URL", "JIRA_BASE_URL", "JIRA_EMAIL", "LEADTIME_CONFIG", "PORT"],
        ...["PRIVATE_KEY", "SENTRY_DSN", "WEBHOOK_SECRET"],
      ].sort(),
    );
    for (const line of lines) expect(line).toMatch(/: expected /);
    expect(out + lines.join()).not.toContain("canary");
  });

  it.each([
    [
      "without a secret of the webhook",
      { WEBHOOK_SECRET: "" },
      /^WEBHOOK_SECRET is missing: expected at least 16 random bytes/,
    ],
    [
      "with the secret that everybody knows",
      { WEBHOOK_SECRET: "development" },
      /^WEBHOOK_SECRET is a secret that everybody knows/,
    ],
    ["with a short secret", { WEBHOOK_SECRET: "0123456789abcde" }, /^WEBHOOK_SECRET is shorter than 16 bytes/],
    ["without a key", { PRIVATE_KEY: "" }, /^PRIVATE_KEY is missing/],
  ])("refuses to start %s", async (_what, variables, line) => {
    const { code, out, lines } = await run(["start"], { ...CREDENTIALS, ...variables });
    expect({ code, out, count: lines.length }).toEqual({ code: 1, out: "", count: 1 });
    expect(lines[0]).toMatch(line);
  });

  it("does not offer strangers the set-up page in production", async () => {
    const { code, lines } = await run(["start"], { NODE_ENV: "production" });
    expect(code).toBe(1);
    expect(lines.map((line) => line.split(" ", 3).join(" "))).toEqual([
      "APP_ID is missing:",
      "PRIVATE_KEY is missing:",
      "WEBHOOK_SECRET is missing:",
    ]);
  });

  it("reads them from .env as well", async () => {
    await writeFile(join(folder, ".env"), "APP_ID=0\n");
    const { code, lines } = await run(["start"]);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^APP_ID is out of range/);
  });
});

describe("leadtime start with a LEADTIME_CONFIG that is not good", () => {
  it.each([
    ["says what is wrong in one line for each problem", "commment: {}\nprofile: 7\n", 2],
    ["says where YAML ends to make sense", "profile: [\n", 1],
    ["is not ended by brackets without end", "[".repeat(60_000), 1],
    ["does not read what is too large", `# ${"x".repeat(70_000)}\n`, 1],
    ["does not unfold what stands for very much", bomb(), 1],
  ])("%s", async (_what, content, count) => {
    const file = join(folder, "deployment.yml");
    await writeFile(file, content);
    const { code, lines } = await run(["start"], { ...CREDENTIALS, LEADTIME_CONFIG: file });
    expect(code).toBe(1);
    expect(lines).toHaveLength(count);
    for (const line of lines) expect(line).toMatch(/^LEADTIME_CONFIG: .{10,}/);
  });
});

/** Ten lists of ten lists of … */
function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? "a0: &a0 [x]"
      : `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
  );
  return `${levels.join("\n")}\n`;
}

describe("leadtime start with nothing set", () => {
  it("offers Probot's set-up page, says where, needs no network, and ends with 0 when it is told to", async () => {
    const port = await freePort();
    // A network that leads nowhere: whoever tries it is not answered.
    const nowhere = {
      HTTP_PROXY: "http://127.0.0.1:9",
      HTTPS_PROXY: "http://127.0.0.1:9",
      npm_config_registry: "http://127.0.0.1:9",
    };
    const running = start(["start"], { ...nowhere, PORT: String(port), HOST: "127.0.0.1" });
    const page = await seen(async () => (await fetch(`http://127.0.0.1:${port}/probot`)).text());
    expect(page).toContain("Register GitHub App");
    await seen(() => expect(running.out()).toMatch(new RegExp(`follow the instructions at http://\\S+:${port}`)));
    expect(running.out() + running.err()).not.toMatch(/smee/i);
    running.process.kill("SIGTERM");
    expect(await running.ended).toBe(0);
  });
});

describe("leadtime start", () => {
  const PEM_FORMS = {
    "as it stands": pkcs1,
    "with escaped line ends": pkcs1.replaceAll("\n", "\\n"),
    "on one line": pkcs1.replaceAll("\n", " "),
    "in base64": Buffer.from(pkcs1).toString("base64"),
  };
  it.each(Object.entries(PEM_FORMS))("takes the private key %s, and ends with 0 on SIGTERM", async (_form, key) => {
    const { url, running } = await listening({ ...CREDENTIALS, PRIVATE_KEY: key });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    running.process.kill("SIGTERM");
    expect(await running.ended).toBe(0);
    expect(running.err()).toBe("");
  });

  it("takes the path of the private key's file", async () => {
    await writeFile(join(folder, "app.pem"), pkcs1);
    const { PRIVATE_KEY: _, ...others } = CREDENTIALS;
    const { url } = await listening({ ...others, PRIVATE_KEY_PATH: "app.pem" });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("ends with 1 and one line when its port is taken", async () => {
    const { url } = await listening(CREDENTIALS);
    const { code, lines } = await run(["start"], { ...CREDENTIALS, HOST: "127.0.0.1", PORT: new URL(url).port });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^HOST, PORT: .*EADDRINUSE/)]);
  });

  it("writes no secret, header or payload into its log, whatever happens", async () => {
    const world = await testWorld();
    const variables = { ...world.environment(), LOG_LEVEL: "trace" };
    const { url, running } = await listening(variables);
    world.target(url);
    const canaries = { title: "canary-of-a-title", branch: "canary-of-a-branch/PROP-1460" };
    world.github.faults.next({ path: /\/commits$/, times: 2, answer: { status: 502, text: "canary-of-an-answer" } });
    world.jira.faults.next({ times: 2, answer: { status: 500, text: "canary-of-an-answer" } });
    world.jira.faults.next({ times: 1, answer: { status: 200, text: "<html>canary-of-an-answer</html>" } });
    await playTicketLife(world, GOLDEN_TIMES, canaries);
    const [told] = world.webhooks.attempts;
    if (!told) throw new Error("the life has webhooks");
    const forged = { "x-hub-signature-256": `sha256=${"ca".repeat(32)}`, "x-canary": "canary-of-a-header" };
    const poison = { ...told.webhook, id: randomUUID(), body: '{"canary-of-a-payload":' };
    await fetch(`${url}/api/github/webhooks?canary-of-a-query`, {
      method: "POST",
      headers: { ...told.webhook.headers, ...forged },
      body: poison.body,
    });
    await fetch(`${url}/api/v1/work-items/canary-of-a-path`, { headers: { authorization: "Bearer canary-of-a-token" } });
    await seen(() => {
      const bodies = world.github.commentsOf({ repository: "acme/web", number: 1 }).map(({ body }) => body);
      expect(bodies).toEqual([expect.stringContaining("### Lead time 1h 10m")]);
      expect(bodies[0]).not.toContain("⚠️");
    });
    running.process.kill("SIGTERM");
    expect(await running.ended).toBe(0);

    const log = running.out() + running.err();
    expect(log).toContain("an effect failed: it is tried again");
    expect(log).toContain("delivery refused");
    expect(log).not.toMatch(/canary|caca/);
    const { APP_ID: _id, GHE_HOST: _host, GHE_PROTOCOL: _protocol, JIRA_BASE_URL: _url, ...secrets } = world.environment();
    for (const secret of Object.values(secrets).flatMap((value) => value.split("\n"))) {
      if (secret !== "") expect(log).not.toContain(secret);
    }
    expect(log).not.toMatch(/authorization|x-hub-signature|ghs_|Bearer |Basic /i);
  });
});

/** Starts the app on any free port, and waits until it listens. */
async function listening(variables: Variables): Promise<{ url: string; running: Run }> {
  const running = start(["start"], { HOST: "127.0.0.1", PORT: "0", LOG_FORMAT: "json", ...variables });
  const url = await seen(() => {
    const [found] = /http:\/\/127\.0\.0\.1:\d+(?=","msg":"leadtime is listening")/.exec(running.out()) ?? [];
    if (found === undefined) throw new Error(`it does not listen yet: ${running.out()}${running.err()}`);
    return found;
  });
  return { url, running };
}

describe("leadtime demo", () => {
  it("ends with 0 after printing the comment", async () => {
    const { code, out, err } = await run(["demo", "--once"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const times = [...out.matchAll(/^\| 🟢 \| [^|]+ \| (\S+) \|/gm)].map(([, time]) => time);
    expect(times).toEqual(["10m", "5m", "5m", "1m", "4m", "1m", "1m", "3m", "40m"]);
    expect(out).toContain("### Lead time 1h 10m");
  });
});

describe("the command line", () => {
  it.each([[["--help"]], [["start", "--help"]], [["demo", "--help"]], [["help", "demo"]], [["--version"]]])(
    "explains itself: %s",
    async (parameters) => {
      const { code, out, err } = await run(parameters);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(/Usage: leadtime|^\d+\.\d+\.\d+$/m);
    },
  );

  it.each([[["begin"]], [["--port", "1"]], [["demo", "--port", "x"]], [["demo", "--port", "65536"]], [["start", "now"]], [[]]])(
    "ends with 2 when it is used wrongly: %s",
    async (parameters) => {
      const { code, out, err } = await run(parameters);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain("Usage: leadtime");
    },
  );
});
