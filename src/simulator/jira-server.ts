import { type Answer, type Call, type FaultKind, type LoopbackServer, listen, serve } from "./http.js";
import {
  createIssue,
  createVersion,
  deleteIssue,
  moveIssue,
  releaseVersion,
  resolve,
  setField,
  setFixVersion,
  setMode,
  transition,
  unreleaseVersion,
} from "./jira-actions.js";
import { createJiraSite, type JiraSite } from "./jira-announce.js";
import { changeJson, foundStatusJson, issueJson, personJson, projectJson, statusJson, versionJson } from "./jira-json.js";
import { createJiraState, findIssue, type Issue, type JiraState } from "./jira-state.js";
import { matchRoute, type Parameters, type Route } from "./route.js";
import { bind } from "./site.js";
import { createSender, type Sender } from "./webhook.js";

export interface JiraOptions {
  readonly now: () => number;
  readonly email: string;
  readonly apiToken: string;
  /** A personal access token as on Data Center, accepted as Bearer. */
  readonly personalToken?: string;
  readonly webhookSecret: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Where payloads say that the site is; default: the server's own address. */
  readonly publicUrl?: string;
  /** Default: one of its own. */
  readonly webhooks?: Sender;
}
export type SimulatedJira = LoopbackServer & JiraActions & { readonly state: JiraState; readonly webhooks: Sender };

/** A small Jira on 127.0.0.1: REST v3 and v2, state in memory, changed by actions, which deliver signed webhooks. */
export async function startJira(options: JiraOptions): Promise<SimulatedJira> {
  const { now, webhookSecret: secret } = options;
  const sender = options.webhooks ?? createSender(now);
  const state = createJiraState();
  const listening = await listen(options.port ?? 0);
  const site = createJiraSite({ state, base: options.publicUrl ?? listening.url, sender, secret });
  const server = serve(listening, { now, answer: (call) => answer(site, options, call) });
  return { ...server, ...actionsOf(site), state, webhooks: sender };
}

type JiraActions = ReturnType<typeof actionsOf>;
const actionsOf = (site: JiraSite) =>
  bind(site, {
    ...{ createIssue, transition, resolve, setField, setFixVersion, moveIssue, deleteIssue },
    ...{ createVersion, releaseVersion, unreleaseVersion, setMode },
  });

function answer(site: JiraSite, options: JiraOptions, call: Call): FaultKind {
  const { mode } = site.state;
  if (mode === "hang") return "hang";
  if (mode === "down") return { status: 503, text: "Service Unavailable" };
  if (typeof mode === "object") return tooMany(mode.retryAfter);
  const matched = matchRoute(ROUTES, { ...call, path: call.path.replace(/^\/rest\/api\/[23]/, "") });
  if (!matched) return errors(404, "No such resource.");
  const request = { site, call, parameters: matched.parameters };
  if (mode === "deadToken")
    return { ...matched.route.anonymous(request), headers: { "x-seraph-loginreason": "AUTHENTICATED_FAILED" } };
  if (!isKnown(options, call)) return { status: 401, text: "Client must be authenticated to access this resource." };
  return matched.route.answer(request);
}

function isKnown({ email, apiToken, personalToken }: JiraOptions, { headers: { authorization } }: Call): boolean {
  const basic = `Basic ${Buffer.from(`${email}:${apiToken}`).toString("base64")}`;
  return authorization === basic || (personalToken !== undefined && authorization === `Bearer ${personalToken}`);
}

const errors = (status: number, message: string): Answer => ({ status, body: { errorMessages: [message], errors: {} } });
const tooMany = (seconds: number): Answer => ({
  status: 429,
  body: { errorMessages: ["Rate limit exceeded."] },
  headers: { "retry-after": String(seconds), "ratelimit-reason": "jira-burst-based" },
});
const ok = (body: unknown): Answer => ({ status: 200, body });
const noIssue = (): Answer => errors(404, "Issue does not exist or you do not have permission to see it.");

interface JiraRequest {
  readonly site: JiraSite;
  readonly call: Call;
  readonly parameters: Parameters;
}
interface JiraRoute extends Route {
  readonly answer: (request: JiraRequest) => Answer;
  /** What someone who is not signed in gets. */
  readonly anonymous: (request: JiraRequest) => Answer;
}

function page({ call }: JiraRequest, items: readonly unknown[], most: number): Answer {
  const startAt = Math.max(0, Number(call.query.get("startAt") ?? 0) || 0);
  const maxResults = Math.min(most, Number(call.query.get("maxResults") ?? most) || most);
  const values = items.slice(startAt, startAt + maxResults);
  return ok({
    self: `${call.origin}${call.path}`,
    maxResults,
    startAt,
    total: items.length,
    isLast: startAt + values.length >= items.length,
    values,
  });
}

const ofIssue =
  (then: (request: JiraRequest, issue: Issue) => Answer) =>
  (request: JiraRequest): Answer => {
    const issue = findIssue(request.site.state, request.parameters.issue ?? "");
    return issue ? then(request, issue) : noIssue();
  };
const oldestFirst = ({ changes }: Issue) => [...changes].sort((a, b) => a.at - b.at);

const getIssue = ofIssue(({ site: { base }, call }, issue) => {
  const json = issueJson(base, issue);
  const wanted = call.query.getAll("fields").flatMap((list) => list.split(","));
  const all = wanted.length === 0 || wanted.some((name) => name.startsWith("*"));
  const fields = all
    ? json.fields
    : Object.fromEntries(Object.entries(Object(json.fields)).filter(([name]) => wanted.includes(name)));
  const expanded = call.query.getAll("expand").some((list) => list.split(",").includes("changelog"));
  // Expanded, the changelog holds the newest only: not for whole histories.
  const histories = oldestFirst(issue)
    .reverse()
    .slice(0, 100)
    .map((change) => changeJson(base, change));
  const changelog = { startAt: 0, maxResults: histories.length, total: issue.changes.length, histories };
  return ok({ ...json, fields, ...(expanded && { changelog }) });
});

const versionsOf = ({ site: { state, base }, parameters }: JiraRequest) =>
  [...state.versions.values()]
    .filter(({ project: { id, key } }) => key === parameters.project || id === parameters.project)
    .map((version) => versionJson(base, version));

const empty = (request: JiraRequest): Answer => page(request, [], 50);

const ROUTES: readonly JiraRoute[] = [
  { method: "GET", path: "/myself", answer: ({ site }) => ok(personJson(site.base, "leadtime")), anonymous: () => ok({}) },
  { method: "GET", path: "/issue/:issue", answer: getIssue, anonymous: noIssue },
  {
    method: "GET",
    path: "/issue/:issue/changelog",
    answer: ofIssue((request, issue) =>
      page(
        request,
        oldestFirst(issue).map((change) => changeJson(request.site.base, change)),
        100,
      ),
    ),
    anonymous: noIssue,
  },
  {
    method: "GET",
    path: "/status",
    answer: ({ site }) => ok([...site.state.statuses.values()].map((status) => statusJson(site.base, status))),
    anonymous: () => ok([]),
  },
  {
    method: "GET",
    path: "/statuses/search",
    answer: (request) => page(request, [...request.site.state.statuses.values()].map(foundStatusJson), 200),
    anonymous: empty,
  },
  {
    method: "GET",
    path: "/status/:status",
    answer: ({ site, parameters }) => {
      const found = [...site.state.statuses.values()].find(
        ({ id, name }) => id === parameters.status || name === parameters.status,
      );
      return found ? ok(statusJson(site.base, found)) : errors(404, "The status does not exist.");
    },
    anonymous: () => errors(404, "The status does not exist."),
  },
  {
    method: "GET",
    path: "/project/search",
    answer: (request) =>
      page(
        request,
        [...request.site.state.projects.values()].map((project) => projectJson(request.site.base, project)),
        100,
      ),
    anonymous: empty,
  },
  {
    method: "GET",
    path: "/project",
    answer: ({ site }) => ok([...site.state.projects.values()].map((project) => projectJson(site.base, project))),
    anonymous: () => ok([]),
  },
  {
    method: "GET",
    path: "/project/:project/versions",
    answer: (request) => ok(versionsOf(request)),
    anonymous: () => errors(404, "No project could be found."),
  },
  {
    method: "GET",
    path: "/project/:project/version",
    answer: (request) => page(request, versionsOf(request), 50),
    anonymous: () => errors(404, "No project could be found."),
  },
  {
    method: "GET",
    path: "/version/:version",
    answer: ({ site, parameters }) => {
      const found = site.state.versions.get(parameters.version ?? "");
      return found ? ok(versionJson(site.base, found)) : errors(404, "Could not find version.");
    },
    anonymous: () => errors(404, "Could not find version."),
  },
];
