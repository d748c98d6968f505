import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Clock, Log, Store } from "../ports.js";
import { errorBody, SAFE_HEADERS, send } from "./answer.js";
import { createAuthorize } from "./authorize.js";
import type { OperatorsRules } from "./configured.js";
import { type DeliverySource, GITHUB, JIRA } from "./delivery-source.js";
import { drainOf } from "./drain.js";
import { createGenericEvents } from "./generic-events.js";
import { held } from "./held.js";
import { createIntake, type Handler, INTAKE_LIMITS, type IntakeLimits } from "./intake.js";
import { createRoutes } from "./routes.js";

export interface WebOptions {
  readonly store: Pick<Store, "accept" | "ready" | "accounts" | "resolve" | "item" | "events" | "subjects" | "tokens">;
  readonly rules: OperatorsRules;
  readonly clock: Clock;
  readonly log: Log;
  /** By sender, the current one and perhaps the previous one. None: that sender is refused. */
  readonly webhookSecrets: { readonly github: readonly string[]; readonly jira: readonly string[] };
  /** Whether `PUBLIC_URL` or `WEBHOOK_PROXY_URL` is set: then reading needs a token or a session. */
  readonly published: boolean;
  /** Called when a delivery is stored: wakes the worker. */
  readonly onAccepted: () => void;
  /** What does not work for now and holds nothing up, for `/readyz`. */
  readonly details?: () => Promise<readonly string[]>;
  readonly limits?: Partial<IntakeLimits>;
}

export interface Web {
  readonly server: Server;
  /** Port 0 takes any that is free. Rejects when the address cannot be had. */
  listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo>;
  /** Stops taking requests and lets those under way finish, for so many milliseconds at most. */
  close(patience?: number): Promise<void>;
}

/** Against senders that dawdle; in milliseconds. GitHub itself hangs up after ten seconds. */
const TIMEOUTS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
};

/** The app's HTTP server: the intake of webhooks and events, health and the API (docs/api.md). */
export function createWeb(options: WebOptions): Web {
  const { log, webhookSecrets } = options;
  const limits = { ...INTAKE_LIMITS, ...options.limits };
  const intake = createIntake({ ...options, limits });
  const details = held(options.details ?? (async () => []), 1000);
  const { tokens } = options.store;
  const authorize = createAuthorize({ ...options, tokens });
  const listener = () => addressOf(server)?.address ?? null;
  const routes = createRoutes({ ...options, tokens, authorize, details, listener });
  const others = getRequestListener(routes.fetch, { overrideGlobalObjects: false, hostname: NO_HOST, errorHandler: malformed });
  const webhooks = [GITHUB, JIRA].map(
    (source: DeliverySource) => [source.path, intake({ source, secrets: webhookSecrets[source.name] })] as const,
  );
  const events = createGenericEvents({ ...options, authorize, storing: limits.storing });
  const taking = new Map<string, Handler>([...webhooks, ["/v1/generic-events", events]]);
  const handle: RequestListener = async (request, response) => {
    try {
      await (taking.get(pathOf(request.url)) ?? others)(request, response);
    } catch (error) {
      log.error({ err: error }, "request failed");
      if (response.headersSent) response.destroy();
      else send(request, response, INTERNAL);
    }
  };
  const server = createServer(TIMEOUTS, handle).on("checkContinue", handle);
  return { server, listen: (address) => listen(server, address), close: drainOf(server) };
}

const INTERNAL = { status: 500, body: errorBody("internal", "The request failed by a fault of ours; the log says why.") };

/** Stands for the Host that health checks of HTTP/1.0 leave out. */
const NO_HOST = "localhost";

/** Routes answer their own errors: what is left is a Host or an address that no request can be made of. */
const malformed = (): Response =>
  Response.json(errorBody("malformed", "The request's Host or address is malformed."), { status: 400, headers: SAFE_HEADERS });

/** The path without its query and one slash at its end. */
function pathOf(url = "/"): string {
  const [path = "/"] = url.split("?", 1);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function addressOf(server: Server): AddressInfo | null {
  const address = server.address();
  return typeof address === "string" ? null : address;
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => {
      server.off("error", reject);
      const address = addressOf(server);
      if (address) resolve(address);
      else reject(new TypeError("expected to listen on an IP address"));
    });
  });
}
