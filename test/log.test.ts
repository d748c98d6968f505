import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Unavailable } from "../src/core/failure.js";
import { createLog, type LogSettings } from "../src/log.js";
import { secret } from "../src/secret.js";

const ESC = String.fromCharCode(27);
const CSI = String.fromCharCode(155);
const RTL = String.fromCharCode(0x202e);

async function logged(work: (log: Awaited<ReturnType<typeof createLog>>["log"]) => void, of: Partial<Settings> = {}) {
  let written = "";
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    written += chunk.toString();
    setImmediate(done);
  };
  const out = new Writable({ write });
  const settings: Settings = { log: { level: "trace", format: "json" }, sentryDsn: null, ...of };
  const { log, flush } = await createLog(settings, out);
  work(log);
  await flush();
  return written;
}
/** Any settings: the log looks for what is secret in all of them. */
type Settings = LogSettings & Readonly<Record<string, unknown>>;

const inJson = (lines: string): Record<string, unknown>[] =>
  lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>); // a line of JSON is an object

describe("of an error the log", () => {
  it("tells name, code, message, stack and causes, and nothing else that it carries", async () => {
    const cause = Object.assign(new Error("connect refused"), { code: "ECONNREFUSED", config: { auth: "canary" } });
    const error = Object.assign(new TypeError("it broke", { cause }), { request: { body: "canary" }, headers: ["canary"] });
    const text = await logged((log) => log.error({ err: error }, "failed"));
    expect(inJson(text)).toMatchObject([
      {
        err: { name: "TypeError", message: "it broke", cause: { message: "connect refused", code: "ECONNREFUSED" } },
        msg: "failed",
      },
    ]);
    expect(text).toContain("log.test.ts");
    expect(text).not.toContain("canary");
  });

  it("tells nothing when what was thrown is none", async () => {
    const text = await logged((log) => log.error({ err: { payload: "canary" } }, "failed"));
    expect(text).not.toContain("canary");
  });

  it("tells an end of causes that have none", async () => {
    const error = new Error("round");
    error.cause = error;
    const text = await logged((log) => log.error({ err: error }, "failed"));
    expect(text.match(/"message":"round"/g)).toHaveLength(6);
  });

  it("leaves the stack out when something outside failed: the words say everything", async () => {
    const error = new Unavailable("the disk is full", { cause: new Error("SQLITE_FULL") });
    const [line] = inJson(await logged((log) => log.warn({ err: error }, "failed")));
    expect(line?.err).toEqual({
      name: "Unavailable",
      message: "the disk is full",
      cause: { name: "Error", message: "SQLITE_FULL" },
    });
  });
});

describe("whatever is logged", () => {
  const hidden = {
    databaseUrl: secret("postgres://leadtime:canary-password@db/leadtime"),
    app: { privateKey: secret("-----BEGIN KEY-----\ncanary-line-1-of-the-key\ncanary-line-2-of-the-key\n-----END KEY-----") },
    jira: { access: { token: secret('canary "of" a token') } },
    webhookSecrets: [secret("canary-of-a-secret")],
  };
  it.each([
    ["a secret of the settings", "the secret canary-of-a-secret was wrong"],
    ["one of several lines", `the key ${hidden.app.privateKey.reveal()} is bad`],
    ["one of its lines", "bad line canary-line-2-of-the-key"],
    ["one with quotation marks", 'Basic canary "of" a token'],
    ["the address of the database", "cannot connect to postgres://leadtime:canary-password@db/leadtime"],
    ["a token of GitHub", "with ghs_canary16C7e42F292c6912E7710c838347Ae178B4a"],
    ["a personal token of GitHub", "with github_pat_11canary0_abcdefghijklmnop"],
    ["a token of ours", "with leadtime_0123456789ab_canary0123456789"],
    ["a header", "authorization: Bearer canary.0123456789.abcdef"],
    ["a header with a password", "authorization: Basic Y2FuYXJ5OmNhbmFyeQ=="],
    ["a JSON web token", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJjYW5hcnkifQ.canarysignature"],
  ])("%s is blotted out of it", async (_what, text) => {
    const lines = await logged((log) => log.error({ err: new Error(text), id: text, deep: { list: [text] } }, text), hidden);
    expect(lines).not.toMatch(/canary|Y2FuYXJ5/);
    expect(inJson(lines)).toMatchObject([{ id: expect.stringContaining("[secret]") }]);
  });

  it("short settings, which are words as well, are left as they are", async () => {
    const lines = await logged((log) => log.info({ url: "http://127.0.0.1" }, "leadtime is listening"), {
      short: secret("leadtime"),
    });
    expect(lines).toContain("leadtime is listening");
  });

  const forging = `a\n{"level":50,"msg":"forged"}\r${ESC}[31mred${CSI}32m${RTL}desrever`;
  it.each(["json", "pretty"] as const)("stays on its line, uncoloured and unturned, in %s", async (format) => {
    const write = (id: string) => logged((log) => log.info({ id }, "came"), { log: { level: "info", format } });
    const [harmless, hostile] = [await write("a"), await write(forging)];
    expect(hostile.split("\n")).toHaveLength(harmless.split("\n").length);
    expect(hostile).not.toMatch(new RegExp(`[\r${CSI}${RTL}]|${ESC}\\[3[12]m(?=red|desrever)`));
    expect(hostile).toContain("u202e");
  });

  it("an error cannot forge a line either", async () => {
    const log = { level: "info", format: "pretty" } as const;
    const lines = (await logged((to) => to.error({ err: new Error(forging) }, "failed"), { log })).split("\n");
    expect(lines.filter((line) => /^\S/.test(line))).toEqual([expect.stringContaining("failed")]);
    expect(lines.join("")).not.toMatch(new RegExp(`[\r${CSI}${RTL}]|${ESC}\\[31mred`));
  });
});

it("is written when it is flushed", async () => {
  const lines = await logged((log) => {
    for (let entry = 0; entry < 1000; entry++) log.info({ entry }, "one of many");
  });
  expect(inJson(lines).map(({ entry }) => entry)).toEqual(Array.from({ length: 1000 }, (_, entry) => entry));
});
