import type { Event } from "../core/event.js";
import { formatInstant, type Instant, parseDay } from "../core/time.js";
import { aboutVersion, observed } from "./observed.js";
import type { JiraVersion } from "./payload.js";

export const versionDescribed = (
  version: { readonly id: string; readonly name: string; readonly released: boolean },
  baseUrl: string,
  at: Instant,
): Event => ({
  type: "version.described",
  name: version.name,
  released: version.released,
  ...observed(aboutVersion(version.id, baseUrl), "described", { at }),
});

/** A version marked released, or unreleased again, at that moment. */
export const versionMarked = (id: string, baseUrl: string, mark: { at: Instant; released: boolean }): Event => {
  const type = mark.released ? "released" : "unreleased";
  return { ...observed(aboutVersion(id, baseUrl), `${type}:${formatInstant(mark.at)}`, mark), type: `version.${type}` };
};

/** When an issue told of it: read on purpose, or by a webhook, which has no time of reading. */
export interface Sighting {
  readonly at: Instant;
  readonly readAt?: Instant;
}

/** A fix version as an issue lists it. Its release date is precise to the day; one that is still to come is a plan, no release. */
export function eventsOfFixVersion(version: JiraVersion, baseUrl: string, seen: Sighting): Event[] {
  const released = version.released ?? false;
  const described: Event = { ...versionDescribed({ ...version, released }, baseUrl, seen.at), ...seen };
  const day = released ? parseDay(version.releaseDate) : undefined;
  if (day === undefined || day > seen.at) return [described];
  const base = observed(aboutVersion(version.id, baseUrl), "released", { at: day });
  return [described, { ...base, precision: "day", type: "version.released" }];
}
