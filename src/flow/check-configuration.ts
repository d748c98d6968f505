import { type Configuration, definedProfiles, resolveConfiguration } from "../core/configuration.js";
import { type SayableProfile, sayableUnder } from "../core/configuration-sayable.js";
import { checkSeen } from "../core/configuration-seen.js";
import type { Effect } from "../core/effect.js";
import { only } from "../core/event.js";
import { type Profile, sourceControlPart } from "../core/profile.js";
import { accountRef, type Owner, pullRequestOf, type Ref } from "../core/ref.js";
import type { Checks, Clock, Discussion, Log, Proposals, Repository, Store } from "../ports.js";
import { type CheckedFile, type Meaning, renderCheck } from "../render/configuration-check.js";
import { audienceOf, type CheckAudience } from "./check-audience.js";
import { tellInComment } from "./configuration-comment.js";
import type { Gathering } from "./gather.js";
import { namesSeen } from "./names-seen.js";
import { repositoryNow } from "./repository-now.js";

export type CheckEffect = Extract<Effect, { kind: "check-proposal" | "check-commit" }>;

/** A good configuration that a pull request proposes. */
export interface ProposedConfiguration {
  readonly owner: Owner;
  readonly repository: Ref;
  readonly layer: "repository" | "organisation";
  /** As it would be kept; null: the file goes. */
  readonly content: unknown;
}
/** What would change under it, as Markdown; null: nothing to tell. */
export type WhatWouldChange = (proposed: ProposedConfiguration) => Promise<string | null>;

export interface CheckParts {
  readonly store: Store;
  readonly proposals: Proposals;
  readonly checks: Checks;
  readonly discussion: Discussion;
  readonly whatWouldChange?: WhatWouldChange;
  readonly clock: Clock;
  readonly log: Log;
}

/** A commit whose configuration file is looked at. */
interface Subject {
  readonly repository: Repository;
  readonly sha: string;
  /** Null: it is on the default branch. */
  readonly pullRequest: Ref | null;
}

const FILE = ".github/leadtime.yml";

/**
 * Looks at the configuration file as a commit has it, if what brought the commit touches it, and says on the commit what it
 * means or what is wrong. Where we may write no check run, what is wrong is said in a comment on the pull request.
 */
export async function checkConfiguration(effect: CheckEffect, gathering: Gathering, parts: CheckParts): Promise<void> {
  const subject = await subjectOf(effect, gathering.owner, parts.store);
  const { repository, sha, pullRequest } = subject;
  const touched = await isTouched(effect, subject, parts.proposals);
  const found = touched ? await look(subject, gathering, parts) : null;
  const said = found === null || (await parts.checks.put(repository, sha, renderCheck(found.file, found.meaning)));
  if (!said)
    parts.log.warn({ repository: repository.ref, sha }, "a check run is not told: the permission to write checks is missing");
  const problems = found?.file.problems ?? [];
  if (pullRequest) await tellInComment({ repository, pullRequest, sha, path: FILE, problems, said }, parts);
}

async function subjectOf(effect: CheckEffect, owner: Owner, store: Store): Promise<Subject> {
  if (effect.kind === "check-commit") {
    return { repository: await repositoryNow(store, owner, effect.repository), sha: effect.sha, pullRequest: null };
  }
  const { pullRequest, head } = effect;
  return { repository: await repositoryNow(store, owner, pullRequestOf(pullRequest).repository), sha: head, pullRequest };
}

function isTouched(effect: CheckEffect, { repository, sha }: Subject, proposals: Proposals): boolean | Promise<boolean> {
  if (effect.kind === "check-proposal") {
    const { base, head, pullRequest } = effect;
    return proposals.touched(repository, pullRequestOf(pullRequest).number, { base, head });
  }
  return effect.before === null || proposals.differs(repository, effect.before, sha);
}

interface Found {
  readonly file: CheckedFile;
  /** Null: the file is not good. */
  readonly meaning: Meaning | null;
}

async function look(subject: Subject, gathering: Gathering, parts: CheckParts): Promise<Found> {
  const { repository, sha } = subject;
  const state = await gathering.repository(repository.ref);
  const layer = repository.name.toLowerCase().endsWith("/.github") ? "organisation" : "repository";
  const organisation = await organisationOf(gathering.owner, parts.store);
  const audience = await audienceOf(state, organisation?.content, gathering, parts.store);
  const place = {
    layer,
    public: audience.open || audience.narrow,
    ...(organisation && { organisation: organisation.content }),
  } as const;
  const proposal = await parts.proposals.read(repository, sha, place);
  const { there, problems } = proposal;
  const file = { path: FILE, layer, there, problems, warnings: [] } as const;
  if (problems.length > 0) return { file, meaning: null };
  const seen = await namesSeen(parts.store, gathering, audience.names);
  const warnings = checkSeen(proposal.own, seen).map(proposal.locate);
  const layers = layer === "organisation" ? {} : { organisation: organisation?.content, repository: proposal.content };
  const configuration = resolveConfiguration(
    { deployment: gathering.policy.configuration, organisation: proposal.content, ...layers },
    layer === "organisation" ? "" : repository.name,
  );
  const isNarrow = audience.narrow && layer === "repository";
  const sayable = isNarrow ? sayableUnder(proposal.content, repository.name) : asItIs;
  const change = await changeUnder(subject, { layer, content: proposal.content }, parts);
  return {
    file: { ...file, warnings },
    meaning: { ...meaningOf(proposal.content, configuration, { gathering, audience, sayable }), change },
  };
}

/** The organisation's file that is in force; undefined: none was read yet, good or not there. */
async function organisationOf(owner: Owner, store: Store) {
  return only(await store.events(owner, [accountRef(owner)]), "configuration.read").find(
    ({ layer }) => layer === "organisation",
  );
}

type Sayable = (profile: Profile) => SayableProfile;
const asItIs: Sayable = (profile) => ({ profile, whole: true });

interface Telling {
  readonly gathering: Gathering;
  readonly audience: CheckAudience;
  readonly sayable: Sayable;
}

function meaningOf(
  content: unknown,
  configuration: Configuration,
  { gathering, audience: { open, tickets }, sayable }: Telling,
): Omit<Meaning, "change"> {
  const { profile, notes } = gathering.ownProfile(configuration);
  const defined = definedProfiles(content).flatMap((name) => configuration.profiles.get(name) ?? []);
  const others = defined.filter(({ name }) => name !== profile.name);
  const shown = (one: Profile): SayableProfile => {
    const { profile: said, whole } = sayable(one);
    return { profile: tickets ? said : sourceControlPart(said), whole };
  };
  return { configuration, own: { ...shown(profile), notes }, defined: others.map(shown), public: open, tickets };
}

/** Nobody is kept from hearing what the file means because of this. */
async function changeUnder(
  { repository, pullRequest }: Subject,
  proposed: Omit<ProposedConfiguration, "owner" | "repository">,
  { whatWouldChange, log }: CheckParts,
): Promise<string | null> {
  if (!whatWouldChange || pullRequest === null) return null;
  try {
    return await whatWouldChange({ owner: repository.owner, repository: repository.ref, ...proposed });
  } catch (error) {
    log.error({ err: error, pullRequest }, "what would change could not be told");
    return null;
  }
}
