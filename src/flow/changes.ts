import type { Event, EventOf } from "../core/event.js";
import { nearest } from "../core/nearest.js";
import { unitsOfProject } from "../core/org-unit.js";
import { BUILT_IN, type Profile, plainName } from "../core/profile.js";
import { SHARED } from "../core/ref.js";
import { wholeKey } from "../core/ticket-key.js";
import { type KeyOutcome, renderChosen, renderLinks, renderNoProfile, renderProfiles } from "../render/changes.js";
import { renderRefreshed } from "../render/refreshed.js";
import { type AskedHere, type Asking, measureNow, type Reply } from "./asked.js";
import { readHostAgain, readTicketNow, readTicketsAgain } from "./read-again.js";
import { isSecretive, type Setting } from "./shown.js";

/** Ties the pull request to tickets. Where nothing may be told of tickets, Jira is not even asked whether there is one. */
export async function link(asking: Asking, setting: Setting, said: readonly string[]): Promise<Reply> {
  const judged = await Promise.all(said.map((one) => judge(one, setting, asking)));
  const events = judged.flatMap(({ key, outcome }): Event[] =>
    outcome.refusal === null ? [{ ...commanded(asking, key), type: "pull-request.linked", key }] : [],
  );
  const tickets = judged.flatMap(({ read }) => read);
  await measureNow(asking, [
    [SHARED, tickets],
    [asking.owner, events],
  ]);
  return linksReply(
    "linked",
    judged.map(({ outcome }) => outcome),
    setting,
  );
}

/** Cuts the tie, whether there is one yet or not: what is pushed later may name the ticket again. */
export async function unlink(asking: Asking, setting: Setting, said: readonly string[]): Promise<Reply> {
  const named = said.map((one) => ({ said: one, key: wholeKey(one)?.key }));
  const events = named.flatMap(({ key }): Event[] =>
    key === undefined ? [] : [{ ...commanded(asking, key), type: "pull-request.unlinked", key }],
  );
  await measureNow(asking, [[asking.owner, events]]);
  return linksReply(
    "unlinked",
    named.map(({ said: one, key }) => (key === undefined ? NO_KEY(one) : { said: key, refusal: null })),
    setting,
  );
}

function linksReply(done: "linked" | "unlinked", outcomes: readonly KeyOutcome[], setting: Setting): Reply {
  const secretive = isSecretive(setting);
  // A 😕 would tell as well.
  const fine = outcomes.every(({ refusal }) => refusal === null || (secretive && !refusal.form));
  return { markdown: renderLinks(done, outcomes, secretive), fine };
}

const NO_KEY = (said: string): KeyOutcome => ({
  said,
  refusal: { why: "expected a ticket key: a project, a hyphen and a number, such as PROJ-123", form: true },
});

interface Judged {
  readonly key: string;
  readonly outcome: KeyOutcome;
  /** What Jira told of it, just now. */
  readonly read: readonly Event[];
}

async function judge(said: string, setting: Setting, { parts }: AskedHere): Promise<Judged> {
  const named = wholeKey(said);
  if (!named) return { key: said, outcome: NO_KEY(said), read: [] };
  const { key, project } = named;
  const refused = (why: string): Judged => ({ key, outcome: { said: key, refusal: { why, form: false } }, read: [] });
  const ofOthers = await notOurs(project, setting);
  if (ofOthers) return refused(ofOthers);
  const accepted: Judged = { key, outcome: { said: key, refusal: null }, read: [] };
  const { gathering, hidden } = setting;
  if (hidden || !gathering.jira || (await gathering.ticket(key)).ticket) return accepted;
  const { events, outcome } = await readTicketNow(key, parts);
  if (outcome === "unknown") return refused("Jira has no such ticket that we may read");
  if (outcome === "away") return refused("Jira could not be asked whether there is such a ticket, so ask again in a while");
  return { ...accepted, read: events };
}

/** Why tickets of a project are none of this repository's; null: they may be. */
async function notOurs(project: string, { gathering, state }: Setting): Promise<string | null> {
  const { projects } = state.configuration.ticketKeys;
  if (projects && !projects.has(project))
    return `${project} is not a ticket project of this repository (${[...projects].join(", ")} are)`;
  const teams = unitsOfProject((await gathering.defaults()).orgUnits, project);
  const own = await gathering.unitsOf(state);
  if (teams.length === 0 || teams.some((team) => own.includes(team))) return null;
  return `${project} is a ticket project of another team (${teams.map(({ name }) => name).join(", ")})`;
}

/** Numbers as texts that are in order. */
const DIGITS = 20;

/** The same whenever the command is carried out; of two of one second, the later comment and line come later. */
function commanded({ question, position, pullRequest, repository }: Asking, about: string) {
  const { comment, asker, askedAt, url } = question;
  const order = `${comment.padStart(DIGITS, "0")}:${String(position).padStart(2, "0")}`;
  return {
    id: `github:command:${order}:${about}`,
    ref: pullRequest,
    at: askedAt,
    precision: "exact" as const,
    reader: 1,
    repository: repository.ref,
    actor: { login: asker.login, bot: false },
    ...(url === null ? {} : { url }),
  };
}

/** Shows the profiles, or chooses one for this pull request. */
export async function chooseProfile(asking: Asking, setting: Setting, name: string | null): Promise<Reply> {
  const offered = offeredBy(setting);
  if (name === null) return { markdown: profilesHere(setting, offered), fine: true };
  const all = [...usable(setting).keys()];
  const found = all.find((one) => one === name) ?? all.find((one) => one.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const near = nearest(
      name,
      offered.map((profile) => plainName(profile.name)),
    );
    return { markdown: renderNoProfile(setting.hidden ? null : name, near), fine: false };
  }
  const event: EventOf<"pull-request.profiled"> = {
    ...commanded(asking, found),
    type: "pull-request.profiled",
    profile: found,
  };
  await measureNow(asking, [[asking.owner, [event]]]);
  return { markdown: renderChosen(found, setting.hidden), fine: true };
}

const profilesHere = (setting: Setting, offered: readonly Profile[]): string =>
  renderProfiles({ current: setting.profile, chosen: setting.chosen !== null, profiles: offered, namesOnly: setting.hidden });

/** One that starts with an event that it does not name measures nothing. */
const usable = ({ state }: Setting): ReadonlyMap<string, Profile> =>
  new Map(
    [...state.configuration.profiles].filter(
      ([, { start }]) => start === "first-stage" || start.trigger.on !== "api-event" || start.trigger.type !== "",
    ),
  );

/** Where everybody reads, those that everybody knows, or can read here. */
function offeredBy(setting: Setting): Profile[] {
  const { described } = setting.state;
  const isKnown = (profile: Profile) =>
    BUILT_IN.some(({ name }) => name === profile.name) || profile.name.startsWith(`${described.name}:`);
  return [...usable(setting).values()].filter((profile) => !setting.hidden || isKnown(profile));
}

/** Reads all that GitHub and Jira tell of the pull request again. */
export async function refresh(asking: Asking, setting: Setting): Promise<Reply> {
  await readHostAgain(asking);
  const tickets = await readTicketsAgain(asking);
  return { markdown: renderRefreshed(tickets, isSecretive(setting)), fine: true };
}
