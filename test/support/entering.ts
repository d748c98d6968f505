import type { Event } from "../../src/core/event.js";
import { measure } from "../../src/core/lead-time.js";
import type { Pick, Profile, Trigger } from "../../src/core/profile.js";
import { candidates } from "../../src/core/trigger.js";
import { at, ticket } from "./builders.js";
import { type Around, workItem } from "./life.js";

const TICKET_ITEM = [
  ticket.described(at("12:00"), {
    fixVersions: [
      { id: "1", name: "v1" },
      { id: "2", name: "v2" },
    ],
  }),
  ticket.created(at("08:00")),
];

/** The times at which the trigger is entered, of the day; `around` may make it a pull request's item, or say what production is. */
export function times(
  trigger: Trigger,
  events: readonly Event[],
  { production = null, ...around }: Around & { readonly production?: readonly string[] | null } = {},
): string[] {
  const found = candidates(trigger, workItem([...TICKET_ITEM, ...events], around), production);
  return found.map((entry) => new Date(entry.at).toISOString().slice(11, 16)).sort();
}
export const notes = (trigger: Trigger, events: readonly Event[]) =>
  candidates(trigger, workItem([...TICKET_ITEM, ...events])).map(({ note }) => note);

/** The picked time, through a profile of this one stage. */
export function picked(trigger: Trigger, pick: Pick, events: readonly Event[]): string | undefined {
  const profile: Profile = {
    name: "one",
    description: "",
    start: { trigger: { on: "ticket.created" }, pick: "first" },
    stages: [{ name: "One", trigger, pick }],
    calculation: "wall-clock",
    overall: "sum-of-stages",
    statistic: "median",
    absentStages: "leave-out",
  };
  const [stage] = measure(workItem([...TICKET_ITEM, ...events]), profile).stages;
  return stage && "enteredAt" in stage ? new Date(stage.enteredAt).toISOString().slice(11, 16) : undefined;
}
