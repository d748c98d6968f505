import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../ports.js";
import type { Reader } from "./access.js";
import { errorBody } from "./answer.js";
import { type AskedFor, type OperatorsRules, orgUnitsFor, profilesFor } from "./configured.js";
import { orgUnitsSchema, profilesSchema } from "./configured-schema.js";
import { type Found, findPullRequest, findTicket, type Items } from "./item-lookup.js";
import { workItemJson } from "./work-item-json.js";
import { errorSchema, type WorkItem, workItemSchema } from "./work-item-schema.js";

const ticketKey = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{1,9}-[1-9][0-9]{0,8}$/, "expected a ticket key such as PROP-1460")
  .openapi({ example: "PROP-1460" });
const login = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "expected the name of a GitHub account");
const repo = z.string().regex(/^[\w.-]{1,100}$/, "expected the name of a repository");
const number = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/, "expected the number of a pull request")
  .transform(Number);
const query = z.object({ owner: login.optional() });

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});
const refusals = {
  400: json("Which field is wrong", errorSchema),
  401: json("Why it is closed, and what to do", errorSchema),
  403: json("The token lacks the scope reports", errorSchema),
  404: json("What to do when nothing is known of it", errorSchema),
  429: json("The token has made too many requests", errorSchema),
};
const responses = { 200: json("The item, its links and its lead times", workItemSchema), ...refusals };

const workItem = createRoute({
  method: "get",
  path: "/api/v1/work-items/{ticketKey}",
  summary: "A ticket with everything linked to it",
  request: { params: z.object({ ticketKey }), query },
  responses,
});
const pullRequest = createRoute({
  method: "get",
  path: "/api/v1/pull-requests/{owner}/{repo}/{number}",
  summary: "A pull request by itself",
  request: { params: z.object({ owner: login, repo, number }), query },
  responses,
});

const profiles = createRoute({
  method: "get",
  path: "/api/v1/profiles",
  summary: "The workflow profiles that there are",
  request: { query },
  responses: { 200: json("The profiles, stage by stage", profilesSchema), ...refusals },
});
const orgUnits = createRoute({
  method: "get",
  path: "/api/v1/org-units",
  summary: "The org units that are configured",
  request: { query },
  responses: { 200: json("The org units, and what belongs to them", orgUnitsSchema), ...refusals },
});

export interface ApiOptions {
  readonly store: Items & AskedFor["store"];
  readonly rules: OperatorsRules;
  readonly clock: Clock;
}

/** What is decided of a request before it reaches its route. */
export interface ApiEnv {
  readonly Variables: { readonly reader: Reader };
}

/** The routes of `/api/v1`; who may use them, and what is theirs to read, is decided before. */
export function createApi({ store: items, rules, clock }: ApiOptions): OpenAPIHono<ApiEnv> {
  const api = new OpenAPIHono<ApiEnv>({
    defaultHook(result, c) {
      if (result.success) return;
      const fields = result.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
      return c.json(errorBody("malformed", "The request is malformed: see its fields.", fields), 400);
    },
  });
  api.openapi(workItem, async (c) => {
    const { ticketKey } = c.req.valid("param");
    const asked = { items, reader: c.get("reader"), login: c.req.valid("query").owner };
    const found = await findTicket(asked, ticketKey);
    const answer = answerOf(found, { clock, absent: absentTicket(ticketKey.toUpperCase()) });
    return answer.status === 200 ? c.json(answer.body, 200) : c.json(answer.body, answer.status);
  });
  api.openapi(pullRequest, async (c) => {
    const { owner, repo, number } = c.req.valid("param");
    const repository = `${owner}/${repo}`;
    const asked = { items, reader: c.get("reader"), login: c.req.valid("query").owner };
    const found = await findPullRequest(asked, { repository, number });
    const answer = answerOf(found, { clock, absent: absentPullRequest(repository, number) });
    return answer.status === 200 ? c.json(answer.body, 200) : c.json(answer.body, answer.status);
  });
  api.openapi(profiles, async (c) => {
    const asked = { store: items, rules, reader: c.get("reader"), login: c.req.valid("query").owner };
    const found = await profilesFor(asked);
    return found ? c.json({ profiles: found }, 200) : c.json(UNKNOWN_OWNER, 404);
  });
  api.openapi(orgUnits, async (c) => {
    const asked = { store: items, rules, reader: c.get("reader"), login: c.req.valid("query").owner };
    const found = await orgUnitsFor(asked);
    return found ? c.json({ orgUnits: found }, 200) : c.json(UNKNOWN_OWNER, 404);
  });
  return api;
}

const UNKNOWN_OWNER = errorBody("unknown-owner", "The GitHub App is not installed on an account of that name.");

const absentTicket = (key: string): string =>
  `Nothing is known of ${key} yet. It is once Jira was read because a pull request names it, or Jira's webhook tells of it.`;
const absentPullRequest = (repository: string, number: number): string =>
  `Nothing is known of ${repository}#${number} yet. It is once the GitHub App is installed on the repository and something happens to the pull request.`;

type ItemAnswer =
  | { readonly status: 200; readonly body: WorkItem }
  | { readonly status: 400 | 404; readonly body: ReturnType<typeof errorBody> };

function answerOf(found: Found, { clock, absent }: { readonly clock: Clock; readonly absent: string }): ItemAnswer {
  switch (found.state) {
    case "found":
      return { status: 200, body: workItemJson(found.item, clock.now()) };
    case "unknown":
      return { status: 404, body: errorBody("unknown", absent) };
    case "unknown-owner":
      return { status: 404, body: UNKNOWN_OWNER };
    case "ambiguous": {
      const message = `Several accounts have it: add ?owner= with one of ${found.owners.join(", ")}.`;
      return { status: 400, body: errorBody("ambiguous", message, [{ field: "owner", message: "is needed to choose" }]) };
    }
  }
}
