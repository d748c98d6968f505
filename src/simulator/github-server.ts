import type { KeyObject } from "node:crypto";
import { createAnnouncer } from "./announce.js";
import { appRoutes, hookRoutes } from "./app-routes.js";
import { checkRoutes } from "./check-routes.js";
import type { View } from "./commit-json.js";
import { installationOf, notFound, refuse, refuseApp } from "./github-access.js";
import { actionsOf, type GitHubActions } from "./github-actions.js";
import type { GitHubRoute } from "./github-route.js";
import { createState, fullName, type GitHubState, type Installation, type Repository } from "./github-state.js";
import { type Answer, type Call, type LoopbackServer, listen, serve } from "./http.js";
import { isAllowed, type Manifest } from "./manifest.js";
import { pullRequestRoutes } from "./pull-request-routes.js";
import { repositoryRoutes } from "./repository-routes.js";
import { matchRoute } from "./route.js";
import { loadPayloadCheck } from "./schema-check.js";
import type { Site } from "./site.js";
import { createSender, type Sender } from "./webhook.js";

export interface GitHubOptions {
  readonly now: () => number;
  readonly app: { readonly id: number; readonly slug: string; readonly publicKey: KeyObject };
  readonly webhookSecret: string;
  /** What `app.yml` asks for. */
  readonly manifest: Manifest;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Whether payloads are checked against GitHub's published schemas, where these are installed. */
  readonly strict?: boolean;
  /** Where payloads say that GitHub's pages are; default: the server's own address. */
  readonly publicUrl?: string;
  /** Default: one of its own. */
  readonly webhooks?: Sender;
}
export type SimulatedGitHub = LoopbackServer & GitHubActions & { readonly state: GitHubState; readonly webhooks: Sender };

/** A small GitHub Enterprise on 127.0.0.1: state in memory, changed by actions, which deliver signed webhooks. */
export async function startGitHub(options: GitHubOptions): Promise<SimulatedGitHub> {
  const { now, app, manifest, webhookSecret: secret } = options;
  const sender = options.webhooks ?? createSender(now);
  const state = createState(app, manifest);
  const check = options.strict ? await loadPayloadCheck() : undefined;
  const routes = [...appRoutes, ...hookRoutes(sender), ...checkRoutes, ...repositoryRoutes, ...pullRequestRoutes];
  const listening = await listen(options.port ?? 0);
  const html = options.publicUrl ?? listening.url;
  const view: View = { state, addresses: { html, api: `${html}/api/v3` } };
  const site: Site = { ...view, ...createAnnouncer({ view, sender, secret, check }), now };
  const server = serve(listening, { now, answer: (call) => answer(site, routes, call) });
  return { ...server, ...actionsOf(site), state, webhooks: sender };
}

async function answer(site: Site, routes: readonly GitHubRoute[], call: Call): Promise<Answer> {
  const given = await decide(site, routes, byName(site, call));
  return { ...given, headers: { ...rateLimit(site, call), ...given.headers } };
}

async function decide(site: Site, routes: readonly GitHubRoute[], call: Call): Promise<Answer> {
  const matched = matchRoute(routes, call);
  if (!matched) return notFound();
  const { route, parameters } = matched;
  const request = { site, call, parameters };
  if (route.as === "app") return refuseApp(site.state, call, site.now()) ?? route.answer(request);
  const caller = installationOf(site.state, call, site.now());
  if ("status" in caller) return caller;
  if (route.as === "installation") return route.answer({ ...request, installation: caller });
  const about = covered(site.state, caller, `${parameters.owner}/${parameters.repo}`);
  if (!about) return notFound();
  if (fullName(about).toLowerCase() !== `${parameters.owner}/${parameters.repo}`.toLowerCase()) return moved(call, about);
  if (!isAllowed(site.state.manifest, route.needs)) return refuse(403, "Resource not accessible by integration");
  if (about.archived && call.method !== "GET") return refuse(403, "Repository was archived so is read-only.");
  return route.answer({ ...request, installation: caller, repository: about });
}

function covered(state: GitHubState, { account, repositories }: Installation, name: string): Repository | undefined {
  const found = state.repositories.get(state.names.get(name.toLowerCase()) ?? 0);
  if (!found || found.deleted) return undefined;
  return found.owner.id === account.id && (repositories?.has(found.id) ?? true) ? found : undefined;
}

/** `/repositories/7/pulls` is `/repos/acme/web/pulls`. */
function byName({ state }: Site, call: Call): Call {
  const [, id, rest = ""] = /^\/repositories\/(\d+)(\/.*)?$/.exec(call.path) ?? [];
  const found = state.repositories.get(Number(id));
  return found ? { ...call, path: `/repos/${fullName(found)}${rest}` } : call;
}

/** Renamed and transferred repositories answer where they are now. */
function moved(call: Call, { id }: Repository): Answer {
  const rest = call.path.split("/").slice(4).join("/");
  const query = call.query.size > 0 ? `?${call.query}` : "";
  const url = `${call.origin}/repositories/${id}${rest && `/${rest}`}${query}`;
  return { ...refuse(call.method === "GET" ? 301 : 307, "Moved Permanently", { url }), headers: { location: url } };
}

const HOURLY = 5000;
const spent = new WeakMap<GitHubState, number>();
function rateLimit({ state, now }: Site, { headers }: Call): Record<string, string> {
  if (!headers.authorization) return {};
  const used = (spent.get(state) ?? 0) + 1;
  spent.set(state, used);
  return {
    "x-ratelimit-limit": String(HOURLY),
    "x-ratelimit-used": String(used),
    "x-ratelimit-remaining": String(Math.max(0, HOURLY - used)),
    "x-ratelimit-reset": String(Math.ceil(now() / 1000) + 3600),
    "x-ratelimit-resource": "core",
  };
}
