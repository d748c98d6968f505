import { Probot } from "probot";
import { checkConfiguration } from "../src/core/configuration.js";
import type { Milliseconds } from "../src/core/time.js";
import { checks } from "../src/github/checks.js";
import { boundedFetch, installationClients, quietOctokit } from "../src/github/client.js";
import { discussion } from "../src/github/discussion.js";
import { codeHost } from "../src/github/history.js";
import { proposals } from "../src/github/proposals.js";
import { type JiraClient, jiraClient } from "../src/jira/client.js";
import { jiraTracker } from "../src/jira/history.js";
import type { Checks, Clock, CodeHost, Discussion, Log, Proposals, Tracker } from "../src/ports.js";
import type { World } from "../src/simulator/world.js";

export interface Adapters {
  readonly codeHost: CodeHost;
  readonly proposals: Proposals;
  readonly checks: Checks;
  readonly discussion: Discussion;
  readonly tracker: Tracker;
}

/** What stands between the app and those that it asks, and may note what passes. */
export interface Between {
  readonly fetch?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
  readonly jira?: (client: JiraClient) => JiraClient;
  /** What is wrong in a configuration file; handed in so that it can fail. */
  readonly check?: typeof checkConfiguration;
}

interface Options {
  readonly clock: Clock;
  readonly log: Log;
  /** How long one call may take; else as long as in the app. */
  readonly patience?: Milliseconds;
  readonly between?: Between;
}

const same = <T>(value: T): T => value;

/** The app's own adapters, on the world's servers. */
export function adapters(
  { environment, github }: World,
  { clock, log, patience, between: { fetch = same, jira = same, check = checkConfiguration } = {} }: Options,
): Adapters {
  const { APP_ID: appId = "", PRIVATE_KEY: privateKey = "", JIRA_BASE_URL: baseUrl = "", ...access } = environment();
  const Octokit = quietOctokit.defaults({ request: { fetch: fetch(boundedFetch(patience)) } });
  const probot = new Probot({ appId, privateKey, secret: "-", Octokit, baseUrl: `${github.url}/api/v3` });
  const octokit = installationClients(probot, clock);
  const signIn = { baseUrl, email: access.JIRA_EMAIL, apiToken: access.JIRA_API_TOKEN };
  const client = jira(jiraClient({ ...signIn, ...(patience === undefined ? {} : { callLimit: patience }) }));
  return {
    codeHost: codeHost({ octokit, clock, log, check }),
    proposals: proposals({ octokit, clock, log, check }),
    checks: checks({ octokit, clock, appId }),
    discussion: discussion({ octokit, appId, clock }),
    tracker: jiraTracker({ client, baseUrl, clock }),
  };
}
