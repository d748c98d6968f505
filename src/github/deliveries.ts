import { z } from "zod";
import { Unreadable } from "../core/failure.js";
import type { Delivery, Reading, Source } from "../ports.js";
import { readCheckSuite, readStatus, readWorkflowRun } from "./ci.js";
import { readIssueComment, readReview, readReviewComment } from "./conversation.js";
import { readDeployment, readDeploymentStatus, readRelease } from "./deployment.js";
import { readInstallation, readTarget } from "./installation.js";
import { parse, readJson, readLongIntegers } from "./payload.js";
import { PULL_REQUEST_ACTIONS, readPullRequest } from "./pull-request.js";
import { readPush } from "./push.js";
import { inRepository, readCreate, readRepository, type Setting } from "./repository.js";

/** How the deliveries of one event are read. `actions`: those that concern us; absent for events that have none. */
interface Family {
  readonly actions?: readonly string[];
  readonly read: (payload: unknown, setting: Setting) => Reading | null;
}

const REPOSITORY_ACTIONS = [
  "renamed",
  "transferred",
  "deleted",
  "archived",
  "unarchived",
  "publicized",
  "privatized",
  "edited",
];

const INSTALLATION_ACTIONS = ["created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"];

const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ["push", { read: inRepository(readPush) }],
  ["create", { read: inRepository(readCreate) }],
  ["pull_request", { actions: PULL_REQUEST_ACTIONS, read: inRepository(readPullRequest) }],
  ["pull_request_review", { actions: ["submitted", "edited", "dismissed"], read: inRepository(readReview) }],
  ["pull_request_review_comment", { actions: ["created"], read: inRepository(readReviewComment) }],
  ["issue_comment", { actions: ["created"], read: inRepository(readIssueComment) }],
  ["workflow_run", { actions: ["completed"], read: inRepository(readWorkflowRun) }],
  ["check_suite", { actions: ["completed"], read: inRepository(readCheckSuite) }],
  ["status", { read: inRepository(readStatus) }],
  ["deployment", { actions: ["created"], read: inRepository(readDeployment) }],
  ["deployment_status", { actions: ["created"], read: inRepository(readDeploymentStatus) }],
  ["release", { actions: ["published", "released", "edited", "deleted"], read: inRepository(readRelease) }],
  ["repository", { actions: REPOSITORY_ACTIONS, read: inRepository(readRepository) }],
  ["installation", { actions: INSTALLATION_ACTIONS, read: readInstallation }],
  ["installation_repositories", { actions: ["added", "removed"], read: readInstallation }],
  ["installation_target", { actions: ["renamed"], read: readTarget }],
]);

const actionShape = z.object({ action: z.string() });

/**
 * Reads GitHub's webhook deliveries. `appId`: our own App, whose check suites measure nobody.
 * Throws `Unreadable` for a payload that lacks what is read from it.
 */
export function githubSource({ appId = null }: { readonly appId?: string | null } = {}): Source {
  return { name: "github", read: (delivery) => readDelivery(delivery, appId) };
}

function readDelivery({ event, body, receivedAt }: Delivery, appId: string | null): Reading | null {
  const family = FAMILIES.get(event);
  if (!family) return null;
  const payload = readJson(body, "the payload");
  const setting = { receivedAt, appId };
  try {
    return readPayload(family, payload, setting);
  } catch (error) {
    // No reader takes an unsafe integer for an id.
    const exact = error instanceof Unreadable ? readLongIntegers(body) : undefined;
    if (exact === undefined) throw error;
    return readPayload(family, exact, setting);
  }
}

function readPayload({ actions, read }: Family, payload: unknown, setting: Setting): Reading | null {
  if (actions && !actions.includes(parse(actionShape, payload, "the payload").action)) return null;
  return read(payload, setting);
}
