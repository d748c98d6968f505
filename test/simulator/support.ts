import { sign } from "node:crypto";
import { parseManifest } from "../../src/simulator/manifest.js";
import { startWorld, type World, type WorldOptions } from "../../src/simulator/world.js";

/** What the product asks for, with further events, so that all kinds of payload are seen. */
export const manifest = parseManifest(`
default_permissions: { contents: read, issues: read, deployments: read, actions: read, statuses: read, checks: write, pull_requests: write }
default_events: [push, create, pull_request, pull_request_review, pull_request_review_comment, issue_comment, deployment,
  deployment_status, workflow_run, check_suite, status, release, repository, meta]
`);

/** A world whose payloads are checked, and do not depend on ports. */
export const aWorld = (options: Partial<WorldOptions> = {}): Promise<World> =>
  startWorld({
    now: Date.now,
    manifest,
    strict: true,
    githubUrl: "https://github.example",
    jiraUrl: "https://jira.example",
    ...options,
  });

export const at = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JSON web token of the App, as Octokit makes it. */
export function appToken({ environment }: World, claims: object = {}): string {
  const { PRIVATE_KEY = "", APP_ID } = environment();
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iss: APP_ID, iat: now - 30, exp: now + 570, ...claims })}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), PRIVATE_KEY).toString("base64url")}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the answers of many routes, read by the tests as they expect them
  readonly body: any;
}
export type Api = (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>;

export const apiWith =
  ({ github }: World, token: string): Api =>
  async (method, path, body, headers = {}) => {
    const url = path.startsWith("http") ? path : `${github.url}/api/v3${path}`;
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text,
    };
  };

/** The API as the App's installation on the first account sees it. */
export async function installationApi(world: World): Promise<Api> {
  const [installation] = world.github.state.installations.values();
  const { body } = await apiWith(world, appToken(world))("POST", `/app/installations/${installation?.id}/access_tokens`);
  return apiWith(world, body.token);
}
