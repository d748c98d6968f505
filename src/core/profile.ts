import type { DoraSettings } from "./dora.js";
import type { StatusCategory } from "./event.js";
import { DAY, HOUR, MINUTE, type Milliseconds, milliseconds } from "./time.js";

/** Which events enter a stage or start the clock: docs/lead-time.md. */
export type Trigger =
  | { readonly on: "ticket.created" }
  | { readonly on: "ticket.status"; readonly status?: readonly string[]; readonly category?: StatusCategory }
  | { readonly on: "ticket.field"; readonly field: string; readonly to?: readonly string[] }
  | { readonly on: "commit.created"; readonly time?: "authored" | "committed" }
  | { readonly on: "pull-request.opened"; readonly drafts?: boolean }
  | { readonly on: "pull-request.labeled"; readonly labels?: readonly string[] }
  | { readonly on: "pull-request.reviewed"; readonly comments?: boolean }
  | { readonly on: "pull-request.approved" }
  | { readonly on: "pull-request.merged"; readonly branches?: readonly string[] }
  | {
      readonly on: "ci.completed";
      readonly workflows?: readonly string[];
      readonly checks?: readonly string[];
      readonly conclusion?: "success" | "any";
    }
  | { readonly on: "deployment.succeeded"; readonly environments?: readonly string[] | "production" }
  | { readonly on: "release.published"; readonly prereleases?: boolean }
  | { readonly on: "ticket.released" }
  | { readonly on: "api-event"; readonly type: string };
export type TriggerName = Trigger["on"];

/** In this order: what happens at one moment is ordered by kind. */
export const TRIGGER_NAMES = [
  "ticket.created",
  "ticket.status",
  "ticket.field",
  "commit.created",
  "pull-request.opened",
  "pull-request.labeled",
  "pull-request.reviewed",
  "pull-request.approved",
  "pull-request.merged",
  "ci.completed",
  "deployment.succeeded",
  "release.published",
  "ticket.released",
  "api-event",
] as const satisfies readonly TriggerName[];

export type Pick = "first" | "last";
export interface Limits {
  readonly ideal?: Milliseconds;
  readonly acceptable?: Milliseconds;
}
export interface Stage extends Limits {
  readonly name: string;
  readonly trigger: Trigger;
  readonly pick: Pick;
}
export type Start = { readonly trigger: Trigger; readonly pick: Pick } | "first-stage";

export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly start: Start;
  readonly stages: readonly Stage[];
  readonly calculation: "wall-clock" | "entry-to-entry";
  readonly overall: "sum-of-stages" | "of-totals";
  readonly statistic: "mean" | "median";
  readonly absentStages: "leave-out" | "zero";
  /** What holds for DORA's four keys under it, over the organisation's. */
  readonly dora?: DoraSettings;
}

/** `last` for merges, since the work is merged when all of it is; `first` for the rest. */
export const defaultPick = (trigger: Trigger): Pick => (trigger.on === "pull-request.merged" ? "last" : "first");

const stage = (name: string, trigger: Trigger, ideal: number, acceptable: number): Stage => ({
  name,
  trigger,
  pick: defaultPick(trigger),
  ideal: milliseconds(ideal),
  acceptable: milliseconds(acceptable),
});

const OPENED = stage("Pull request opened", { on: "pull-request.opened" }, 8 * HOUR, DAY);
const REVIEWED = stage("First review", { on: "pull-request.reviewed" }, 4 * HOUR, DAY);
const APPROVED = stage("Approval", { on: "pull-request.approved" }, 8 * HOUR, DAY);
const MERGED = stage("Merge", { on: "pull-request.merged" }, 4 * HOUR, DAY);
const DEPLOYED = stage("Deployment", { on: "deployment.succeeded", environments: "production" }, 2 * HOUR, DAY);
const firstCommit = (ideal: number, acceptable: number) => stage("First commit", { on: "commit.created" }, ideal, acceptable);
const pullRequestStages = [OPENED, REVIEWED, APPROVED, MERGED];

const profile = (name: string, description: string, start: Start, stages: readonly Stage[]): Profile => ({
  name,
  description,
  start,
  stages,
  calculation: "wall-clock",
  overall: "sum-of-stages",
  statistic: "median",
  absentStages: "leave-out",
});

const fromCommit: Start = { trigger: { on: "commit.created" }, pick: "first" };
const fromTicket: Start = { trigger: { on: "ticket.created" }, pick: "first" };

/** The profiles that need no configuration: docs/lead-time.md. `api-event` has to be extended with an event type. */
export const BUILT_IN: readonly Profile[] = [
  profile("pull-request", "A pull request from its first commit to its merge", fromCommit, pullRequestStages),
  profile("change", "What DORA calls lead time for changes", fromCommit, [...pullRequestStages, DEPLOYED]),
  profile("ticket-to-merge", "From the ticket's creation to the merge", fromTicket, [
    firstCommit(DAY, 3 * DAY),
    ...pullRequestStages,
  ]),
  profile("ticket-to-release", "From the ticket's creation to its release", fromTicket, [
    stage("In progress", { on: "ticket.status", category: "in-progress" }, DAY, 3 * DAY),
    firstCommit(4 * HOUR, DAY),
    OPENED,
    APPROVED,
    MERGED,
    stage("CI", { on: "ci.completed" }, 30 * MINUTE, 2 * HOUR),
    DEPLOYED,
    stage("Done", { on: "ticket.status", category: "done" }, HOUR, DAY),
    stage("Release", { on: "ticket.released" }, 7 * DAY, 14 * DAY),
  ]),
  profile("api-event", "From an event posted by API to the merge", { trigger: { on: "api-event", type: "" }, pick: "first" }, [
    firstCommit(DAY, 3 * DAY),
    ...pullRequestStages,
  ]),
];

const TICKET_TRIGGERS: ReadonlySet<TriggerName> = new Set<TriggerName>([
  "ticket.created",
  "ticket.status",
  "ticket.field",
  "ticket.released",
]);
export const needsTicket = (trigger: Trigger): boolean => TICKET_TRIGGERS.has(trigger.on);
/** Whether the clock cannot start without a ticket. */
export const startsWithTicket = ({ start, stages: [first] }: Profile): boolean =>
  start === "first-stage" ? first !== undefined && needsTicket(first.trigger) : needsTicket(start.trigger);

const isSourceControl = (trigger: Trigger): boolean => !needsTicket(trigger) && trigger.on !== "api-event";

/**
 * What of a profile may be shown where everybody can read: the stages that source control alone tells,
 * from the first commit on.
 */
export function sourceControlPart(of: Profile): Profile {
  const stages = of.stages.filter(({ trigger }) => isSourceControl(trigger));
  const keepsStart = of.start === "first-stage" || isSourceControl(of.start.trigger);
  const name = stages.length === of.stages.length && keepsStart ? of.name : `${of.name} (source control)`;
  if (keepsStart) return { ...of, name, stages };
  return { ...of, name, start: fromCommit, stages: stages.filter(({ trigger }) => trigger.on !== "commit.created") };
}

/** A repository's own profile is called `owner/repo:name`; at home by its plain name. */
export const plainName = (profile: string): string => profile.slice(profile.indexOf(":") + 1);
