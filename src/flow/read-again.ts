import { type Event, latest } from "../core/event.js";
import { Refused, Unavailable } from "../core/failure.js";
import { type Owner, pullRequestOf, SHARED } from "../core/ref.js";
import { type AskedHere, measureNow } from "./asked.js";
import { gatheringFor } from "./gather.js";

/** The pull request, its commits and its repository's configuration, as GitHub has them now. Throws `Refused` and `Unavailable`. */
export async function readHostAgain({ pullRequest, repository, parts, owner }: AskedHere): Promise<void> {
  const { number } = pullRequestOf(pullRequest);
  const read = await parts.codeHost.pullRequest(repository, number);
  const head = latest(read, "pull-request.described")?.head ?? "";
  const [commits, configuration] = await Promise.all([
    parts.codeHost.commits(repository, number, head),
    parts.codeHost.configuration(repository),
  ]);
  await measureNow({ pullRequest, parts, owner }, [[owner, [...read, ...commits, ...configuration]]]);
}

/** What became of reading a ticket. `away`: Jira does not answer now. */
export type TicketRead = "read" | "unknown" | "away";

/** One ticket with its history. */
export async function readTicketNow(
  key: string,
  { tracker }: AskedHere["parts"],
): Promise<{ readonly events: readonly Event[]; readonly outcome: TicketRead }> {
  try {
    return { events: (await tracker?.ticket(key)) ?? [], outcome: "read" };
  } catch (error) {
    if (error instanceof Refused && error.reason !== "unauthorized") return { events: [], outcome: "unknown" };
    if (error instanceof Refused || error instanceof Unavailable) return { events: [], outcome: "away" };
    throw error;
  }
}

/** The tickets that the pull request names; what cannot be read now is read later, as whatever was not read. Returns their keys. */
export async function readTicketsAgain({ pullRequest, parts, owner }: AskedHere): Promise<Map<string, TicketRead>> {
  const gathering = await gatheringFor(parts.store, parts.policy, owner);
  if (!gathering.jira) return new Map();
  const held = (await gathering.linksFrom([pullRequest])).filter(({ refusal }) => refusal === null);
  const keys = [...new Set(held.map(({ key }) => key))];
  const read = await Promise.all(keys.map(async (key) => ({ key, ...(await readTicketNow(key, parts)) })));
  const events: (readonly [Owner, readonly Event[]])[] = read.map((one) => [SHARED, one.events]);
  await measureNow({ pullRequest, parts, owner }, events);
  const later = read.filter(({ outcome }) => outcome !== "read").map(({ key }) => ({ kind: "read-ticket", key }) as const);
  if (later.length > 0) await parts.store.transaction((tx) => tx.want(SHARED, later, parts.clock.now()));
  return new Map(read.map(({ key, outcome }) => [key, outcome]));
}
