import { Unavailable } from "../core/failure.js";
import type { Log, Store } from "../ports.js";
import { within } from "./deadline.js";

export interface HealthOptions {
  readonly store: Pick<Store, "ready">;
  readonly log: Log;
  /** What does not work for now, in words, and holds nothing up: Jira's token is dead, and the like. */
  readonly details: () => Promise<readonly string[]>;
}

export type Readiness =
  | { readonly status: 200; readonly body: { readonly status: "ready"; readonly degraded: readonly string[] } }
  | { readonly status: 503; readonly body: { readonly status: "unavailable"; readonly reason: string } };

/** Milliseconds: those who ask for readiness do not wait longer. */
const PATIENCE = 2000;

/** Whether deliveries can be taken in. The reason is in our own words, since anyone may read it. */
export async function readiness({ store, log, details }: HealthOptions): Promise<Readiness> {
  try {
    await within(PATIENCE, "the database", store.ready());
  } catch (error) {
    log.warn({ err: error }, "not ready");
    const reason = error instanceof Unavailable ? error.message : "the database does not answer";
    return { status: 503, body: { status: "unavailable", reason } };
  }
  const degraded = await within(PATIENCE, "the check of details", details()).catch((error: unknown) => {
    log.warn({ err: error }, "details unknown");
    return ["what else does not work could not be found out"];
  });
  return { status: 200, body: { status: "ready", degraded } };
}
