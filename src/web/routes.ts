import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { Unavailable } from "../core/failure.js";
import type { Tokens } from "../ports.js";
import { type Reader, refusalOf } from "./access.js";
import { errorBody, type Refusal, refuse, SAFE_HEADERS } from "./answer.js";
import { type ApiEnv, type ApiOptions, createApi } from "./api.js";
import { type Authorize, NO_TOKEN } from "./authorize.js";
import { type HealthOptions, readiness } from "./health.js";

export type RouteOptions = ApiOptions &
  HealthOptions & {
    readonly tokens: Pick<Tokens, "anyToken">;
    readonly authorize: Authorize;
    /** Whether `PUBLIC_URL` or `WEBHOOK_PROXY_URL` is set. */
    readonly published: boolean;
    /** The address that the listener is bound to, if it is one. */
    readonly listener: () => string | null;
  };

const HOW_TO_OPEN =
  "Until there is a token, this is open on the app's own machine only: listen on localhost (HOST), " +
  "leave PUBLIC_URL and WEBHOOK_PROXY_URL unset, and ask http://localhost directly. From anywhere, send a token: " +
  "Authorization: Bearer TOKEN; `leadtime token create` makes one.";

type Env = ApiEnv & { readonly Bindings: HttpBindings };

/** Every route that is not the intake of webhooks and events. */
export function createRoutes(options: RouteOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SAFE_HEADERS)) c.res.headers.set(name, value);
  });
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const { status, body } = await readiness(options);
    return c.json(body, status);
  });
  app.use("/api/v1/*", async (c, next) => {
    const { reader, refusal } = await readerOf(c.env.incoming.headersDistinct, options);
    if (refusal) return Response.json(refusal.body, refusal);
    c.set("reader", reader);
    return next();
  });
  app.route("/", createApi(options));
  app.notFound((c) => c.json(errorBody("no-such-route", "There is nothing at this address."), 404));
  app.onError((error, c) => {
    if (error instanceof Unavailable) {
      options.log.warn({ err: error, route: c.req.routePath }, "the database could not be read");
      return c.json(errorBody("unavailable", "The database cannot be read for now."), 503, { "retry-after": "10" });
    }
    options.log.error({ err: error, route: c.req.routePath }, "request failed");
    return c.json(errorBody("internal", "The request failed by a fault of ours; the log says why."), 500);
  });
  return app;
}

type Access = { readonly reader: Reader; readonly refusal?: never } | { readonly reader?: never; readonly refusal: Refusal };

/**
 * Whoever sends a token reads its account's rows. Without one everything is open on this machine until the first token is made:
 * from then on, also when it is revoked again, a token is needed.
 */
async function readerOf(headers: NodeJS.Dict<string[]>, options: RouteOptions): Promise<Access> {
  const { tokens, authorize, listener, published } = options;
  if (headers.authorization) {
    const authorized = await authorize(headers.authorization, "reports");
    return "refusal" in authorized ? authorized : { reader: { account: authorized.token.owner } };
  }
  if (await tokens.anyToken()) return { refusal: NO_TOKEN };
  const refusal = refusalOf({ listener: listener(), published, headers });
  return refusal === null ? { reader: "all" } : { refusal: refuse(401, "closed", `Closed, since ${refusal}. ${HOW_TO_OPEN}`) };
}
