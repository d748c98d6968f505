import type { SeenNames } from "../core/configuration-seen.js";
import { latest } from "../core/event.js";
import { type Ref, SHARED, siteRef } from "../core/ref.js";
import type { Queries } from "../ports.js";
import type { Gathering } from "./gather.js";

/** Which names may be told where they are compared. */
export interface Tellable {
  /** Only this repository's: others may be for fewer eyes. Null: those of all. */
  readonly only: Ref | null;
  /** Whether those of tickets are. */
  readonly tickets: boolean;
}

/**
 * The names that came up in what is stored. Of a kind of which none did nothing is known yet: there is nothing to compare with.
 */
export async function namesSeen(
  queries: Pick<Queries, "namesSeen" | "statusesSeen" | "events">,
  gathering: Pick<Gathering, "owner" | "jira">,
  { only, tickets }: Tellable,
): Promise<SeenNames> {
  const { repositories, ...own } = await queries.namesSeen(gathering.owner, only);
  const seen = {
    ...own,
    ...(only ? {} : { repositories }),
    ...(tickets && gathering.jira ? await ticketNames(queries) : {}),
  };
  return Object.fromEntries(Object.entries(seen).filter(([, names]) => names.length > 0));
}

async function ticketNames(
  queries: Pick<Queries, "statusesSeen" | "events">,
): Promise<{ readonly statuses: string[]; readonly projects: readonly string[] }> {
  const site = latest(await queries.events(SHARED, [siteRef]), "site.projects");
  return { statuses: await queries.statusesSeen(), projects: site?.keys ?? [] };
}
