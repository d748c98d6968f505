import { laneOf } from "./containment.js";
import type { Event } from "./event.js";
import { commitRef, keyRef, lanesRef, mergesRef, type Ref, refId, shaRef, statusRef, versionRef } from "./ref.js";

/** Names under which what an event is about can be found; a later holder of a name takes it over. */
export function aliasesOf(event: Event): string[] {
  if (event.type === "account.described") return [accountAlias(event.login)];
  if (event.type === "repository.described") return [repositoryAlias(event.name)];
  if (event.type === "ticket.described") return [ticketAlias(event.key), projectAlias(event.project)];
  if (event.type === "ticket.field" && event.formerKey) return [ticketAlias(event.formerKey)];
  return [];
}
export const accountAlias = (login: string): string => `account:${login.toLowerCase()}`;
export const repositoryAlias = (name: string): string => `repository:${name.toLowerCase()}`;
/** A project is known by any of its tickets. */
export const projectAlias = (project: string): string => `project:${project.toUpperCase()}`;
export const ticketAlias = (key: string): string => `ticket:${key.toUpperCase()}`;

/**
 * The refs whose events matter to what this event is about: the merge commit of a pull request, the versions of a ticket.
 * Parts are only ever added; what still counts is decided when a timeline is put together.
 */
export function partsOf(event: Event): Ref[] {
  switch (event.type) {
    case "pull-request.merged":
      return [...inRepository(event.repository, [event.mergeCommit]), shaRef(event.mergeCommit)];
    case "pull-request.commits": {
      const shas = event.commits.map(({ sha }) => sha);
      return [...inRepository(event.repository, shas), ...new Set(shas.map(shaRef))];
    }
    case "commit.pushed":
      return [shaRef(event.commit.sha)];
    case "deployment.succeeded":
    case "release.resolved":
      return inRepository(event.repository, [event.sha]);
    case "ticket.described":
      return [keyRef(event.key), statusRef(event.status.id), ...event.fixVersions.map(({ id }) => versionRef(id))];
    case "ticket.status":
      return [statusRef(event.status.id), ...(event.from ? [statusRef(event.from.id)] : [])];
    case "ticket.field":
      return event.formerKey ? [keyRef(event.formerKey)] : [];
    default:
      return [];
  }
}

const inRepository = (repository: Ref | undefined, shas: readonly string[]): Ref[] =>
  repository ? shas.map((sha) => commitRef(refId(repository), sha)) : [];

/** The refs whose work items have to be measured anew, or of which git's graph has to be asked, because of this event. */
export function touchedBy(event: Event): Ref[] {
  const { ref, repository, at } = event;
  const merges = repository ? [mergesRef(refId(repository), at)] : [];
  switch (event.type) {
    case "pull-request.merged":
      return [ref, ...inRepository(repository, [event.mergeCommit]), ...merges];
    case "commit.pushed":
      return [ref, ...merges];
    case "repository.watched":
      return [ref, lanesRef(refId(ref))];
    case "lane.begun": // its carrier was seen with it
      return [];
    default:
      return [ref];
  }
}

/** What a comparison proves: `head` contains each of `shas`. */
export function containmentOf(event: Event): { readonly head: string; readonly shas: readonly string[] } | undefined {
  if (event.type !== "commits.compared") return undefined;
  const base = event.status === "ahead" || event.status === "identical" ? [event.base] : [];
  return { head: event.head, shas: [...base, ...event.ahead] };
}

/** The earliest carrier of each lane is kept as a fact of its repository: the merge rule of facts finds it in any order. */
export function withLanes(events: readonly Event[]): Event[] {
  return events.flatMap((event) => {
    const carries = event.type === "release.published" || (event.type === "deployment.succeeded" && !event.transient);
    if (!carries || !event.repository) return [event];
    const lane = laneOf(event);
    const { precision, reader, at, repository } = event;
    const begun = { precision, reader, at, repository, ref: lanesRef(refId(repository)), lane, carrier: event.ref };
    return [event, { ...begun, type: "lane.begun", id: `${repository}:lane:${lane}` }];
  });
}
