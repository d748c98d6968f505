import { type Configuration, doraUnder } from "../core/configuration.js";
import { BUILT_IN_PROFILES } from "../core/configuration-profiles.js";
import type { Rules } from "../core/lead-time.js";
import { type OrgUnit, unitsOfProject } from "../core/org-unit.js";
import { type Profile, sourceControlPart, startsWithTicket } from "../core/profile.js";
import type { PullRequest } from "../core/pull-request.js";
import type { Ticket } from "../core/ticket.js";
import type { WorkItem } from "../core/work-item.js";
import { builtIn, type Gathering, type RepositoryState } from "./gather.js";

/** A profile that an item is measured under, and what holds for it there. */
export interface Chosen {
  readonly profile: Profile;
  readonly rules: Rules;
  readonly notes: readonly string[];
  readonly unitNotes: readonly string[];
}

/**
 * What a pull request is measured under: the one that was chosen for it or the repository's own first, or `pull-request` where that one begins with a
 * ticket that is not there; then the two that the reports on source control need; for a public repository the part that
 * everybody may see; then those of its org units. Its repository's working time holds for all of them.
 */
export async function pullRequestProfiles(
  gathering: Gathering,
  repository: RepositoryState,
  { pullRequest, item }: { readonly pullRequest: PullRequest; readonly item: WorkItem },
): Promise<Chosen[]> {
  const { configuration, described } = repository;
  const own = gathering.ownProfile(configuration, pullRequest.profile);
  const first = standIn(own.profile, configuration, item);
  const notes = first ? [...own.notes, `${own.profile.name} ${first.why}`] : [...own.notes, ...suspicious(item)];
  const open = described.visibility === "public" ? [sourceControlPart(own.profile)] : [];
  const usual = (["pull-request", "change"] as const).map((name) => withoutTicket(configuration, name));
  const account = await gathering.defaults();
  const units = (await gathering.unitsOf(repository)).flatMap((unit) => unitProfile(gathering, account, unit));
  return distinct([
    { ...chosen(first?.profile ?? own.profile, configuration), notes },
    ...[...open, ...usual].map((profile) => chosen(profile, configuration)),
    ...units.map((unit) => underUnit(unit, { account, configuration, item })),
  ]);
}

/**
 * What a ticket is measured under: the profiles of all its pull requests, without any the account's; then those of the org units
 * of its project. Where pull requests of several repositories ask for one profile, their working time holds while it is the
 * same, else the account's.
 */
export async function ticketProfiles(
  gathering: Gathering,
  { described }: Ticket,
  { linked, item }: { readonly linked: readonly PullRequest[]; readonly item: WorkItem },
): Promise<Chosen[]> {
  const account = await gathering.defaults();
  const asked = (await Promise.all(linked.map((one) => askedBy(gathering, one)))).flat();
  const own = asked.length > 0 ? asked : [{ configuration: account, ...gathering.ownProfile(account) }];
  const units = unitsOfProject(account.orgUnits, described.project).flatMap((unit) => unitProfile(gathering, account, unit));
  const all = distinct([
    ...own.map(({ profile, configuration, notes }) => ({ ...chosen(profile, configuration), notes })),
    ...units.map(({ profile, unitNotes }) => ({ ...chosen(profile, account), unitNotes })),
  ]);
  return all.map((one) => {
    const theirs = own.filter(({ profile }) => profile.name === one.profile.name).map(({ configuration }) => configuration);
    const { rules } = chosen(one.profile, agreeing(theirs) ?? account);
    return { ...one, rules, notes: [...one.notes, ...suspicious(item)] };
  });
}

/** The profile of a pull request, with the configuration that holds for it. */
async function askedBy(gathering: Gathering, { repository, profile }: PullRequest) {
  const state = await gathering.repository(repository.ref);
  if (!state) return [];
  return [{ configuration: state.configuration, ...gathering.ownProfile(state.configuration, profile) }];
}

const chosen = (profile: Profile, configuration: Configuration): Chosen => ({
  profile,
  rules: { workingTime: configuration.workingTime, ...doraUnder(configuration, profile) },
  notes: [],
  unitNotes: [],
});

/** One of them, while they all have the same working time. What else holds is the account's alone to say, and its profiles'. */
function agreeing(configurations: readonly Configuration[]): Configuration | undefined {
  const times = new Set(configurations.map(({ workingTime }) => JSON.stringify(workingTime)));
  return times.size === 1 ? configurations[0] : undefined;
}

/** Each profile once, where it came first, with what any of them says of org units. */
const distinct = (all: readonly Chosen[]): Chosen[] =>
  [...new Set(all.map(({ profile }) => profile.name))].flatMap((name) => {
    const same = all.filter(({ profile }) => profile.name === name);
    const unitNotes = [...new Set(same.flatMap((one) => one.unitNotes))];
    return same.slice(0, 1).map((one) => ({ ...one, unitNotes }));
  });

/** What a pull request is measured under instead of a profile that begins with a ticket which it lacks, and why. */
function standIn(
  profile: Profile,
  configuration: Configuration,
  { tickets, unreadable: [why = "no ticket linked"] }: WorkItem,
): { readonly profile: Profile; readonly why: string } | undefined {
  if (!startsWithTicket(profile) || tickets.length > 0) return undefined;
  return { profile: withoutTicket(configuration, "pull-request"), why: `begins with a ticket: ${why}` };
}

/** Whoever gave one of these names to a profile of theirs may have let it begin with a ticket: then the built-in one is meant. */
function withoutTicket(configuration: Configuration, name: "pull-request" | "change"): Profile {
  const called = builtIn(configuration, name);
  return startsWithTicket(called) ? builtIn({ profiles: BUILT_IN_PROFILES }, name) : called;
}

interface UnitProfile {
  readonly unit: OrgUnit;
  readonly profile: Profile;
  readonly unitNotes: readonly string[];
}

/** The profile that an org unit asks for, which is the account's whatever a repository calls so; none when it only groups. */
function unitProfile(gathering: Gathering, account: Configuration, unit: OrgUnit): UnitProfile[] {
  if (unit.profile === null) return [];
  const { profile, notes } = gathering.ownProfile({ ...account, profile: unit.profile });
  return [{ unit, profile, unitNotes: notes.map((note) => `org unit ${unit.name}: ${note}`) }];
}

interface UnderUnit {
  readonly account: Configuration;
  /** The repository's. */
  readonly configuration: Configuration;
  readonly item: WorkItem;
}

function underUnit({ unit, profile, unitNotes }: UnitProfile, { account, configuration, item }: UnderUnit): Chosen {
  const instead = standIn(profile, account, item);
  if (!instead) return { ...chosen(profile, configuration), notes: suspicious(item), unitNotes };
  const why = `org unit ${unit.name}: ${profile.name} ${instead.why}`;
  return { ...chosen(instead.profile, configuration), unitNotes: [...unitNotes, why] };
}

const suspicious = ({ tickets, pullRequests }: WorkItem): string[] =>
  tickets.flatMap(({ described: { key }, entries }) => {
    const created = entries.find(({ type }) => type === "ticket.created");
    const late = pullRequests.some(({ merge }) => created && merge && merge.at < created.at);
    return late ? [`${key} was created after the merge: is it the right ticket?`] : [];
  });
