import type { Pick, Profile, Start, Trigger } from "../core/profile.js";
import { code } from "./markdown.js";

/** What profiles mean, in words. Markdown: names are in code spans. */

const MAX_NAME = 60;
/** Of many names only the first are told. */
const LISTED = 8;

/** A name as it may stand anywhere; a dash for what shows nothing. */
export const named = (name: string): string => code(name, MAX_NAME) || "–";

/** `a`, `b` or `c`. */
export function anyOf(names: readonly string[], word = "or"): string {
  const shown = names.slice(0, LISTED).map(named);
  if (names.length > LISTED) shown.push(`${names.length - LISTED} more`);
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} ${word} ${shown.at(-1)}`;
}

export function startSentence(start: Start): string {
  if (start === "first-stage") return "The clock starts when the first stage is entered.";
  return `The clock starts when ${entryWords(start)}.`;
}

/** What enters a stage: `a pull request is merged into the default branch (the last one counts)`. */
export const entryWords = ({ trigger, pick }: { readonly trigger: Trigger; readonly pick: Pick }): string =>
  `${triggerSentence(trigger)}${pick === "last" ? " (the last one counts)" : ""}`;

function triggerSentence(trigger: Trigger): string {
  switch (trigger.on) {
    case "ticket.created":
      return "the ticket is created";
    case "ticket.status":
      return statusWords(trigger);
    case "ticket.field":
      return `the ticket's field ${named(trigger.field)} is set${given(" to ", trigger.to)}`;
    case "commit.created":
      return trigger.time === "committed" ? "a commit is made (by the time of its committer)" : "a commit is made";
    case "pull-request.opened":
      return trigger.drafts === false ? "a pull request is opened and no draft" : "a pull request is opened";
    case "pull-request.labeled":
      return `a label${given(" ", trigger.labels)} is added`;
    case "pull-request.reviewed":
      return trigger.comments === false ? "another person reviews" : "another person reviews or comments";
    case "pull-request.approved":
      return "another person approves";
    case "pull-request.merged":
      return `a pull request is merged into ${trigger.branches ? anyOf(trigger.branches) : "the default branch"}`;
    case "ci.completed":
      return ciWords(trigger);
    case "deployment.succeeded":
      return `a deployment${environmentWords(trigger)} with the merge in it succeeds`;
    case "release.published":
      return `a release${trigger.prereleases ? " or pre-release" : ""} with the merge in it is published`;
    case "ticket.released":
      return "a fix version of the ticket is released";
    case "api-event":
      return trigger.type === "" ? "an event is posted to the API" : `an event ${named(trigger.type)} is posted to the API`;
  }
}

const given = (before: string, names: readonly string[] | undefined): string =>
  names && names.length > 0 ? `${before}${anyOf(names)}` : "";

const CATEGORY = { "to-do": "To Do", "in-progress": "In Progress", done: "Done" } as const;

function statusWords({ status, category }: Extract<Trigger, { on: "ticket.status" }>): string {
  const either = [
    ...(status ? [`gets the status ${anyOf(status)}`] : []),
    ...(category ? [`gets a status of the category ${CATEGORY[category]}`] : []),
    ...(category === "done" ? ["is resolved"] : []),
  ];
  return `the ticket ${either.join(" or ")}`;
}

function ciWords({ workflows = [], checks = [], conclusion }: Extract<Trigger, { on: "ci.completed" }>): string {
  const done = conclusion === "any" ? "completed" : "succeeded";
  const names = [...workflows, ...checks];
  return names.length > 0
    ? `${anyOf(names)} has ${done} on the merge commit`
    : `every workflow that runs on the merge commit has ${done}`;
}

function environmentWords({ environments }: Extract<Trigger, { on: "deployment.succeeded" }>): string {
  return environments === "production" ? " to production" : given(" to ", environments);
}

/** How lead times are put together, and what reports put first. */
export function calculationWords({ calculation, absentStages, overall, statistic }: Profile): string {
  const order =
    calculation === "wall-clock"
      ? "**wall-clock**: an event before its predecessor takes no time"
      : "**entry-to-entry**: an event before its predecessor takes no time and sets the clock back";
  const total = overall === "sum-of-stages" ? `the sum of the stages' ${statistic}s` : `the ${statistic} of the items' totals`;
  return [
    `Calculation: ${order}.`,
    ...(absentStages === "zero" ? ["Skipped stages count as 0."] : []),
    `Reports put ${total} first.`,
  ].join(" ");
}
