import type { Event, EventType, StatusCategory } from "./event.js";
import type { Evidence } from "./measurement.js";
import { TRIGGER_NAMES, type TriggerName } from "./profile.js";
import type { Ref } from "./ref.js";
import type { Instant } from "./time.js";

/** What every entry shows of the event behind it. */
type Shown = Omit<Evidence, "event">;
type Of<Type extends TriggerName, Detail = unknown> = Shown & { readonly type: Type } & Detail;

/** An event of a work item that may enter a stage: one that counts, with what the triggers ask of it. */
export type Entry =
  | Of<"ticket.created">
  | Of<"ticket.status", { readonly status: string; readonly category: StatusCategory | null }>
  | Of<"ticket.field", { readonly field: string; readonly to: string | null }>
  | Of<"commit.created", { readonly committedAt: Instant }>
  | Of<"pull-request.opened", { readonly readyAt: Instant | null }>
  | Of<"pull-request.labeled", { readonly label: string }>
  | Of<"pull-request.reviewed", { readonly comment: boolean }>
  | Of<"pull-request.approved">
  | Of<"pull-request.merged", { readonly base: string; readonly onDefaultBranch: boolean }>
  | Of<
      "ci.completed",
      {
        readonly source: "run" | "suite" | "status";
        readonly name: string;
        readonly conclusion: string;
        readonly commit: string;
      }
    >
  /** `production`: whether GitHub marks it so. */
  | Of<"deployment.succeeded", { readonly environment: string; readonly production: boolean }>
  | Of<"release.published", { readonly prerelease: boolean }>
  | Of<"ticket.released">
  | Of<"api-event", { readonly eventType: string }>;

export type EntryOf<Type extends TriggerName> = Extract<Entry, { readonly type: Type }>;

const ORDER = new Map<EventType | TriggerName, number>(TRIGGER_NAMES.map((name, index) => [name, index]));

interface Timed {
  readonly at: Instant;
  readonly type: EventType | TriggerName;
  readonly id: string;
}

/** By time, then by kind in the order of `TRIGGER_NAMES`, then by id: a total order. */
export function byTime(a: Timed, b: Timed): number {
  const kinds = (ORDER.get(a.type) ?? 0) - (ORDER.get(b.type) ?? 0);
  if (a.at !== b.at || kinds !== 0) return a.at - b.at || kinds;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/**
 * What every entry shows of the event behind it. To be spread last where many entries are made: what is added to a copy
 * costs fifty times as much.
 */
export const shown = (event: Event, pullRequest: Ref | null = null, note: string | null = null) => ({
  id: event.id,
  at: event.at,
  precision: event.precision,
  url: event.url ?? null,
  actor: event.actor?.login ?? null,
  pullRequest,
  note,
});
