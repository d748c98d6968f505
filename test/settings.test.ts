import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, inspect } from "node:util";
import { afterAll, describe, expect, test, vi } from "vitest";
import { secret } from "../src/secret.js";
import { type Environment, loadEnvironment, readSettings, SettingsError } from "../src/settings.js";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PKCS8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const PKCS1 = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const ELLIPTIC = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

const APP = { APP_ID: "12345", PRIVATE_KEY: PKCS8, WEBHOOK_SECRET: "a secret of 24 bytes, ok" };
const JIRA = { ...APP, JIRA_BASE_URL: "https://acme.atlassian.net", JIRA_EMAIL: "ada@acme.test", JIRA_API_TOKEN: "t0ken" };

function problemsOf(environment: Environment): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

/** The settings of an App that is set up. */
function read(environment: Environment = {}) {
  const settings = readSettings({ ...APP, ...environment });
  if (settings.mode !== "run") throw new Error("expected the mode run");
  return settings;
}

const jiraOf = (environment: Environment) => readSettings({ ...JIRA, ...environment }).jira;

describe("without a setting", () => {
  test("the set-up page is offered, and everything else has its default", () => {
    expect(readSettings({})).toMatchObject({
      mode: "setup",
      http: { host: "localhost", port: 3000, publicUrl: null, webhookProxyUrl: null },
      log: { level: "info", format: "pretty" },
      github: { apiUrl: "https://api.github.com", webUrl: "https://github.com" },
      jira: null,
      signIn: null,
      sentryDsn: null,
      retention: { purgeAfterDays: 30, keepDeliveriesDays: 30 },
      configurationFile: null,
      warnings: [],
    });
    expect(readSettings({}).databaseUrl.reveal()).toBe("sqlite:./data/leadtime.db");
  });

  test("blanks are none", () => {
    expect(readSettings({ APP_ID: "", WEBHOOK_SECRET: "  ", PORT: " ", DATABASE_URL: "" }).mode).toBe("setup");
  });
});

describe("the GitHub App", () => {
  test("needs its id, its key and its secret", () => {
    const settings = read();
    expect(settings.app.id).toBe(12345);
    expect(settings.app.privateKey.reveal()).toBe(PKCS8);
    expect(settings.app.webhookSecrets.map(({ reveal }) => reveal())).toEqual([APP.WEBHOOK_SECRET]);
  });

  test.each(["APP_ID", "PRIVATE_KEY", "WEBHOOK_SECRET"])("does not start without %s once another is set", (name) => {
    expect(problemsOf({ ...APP, [name]: undefined })).toEqual([
      expect.stringMatching(new RegExp(`^${name} is missing: expected `)),
    ]);
  });

  test.each(["0", "-1", "1.5", "abc", "1e3", "0x10", "9007199254740993", "99999999999999999999"])("has no id %s", (id) => {
    expect(problemsOf({ ...APP, APP_ID: id })).toEqual([expect.stringMatching(/^APP_ID /)]);
  });

  test.each([
    ["development", "everybody knows"],
    ["DEVELOPMENT", "everybody knows"],
    ["15 bytes long..", "shorter than 16 bytes"],
    ["ä".repeat(7), "shorter than 16 bytes"],
  ])("refuses the secret %s", (weak, reason) => {
    expect(problemsOf({ ...APP, WEBHOOK_SECRET: weak })).toEqual([
      expect.stringMatching(new RegExp(`^WEBHOOK_SECRET .*${reason}`)),
    ]);
    expect(problemsOf({ ...APP, WEBHOOK_SECRET_PREVIOUS: weak })).toEqual([expect.stringMatching(/^WEBHOOK_SECRET_PREVIOUS /)]);
    expect(problemsOf({ ...JIRA, JIRA_WEBHOOK_SECRET: weak })).toEqual([expect.stringMatching(/^JIRA_WEBHOOK_SECRET /)]);
    expect(problemsOf({ ...APP, GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b", SESSION_SECRET: weak })).toEqual([
      expect.stringMatching(/^SESSION_SECRET /),
    ]);
  });

  test("accepts a secret of 16 bytes, to the letter", () => {
    const [accepted] = read({ WEBHOOK_SECRET: " 16 bytes, yes. " }).app.webhookSecrets;
    expect(accepted?.reveal()).toBe(" 16 bytes, yes. ");
  });

  test("accepts the previous secret as well", () => {
    const { webhookSecrets } = read({ WEBHOOK_SECRET_PREVIOUS: "the secret of last year" }).app;
    expect(webhookSecrets.map(({ reveal }) => reveal())).toEqual([APP.WEBHOOK_SECRET, "the secret of last year"]);
  });
});

describe("the private key", () => {
  const oneLine = (pem: string) => pem.trim().replaceAll("\n", "\\n");
  test.each([
    ["PKCS #8", PKCS8],
    ["PKCS #1", PKCS1],
    ["PKCS #1 in one line, with \\n", oneLine(PKCS1)],
    ["PKCS #8 in one line, with \\n and quotes", `"${oneLine(PKCS8)}"`],
    ["Windows line ends", PKCS1.replaceAll("\n", "\r\n")],
    ["spaces for line ends", PKCS1.replaceAll("\n", " ")],
    ["base64", Buffer.from(PKCS1).toString("base64")],
    ["base64 with a line end", `${Buffer.from(PKCS8).toString("base64")}\n`],
  ])("may be given as %s", (_how, key) => {
    expect(read({ PRIVATE_KEY: key }).app.privateKey.reveal()).toBe(PKCS8);
  });

  test("may be in a file, which yields to the key itself", () => {
    const path = file("app.pem", PKCS1);
    expect(read({ PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: path }).app.privateKey.reveal()).toBe(PKCS8);
    expect(read({ PRIVATE_KEY_PATH: join(folder, "absent.pem") }).app.privateKey.reveal()).toBe(PKCS8);
  });

  test.each([
    ["text", "canary", "is not a key in PEM format"],
    ["a cut key", PKCS8.slice(0, 400), "is not a key in PEM format"],
    ["a damaged key", PKCS8.replace("MII", "AAA"), "cannot be read as a private key"],
    ["a public key's label", PKCS8.replaceAll("PRIVATE", "PUBLIC"), "cannot be read as a private key"],
    ["an elliptic key", ELLIPTIC, "is not an RSA key"],
  ])("may not be %s", (_what, key, reason) => {
    expect(problemsOf({ ...APP, PRIVATE_KEY: key })).toEqual([expect.stringContaining(`PRIVATE_KEY ${reason}: expected`)]);
    const path = file("bad.pem", key);
    expect(problemsOf({ ...APP, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: path })).toEqual([
      expect.stringContaining(`PRIVATE_KEY_PATH ${reason}: expected`),
    ]);
  });

  test("may not be in a file that is absent, or no file", () => {
    const without = { ...APP, PRIVATE_KEY: undefined };
    expect(problemsOf({ ...without, PRIVATE_KEY_PATH: join(folder, "absent") })).toEqual([expect.stringContaining("(ENOENT)")]);
    expect(problemsOf({ ...without, PRIVATE_KEY_PATH: folder })).toEqual([expect.stringContaining("not a file")]);
    expect(problemsOf({ ...without, PRIVATE_KEY_PATH: "a\0b" })).toEqual([expect.stringContaining("cannot be read")]);
  });
});

describe("a single variable", () => {
  test.each<[string, string, string]>([
    ["PORT", "0", "http.port=0"],
    ["PORT", "65535", "http.port=65535"],
    ["HOST", "0.0.0.0", "http.host=0.0.0.0"],
    ["HOST", "::1", "http.host=::1"],
    ["HOST", "app.internal", "http.host=app.internal"],
    ["LOG_LEVEL", "WARN", "log.level=warn"],
    ["LOG_FORMAT", "json", "log.format=json"],
    ["NODE_ENV", "production", "log.format=json"],
    ["PUBLIC_URL", "https://leadtime.acme.test/", "http.publicUrl=https://leadtime.acme.test"],
    ["PUBLIC_URL", "http://acme.test:8080/leadtime/", "http.publicUrl=http://acme.test:8080/leadtime"],
    ["GHE_HOST", "github.acme.test", "github.apiUrl=https://github.acme.test/api/v3"],
    ["GHE_HOST", "127.0.0.1:4000", "github.webUrl=https://127.0.0.1:4000"],
    ["PURGE_AFTER_DAYS", "7", "retention.purgeAfterDays=7"],
    ["KEEP_DELIVERIES_DAYS", "90", "retention.keepDeliveriesDays=90"],
  ])("%s may be %s", (name, value, expected) => {
    const [path = "", reads] = expected.split(/=(.*)/);
    const settings: unknown = read({ [name]: value });
    const found = path.split(".").reduce<unknown>((of, key) => Object(of)[key], settings);
    expect(String(found)).toBe(reads);
  });

  test("GHE_PROTOCOL is that of GHE_HOST", () => {
    const { github } = read({ GHE_HOST: "127.0.0.1:4000", GHE_PROTOCOL: "http" });
    expect(github).toEqual({ apiUrl: "http://127.0.0.1:4000/api/v3", webUrl: "http://127.0.0.1:4000" });
  });

  test.each(["sqlite:./data/x.db", "sqlite:/var/x.db", "postgres://u:p@h:5432/d", "postgresql://h/d"])(
    "DATABASE_URL may be %s",
    (url) => {
      expect(read({ DATABASE_URL: url }).databaseUrl.reveal()).toBe(url);
    },
  );

  test("LEADTIME_CONFIG is the path of a file that is there", () => {
    const path = file("leadtime.yml", "profile: change\n");
    expect(read({ LEADTIME_CONFIG: path }).configurationFile).toBe(path);
  });

  test.each([
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "80a"],
    ["HOST", "https://localhost"],
    ["HOST", "a b"],
    ["LOG_LEVEL", "loud"],
    ["LOG_FORMAT", "xml"],
    ["DATABASE_URL", "mysql://u:canary@h/d"],
    ["DATABASE_URL", "sqlite:"],
    ["DATABASE_URL", "./leadtime.db"],
    ["PUBLIC_URL", "leadtime.acme.test"],
    ["PUBLIC_URL", "ftp://acme.test"],
    ["PUBLIC_URL", "https://u:canary@acme.test"],
    ["PUBLIC_URL", "https://acme.test?token=canary"],
    ["PUBLIC_URL", "javascript:alert(1)"],
    ["WEBHOOK_PROXY_URL", "smee.io/canary"],
    ["SENTRY_DSN", "canary"],
    ["GHE_HOST", "https://github.acme.test"],
    ["GHE_HOST", "github.acme.test/api"],
    ["GHE_HOST", "u@github.acme.test"],
    ["GHE_PROTOCOL", "gopher"],
    ["PURGE_AFTER_DAYS", "0"],
    ["PURGE_AFTER_DAYS", "1.5"],
    ["KEEP_DELIVERIES_DAYS", "-3"],
    ["KEEP_DELIVERIES_DAYS", "forever"],
    ["LEADTIME_CONFIG", "/no/such/canary.yml"],
    ["LEADTIME_CONFIG", tmpdir()],
  ])("%s may not be %s", (name, value) => {
    const problems = problemsOf({ ...APP, [name]: value });
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} .+: expected .+`))]);
    expect(problems.join()).not.toContain("canary");
  });
});

describe("Jira", () => {
  test("is signed in to by e-mail address and API token, or by a personal token", () => {
    expect(jiraOf({})).toMatchObject({
      baseUrl: "https://acme.atlassian.net",
      access: { by: "api-token", email: "ada@acme.test" },
      owners: null,
    });
    const personal = jiraOf({ JIRA_EMAIL: undefined, JIRA_API_TOKEN: undefined, JIRA_TOKEN: "pat" })?.access;
    expect([personal?.by, personal?.token.reveal()]).toEqual(["personal-token", "pat"]);
  });

  test.each([
    ["both ways at once", { JIRA_TOKEN: "pat" }, "JIRA_TOKEN is set beside"],
    ["both ways by half", { JIRA_TOKEN: "pat", JIRA_API_TOKEN: undefined }, "JIRA_TOKEN is set beside"],
    ["no way", { JIRA_EMAIL: undefined, JIRA_API_TOKEN: undefined }, "JIRA_EMAIL is missing"],
    ["no e-mail address", { JIRA_EMAIL: undefined }, "JIRA_EMAIL is missing"],
    ["no API token", { JIRA_API_TOKEN: undefined }, "JIRA_API_TOKEN is missing"],
    ["only a previous secret", { JIRA_WEBHOOK_SECRET_PREVIOUS: "the secret of last year" }, "JIRA_WEBHOOK_SECRET is missing"],
    ["owners that are none", { JIRA_OWNERS: "acme, not a login" }, "JIRA_OWNERS is malformed"],
    ["an empty owner", { JIRA_OWNERS: "acme,,globex" }, "JIRA_OWNERS is malformed"],
  ])("is refused with %s", (_what, environment, problem) => {
    expect(problemsOf({ ...JIRA, ...environment })).toEqual([expect.stringContaining(problem)]);
  });

  test.each(["http://127.0.0.1:4001", "http://localhost:4001", "http://[::1]:4001", "https://jira.acme.test/jira"])(
    "may be at %s",
    (url) => {
      expect(jiraOf({ JIRA_BASE_URL: `${url}/` })?.baseUrl).toBe(url);
    },
  );

  test.each([
    "http://jira.acme.test",
    "http://localhost.acme.test",
    "http://10.0.0.1",
    "http://[::ffff:10.0.0.1]",
    "https://u:canary@jira.acme.test",
    "https://jira.acme.test/?token=canary",
    "https://jira.acme.test/#canary",
    "file:///etc/passwd",
    "jira.acme.test",
  ])("may not be at %s", (url) => {
    expect(problemsOf({ ...JIRA, JIRA_BASE_URL: url })).toEqual([expect.stringMatching(/^JIRA_BASE_URL [^?#]*$/)]);
  });

  test("keeps its webhooks' secrets and its owners", () => {
    const jira = jiraOf({
      JIRA_WEBHOOK_SECRET: "a secret for Jira alone",
      JIRA_WEBHOOK_SECRET_PREVIOUS: "the secret of last year",
      JIRA_OWNERS: "Acme, globex-2",
    });
    expect(jira?.webhookSecrets.map(({ reveal }) => reveal())).toEqual(["a secret for Jira alone", "the secret of last year"]);
    expect(jira?.owners).toEqual(["acme", "globex-2"]);
  });

  test("without its address is none, and the start says what is passed over", () => {
    const settings = readSettings({ ...JIRA, JIRA_BASE_URL: undefined });
    expect(settings.jira).toBeNull();
    expect(settings.warnings).toEqual([expect.stringMatching(/^JIRA_EMAIL /), expect.stringMatching(/^JIRA_API_TOKEN /)]);
  });
});

describe("signing in", () => {
  const CLIENT = { ...APP, GITHUB_CLIENT_ID: "Iv1.abc", GITHUB_CLIENT_SECRET: "client" };
  test("needs the client and a session secret; the client alone, as the set-up page writes it, is no mistake", () => {
    expect(readSettings(CLIENT).signIn).toBeNull();
    expect(readSettings({ ...CLIENT, SESSION_SECRET: "a secret for sessions" }).signIn).toMatchObject({ clientId: "Iv1.abc" });
  });

  test.each([
    ["GITHUB_CLIENT_SECRET", { ...APP, GITHUB_CLIENT_ID: "a" }],
    ["GITHUB_CLIENT_ID", { ...APP, GITHUB_CLIENT_SECRET: "a" }],
    ["GITHUB_CLIENT_ID", { ...APP, SESSION_SECRET: "a secret for sessions" }],
  ])("by halves says that %s is missing", (name, environment) => {
    expect(problemsOf(environment)).toEqual([expect.stringContaining(`${name} is missing`)]);
  });
});

describe("problems", () => {
  test("are told all at once, a line each, and none of them shows a value", () => {
    const names =
      `APP_ID PRIVATE_KEY WEBHOOK_SECRET WEBHOOK_SECRET_PREVIOUS HOST PORT LOG_LEVEL LOG_FORMAT SENTRY_DSN DATABASE_URL
      WEBHOOK_PROXY_URL GHE_HOST GHE_PROTOCOL JIRA_BASE_URL JIRA_WEBHOOK_SECRET JIRA_WEBHOOK_SECRET_PREVIOUS JIRA_OWNERS SESSION_SECRET
      PUBLIC_URL PURGE_AFTER_DAYS KEEP_DELIVERIES_DAYS LEADTIME_CONFIG`.split(/\s+/);
    const client = { GITHUB_CLIENT_ID: "c4n4ry", GITHUB_CLIENT_SECRET: "c4n4ry" };
    const jira = { JIRA_EMAIL: "c4n4ry", JIRA_API_TOKEN: "c4n4ry" };
    const problems = problemsOf({ ...client, ...jira, ...Object.fromEntries(names.map((name) => [name, "/c4n4ry ~"])) });
    expect(problems.map((line) => line.split(" ", 1)[0]).sort()).toEqual([...names].sort());
    for (const line of problems) expect(line).toMatch(/^[A-Z_]+ [^\n]+: expected [^\n]+$/);
    expect(problems.join("\n")).not.toMatch(/c4n4ry/);
    expect(new SettingsError(problems).message).toBe(problems.join("\n"));
  });

  test("do not come from variables of others", () => {
    expect(problemsOf({ ...APP, PATH: "/bin", EDITOR: "vi", JIRA: "yes" })).toEqual([]);
  });
});

describe("a secret", () => {
  const settings = read({
    ...JIRA,
    WEBHOOK_SECRET: "canary: webhook secret",
    WEBHOOK_SECRET_PREVIOUS: "canary: previous secret",
    JIRA_API_TOKEN: "canary: token",
    JIRA_WEBHOOK_SECRET: "canary: jira secret",
    DATABASE_URL: "postgres://app:canary@db/leadtime",
    WEBHOOK_PROXY_URL: "https://smee.io/canary",
    SENTRY_DSN: "https://canary@sentry.test/1",
    GITHUB_CLIENT_ID: "Iv1",
    GITHUB_CLIENT_SECRET: "canary: client",
    SESSION_SECRET: "canary: session secret",
  });

  test.each<[string, (value: unknown) => string]>([
    ["JSON", (value) => JSON.stringify(value)],
    ["inspect", (value) => inspect(value, { depth: 9, showHidden: true })],
    ["format", (value) => format("%s %o %j", value, value, value)],
    ["text", (value) => `${value} ${Object.entries(Object(value))}`],
  ])("is not printed by %s", (_how, print) => {
    for (const value of [settings, settings.app, settings.databaseUrl, settings.app.privateKey, settings.jira]) {
      expect(print(value)).not.toMatch(/canary|BEGIN/);
    }
    expect(print(settings.databaseUrl)).toContain("[secret]");
  });

  test("is given on purpose only", () => {
    expect(secret("canary").reveal()).toBe("canary");
    expect(`${secret("canary")}`).toBe("[secret]");
  });
});

describe("the file .env", () => {
  test("is read when there is one, and what is set already stays", () => {
    vi.stubEnv("LEADTIME_TEST_SET", "before");
    vi.stubEnv("LEADTIME_TEST_NEW", undefined);
    file(".env", 'LEADTIME_TEST_SET=after\nLEADTIME_TEST_NEW="two\nlines" # as the set-up page writes a key\n');
    expect(loadEnvironment(folder)).toMatchObject({ LEADTIME_TEST_SET: "before", LEADTIME_TEST_NEW: "two\nlines" });
  });

  test("may be absent", () => {
    expect(loadEnvironment(join(folder, "nowhere"))).toBe(process.env);
  });

  test("that cannot be read is a problem of one line", () => {
    const odd = mkdtempSync(join(folder, "odd-"));
    mkdirSync(join(odd, ".env"));
    expect(() => loadEnvironment(odd)).toThrow(new SettingsError([".env cannot be read: expected a readable file or none"]));
  });
});

test("the operator's page, the example and the reader name the same variables", () => {
  const rows = readFileSync("docs/settings.md", "utf8").matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm);
  const documented = [...rows].flatMap(([, cell = ""]) => cell.replaceAll("`", "").split(", "));
  const example = [...readFileSync(".env.example", "utf8").matchAll(/^#([A-Z_]+)=$/gm)].map(([, name]) => name);
  const names = [...readFileSync("src/settings.ts", "utf8").matchAll(/"([A-Z]+_?[A-Z_]+)"/g)].map(([, name]) => name);
  expect(documented).toEqual(example);
  expect([...new Set(names)].filter((name) => name !== "NODE_ENV").sort()).toEqual([...documented].sort());
});
