import { z } from "zod";
import type { EventOf } from "../core/event.js";
import { commitRef } from "../core/ref.js";
import { formatInstant, type Instant } from "../core/time.js";
import { type Notice, observed } from "./observed.js";
import { id, parse, safeUrl, sha, time } from "./payload.js";
import type { Context } from "./repository.js";

const runShape = z.object({
  workflow: z.object({ name: z.string() }).nullish(),
  workflow_run: z.object({
    id,
    run_attempt: z.int().positive(),
    name: z.string().nullish(),
    head_sha: sha,
    event: z.string(),
    conclusion: z.string().nullish(),
    run_started_at: time.nullish(),
    updated_at: time,
    html_url: z.string().nullish(),
  }),
});

/** `workflow_run`, completed. Each attempt is a run of its own. */
export function readWorkflowRun(payload: unknown, context: Context): Notice | null {
  const { workflow, workflow_run: run } = parse(runShape, payload, "the payload");
  if (!run.conclusion) return null;
  return completed(context, {
    id: `github:run:${run.id}:${run.run_attempt}`,
    sha: run.head_sha,
    at: run.updated_at,
    url: run.html_url,
    source: "run",
    name: workflow?.name ?? run.name ?? "(unnamed)",
    conclusion: run.conclusion,
    trigger: run.event,
    startedAt: run.run_started_at ?? null,
  });
}

const suiteShape = z.object({
  check_suite: z.object({
    id,
    head_sha: sha,
    conclusion: z.string().nullish(),
    updated_at: time,
    app: z.object({ id, slug: z.string().nullish(), name: z.string() }).nullish(),
  }),
});

/** `check_suite`, completed. Those of GitHub Actions are told by their runs, and our own measure nobody. */
export function readCheckSuite(payload: unknown, context: Context): Notice | null {
  const { check_suite: suite } = parse(suiteShape, payload, "the payload");
  const { app, conclusion } = suite;
  if (!app || !conclusion || app.slug === "github-actions" || app.id === context.appId) return null;
  return completed(context, {
    id: `github:suite:${suite.id}:${formatInstant(suite.updated_at)}`,
    sha: suite.head_sha,
    at: suite.updated_at,
    source: "suite",
    name: app.name,
    conclusion,
    trigger: null,
    startedAt: null,
  });
}

const statusShape = z.object({ id, sha, state: z.string(), context: z.string(), target_url: safeUrl, updated_at: time });

/** `status`, once it says how it ended. */
export function readStatus(payload: unknown, context: Context): Notice | null {
  const status = parse(statusShape, payload, "the payload");
  if (!["success", "failure", "error"].includes(status.state)) return null;
  return completed(context, {
    id: `github:status:${status.id}`,
    sha: status.sha,
    at: status.updated_at,
    url: status.target_url,
    source: "status",
    name: status.context,
    conclusion: status.state,
    trigger: null,
    startedAt: null,
  });
}

type Completion = Pick<EventOf<"ci.completed">, "id" | "at" | "source" | "name" | "conclusion" | "trigger" | "startedAt"> & {
  readonly sha: string;
  readonly at: Instant;
  readonly url?: string | null | undefined;
};

function completed(context: Context, { id, at, url, sha, ...facts }: Completion): Notice {
  const ref = commitRef(context.repository.id, sha);
  const common = observed({ id, ref, at, url, repository: context.ref });
  return { at, events: [{ type: "ci.completed", ...facts, ...common }], notifies: id };
}
