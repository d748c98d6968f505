#!/usr/bin/env node
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ListOptions, listDeliveries, retryDeliveries } from "./cli-deliveries.js";
import { createToken, listTokens, revokeToken } from "./cli-token.js";
import type { LayerName } from "./core/configuration.js";
import { type Instant, instant, parseDay, parseDuration } from "./core/time.js";
import { SCOPES, type Scope } from "./core/token.js";
import {
  loadEnvironment,
  naming,
  processEnvironment,
  readDatabaseUrl,
  readJiraOwners,
  readSettings,
  SettingsError,
} from "./settings.js";
import type { Inbox } from "./store/deliveries.js";
import type { TokenOffice } from "./store/open-tokens.js";
import { VERSION } from "./version.js";
import { mintToken } from "./web/token.js";

const LAYERS = ["repository", "organisation", "deployment"] as const satisfies readonly LayerName[];

const program = new Command("leadtime")
  .description("Measures the lead time of every change, from ticket created to released, and says so on the pull request.")
  .version(VERSION)
  .showHelpAfterError()
  // Before the commands are added: they inherit it.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command("start")
  .description("run the app from its settings (environment or .env)")
  .action(async () => {
    const settings = readSettings(loadEnvironment(process.cwd()));
    const { start } = await import("./start.js");
    await start(settings);
  });

program
  .command("demo")
  .description("the main job end to end on this machine, with nothing configured")
  .option("--once", "end after printing the comment", false)
  .option("--port <number>", "where the app listens (0: any free port)", wholeNumber(0, 65_535), 0)
  .action(async ({ once, port }: { once: boolean; port: number }) => {
    const { runDemo } = await import("./demo.js");
    const { promise, end } = ending();
    process.once("SIGINT", end).once("SIGTERM", end);
    await runDemo({
      once,
      port,
      say: (text) => console.log(text),
      stopped: promise,
      now: Date.now,
      wait: async (ms) => wait(ms),
    });
  });

program
  .command("analyze")
  .description("lead times from a local git clone alone: nothing to set up, no network")
  .argument("[path]", "a folder of the clone", ".")
  .option("--since <time>", "merges of so long (90d), or since a day (2024-05-06); all without it", since)
  .option("--branch <name>", "where pull requests are merged to; the clone's default branch without it")
  .option("--json", "for machines, with every pull request", false)
  .option("--html <file>", "write a page that can be opened anywhere")
  .action(async (path: string, options: { since?: Instant; branch?: string; json: boolean; html?: string }) => {
    const { analyzeClone } = await import("./cli-analyze.js");
    const { since = null, branch = null, json, html = null } = options;
    const surroundings = { environment: processEnvironment(), now: now(), progress: progressLine(Date.now) };
    print(await analyzeClone({ path, since, branch, json, html }, surroundings).finally(surroundings.progress.end));
  });

const deliveries = program
  .command("deliveries")
  .description("what came in and what could not be handled: the newest, and how many there are in each state")
  .option("--parked", "only those that could not be handled and wait for a retry", false)
  .option("--limit <number>", "how many to show", wholeNumber(1, 10_000), 50)
  .option("--json", "for machines", false)
  .action((options: ListOptions) => onInbox((inbox) => listDeliveries(inbox, options)));

deliveries
  .command("retry")
  .description("try parked deliveries anew, after what kept them from being handled was mended; a running app does it at once")
  .argument("[ids...]", "their ids, as `leadtime deliveries --parked` shows them")
  .option("--all", "all that are parked", false)
  .option("--json", "for machines", false)
  .action((ids: readonly string[], { all }: { all: boolean }, command: Command) => {
    if (all === ids.length > 0) command.error("error: expected ids, or --all", { exitCode: 2 });
    // `--json` may stand before `retry` as well.
    const { json } = command.optsWithGlobals<{ json: boolean }>();
    return onInbox((inbox) => retryDeliveries(inbox, all ? "all" : ids, json));
  });

const config = program.command("config").description("the configuration file");

config
  .command("check")
  .description("what the check run on a commit would say of a configuration file; exit code 1 when it is not good")
  .argument("[file]", "the file", ".github/leadtime.yml")
  .addOption(
    new Option("--layer <layer>", "whose file it is, since not all of them may say everything")
      .choices(LAYERS)
      .default("repository"),
  )
  .option("--organisation <file>", "a copy of the organisation's file, which is below a repository's")
  .option("--owner <login>", "the GitHub account whose names are compared, where a database knows several")
  .option("--json", "for machines", false)
  .action(async (file: string, options: { layer: LayerName; organisation?: string; owner?: string; json: boolean }) => {
    const environment = loadEnvironment(process.cwd());
    const { LEADTIME_CONFIG: deployment, JIRA_BASE_URL: jira } = environment;
    const { checkFile, namesKnown } = await import("./cli-config.js");
    const seen = await namesKnown(readDatabaseUrl(environment).reveal(), options.owner, readJiraOwners(environment));
    const { text, good } = checkFile(file, { ...options, deployment, jira: Boolean(jira), seen });
    console.log(text);
    if (!good) process.exitCode = 1;
  });

const token = program
  .command("token")
  .description("tokens for the API: each belongs to a GitHub account and reads or writes for it");

token
  .command("create")
  .description("make a token, and show it this once")
  .argument("<name>", "what it is for", tokenName)
  .requiredOption("--owner <login>", "the GitHub account that it belongs to")
  .requiredOption("--scope <scope>", `what it may be used for, once or several times: ${SCOPES.join(", ")}`, scopes)
  .option("--json", "for machines", false)
  .action((name: string, { owner, scope, json }: { owner: string; scope: readonly Scope[]; json: boolean }) =>
    onTokens((office) => createToken(office, { name, owner, scopes: scope, now: now(), minted: mintToken(randomBytes) }, json)),
  );

token
  .command("list")
  .description("all tokens, without their secrets: when each was made, last used and revoked")
  .option("--owner <login>", "only those of this GitHub account")
  .option("--json", "for machines", false)
  .action(({ owner, json }: { owner?: string; json: boolean }) => onTokens((office) => listTokens(office, owner, json)));

token
  .command("revoke")
  .description("make a token good for nothing, at once")
  .argument("<token>", "its name or its id, as `leadtime token list` shows them")
  .option("--json", "for machines", false)
  .action((name: string, { json }: { json: boolean }) =>
    onTokens((office) => revokeToken(office, { token: name, now: now() }, json)),
  );

function tokenName(text: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(text)) return text;
  throw new InvalidArgumentError("Expected 1 to 64 letters, digits, spaces, dots, underscores or hyphens.");
}

function scopes(text: string, before: readonly Scope[] = []): readonly Scope[] {
  const scope = SCOPES.find((one) => one === text);
  if (!scope) throw new InvalidArgumentError(`Expected ${SCOPES.join(", ")}.`);
  return [...before, scope];
}

const onInbox = (work: (inbox: Inbox) => Promise<string>) =>
  onDatabase(async (url) => (await import("./store/open-inbox.js")).openInbox(url), work);

const onTokens = (work: (office: TokenOffice) => Promise<string>) =>
  onDatabase(async (url) => (await import("./store/open-tokens.js")).openTokens(url), work);

/** Prints what the work tells of a part of the database that `DATABASE_URL` names, whether the app runs or not. */
async function onDatabase<Part extends { close(): Promise<void> }>(
  open: (url: string) => Promise<Part>,
  work: (part: Part) => Promise<string>,
): Promise<void> {
  const url = readDatabaseUrl(loadEnvironment(process.cwd()));
  const part = await naming("DATABASE_URL", open(url.reveal()));
  print(await work(part).finally(part.close));
}

function print(text: string): void {
  process.stdout.once("error", () => process.exit(0)); // whoever reads may have read enough: `leadtime deliveries | head`
  console.log(text);
}

/** `90d`: so long ago; `2024-05-06`: the beginning of that day in UTC. */
function since(text: string): Instant {
  const duration = parseDuration(text);
  const at = duration === undefined ? parseDay(text) : instant(now() - duration);
  if (at === undefined) throw new InvalidArgumentError("Expected how long ago (90d, 2w) or a day (2024-05-06).");
  return at;
}

/** On a terminal, for what takes longer than a second: how many commits have been read, on a line that goes again. */
function progressLine(clock: () => number) {
  const began = clock();
  let told = began;
  const tell = (commits: number) => {
    const time = clock();
    if (!process.stderr.isTTY || time - began < 1000 || time - told < 200) return;
    told = time;
    process.stderr.write(`\r${commits.toLocaleString("en")} commits …`);
  };
  return Object.assign(tell, { end: () => void (told > began && process.stderr.write("\r\u001b[K")) });
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (number < least || number > most) throw new InvalidArgumentError(`Expected ${least} to ${most}.`);
    return number;
  };
}

const now = () => instant(Date.now());

function ending(): { promise: Promise<void>; end: () => void } {
  let end = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

/** One line for each problem on standard error, and exit code 1. A setting's begins with its name. */
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const lines = error instanceof SettingsError ? error.problems : [`leadtime: ${message.replace(/\s*\n\s*/g, " ")}`];
  for (const line of lines) console.error(line);
  process.exit(1);
}

await program.parseAsync().catch(fail);
