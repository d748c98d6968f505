import type { SeenNames } from "../core/configuration-seen.js";
import { latest } from "../core/event.js";
import { type Ref, SHARED, siteRef } from "../core/ref.js";
import type { Queries } from "../ports.js";
import type { Gathering } from "./gather.js";

/**
 * The names that came up in what is stored. Of a kind of which none did nothing is known yet: there is nothing to compare with.
 * Where everybody reads it, only the repository's own: others may be for fewer eyes.
 */
export async function namesSeen(
  queries: Pick<Queries, "namesSeen" | "statusesSeen" | "events">,
  gathering: Pick<Gathering, "owner" | "jira">,
  forEverybody: Ref | null,
): Promise<SeenNames> {
  const { repositories, ...own } = await queries.namesSeen(gathering.owner, forEverybody);
  const seen = forEverybody ? own : { ...own, repositories, ...(gathering.jira ? await ticketNames(queries) : {}) };
  return Object.fromEntries(Object.entries(seen).filter(([, names]) => names.length > 0));
}

async function ticketNames(
  queries: Pick<Queries, "statusesSeen" | "events">,
): Promise<{ readonly statuses: string[]; readonly projects: readonly string[] }> {
  const site = latest(await queries.events(SHARED, [siteRef]), "site.projects");
  return { statuses: await queries.statusesSeen(), projects: site?.keys ?? [] };
}
