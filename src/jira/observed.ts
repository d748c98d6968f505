import type { Actor } from "../core/event.js";
import { type Ref, refId, ticketRef, versionRef } from "../core/ref.js";
import type { Instant } from "../core/time.js";

/** The version of this folder's readers; raise it when a mended reader should replace what an older one stored. */
const READER = 1;

/** What is the same of all events of one ticket, version or status. */
export interface About {
  readonly ref: Ref;
  readonly url?: string;
}

/** The common part of an event. `name` is the part of its id after the ref. Spread it last, as in `github/observed.ts`. */
export function observed(about: About, name: string, when: { readonly at: Instant; readonly actor?: Actor | undefined }) {
  return {
    id: `${about.ref}:${name}`,
    at: when.at,
    precision: "exact" as const,
    reader: READER,
    ...about,
    ...(when.actor ? { actor: when.actor } : {}),
  };
}

export const aboutTicket = (issue: { readonly id: string; readonly key: string }, baseUrl: string): About => ({
  ref: ticketRef(issue.id),
  url: `${baseUrl}/browse/${encodeURIComponent(issue.key)}`,
});

/** A version's page is the list of its tickets: found by id alone, on Cloud and Data Center alike. */
export const aboutVersion = (id: string, baseUrl: string): About => {
  const ref = versionRef(id);
  return { ref, url: `${baseUrl}/issues/?jql=${encodeURIComponent(`fixVersion = ${refId(ref)}`)}` };
};
