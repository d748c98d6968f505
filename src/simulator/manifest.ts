import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";

export type Level = "read" | "write";
/** What `app.yml` asks GitHub for: the App is given this and no more. */
export interface Manifest {
  readonly permissions: Readonly<Record<string, Level>>;
  readonly events: readonly string[];
}
export type Permission = readonly [name: string, level: Level];

/** The permission that brings an event (GitHub's documentation); null: every App gets it. */
const PERMISSION_OF: Readonly<Record<string, string | null>> = {
  installation: null,
  installation_repositories: null,
  installation_target: null,
  meta: null,
  ping: null,
  push: "contents",
  create: "contents",
  delete: "contents",
  release: "contents",
  pull_request: "pull_requests",
  pull_request_review: "pull_requests",
  pull_request_review_comment: "pull_requests",
  issue_comment: "issues",
  deployment: "deployments",
  deployment_status: "deployments",
  workflow_run: "actions",
  check_suite: "checks",
  check_run: "checks",
  status: "statuses",
  repository: "metadata",
  merge_group: "merge_queues",
};
/** GitHub sends these unasked, and rejects a manifest that names them. */
const AUTOMATIC = ["installation", "installation_repositories", "installation_target", "github_app_authorization"];

/** Reads `app.yml`. Throws for what GitHub would reject. */
export async function readManifest(path: string | URL): Promise<Manifest> {
  return parseManifest(await readFile(path, "utf8"));
}

const appYml = z.object({
  default_permissions: z.record(z.string(), z.enum(["read", "write"])).default({}),
  default_events: z.array(z.string()).default([]),
});

export function parseManifest(text: string): Manifest {
  const { default_permissions: permissions, default_events: events } = appYml.parse(parse(text));
  return checkManifest({ permissions: { metadata: "read", ...permissions }, events });
}

function checkManifest(manifest: Manifest): Manifest {
  const automatic = manifest.events.filter((event) => AUTOMATIC.includes(event));
  if (automatic.length > 0)
    throw new Error(`app.yml must not subscribe to ${automatic}: GitHub sends them unasked and rejects it`);
  const unpaid = manifest.events.filter((event) => !isPermitted(manifest, event));
  if (unpaid.length > 0) throw new Error(`app.yml subscribes to ${unpaid} without the permission that brings them`);
  return manifest;
}

function isPermitted({ permissions }: Manifest, event: string): boolean {
  const permission = PERMISSION_OF[event];
  if (permission === undefined) throw new Error(`the simulator does not know the event ${event}: add it to PERMISSION_OF`);
  return permission === null || permission in permissions;
}

/** Whether GitHub would send this event to the App. */
export const isSent = (manifest: Manifest, event: string): boolean =>
  isPermitted(manifest, event) && (AUTOMATIC.includes(event) || manifest.events.includes(event));

/** Whether the App has one of these permissions. */
export const isAllowed = ({ permissions }: Manifest, any: readonly Permission[]): boolean =>
  any.some(([name, level]) => permissions[name] === "write" || permissions[name] === level);
