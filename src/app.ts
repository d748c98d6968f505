import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { checkConfiguration } from "./core/configuration.js";
import { HOUR, instant, type Milliseconds } from "./core/time.js";
import { warnOfJiraOwners } from "./flow/concerned.js";
import { EffectRunner, IN_DOUBT } from "./flow/effects.js";
import type { Policy } from "./flow/gather.js";
import { inboxTroubles } from "./flow/inbox-troubles.js";
import { loop } from "./flow/loop.js";
import { limitsWrites } from "./flow/pace.js";
import { previewOf } from "./flow/preview.js";
import { measureByRules } from "./flow/renew.js";
import { retention } from "./flow/retention.js";
import { work } from "./flow/worker.js";
import { checks } from "./github/checks.js";
import { githubSource } from "./github/deliveries.js";
import { discussion } from "./github/discussion.js";
import { codeHost } from "./github/history.js";
import { proposals } from "./github/proposals.js";
import type { Clients } from "./github/subject.js";
import { jiraClient } from "./jira/client.js";
import { jiraSource } from "./jira/deliveries.js";
import { jiraTracker } from "./jira/history.js";
import { type AppLog, createLog } from "./log.js";
import type { Clock, Log, Store } from "./ports.js";
import { type JiraSettings, naming, type Settings, SettingsError } from "./settings.js";
import { openStore } from "./store/open.js";
import { VERSION } from "./version.js";
import { postedEvents } from "./web/posted-events.js";
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

export interface StartOptions {
  /** Unless one is handed in the app makes its own. */
  readonly log?: AppLog["log"];
  /** How long it is not known whether a write that was not answered is carried out. */
  readonly inDoubt?: Milliseconds;
}

/** Milliseconds between two looks for what fell due. */
const EVERY = 1000;
/** Milliseconds for what is under way at the end: who stops us kills after ten seconds, and what is cut off is carried out again. */
const PATIENCE = 8500;

const clock: Clock = { now: () => instant(Date.now()) };

/** Composes the app from its settings and starts it: intake, worker, effects. */
export async function startApp(settings: RunSettings, options: StartOptions = {}): Promise<App> {
  const { inDoubt = IN_DOUBT } = options;
  const log = options.log ?? (await createLog(settings)).log;
  for (const warning of settings.warnings) log.warn(warning);
  const policy = await policyOf(settings);
  const store = await naming("DATABASE_URL", openStore(settings.databaseUrl.reveal(), { clock, log }));
  await store.forgetLeases(instant(clock.now() + inDoubt));
  if (await measureByRules(store, policy, VERSION)) {
    log.info("settings or release changed: everything is measured anew, and parked deliveries are tried again");
  }
  warnOfJiraOwners(await store.accounts(), { policy, log });
  const background = startBackground(settings, { store, policy, log, inDoubt });
  const web = createWeb({
    store,
    rules: policy,
    clock,
    log,
    webhookSecrets: secretsOf(settings),
    published: settings.http.publicUrl !== null || settings.http.webhookProxyUrl !== null,
    onAccepted: background.poke,
    details: async () => [...background.troubles(), ...(await inboxTroubles(store, clock))],
  });
  const address = await naming("HOST, PORT", web.listen(settings.http));
  const url = `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
  log.info({ url }, "leadtime is listening");
  void loadClients(settings);
  const proxy = await forwardDeliveries(settings, url, log);
  const close = async () => {
    proxy?.close();
    const drained = Promise.all([web.close(), background.stop()]);
    await Promise.race([drained, wait(PATIENCE, undefined, { ref: false })]);
    await store.close();
  };
  let closed: Promise<void> | undefined;
  return {
    url,
    idle: background.idle,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

interface BackgroundParts {
  readonly store: Store;
  readonly policy: Policy;
  readonly log: AppLog["log"];
  readonly inDoubt: Milliseconds;
}

/** What goes on by itself: deliveries are read and items measured, effects carried out, old deliveries dropped. */
function startBackground(settings: RunSettings, { store, policy, log, inDoubt }: BackgroundParts) {
  const effects = new EffectRunner({
    store,
    policy,
    clock,
    log,
    inDoubt,
    ...clientsOf(settings, policy, log),
    whatWouldChange: (proposed) => previewOf({ queries: store, policy, clock }, proposed),
    publicUrl: settings.http.publicUrl,
    limited: limitsWrites(settings.github.apiUrl),
  });
  const sources = {
    github: githubSource({ appId: String(settings.app.id) }),
    api: postedEvents,
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
  const dropOld = retention({ store, clock, log, keepDays: settings.retention.keepDeliveriesDays });
  const retaining = loop({ name: "retention", look: dropOld, every: HOUR, log });
  store.whileFull(retaining.poke);
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
  const stop = () => Promise.all([working.stop(), carrying.stop().then(() => effects.settled()), retaining.stop()]);
  return { poke: working.poke, troubles: () => effects.troubles(), idle, stop };
}

function clientsOf({ app, github, jira }: RunSettings, { configuration }: Policy, log: AppLog["log"]) {
  const clients = once(async () => {
    const { Probot } = await import("probot");
    const { installationClients, quietOctokit } = await import("./github/client.js");
    const probot = new Probot({
      appId: app.id,
      privateKey: app.privateKey.reveal(),
      secret: app.webhookSecrets[0]?.reveal() ?? "",
      Octokit: quietOctokit,
      baseUrl: github.apiUrl,
      log,
    });
    return installationClients(probot, clock);
  });
  const octokit: Clients = async (installation) => (await clients())(installation);
  const access = { octokit, clock, appId: String(app.id) };
  const files = { ...access, log, check: checkConfiguration, deployment: configuration };
  return {
    codeHost: codeHost(files),
    proposals: proposals(files),
    discussion: discussion(access),
    checks: checks(access),
    tracker: jira ? jiraTracker({ client: jiraClient(accessOf(jira)), baseUrl: jira.baseUrl, clock }) : null,
  };
}

/** The SDKs take longer to load than all the rest of the app: that is done while nobody waits for it. */
const loadClients = ({ jira }: RunSettings) =>
  Promise.allSettled([
    import("./github/client.js"),
    import("./github/configuration-file.js"),
    ...(jira ? [import("jira.js")] : []),
  ]);

/** Makes what is asked for when it is first asked for. */
function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make();
    return made;
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
async function policyOf({ configurationFile, jira }: RunSettings): Promise<Policy> {
  const { content, problems } = configurationFile ? await readDeploymentFile(configurationFile) : NO_FILE;
  const lines = problems.map(({ line, column, path, message }) =>
    ["LEADTIME_CONFIG", `line ${line}, column ${column}`, path, message].filter(Boolean).join(": "),
  );
  if (lines.length > 0) throw new SettingsError(lines);
  return { configuration: content, jira: { configured: jira !== null, owners: jira?.owners ?? null } };
}

async function readDeploymentFile(path: string) {
  const { readConfiguration } = await import("./github/configuration-file.js");
  return readConfiguration(readFileSync(path), (read) => checkConfiguration(read, { layer: "deployment", below: [] }));
}

const NO_FILE = { content: null, problems: [] };

/** For development: GitHub cannot reach localhost, so deliveries come over a smee channel. */
async function forwardDeliveries({ http }: RunSettings, url: string, log: Log): Promise<{ close(): void } | undefined> {
  const source = http.webhookProxyUrl?.reveal();
  if (!source) return undefined;
  const { SmeeClient } = await import("smee-client").catch(() => {
    throw new SettingsError([
      "WEBHOOK_PROXY_URL: expected the package smee-client, which is not installed: npm install smee-client",
    ]);
  });
  // Its own logger is the console, where the channel's address would stand in the clear.
  const say = (text: unknown) => log.info({ said: String(text) }, "the webhook proxy");
  const client = new SmeeClient({ source, target: `${url}/api/github/webhooks`, logger: { info: say, error: say } });
  await client.start();
  return { close: () => void client.stop() };
}
