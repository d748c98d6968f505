import { installationJson, ourAppJson } from "./account-json.js";
import { notFound, openToken, refuse } from "./github-access.js";
import { type AppRequest, type GitHubRoute, ok, paged } from "./github-route.js";
import { installationFor } from "./github-state.js";
import type { Answer } from "./http.js";
import { githubTime, type Json } from "./ids.js";
import { repositoryJson } from "./repository-json.js";
import type { Attempt, Sender } from "./webhook.js";

const live = ({ site }: AppRequest) => [...site.state.installations.values()].filter(({ deleted }) => !deleted);
const named = (request: AppRequest) => live(request).find(({ id }) => id === Number(request.parameters.id));
const onAccount = (request: AppRequest) =>
  live(request).find(({ account }) => account.login.toLowerCase() === request.parameters.login?.toLowerCase());

const installationAnswer = ({ site }: AppRequest, installation: ReturnType<typeof named>): Answer =>
  installation ? ok(installationJson(site.addresses, site.state, installation)) : notFound();

function createToken(request: AppRequest): Answer {
  const { state, now, addresses } = request.site;
  const installation = named(request);
  if (!installation) return notFound();
  if (installation.suspended !== null) return refuse(403, "This installation has been suspended");
  const { token, expiresAt } = openToken(state, installation.id, now());
  const { permissions, repository_selection } = installationJson(addresses, state, installation);
  return ok({ token, expires_at: githubTime(expiresAt), permissions, repository_selection }, 201);
}

/** What the App may ask about itself and where it is installed. */
export const appRoutes: readonly GitHubRoute[] = [
  { method: "GET", path: "/app", as: "app", answer: ({ site }) => ok(ourAppJson(site.addresses, site.state)) },
  {
    method: "GET",
    path: "/app/installations",
    as: "app",
    answer: (request) =>
      paged(
        request.call,
        live(request).map((installation) => installationJson(request.site.addresses, request.site.state, installation)),
      ),
  },
  {
    method: "GET",
    path: "/app/installations/:id",
    as: "app",
    answer: (request) => installationAnswer(request, named(request)),
  },
  { method: "POST", path: "/app/installations/:id/access_tokens", as: "app", answer: createToken },
  {
    method: "GET",
    path: "/orgs/:login/installation",
    as: "app",
    answer: (request) => installationAnswer(request, onAccount(request)),
  },
  {
    method: "GET",
    path: "/users/:login/installation",
    as: "app",
    answer: (request) => installationAnswer(request, onAccount(request)),
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/installation",
    as: "app",
    answer: (request) => {
      const { state } = request.site;
      const { owner, repo } = request.parameters;
      const repository = state.repositories.get(state.names.get(`${owner}/${repo}`.toLowerCase()) ?? 0);
      return installationAnswer(request, repository && installationFor(state, repository));
    },
  },
  {
    method: "GET",
    path: "/installation/repositories",
    as: "installation",
    answer: ({ site, call, installation: { account, repositories } }) => {
      const covered = [...site.state.repositories.values()].filter(
        ({ id, owner, deleted }) => owner.id === account.id && !deleted && (repositories?.has(id) ?? true),
      );
      const list = covered.map((repository) => repositoryJson(site.addresses, repository));
      return paged(call, list, (page) => ({ total_count: list.length, repositories: page }));
    },
  },
];

/** Past deliveries of the App's webhook, and sending them again. */
export const hookRoutes = (sender: Sender): readonly GitHubRoute[] => {
  const numbered = () =>
    sender.attempts
      .map((attempt, index) => ({ id: index + 1, attempt }))
      .filter(({ attempt }) => attempt.webhook.source === "github");
  return [
    {
      method: "GET",
      path: "/app/hook/deliveries",
      as: "app",
      answer: ({ call }) => {
        const before = Number(call.query.get("cursor") ?? Number.POSITIVE_INFINITY);
        const size = Math.min(Number(call.query.get("per_page") ?? 30), 100);
        const wanted = call.query.get("status");
        const fitting = numbered()
          .reverse()
          .filter(({ id, attempt }) => id < before && (!wanted || wanted === (isFine(attempt) ? "success" : "failure")));
        const page = fitting.slice(0, size);
        const cursor = fitting.length > size ? page.at(-1)?.id : undefined;
        const link = `<${call.origin}${call.path}?per_page=${size}&cursor=${cursor}>; rel="next"`;
        return { ...ok(page.map(({ id, attempt }) => attemptJson(id, attempt))), ...(cursor && { headers: { link } }) };
      },
    },
    {
      method: "POST",
      path: "/app/hook/deliveries/:id/attempts",
      as: "app",
      answer: ({ parameters }) => {
        const found = numbered().find(({ id }) => id === Number(parameters.id));
        if (!found) return notFound();
        void sender.send(found.attempt.webhook, true);
        return ok({}, 202);
      },
    },
  ];
};

const isFine = ({ status }: Attempt): boolean => status !== null && status < 300;

function attemptJson(id: number, attempt: Attempt): Json {
  const { action, installation, repository } = JSON.parse(attempt.webhook.body);
  return {
    id,
    guid: attempt.webhook.id,
    delivered_at: githubTime(attempt.time),
    redelivery: attempt.redelivery,
    duration: 0.1,
    status: isFine(attempt) ? "OK" : attempt.status === null ? "timed out" : `Invalid HTTP Response: ${attempt.status}`,
    status_code: attempt.status ?? 0,
    event: attempt.webhook.headers["x-github-event"],
    action: action ?? null,
    installation_id: installation?.id ?? null,
    repository_id: repository?.id ?? null,
    throttled_at: null,
  };
}
