import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { type SimulatedGitHub, startGitHub } from "./github-server.js";
import { type SimulatedJira, startJira } from "./jira-server.js";
import { type Manifest, readManifest } from "./manifest.js";
import { createSender, type Sender, type Webhook } from "./webhook.js";

export interface WorldOptions {
  readonly now: () => number;
  /** Default: the project's own `app.yml`. */
  readonly manifest?: Manifest;
  /** Whether payloads are checked against GitHub's published schemas, where these are installed. */
  readonly strict?: boolean;
  /** Where payloads say that the sites are; default: where the servers listen. */
  readonly githubUrl?: string;
  readonly jiraUrl?: string;
  /** Default 0: any free port. */
  readonly githubPort?: number;
  readonly jiraPort?: number;
}
/** A GitHub and a Jira, and all an app needs to know to run against them. */
export interface World {
  readonly github: SimulatedGitHub;
  readonly jira: SimulatedJira;
  /** Of both, in the order in which things happened. */
  readonly webhooks: Sender;
  /** The app's settings, but for its database, host and port. */
  environment(): Record<string, string>;
  /** From now on webhooks go to the app at this address; undefined: they wait for `collect`. */
  target(appUrl: string | undefined): void;
  /** Takes the webhooks that wait. */
  collect(): Webhook[];
  /** Sends these, in this order, to the target; their statuses, null where none answered. */
  send(webhooks: readonly Webhook[]): Promise<(number | null)[]>;
  close(): Promise<void>;
}

const APP_YML = new URL("../../app.yml", import.meta.url);
const APP = { id: 4711, slug: "leadtime" };
const EMAIL = "leadtime@acme.example";
const secret = (): string => randomBytes(24).toString("hex");

export async function startWorld(options: WorldOptions): Promise<World> {
  const { now } = options;
  const manifest = options.manifest ?? (await readManifest(APP_YML));
  const keys = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const secrets = { github: secret(), jira: secret(), apiToken: secret() };
  const webhooks = createSender(now);
  const github = await startGitHub({
    ...{ now, manifest, webhooks, webhookSecret: secrets.github, app: { ...APP, publicKey: keys.publicKey } },
    ...{ strict: options.strict ?? false, port: options.githubPort ?? 0 },
    ...(options.githubUrl !== undefined && { publicUrl: options.githubUrl }),
  });
  const jira = await startJira({
    ...{ now, webhooks, webhookSecret: secrets.jira, email: EMAIL, apiToken: secrets.apiToken, port: options.jiraPort ?? 0 },
    ...(options.jiraUrl !== undefined && { publicUrl: options.jiraUrl }),
  });
  return {
    ...{ github, jira, webhooks },
    environment: () => ({
      APP_ID: String(APP.id),
      PRIVATE_KEY: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      WEBHOOK_SECRET: secrets.github,
      GHE_HOST: github.host,
      GHE_PROTOCOL: "http",
      JIRA_BASE_URL: jira.url,
      JIRA_EMAIL: EMAIL,
      JIRA_API_TOKEN: secrets.apiToken,
      JIRA_WEBHOOK_SECRET: secrets.jira,
    }),
    target: (app) =>
      webhooks.target(app === undefined ? {} : { github: `${app}/api/github/webhooks`, jira: `${app}/api/jira/webhooks` }),
    collect: webhooks.collect,
    send: async (given) => {
      const statuses: (number | null)[] = [];
      for (const webhook of given) statuses.push(await webhooks.send(webhook));
      return statuses;
    },
    close: async () => {
      await Promise.all([github.close(), jira.close()]);
    },
  };
}
