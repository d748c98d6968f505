import { z } from "zod";
import type { EventOf } from "../core/event.js";
import { owner, repositoryRef } from "../core/ref.js";
import type { Reading } from "../ports.js";
import { id, parse, time } from "./payload.js";
import { describeAccount, namedShape, nameRepository, type Setting } from "./repository.js";

const installationShape = z.object({
  action: z.string(),
  installation: z.object({
    id,
    account: z.object({ id, login: z.string() }),
    updated_at: time,
    suspended_at: time.nullish(),
  }),
  repositories: z.array(namedShape).nullish(),
  repositories_added: z.array(namedShape).nullish(),
});
type InstallationDelivery = z.output<typeof installationShape>;

/** `installation` and `installation_repositories`. */
export function readInstallation(payload: unknown, { receivedAt }: Setting): Reading {
  const delivery = parse(installationShape, payload, "the payload");
  const { action, installation } = delivery;
  const account = describeAccount({ ...installation.account, installation: installation.id, ...stateOf(delivery, receivedAt) });
  const named = (action === "created" ? delivery.repositories : delivery.repositories_added) ?? [];
  return {
    owner: owner(installation.account.id),
    events: [account, ...named.map(nameRepository)],
    notifies: account.id,
    wants: named.map((repository) => ({ kind: "read-configuration", repository: repositoryRef(repository.id) })),
  };
}

/** Neither a deletion nor the end of a suspension has a time in its payload. */
function stateOf(
  { action, installation }: InstallationDelivery,
  receivedAt: Setting["receivedAt"],
): Pick<EventOf<"account.described">, "state" | "at"> {
  if (action === "deleted") return { state: "deleted", at: receivedAt };
  if (action === "unsuspend") return { state: "installed", at: receivedAt };
  if (installation.suspended_at) return { state: "suspended", at: installation.suspended_at };
  return { state: "installed", at: installation.updated_at };
}

const targetShape = z.object({
  account: z.object({ id, login: z.string().nullish() }),
  installation: z.object({ id }),
});

/** `installation_target`: the account has another name. Enterprises, which have no login, are none of ours. */
export function readTarget(payload: unknown, { receivedAt }: Setting): Reading | null {
  const { account, installation } = parse(targetShape, payload, "the payload");
  if (!account.login) return null;
  const { id, login } = account;
  const described = describeAccount({ id, login, installation: installation.id, state: "installed", at: receivedAt });
  return { owner: owner(id), events: [described], notifies: described.id, wants: [] };
}
