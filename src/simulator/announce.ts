import { createHmac } from "node:crypto";
import { briefRepositoryJson, installationJson, organizationJson, userJson } from "./account-json.js";
import type { View } from "./commit-json.js";
import { type Account, type Installation, installationFor, type Repository } from "./github-state.js";
import { type Json, nodeId, uuidOf } from "./ids.js";
import { isSent } from "./manifest.js";
import { pushedRepositoryJson, repositoryJson } from "./repository-json.js";
import type { PayloadCheck } from "./schema-check.js";
import type { Sender } from "./webhook.js";

export interface Happening {
  readonly event: string;
  readonly repository: Repository;
  readonly sender: Account;
  /** The payload without repository, sender, organisation and installation. */
  readonly payload: Json;
}
export interface Announcer {
  /** Sends what happened in a repository to the App, if it is installed there and may know. */
  announce(happening: Happening): Promise<void>;
  /** Sends `installation` and `installation_repositories` events. */
  announceInstallation(event: string, installation: Installation, payload: Json): Promise<void>;
}
export interface AnnouncerOptions {
  readonly view: View;
  readonly sender: Sender;
  readonly secret: string;
  readonly check: PayloadCheck | undefined;
}

export function createAnnouncer({ view, sender, secret, check }: AnnouncerOptions): Announcer {
  const { addresses, state } = view;
  let sent = 0;

  const deliver = (event: string, payload: Json): Promise<void> => {
    check?.(event, payload);
    sent += 1;
    const body = JSON.stringify(payload);
    const id = uuidOf(`github delivery ${sent}`);
    return sender.deliver({ source: "github", id, headers: headersOf({ event, id, body, secret, app: state.app.id }), body });
  };

  return {
    announce: async ({ event, repository, sender: by, payload }) => {
      const installation = installationFor(state, repository);
      if (!installation || !isSent(state.manifest, event)) return;
      await deliver(event, {
        ...payload,
        repository: event === "push" ? pushedRepositoryJson(addresses, repository) : repositoryJson(addresses, repository),
        ...(repository.owner.type === "Organization" && { organization: organizationJson(addresses, repository.owner) }),
        sender: userJson(addresses, by),
        installation: { id: installation.id, node_id: nodeId("IntegrationInstallation", installation.id) },
      });
    },
    announceInstallation: async (event, installation, payload) => {
      if (isSent(state.manifest, event))
        await deliver(event, { installation: installationJson(addresses, state, installation), ...payload });
    },
  };
}

function headersOf({ event, id, body, secret, app }: { event: string; id: string; body: string; secret: string; app: number }) {
  return {
    accept: "*/*",
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/simulator",
    "x-github-delivery": id,
    "x-github-event": event,
    "x-github-hook-id": "1",
    "x-github-hook-installation-target-id": String(app),
    "x-github-hook-installation-target-type": "integration",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
}

/** The repositories an installation covers, as its events list them. */
export const coveredRepositories = ({ state }: View, { account, repositories }: Installation): Json[] =>
  [...state.repositories.values()]
    .filter(({ id, owner, deleted }) => owner.id === account.id && !deleted && (repositories?.has(id) ?? true))
    .map(briefRepositoryJson);
