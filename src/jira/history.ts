import type { Event } from "../core/event.js";
import { Refused, Unavailable } from "../core/failure.js";
import { siteRef } from "../core/ref.js";
import { HOUR, type Instant, instant } from "../core/time.js";
import type { Clock, Tracker } from "../ports.js";
import type { JiraClient } from "./client.js";
import { jiraFailure } from "./failure.js";
import { eventsOfIssue, statusCategory } from "./issue.js";
import { observed } from "./observed.js";
import { type JiraStatus, pageShape, parse, projectShape, statusesShape } from "./payload.js";

interface Site {
  readonly client: JiraClient;
  /** The site's address, without a slash at its end. */
  readonly baseUrl: string;
  readonly clock: Clock;
}

/** Jira's clients do not encode what they put into a path. */
const KEY = /^[A-Z][A-Z0-9_]{1,9}-[1-9]\d{0,8}$/;
const MOST_PAGES = 1000;

/** Reads tickets with their whole history, and the site's projects. Throws `Refused` and `Unavailable`. */
export function jiraTracker({ client: any, baseUrl, clock }: Site): Tracker {
  const { asking, client } = oneWhoWaits(any, clock);
  const statuses = cached(clock, () => listedStatuses({ client, baseUrl, clock }));
  return {
    ticket: (key) =>
      asking(key, async (readAt) => {
        if (!KEY.test(key))
          throw new Refused("missing", `expected a ticket key such as PROJ-123, received ${JSON.stringify(key)}`);
        const issue = await client.issue(key);
        const histories = await whole(`the changelog of ${key}`, (startAt) => client.changelog(key, startAt));
        const events = eventsOfIssue(issue, histories, { baseUrl, readAt });
        return [...events, ...categories(events, await statuses(), readAt)];
      }),
    projects: () =>
      asking("the projects", async (readAt) => {
        const projects = await whole("the projects", (startAt) => client.projects(startAt));
        const keys = projects.map((project) => parse(projectShape, project, "a project").key);
        const base = observed({ ref: siteRef }, "projects", { at: readAt });
        return [{ ...base, type: "site.projects", keys, readAt }];
      }),
  };
}

interface OneWhoWaits {
  /** Asks, and translates failures. */
  asking(what: string, work: (readAt: Instant) => Promise<Event[]>): Promise<Event[]>;
  readonly client: JiraClient;
}

/** What Jira says of when to ask again holds for all questions: until then nothing is sent, not even in the middle of one. */
function oneWhoWaits(client: JiraClient, clock: Clock): OneWhoWaits {
  let notBefore = instant(0);
  const unlessLeftAlone = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (clock.now() >= notBefore) return ask();
    throw new Unavailable("Jira wants to be left alone, so it was not asked", { retryAt: notBefore });
  };
  return {
    client: {
      issue: (key) => unlessLeftAlone(() => client.issue(key)),
      changelog: (key, startAt) => unlessLeftAlone(() => client.changelog(key, startAt)),
      statuses: () => unlessLeftAlone(() => client.statuses()),
      projects: (startAt) => unlessLeftAlone(() => client.projects(startAt)),
    },
    asking: async (what, work) => {
      try {
        return await work(clock.now());
      } catch (error) {
        const failure = jiraFailure(error, { what, now: clock.now() });
        if (failure instanceof Unavailable && failure.retryAt !== undefined) {
          notBefore = instant(Math.min(failure.retryAt, clock.now() + HOUR)); // no limit lasts longer
        }
        throw failure;
      }
    },
  };
}

/** All values of a paged list. Throws `Unavailable` when the pages come to no end. */
async function whole(what: string, read: (startAt: number) => Promise<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  let before = "";
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { values, isLast, total = Number.POSITIVE_INFINITY } = parse(pageShape, await read(all.length), what);
    const page = JSON.stringify(values);
    const again = page === before;
    if (!again) all.push(...values);
    if (isLast ?? all.length >= total) return all;
    if (again || values.length === 0) break;
    before = page;
  }
  throw new Unavailable(`expected the next page of ${what} after ${all.length}, received nothing new`);
}

/** Where the list is not for us, a ticket is read without it: its statuses then go by their names. */
async function listedStatuses({ client, clock }: Site): Promise<readonly JiraStatus[]> {
  const what = "the list of statuses";
  try {
    return parse(statusesShape, await client.statuses(), what);
  } catch (error) {
    const failure = jiraFailure(error, { what, now: clock.now() });
    if (failure instanceof Refused && failure.reason !== "unauthorized") return [];
    throw error;
  }
}

/** The categories of the statuses that a ticket went through; of its present one the issue itself tells. */
function categories(events: readonly Event[], statuses: readonly JiraStatus[], readAt: Instant): Event[] {
  const passed = events.flatMap((event) =>
    event.type === "ticket.status" ? [event.status.id, ...(event.from ? [event.from.id] : [])] : [],
  );
  const told = new Set(events.map(({ id }) => id));
  return statuses
    .filter(({ id }) => passed.includes(id))
    .flatMap((status) => statusCategory(status, readAt))
    .filter(({ id }) => !told.has(id));
}

/** Reads once an hour; a failed read is not kept. */
function cached<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly value: T; readonly until: Instant } | undefined;
  return async () => {
    const now = clock.now();
    if (kept && now < kept.until) return kept.value;
    const value = await read();
    kept = { value, until: instant(now + HOUR) };
    return value;
  };
}
