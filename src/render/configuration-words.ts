import type { Configuration } from "../core/configuration.js";
import type { OrgUnit } from "../core/org-unit.js";
import { DAY, formatDuration } from "../core/time.js";
import type { WorkingTime } from "../core/working-time.js";
import { anyOf, named } from "./profile-words.js";

/** Org units are many in a large organisation. */
const MOST_UNITS = 100;

/** The org units, a line each. */
export function orgUnitSection({ orgUnits }: Configuration): string[] {
  if (orgUnits.length === 0) return [];
  const lines = orgUnits.slice(0, MOST_UNITS).map(unitLine);
  if (orgUnits.length > MOST_UNITS) lines.push(`- and ${orgUnits.length - MOST_UNITS} more`);
  return [`### Org units\n\n${lines.join("\n")}`];
}

function unitLine({ name, repositories, projects, profile }: OrgUnit): string {
  const parts = [
    ...(repositories.length > 0 ? [`the repositories ${anyOf(repositories, "and")}`] : []),
    ...(projects.size > 0 ? [`the ticket projects ${anyOf([...projects], "and")}`] : []),
  ];
  const measured = profile === null ? "" : `; also measured under ${named(profile)}`;
  return `- ${named(name)}: ${parts.join(", ")}${measured}`;
}

/** What else is set, and not as it is without a file. */
export function otherSettings(configuration: Configuration): string[] {
  const { ticketKeys, bots, workingTime } = configuration;
  const lines = [
    ...(ticketKeys.projects ? [`Tickets are those of the projects ${anyOf([...ticketKeys.projects], "and")}.`] : []),
    ...(ticketKeys.from.join() === "branch,title,commits" ? [] : [keySources(ticketKeys.from)]),
    ...commentLines(configuration.comment),
    ...(bots.length > 0 ? [`Bots, besides those that GitHub says are: ${anyOf(bots, "and")}.`] : []),
    ...(workingTime ? [workingWords(workingTime)] : []),
  ];
  return lines.length > 0 ? [`### Besides\n\n${lines.map((line) => `- ${line}`).join("\n")}`] : [];
}

const SOURCES = { branch: "the branch's name", title: "the title", commits: "the commits' messages" } as const;

const keySources = (from: Configuration["ticketKeys"]["from"]): string =>
  from.length === 0
    ? "Nothing is searched for ticket keys."
    : `Ticket keys are looked for in ${from.map((one) => SOURCES[one]).join(", then in ")}.`;

const USUAL = 90 * DAY;

function commentLines({ enabled, tickets, ratings, requireTicket, baseline }: Configuration["comment"]): string[] {
  if (!enabled) return ["Pull requests get no comment."];
  return [
    ...(requireTicket ? ["Only pull requests with a ticket get a comment."] : []),
    ...(tickets === "full"
      ? []
      : [tickets === "key" ? "Comments show the keys of tickets only." : "Comments show nothing of tickets."]),
    ...(ratings ? [] : ["Comments show no ratings."]),
    ...(baseline === USUAL ? [] : [`What is usual is taken from the last ${formatDuration(baseline)}.`]),
  ];
}

const WORDS = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
} as const;

function workingWords({ days, hours, timeZone }: WorkingTime): string {
  const clock = (time: number) =>
    new Date(time)
      .toISOString()
      .slice(11, 16)
      .replace(/^00:00$/, time > 0 ? "24:00" : "00:00");
  return `Ratings count ${days.map((day) => WORDS[day]).join(", ")} from ${clock(hours.from)} to ${clock(hours.to)}, ${named(timeZone)}.`;
}
