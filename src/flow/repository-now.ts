import { latest } from "../core/event.js";
import { Refused } from "../core/failure.js";
import { accountRef, type Owner, type Ref } from "../core/ref.js";
import type { Queries, Repository } from "../ports.js";

/** The repository under its present name, with the installation through which it is read. */
export async function repositoryNow(queries: Queries, owner: Owner, ref: Ref): Promise<Repository> {
  const events = await queries.events(owner, [ref, accountRef(owner)]);
  const described = latest(events, "repository.described");
  const account = latest(events, "account.described");
  if (!described || described.deleted) throw new Refused("missing", `${ref} is deleted or was never described`);
  if (!account?.installation || account.state !== "installed") {
    throw new Refused("unauthorized", `the App is not installed on ${account?.login ?? owner}, or is suspended`);
  }
  return { owner, ref, name: described.name, defaultBranch: described.defaultBranch, installation: account.installation };
}
