import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Probot } from "probot";
import { checkConfiguration } from "./core/configuration.js";
import { instant } from "./core/time.js";
import { warnOfJiraOwners } from "./flow/concerned.js";
import { EffectRunner } from "./flow/effects.js";
import type { Policy } from "./flow/gather.js";
import { loop } from "./flow/loop.js";
import { limitsWrites } from "./flow/pace.js";
import { measureByRules } from "./flow/renew.js";
import { work } from "./flow/worker.js";
import { readBoundedYaml } from "./github/bounded-yaml.js";
import { installationClients, quietOctokit } from "./github/client.js";
import { githubSource } from "./github/deliveries.js";
import { discussion } from "./github/discussion.js";
import { codeHost } from "./github/history.js";
import { jiraClient } from "./jira/client.js";
import { jiraSource } from "./jira/deliveries.js";
import { jiraTracker } from "./jira/history.js";
import { createLog } from "./log.js";
import type { Clock, Log } from "./ports.js";
import { type JiraSettings, type Settings, SettingsError } from "./settings.js";
import { openStore } from "./store/open.js";
import { VERSION } from "./version.js";
import { createWeb } from "./web/server.js";

export type RunSettings = Extract<Settings, { readonly mode: "run" }>;

export interface App {
  /** Where it listens: `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Resolves when everything that came in is measured, and everything that is due is carried out. */
  idle(): Promise<void>;
  /** Takes no more requests and begins nothing more, finishes what is under way, closes the database: within ten seconds. */
  close(): Promise<void>;
}

/** Milliseconds between two looks for what fell due. */
const EVERY = 1000;
/** Milliseconds for what is under way at the end: who stops us kills after ten seconds, and what is cut off is carried out again. */
const PATIENCE = 8500;

const clock: Clock = { now: () => instant(Date.now()) };

/** Composes the app from its settings and starts it: intake, worker, effects. */
export async function startApp(settings: RunSettings): Promise<App> {
  const log = await createLog({ ...settings.log, sentryDsn: settings.sentryDsn?.reveal() ?? null });
  for (const warning of settings.warnings) log.warn(warning);
  const policy = policyOf(settings);
  const store = await from("DATABASE_URL", openStore(settings.databaseUrl.reveal(), { clock, log }));
  await store.forgetLeases();
  if (await measureByRules(store, policy, VERSION)) log.info("settings or release changed: everything is measured anew");
  warnOfJiraOwners(await store.accounts(), { policy, log });
  const effects = new EffectRunner({
    store,
    policy,
    clock,
    log,
    ...clientsOf(settings, log),
    publicUrl: settings.http.publicUrl,
    limited: limitsWrites(settings.github.apiUrl),
  });
  const sources = {
    github: githubSource({ appId: String(settings.app.id) }),
    ...(settings.jira ? { jira: jiraSource(settings.jira) } : {}),
  };
  const carrying = loop({ name: "effects", look: () => effects.look(), every: EVERY, log });
  const working = loop({
    name: "worker",
    look: () => work({ store, sources, policy, clock, log }),
    found: carrying.poke,
    every: EVERY,
    log,
  });
  effects.onSettled(() => {
    working.poke();
    carrying.poke();
  });
  const web = createWeb({
    store,
    clock,
    log,
    webhookSecrets: secretsOf(settings),
    published: settings.http.publicUrl !== null || settings.http.webhookProxyUrl !== null,
    onAccepted: working.poke,
    details: async () => effects.troubles(),
  });
  const address = await from("HOST, PORT", web.listen(settings.http));
  const url = `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
  log.info({ url }, "leadtime is listening");
  const proxy = await forwardDeliveries(settings, url);
  const idle = async () => {
    let busy = true;
    while (busy) {
      // Looks that nobody here asked for start effects as well.
      const started = await effects.settled();
      const measured = await working.look();
      const carried = await carrying.look();
      busy = measured || carried || started !== (await effects.settled());
    }
  };
  const close = async () => {
    proxy?.close();
    const drained = Promise.all([web.close(), working.stop(), carrying.stop().then(() => effects.settled())]);
    await Promise.race([drained, wait(PATIENCE, undefined, { ref: false })]);
    await store.close();
  };
  let closed: Promise<void> | undefined;
  return {
    url,
    idle,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** What fails at the start because of a setting names it. */
async function from<Started>(setting: string, starting: Promise<Started>): Promise<Started> {
  try {
    return await starting;
  } catch (error) {
    const told = [error, error instanceof Error ? error.cause : undefined];
    const words = told.flatMap((one) => (one instanceof Error ? [one.message.replace(/\s*\n\s*/g, " ")] : []));
    throw new SettingsError([`${setting}: ${words.join(": ")}`]);
  }
}

function clientsOf({ app, github, jira }: RunSettings, log: Log) {
  const probot = new Probot({
    appId: app.id,
    privateKey: app.privateKey.reveal(),
    secret: app.webhookSecrets[0]?.reveal() ?? "",
    Octokit: quietOctokit,
    baseUrl: github.apiUrl,
  });
  const octokit = installationClients(probot);
  return {
    codeHost: codeHost({ octokit, clock, log, check: checkConfiguration }),
    discussion: discussion({ octokit, appId: String(app.id), clock }),
    tracker: jira ? jiraTracker({ client: jiraClient(accessOf(jira)), baseUrl: jira.baseUrl, clock }) : null,
  };
}

function accessOf({ baseUrl, access }: JiraSettings) {
  if (access.by === "personal-token") return { baseUrl, token: access.token.reveal() };
  return { baseUrl, email: access.email, apiToken: access.token.reveal() };
}

const secretsOf = ({ app, jira }: RunSettings) => ({
  github: app.webhookSecrets.map((secret) => secret.reveal()),
  jira: jira?.webhookSecrets.map((secret) => secret.reveal()) ?? [],
});

/** Throws `SettingsError` when the deployment-wide file is not good: an operator is there to read it. */
function policyOf({ configurationFile, jira }: RunSettings): Policy {
  const { content, problems } = configurationFile ? readBoundedYaml(readFileSync(configurationFile)) : NO_FILE;
  const wrong = problems.length > 0 ? problems : checkConfiguration(content);
  const lines = wrong.map(({ path, message }) => ["LEADTIME_CONFIG", path, message].filter(Boolean).join(": "));
  if (lines.length > 0) throw new SettingsError(lines);
  return { configuration: content, jira: { configured: jira !== null, owners: jira?.owners ?? null } };
}

const NO_FILE = { content: null, problems: [] };

/** For development: GitHub cannot reach localhost, so deliveries come over a smee channel. */
async function forwardDeliveries({ http }: RunSettings, url: string): Promise<{ close(): void } | undefined> {
  const source = http.webhookProxyUrl?.reveal();
  if (!source) return undefined;
  const { SmeeClient } = await import("smee-client").catch(() => {
    throw new SettingsError([
      "WEBHOOK_PROXY_URL: expected the package smee-client, which is not installed: npm install smee-client",
    ]);
  });
  const client = new SmeeClient({ source, target: `${url}/api/github/webhooks` });
  await client.start();
  return { close: () => void client.stop() };
}
