import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Secret, secret } from "./secret.js";
import {
  ANY,
  DATABASE,
  HOST_AND_PORT,
  HOST_NAME,
  JIRA_SITE,
  LOGINS,
  oneOf,
  PRIVATE_KEY,
  PRIVATE_KEY_FILE,
  READABLE_FILE,
  type Rule,
  SITE,
  STRONG,
  WEB_ADDRESS,
  wholeNumber,
} from "./setting-rules.js";
import { visible } from "./visible.js";

export type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
const LOG_FORMATS = ["json", "pretty"] as const;

/** What proves that we are the GitHub App. */
export interface AppSettings {
  readonly id: number;
  /** PKCS #8, PEM. */
  readonly privateKey: Secret;
  /** The current one, then the previous one if it is still accepted. */
  readonly webhookSecrets: readonly Secret[];
}

export interface JiraSettings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly access:
    | { readonly by: "api-token"; readonly email: string; readonly token: Secret }
    | { readonly by: "personal-token"; readonly token: Secret };
  /** None: Jira's webhooks are refused. */
  readonly webhookSecrets: readonly Secret[];
  /** Logins in lower case; null when unset. */
  readonly owners: readonly string[] | null;
}

interface Deployment {
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Without a slash at its end. */
    readonly publicUrl: string | null;
    /** A secret, since whoever knows the address of the proxy's channel reads what passes. */
    readonly webhookProxyUrl: Secret | null;
  };
  readonly log: { readonly level: (typeof LOG_LEVELS)[number]; readonly format: (typeof LOG_FORMATS)[number] };
  readonly sentryDsn: Secret | null;
  /** `sqlite:PATH` or `postgres://…`, whose password makes it a secret. */
  readonly databaseUrl: Secret;
  /** Where GitHub's API and pages are; without a slash at their ends. */
  readonly github: { readonly apiUrl: string; readonly webUrl: string };
  readonly jira: JiraSettings | null;
  readonly signIn: { readonly clientId: string; readonly clientSecret: Secret; readonly sessionSecret: Secret } | null;
  readonly retention: { readonly purgeAfterDays: number; readonly keepDeliveriesDays: number };
  /** The absolute path of the deployment-wide `leadtime.yml`. */
  readonly configurationFile: string | null;
  /** What was set and is passed over: to be logged at the start. */
  readonly warnings: readonly string[];
}

/** `setup`: no GitHub App is configured at all, so that the set-up page is offered. */
export type Settings = Deployment & ({ readonly mode: "setup" } | { readonly mode: "run"; readonly app: AppSettings });

/** All that is wrong with the settings, one line each; no line contains a value. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** What fails because of a setting names it: throws `SettingsError` with what the error, and its cause, say. */
export async function naming<Result>(setting: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const told = [error, error instanceof Error ? error.cause : undefined];
    const words = told.flatMap((one) => (one instanceof Error ? [visible(one.message)] : []));
    throw new SettingsError([`${setting}: ${words.join(": ")}`]);
  }
}

/** The process's environment as it is: `.env` of a folder that is only looked at says nothing. */
export const processEnvironment = (): Environment => process.env;

/**
 * Reads `.env` of the folder, if there is one, into the process's environment, where what is set already stays.
 * Throws `SettingsError` when the file cannot be read.
 */
export function loadEnvironment(cwd: string): Environment {
  const file = resolve(cwd, ".env");
  try {
    if (existsSync(file)) process.loadEnvFile(file);
  } catch {
    throw new SettingsError([".env cannot be read: expected a readable file or none"]);
  }
  return process.env;
}

/**
 * Probot's set-up page reads the process's environment by itself. It would open a channel at smee.io, where whoever knows
 * its address reads what passes, so that has to be asked for: `NO_SMEE_SETUP=false`. Without a secret it would take a well-known one: then it takes this.
 */
export function prepareSetup(secret: string): void {
  process.env.NO_SMEE_SETUP ||= "true";
  process.env.WEBHOOK_SECRET ||= secret;
}

/** Reads the settings of `docs/settings.md`. Throws `SettingsError` with every problem at once. */
export function readSettings(environment: Environment): Settings {
  const reader = readerOf(environment);
  const deployment: Deployment = {
    http: readHttp(reader),
    log: readLog(reader),
    sentryDsn: wrap(reader.read("SENTRY_DSN", WEB_ADDRESS)),
    databaseUrl: databaseUrlOf(reader),
    github: readGitHub(reader),
    jira: readJira(reader),
    signIn: readSignIn(reader),
    retention: {
      purgeAfterDays: reader.read("PURGE_AFTER_DAYS", DAYS) ?? 30,
      keepDeliveriesDays: reader.read("KEEP_DELIVERIES_DAYS", DAYS) ?? 30,
    },
    configurationFile: reader.read("LEADTIME_CONFIG", READABLE_FILE) ?? null,
    warnings: reader.warnings,
  };
  const app = readApp(reader);
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return app ? { ...deployment, mode: "run", app } : { ...deployment, mode: "setup" };
}

/** For commands that need the database alone. Throws `SettingsError`. */
export function readDatabaseUrl(environment: Environment): Secret {
  const reader = readerOf(environment);
  const url = databaseUrlOf(reader);
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return url;
}

/** The accounts that may use Jira, where they are named. Throws `SettingsError`. */
export function readJiraOwners(environment: Environment): readonly string[] | null {
  const reader = readerOf(environment);
  const owners = jiraOwnersOf(reader);
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return owners;
}

const jiraOwnersOf = ({ read }: Reader): string[] | null => read("JIRA_OWNERS", LOGINS) ?? null;

const databaseUrlOf = ({ read }: Reader): Secret => secret(read("DATABASE_URL", DATABASE) ?? "sqlite:./data/leadtime.db");

function readHttp({ read }: Reader): Deployment["http"] {
  return {
    host: read("HOST", HOST_NAME) ?? "localhost",
    port: read("PORT", wholeNumber(0, 65_535)) ?? 3000,
    publicUrl: read("PUBLIC_URL", SITE) ?? null,
    webhookProxyUrl: wrap(read("WEBHOOK_PROXY_URL", WEB_ADDRESS)),
  };
}

function readLog({ read }: Reader): Deployment["log"] {
  const format = read("NODE_ENV", ANY) === "production" ? "json" : "pretty";
  return { level: read("LOG_LEVEL", oneOf(LOG_LEVELS)) ?? "info", format: read("LOG_FORMAT", oneOf(LOG_FORMATS)) ?? format };
}

function readGitHub({ read }: Reader): Deployment["github"] {
  const host = read("GHE_HOST", HOST_AND_PORT);
  const protocol = read("GHE_PROTOCOL", oneOf(["https", "http"])) ?? "https";
  if (host === undefined) return { apiUrl: "https://api.github.com", webUrl: "https://github.com" };
  return { apiUrl: `${protocol}://${host}/api/v3`, webUrl: `${protocol}://${host}` };
}

const DAYS = wholeNumber(1, 36_500);

const APP_VARIABLES = ["APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET"];

function readApp(reader: Reader): AppSettings | undefined {
  // In production strangers might get at the set-up page first.
  const production = reader.read("NODE_ENV", ANY) === "production";
  if (!production && !APP_VARIABLES.some(reader.given)) return undefined;
  const id = reader.required("APP_ID", wholeNumber(1, Number.MAX_SAFE_INTEGER));
  const privateKey = readPrivateKey(reader);
  const current = reader.required("WEBHOOK_SECRET", STRONG);
  const previous = reader.read("WEBHOOK_SECRET_PREVIOUS", STRONG);
  if (id === undefined || privateKey === undefined || current === undefined) return undefined;
  return { id, privateKey: secret(privateKey), webhookSecrets: secrets(current, previous) };
}

/** As in Probot, the key itself goes before the path of one. */
function readPrivateKey(reader: Reader): string | undefined {
  if (reader.given("PRIVATE_KEY") || !reader.given("PRIVATE_KEY_PATH")) return reader.required("PRIVATE_KEY", PRIVATE_KEY);
  return reader.read("PRIVATE_KEY_PATH", PRIVATE_KEY_FILE);
}

const JIRA_VARIABLES = [
  "JIRA_EMAIL",
  "JIRA_API_TOKEN",
  "JIRA_TOKEN",
  "JIRA_WEBHOOK_SECRET",
  "JIRA_WEBHOOK_SECRET_PREVIOUS",
  "JIRA_OWNERS",
];

function readJira(reader: Reader): JiraSettings | null {
  const { read, given } = reader;
  if (!given("JIRA_BASE_URL")) {
    reader.warnings.push(
      ...JIRA_VARIABLES.filter(given).map((name) => `${name} is passed over, since JIRA_BASE_URL is not set`),
    );
    return null;
  }
  const baseUrl = read("JIRA_BASE_URL", JIRA_SITE);
  const access = readJiraAccess(reader);
  const current = read("JIRA_WEBHOOK_SECRET", STRONG);
  const previous = read("JIRA_WEBHOOK_SECRET_PREVIOUS", STRONG);
  if (!given("JIRA_WEBHOOK_SECRET")) reader.needs("JIRA_WEBHOOK_SECRET_PREVIOUS", "JIRA_WEBHOOK_SECRET");
  const owners = jiraOwnersOf(reader);
  return baseUrl && access ? { baseUrl, access, webhookSecrets: secrets(current, previous), owners } : null;
}

function readJiraAccess({ read, given, needs, problems }: Reader): JiraSettings["access"] | undefined {
  const basic = given("JIRA_EMAIL") || given("JIRA_API_TOKEN");
  const [email, apiToken, token] = [read("JIRA_EMAIL", ANY), read("JIRA_API_TOKEN", ANY), read("JIRA_TOKEN", ANY)];
  if (token && basic) problems.push("JIRA_TOKEN is set beside JIRA_EMAIL or JIRA_API_TOKEN: expected one way to sign in");
  if (!token && !basic)
    problems.push("JIRA_EMAIL is missing: expected it with JIRA_API_TOKEN, or JIRA_TOKEN alone (Data Center)");
  if (token) return { by: "personal-token", token: secret(token) };
  needs("JIRA_EMAIL", "JIRA_API_TOKEN");
  needs("JIRA_API_TOKEN", "JIRA_EMAIL");
  return email && apiToken ? { by: "api-token", email, token: secret(apiToken) } : undefined;
}

/** Probot's set-up writes the client's id and secret by itself: without a session secret they merely wait. */
function readSignIn({ read, needs }: Reader): Deployment["signIn"] {
  const clientId = read("GITHUB_CLIENT_ID", ANY);
  const clientSecret = read("GITHUB_CLIENT_SECRET", ANY);
  const sessionSecret = read("SESSION_SECRET", STRONG);
  needs("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET");
  needs("GITHUB_CLIENT_SECRET", "GITHUB_CLIENT_ID");
  needs("SESSION_SECRET", "GITHUB_CLIENT_ID");
  if (!clientId || !clientSecret || !sessionSecret) return null;
  return { clientId, clientSecret: secret(clientSecret), sessionSecret: secret(sessionSecret) };
}

const wrap = (value: string | undefined): Secret | null => (value === undefined ? null : secret(value));
const secrets = (...values: readonly (string | undefined)[]): Secret[] =>
  values.flatMap((value) => (value === undefined ? [] : [secret(value)]));

/** Reads variables and collects what is wrong with them. */
interface Reader {
  readonly problems: string[];
  readonly warnings: string[];
  /** Whether the variable is set to more than blanks. */
  given(name: string): boolean;
  /** Undefined when it is not given, or wrong and noted as such. */
  read<T>(name: string, rule: Rule<T>): T | undefined;
  /** As `read`; not given is wrong as well. */
  required<T>(name: string, rule: Rule<T>): T | undefined;
  /** Notes it when the one is given without the other. */
  needs(name: string, other: string): void;
}

function readerOf(environment: Environment): Reader {
  const problems: string[] = [];
  const given = (name: string): boolean => Boolean(environment[name]?.trim());
  function read<T>(name: string, rule: Rule<T>): T | undefined {
    if (!given(name)) return undefined;
    const parsed = rule.parse(environment[name] ?? "");
    if ("value" in parsed) return parsed.value;
    problems.push(`${name} ${parsed.wrong}: expected ${rule.expected}`);
    return undefined;
  }
  function required<T>(name: string, rule: Rule<T>): T | undefined {
    if (!given(name)) problems.push(`${name} is missing: expected ${rule.expected}`);
    return read(name, rule);
  }
  function needs(name: string, other: string): void {
    if (given(name) && !given(other)) problems.push(`${other} is missing: expected it beside ${name}`);
  }
  return { problems, warnings: [], given, read, required, needs };
}
