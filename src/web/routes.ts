import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { refusalOf } from "./access.js";
import { errorBody, SAFE_HEADERS } from "./answer.js";
import { type ApiOptions, createApi } from "./api.js";
import { type HealthOptions, readiness } from "./health.js";

export type RouteOptions = ApiOptions &
  HealthOptions & {
    /** Whether `PUBLIC_URL` or `WEBHOOK_PROXY_URL` is set. */
    readonly published: boolean;
    /** The address that the listener is bound to, if it is one. */
    readonly listener: () => string | null;
  };

const HOW_TO_OPEN =
  "Until tokens or sign-in are set up, this is open on the app's own machine only: listen on localhost (HOST), " +
  "leave PUBLIC_URL and WEBHOOK_PROXY_URL unset, and ask http://localhost directly.";

/** Every route that is not the intake of webhooks. */
export function createRoutes(options: RouteOptions): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
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
    const { listener, published } = options;
    const refusal = refusalOf({ listener: listener(), published, headers: c.env.incoming.headersDistinct });
    if (refusal === null) return next();
    return c.json(errorBody("closed", `Closed, since ${refusal}. ${HOW_TO_OPEN}`), 401);
  });
  app.route("/", createApi(options));
  app.notFound((c) => c.json(errorBody("no-such-route", "There is nothing at this address."), 404));
  app.onError((error, c) => {
    options.log.error({ err: error, route: c.req.routePath }, "request failed");
    return c.json(errorBody("internal", "The request failed by a fault of ours; the log says why."), 500);
  });
  return app;
}
