import type { Event, EventOf, EventType } from "../../src/core/event.js";
import { type Instant, parseInstant } from "../../src/core/time.js";
import { githubSource } from "../../src/github/deliveries.js";
import type { Delivery, Reading } from "../../src/ports.js";

export const HEAD = "a".repeat(40);
export const MERGE = "b".repeat(40);

export function at(text: string): Instant {
  const parsed = parseInstant(text);
  if (parsed === undefined) throw new TypeError(`no such time: ${text}`);
  return parsed;
}
export const RECEIVED = at("2024-05-07T00:00:00Z");

export const person = (login: string) => ({ login, id: 99, type: login.endsWith("[bot]") ? "Bot" : "User" });

export const repository = (over: object = {}) => ({
  id: 7,
  name: "web",
  full_name: "acme/web",
  private: true,
  visibility: "internal",
  default_branch: "main",
  archived: false,
  html_url: "https://github.com/acme/web",
  updated_at: "2024-05-01T00:00:00Z",
  pushed_at: 1714989600,
  owner: { id: 42, login: "acme" },
  ...over,
});

const envelope = () => ({ repository: repository(), installation: { id: 5 }, sender: person("ann") });

/** A payload with what every payload carries along; `over` replaces or adds fields. */
export const payload = (over: object): object => ({ ...envelope(), ...over });

export const pullRequest = (over: object = {}) => ({
  number: 3,
  title: "PROP-1460 Sign in",
  state: "open",
  html_url: "https://github.com/acme/web/pull/3",
  user: person("bob"),
  draft: false,
  labels: [{ name: "Feature" }],
  assignees: [],
  head: { ref: "feature/PROP-1460", sha: HEAD, repo: null },
  base: { ref: "main" },
  created_at: "2024-05-06T10:00:00Z",
  updated_at: "2024-05-06T10:30:00Z",
  closed_at: null,
  merged_at: null,
  merge_commit_sha: "c".repeat(40),
  ...over,
});

export const merged = (over: object = {}) =>
  pullRequest({
    state: "closed",
    merged: true,
    merged_at: "2024-05-06T11:00:00Z",
    closed_at: "2024-05-06T11:00:00Z",
    updated_at: "2024-05-06T11:00:01Z",
    merge_commit_sha: MERGE,
    merged_by: person("cat"),
    ...over,
  });

export const delivery = (event: string, body: string | object): Delivery => ({
  source: "github",
  id: "1",
  event,
  receivedAt: RECEIVED,
  body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
});

const source = githubSource({ appId: "1001" });
export const read = (event: string, body: string | object): Reading | null => source.read(delivery(event, body));

/** The reading of a delivery that concerns us. */
export function reading(event: string, body: string | object): Reading {
  const result = read(event, body);
  if (!result) throw new TypeError(`${event} was taken for one that does not concern us`);
  return result;
}

/** The only event of that type. */
export function one<Type extends EventType>({ events }: { readonly events: readonly Event[] }, type: Type): EventOf<Type> {
  const found = events.filter((event): event is EventOf<Type> => event.type === type);
  if (found.length !== 1 || !found[0]) throw new TypeError(`expected one ${type}, found ${found.length}`);
  return found[0];
}

export const types = ({ events }: { readonly events: readonly Event[] }): EventType[] => events.map(({ type }) => type);
