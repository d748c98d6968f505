import { Refused, Unavailable } from "../core/failure.js";
import { SECOND } from "../core/time.js";
import { expandedShape, parse } from "./payload.js";

/** What we ask of Jira, unparsed; lists in pages `{ values, isLast?, total? }`. Throws what jira.js throws: see `failure.ts`. */
export interface JiraClient {
  issue(key: string): Promise<unknown>;
  changelog(key: string, startAt: number): Promise<unknown>;
  statuses(): Promise<unknown>;
  projects(startAt: number): Promise<unknown>;
}

export interface JiraAccess {
  readonly baseUrl: string;
  /** Cloud: an account with its API token. */
  readonly email?: string | undefined;
  readonly apiToken?: string | undefined;
  /** Data Center: a personal access token; it decides which of the two is spoken. */
  readonly token?: string | undefined;
  /** How long one call may take, in milliseconds; 10 s unless told. */
  readonly callLimit?: number;
}

const CALL_LIMIT = 10 * SECOND;
const LARGEST_ANSWER = 32 * 1024 * 1024;
const PAGE = 100;
const FIELDS = [
  "summary",
  "created",
  "updated",
  "creator",
  "status",
  "issuetype",
  "project",
  "resolution",
  "fixVersions",
  "labels",
];

/** Talks to Jira Cloud (REST 3), or with a personal access token to Data Center (REST 2). Keys must be checked by the caller. */
export function jiraClient(access: JiraAccess): JiraClient {
  return access.token === undefined ? cloud(access) : dataCenter(access, access.token);
}

/** Loaded when it is first needed: it takes as long, and as much memory, as all the rest of the app. */
const jiraJs = () => import("jira.js");

function cloud({ baseUrl, email, apiToken, callLimit }: JiraAccess): JiraClient {
  const authentication = email && apiToken ? { authentication: { basic: { email, apiToken } } } : {};
  const client = async () => {
    const { Version3Client } = await jiraJs();
    return new Version3Client({ host: baseUrl, ...authentication, baseRequestConfig: requestConfig(callLimit) });
  };
  return {
    issue: async (key) => (await client()).issues.getIssue<unknown>({ issueIdOrKey: key, fields: FIELDS }),
    changelog: async (key, startAt) =>
      (await client()).issues.getChangeLogs<unknown>({ issueIdOrKey: key, startAt, maxResults: PAGE }),
    statuses: async () => (await client()).workflowStatuses.getStatuses<unknown>(),
    projects: async (startAt) => (await client()).projects.searchProjects<unknown>({ startAt, maxResults: PAGE }),
  };
}

function dataCenter({ baseUrl, callLimit }: JiraAccess, token: string): JiraClient {
  const authentication = { oauth2: { accessToken: token } };
  const client = async () => {
    const { Version2Client } = await jiraJs();
    return new Version2Client({ host: baseUrl, authentication, baseRequestConfig: requestConfig(callLimit) });
  };
  return {
    issue: async (key) => (await client()).issues.getIssue<unknown>({ issueIdOrKey: key, fields: FIELDS }),
    async changelog(key) {
      const { issues } = await client();
      const issue = await issues.getIssue<unknown>({ issueIdOrKey: key, fields: ["created"], expand: "changelog" });
      const { histories: values, total = values.length } = parse(expandedShape, issue, `the changelog of ${key}`).changelog;
      return { values, total };
    },
    statuses: async () => (await client()).workflowStatuses.getStatuses<unknown>(),
    async projects() {
      const all = { method: "GET", url: "/rest/api/2/project" }; // jira.js knows only Cloud's paged search
      const nothing = undefined as never; // the type of "no callback" in jira.js
      return { values: await (await client()).sendRequest<unknown>(all, nothing), isLast: true };
    },
  };
}

/** Made anew for each call, and a client with it: a deadline for a whole call, a slow drip included, is a signal. */
const requestConfig = (limit: number = CALL_LIMIT) => ({
  signal: AbortSignal.timeout(limit),
  maxRedirects: 0, // a redirect could lead into our own network
  maxContentLength: LARGEST_ANSWER,
  proxy: false,
  transformResponse: readBody,
});

/** With a dead token Jira Cloud answers 200 as if nobody had asked, and says so only in this header. */
const DEAD_TOKEN = ["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"];

function readBody(body: string, headers: { get(name: string): unknown }, status: number): unknown {
  const login = String(headers.get("x-seraph-loginreason") ?? "");
  if (DEAD_TOKEN.some((reason) => login.includes(reason))) {
    throw new Refused("unauthorized", "Jira does not accept our token: it expired, was revoked, or is mistyped. Set a new one");
  }
  if (status < 200 || status > 299) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new Unavailable("expected JSON from Jira, received something else or only a part of it"); // a SyntaxError quotes the body
  }
}
