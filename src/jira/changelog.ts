import type { Actor, EventOf, Status } from "../core/event.js";
import { Unreadable } from "../core/failure.js";
import type { Instant } from "../core/time.js";
import { type About, observed } from "./observed.js";
import type { Change } from "./payload.js";

/** One entry of a ticket's changelog, from a webhook or from REST. */
export interface Entry {
  readonly id: string;
  readonly at: Instant;
  readonly actor: Actor | undefined;
  readonly items: readonly Change[];
}

type ChangeEvent = EventOf<"ticket.status"> | EventOf<"ticket.field">;

/** Fields whose values are prose, files or other people's texts: no stage is entered by them, so they are not kept. */
const PROSE = /^(description|comment|environment|attachment|(remote.*)?link|worklog.*)$/i;
const LONGEST = 255;

/** What an entry says: the same ids and facts, whoever brought it. Throws `Unreadable` for a move to nowhere. */
export function eventsOfEntry(about: About, entry: Entry): ChangeEvent[] {
  const migrated = entry.items.some((item) => isOwn(item, "Workflow"));
  const seen = new Map<string, number>();
  return entry.items.flatMap((item) => {
    const name = nameOf(item, entry);
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    const base = observed(about, index === 0 ? name : `${name}:${index}`, entry);
    const event = isOwn(item, "status") ? statusEvent(base, item, migrated) : fieldEvent(base, item);
    return event ? [event] : [];
  });
}

const nameOf = (item: Change, entry: Entry): string =>
  isOwn(item, "status") ? `status:${entry.id}` : `field:${entry.id}:${item.field.toLowerCase()}`;

function statusEvent(base: ReturnType<typeof observed>, item: Change, migrated: boolean): ChangeEvent {
  const status = statusOf(item.to);
  const from = statusOf(item.from);
  if (!status) throw new Unreadable(`${base.id} cannot be read: to: expected the id of a status, received none`);
  return { type: "ticket.status", status, ...(from ? { from } : {}), migrated, initial: false, ...base };
}

function fieldEvent(base: ReturnType<typeof observed>, item: Change): ChangeEvent | undefined {
  const to = item.to.name ?? item.to.id ?? null;
  if ((!item.custom && PROSE.test(item.field)) || (to?.length ?? 0) > LONGEST) return undefined;
  return { type: "ticket.field", field: item.field, to, ...formerKey(item), ...base };
}

/** Of a ticket that was moved to another project. */
function formerKey(item: Change): { formerKey?: string } {
  const from = item.from.name ?? "";
  return isOwn(item, "Key") && from !== "" && from.length <= LONGEST ? { formerKey: from } : {};
}

/** The status that a ticket was created in: what its earliest change came from, or what it still is. */
export function initialStatus(entries: readonly Entry[], current: Status): Status | undefined {
  const earliest = inOrder(entries)
    .flatMap(({ items }) => items)
    .find((item) => isOwn(item, "status"));
  return earliest ? statusOf(earliest.from) : { id: current.id, name: current.name };
}

/** Oldest first: Cloud lists changelogs oldest first, `expand=changelog` newest first. */
export const inOrder = (entries: readonly Entry[]): Entry[] =>
  entries.toSorted((a, b) => a.at - b.at || Number(a.id) - Number(b.id));

/** Whether it is Jira's own field, not a custom one of the same name. */
const isOwn = (item: Change, field: string): boolean => !item.custom && item.field === field;

/** A status that exists no more may have lost its name, not its id. */
function statusOf(value: Change["to"]): Status | undefined {
  return value.id === undefined ? undefined : { id: value.id, name: value.name ?? value.id };
}
