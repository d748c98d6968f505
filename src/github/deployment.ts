import { z } from "zod";
import type { DeliveryStageEvent } from "../core/event.js";
import { deploymentRef, releaseRef } from "../core/ref.js";
import { type Notice, observed } from "./observed.js";
import { author, id, parse, safeUrl, sha, time } from "./payload.js";
import type { Context } from "./repository.js";

const deploymentShape = z.object({ deployment: z.object({ created_at: time }) });

/** `deployment`: nothing has been deployed yet. */
export function readDeployment(payload: unknown): Notice {
  const { deployment } = parse(deploymentShape, payload, "the payload");
  return { at: deployment.created_at, events: [], notifies: null };
}

const statusShape = z.object({
  deployment_status: z.object({ state: z.string(), created_at: time, target_url: safeUrl, log_url: safeUrl }),
  deployment: z.object({
    id,
    sha,
    environment: z.string(),
    production_environment: z.boolean().nullish(),
    transient_environment: z.boolean().nullish(),
  }),
});

const ENDINGS: ReadonlyMap<string, "succeeded" | "failed"> = new Map<string, "succeeded" | "failed">([
  ["success", "succeeded"],
  ["failure", "failed"],
  ["error", "failed"],
]);

/** `deployment_status`, once it says how the deployment ended; `inactive` means replaced, and changes nothing. */
export function readDeploymentStatus(payload: unknown, context: Context): Notice | null {
  const { deployment, deployment_status: status } = parse(statusShape, payload, "the payload");
  const ending = ENDINGS.get(status.state);
  if (!ending) return null;
  const ref = deploymentRef(deployment.id);
  const event: DeliveryStageEvent = {
    type: `deployment.${ending}`,
    sha: deployment.sha,
    environment: deployment.environment,
    production: deployment.production_environment ?? false,
    transient: deployment.transient_environment ?? false,
    ...observed({
      id: `${ref}:${ending}`,
      ref,
      at: status.created_at,
      repository: context.ref,
      url: status.target_url ?? status.log_url ?? pageOf(deployment.environment, context),
    }),
  };
  return { at: event.at, events: [event], notifies: event.id };
}

/** Where GitHub shows an environment's deployments, for those that say no page of their own. */
const pageOf = (environment: string, { repository: { html_url: url } }: Context): string | undefined =>
  url ? `${url}/deployments/${encodeURIComponent(environment)}` : undefined;

const releaseShape = z.object({
  release: z.object({
    id,
    tag_name: z.string(),
    name: z.string().nullish(),
    prerelease: z.boolean(),
    draft: z.boolean(),
    published_at: time.nullish(),
    updated_at: time.nullish(),
    html_url: z.string().nullish(),
    author,
  }),
});

/** `release`. A draft is none yet: its tag need not exist. */
export function readRelease(payload: unknown, context: Context): Notice | null {
  const { release } = parse(releaseShape, payload, "the payload");
  if (release.draft || !release.published_at) return null;
  const ref = releaseRef(release.id);
  if (context.action === "deleted") {
    const common = observed({ id: `${ref}:deleted`, ref, at: context.receivedAt, repository: context.ref });
    // When it was deleted is not told: the time of receipt dates nothing else that came along.
    return { at: release.published_at, events: [{ ...common, type: "release.deleted" }], notifies: null };
  }
  const { tag_name: tag, prerelease, published_at: at, html_url: url, author: actor } = release;
  const readAt = release.updated_at ?? context.receivedAt;
  const common = observed({ id: `${ref}:published`, ref, at, readAt, repository: context.ref, url, actor });
  return {
    at,
    events: [{ type: "release.published", tag, prerelease, name: release.name || tag, ...common }],
    // Whatever else happens to a release may happen years after.
    notifies: context.action === "published" ? common.id : null,
    wants: [{ kind: "resolve-release", repository: context.ref, release: ref, tag }],
  };
}
