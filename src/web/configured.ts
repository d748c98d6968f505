import { type Configuration, doraUnder, resolveConfiguration } from "../core/configuration.js";
import { type Event, type EventOf, latest, only } from "../core/event.js";
import { matchesGlob } from "../core/glob.js";
import type { OrgUnit } from "../core/org-unit.js";
import { BUILT_IN, type Profile, type Stage, type Start } from "../core/profile.js";
import { accountRef, type Ref } from "../core/ref.js";
import { jiraOwners } from "../core/tenancy.js";
import { type Milliseconds, toSeconds } from "../core/time.js";
import type { Store } from "../ports.js";
import type { Reader } from "./access.js";
import type { OrgUnitJson, ProfileJson, TriggerJson } from "./configured-schema.js";
import { type Named, readableAccounts } from "./item-lookup.js";

/** What the operator decided: the content of `LEADTIME_CONFIG`, and who may use Jira. */
export interface OperatorsRules {
  readonly configuration: unknown;
  readonly jira: { readonly configured: boolean; readonly owners: readonly string[] | null };
}

/** Whose configuration is asked for. */
export interface AskedFor {
  readonly store: Pick<Store, "accounts" | "events" | "subjects">;
  readonly rules: OperatorsRules;
  readonly reader: Reader;
  /** The account's, if one was named. */
  readonly login: string | undefined;
}

/** The profiles that there are: built in, the operator's, those of the accounts and of their repositories. Null: no such account. */
export async function profilesFor(asked: AskedFor): Promise<ProfileJson[] | null> {
  return ofEach(asked, async (account) => {
    const organisation = await organisationsFile(asked, account);
    const shared = resolveConfiguration({ deployment: asked.rules.configuration, organisation }, "");
    const all = [...shared.profiles.values()].map((profile) => profileJson(account, shared, { profile, repository: null }));
    const repositories = await repositoriesWithFile(asked, account);
    for (const { name, content } of repositories) {
      // Each is a file to check: requests come in between.
      await new Promise((next) => setImmediate(next));
      const layers = { deployment: asked.rules.configuration, organisation, repository: content };
      const configuration = resolveConfiguration(layers, name);
      const own = [...configuration.profiles.values()].filter((profile) => profile.name.startsWith(`${name}:`));
      all.push(...own.map((profile) => profileJson(account, configuration, { profile, repository: name })));
    }
    return all;
  });
}

/** The org units of the accounts. Null: no such account. */
export async function orgUnitsFor(asked: AskedFor): Promise<OrgUnitJson[] | null> {
  const entitled = jiraOwners(await asked.store.accounts(), asked.rules.jira.owners);
  return ofEach(asked, async (account) => {
    const organisation = await organisationsFile(asked, account);
    const own = new Set(resolveConfiguration({ organisation }, "").orgUnits.map(({ name }) => name));
    const { orgUnits } = resolveConfiguration({ deployment: asked.rules.configuration, organisation }, "");
    const jira = asked.rules.jira.configured && entitled.includes(account.owner);
    const told = orgUnits.map((unit) => (own.has(unit.name) ? unit : ofAccount(unit, account, jira)));
    return told
      .filter(({ repositories, projects }) => repositories.length + projects.size > 0)
      .map(({ name, repositories, projects, profile }) => ({
        ...{ owner: ownerOf(account), name, repositories, profile },
        projects: [...projects],
      }));
  });
}

/** The operator's units are of all accounts: of each is told what is this account's. */
const ofAccount = (unit: OrgUnit, { login }: Named, jira: boolean): OrgUnit => ({
  ...unit,
  repositories: unit.repositories.filter((glob) => matchesGlob(glob.split("/")[0] ?? "", login)),
  projects: jira ? unit.projects : new Set(),
});

async function ofEach<Told>(
  { store, reader, login }: AskedFor,
  tell: (account: Named) => Promise<Told[]>,
): Promise<Told[] | null> {
  const accounts = await readableAccounts({ items: store, reader, login });
  if (accounts.length === 0 && login !== undefined) return null;
  const told: Told[] = [];
  for (const account of accounts) told.push(...(await tell(account)));
  return told;
}

const ownerOf = ({ login }: Named): string | null => login || null;

async function organisationsFile({ store }: AskedFor, { owner }: Named): Promise<unknown> {
  return only(await store.events(owner, [accountRef(owner)]), "configuration.read")[0]?.content;
}

interface RepositoryFile {
  readonly name: string;
  readonly content: unknown;
}

/** The repositories that have a file of their own, by name. */
async function repositoriesWithFile({ store }: AskedFor, { owner }: Named): Promise<RepositoryFile[]> {
  const events = await store.events(owner, await store.subjects(owner, "repository"));
  const byRepository = new Map<Ref, Event[]>();
  for (const event of events) byRepository.set(event.ref, [...(byRepository.get(event.ref) ?? []), event]);
  const files = [...byRepository.values()].flatMap((about) => fileOf(latest(about, "repository.described"), about));
  return files.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function fileOf(described: EventOf<"repository.described"> | undefined, about: readonly Event[]): RepositoryFile[] {
  const content = only(about, "configuration.read")[0]?.content ?? null;
  return described && !described.deleted && content !== null ? [{ name: described.name, content }] : [];
}

interface Defined {
  readonly profile: Profile;
  readonly repository: string | null;
}

function profileJson(account: Named, configuration: Configuration, { profile, repository }: Defined): ProfileJson {
  const { name, description, calculation, overall, statistic, absentStages } = profile;
  const { production } = doraUnder(configuration, profile);
  return {
    ...{ owner: ownerOf(account), name, repository, builtIn: BUILT_IN.includes(profile), description },
    start: startJson(profile.start, production),
    ...{ calculation, overall, statistic, absentStages },
    stages: profile.stages.map((stage) => ({
      name: stage.name,
      ...triggerJson(stage, production),
      idealSeconds: secondsOrNull(stage.ideal),
      acceptableSeconds: secondsOrNull(stage.acceptable),
    })),
  };
}

type Production = readonly string[] | null;

const startJson = (start: Start, production: Production): ProfileJson["start"] =>
  start === "first-stage" ? { on: start } : triggerJson(start, production);

/** Production is named by its globs where they are configured. */
function triggerJson({ trigger, pick }: Pick<Stage, "trigger" | "pick">, production: Production): TriggerJson {
  const isProduction = trigger.on === "deployment.succeeded" && trigger.environments === "production";
  return { ...trigger, ...(isProduction && production ? { environments: production } : {}), pick };
}

const secondsOrNull = (duration: Milliseconds | undefined): number | null =>
  duration === undefined ? null : toSeconds(duration);
