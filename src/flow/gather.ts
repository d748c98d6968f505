import { type Configuration, resolveConfiguration } from "../core/configuration.js";
import { type Carrier, type Containing, carrierEntry, carriersOf, firstContaining } from "../core/containment.js";
import type { Entry } from "../core/entry.js";
import { type Event, type EventOf, latest, only } from "../core/event.js";
import type { StoredLink } from "../core/link.js";
import { type OrgUnit, unitsOfRepository } from "../core/org-unit.js";
import { type Profile, plainName } from "../core/profile.js";
import { type MergeCommit, type PullRequest, readPullRequest } from "../core/pull-request.js";
import {
  accountRef,
  commitRef,
  keyRef,
  lanesRef,
  type Owner,
  pullRequestOf,
  type Ref,
  refId,
  refKind,
  SHARED,
  shaRef,
  siteRef,
} from "../core/ref.js";
import { partsOf, projectAlias, ticketAlias } from "../core/relation.js";
import { jiraOwners } from "../core/tenancy.js";
import { readTicket, type Ticket } from "../core/ticket.js";
import { findKeys } from "../core/ticket-key.js";
import { type Instant, instant, MINUTE } from "../core/time.js";
import { apiEntries, ciEntries, postedFor } from "../core/work-item.js";
import type { Queries } from "../ports.js";

/** What the operator decided for the whole deployment. */
export interface Policy {
  /** The content of `LEADTIME_CONFIG`, or null. */
  readonly configuration: unknown;
  readonly jira: { readonly configured: boolean; readonly owners: readonly string[] | null };
}

/** A repository as it is now, with what holds for it. */
export interface RepositoryState {
  readonly described: EventOf<"repository.described">;
  readonly configuration: Configuration;
  /** Whether its configuration files have been read, found or not. */
  readonly configured: boolean;
  readonly watchedAt: Instant | null;
  readonly firsts: ReadonlySet<string>;
}

/** A named ticket: read, or why not. */
export interface NamedTicket {
  readonly key: string;
  readonly ticket: Ticket | null;
  readonly unreadable: EventOf<"ticket.unreadable"> | null;
}

const PROJECTS_KEPT = MINUTE;

/** Reads, for one account, everything that work items are put together from; each thing once. */
export class Gathering {
  readonly #queries: Queries;
  readonly owner: Owner;
  readonly policy: Policy;
  /** Whether this account may use Jira. */
  readonly jira: boolean;
  readonly #repositories = new Map<Ref, Promise<RepositoryState | null>>();
  readonly #pullRequests = new Map<Ref, Promise<PullRequest | null>>();
  readonly #events = new Map<Ref, Promise<Event[]>>();
  readonly #sites = new Map<Ref, Promise<EventOf<"site.projects"> | null>>();
  readonly #tickets = new Map<string, Promise<NamedTicket>>();
  readonly #units = new Map<Ref, Promise<readonly OrgUnit[]>>();
  #defaults: Promise<Configuration> | undefined;

  constructor(queries: Queries, of: { readonly owner: Owner; readonly policy: Policy; readonly jira: boolean }) {
    this.#queries = queries;
    this.owner = of.owner;
    this.policy = of.policy;
    this.jira = of.jira;
  }

  /** The same, with nothing read yet: what was read before a lock was held may be old. */
  fresh(): Gathering {
    return new Gathering(this.#queries, this);
  }

  repository(ref: Ref): Promise<RepositoryState | null> {
    return once(this.#repositories, ref, () => this.#readRepository(ref));
  }

  async #readRepository(ref: Ref): Promise<RepositoryState | null> {
    const events = await this.#queries.events(this.owner, [ref, accountRef(this.owner), lanesRef(refId(ref))]);
    const described = latest(events, "repository.described");
    if (!described) return null;
    const layers = only(events, "configuration.read");
    const layer = (name: "organisation" | "repository") => layers.find((event) => event.layer === name);
    return {
      described,
      configured: layer("repository") !== undefined,
      configuration: resolveConfiguration(
        {
          deployment: this.policy.configuration,
          organisation: layer("organisation")?.content,
          repository: layer("repository")?.content,
        },
        described.name,
      ),
      watchedAt: only(events, "repository.watched")[0]?.at ?? null,
      firsts: new Set(only(events, "lane.begun").map(({ carrier }) => carrier)),
    };
  }

  pullRequest(ref: Ref): Promise<PullRequest | null> {
    return once(this.#pullRequests, ref, async () => {
      const repository = await this.repository(pullRequestOf(ref).repository);
      if (!repository || repository.described.deleted) return null;
      return readPullRequest(await this.#eventsOf(ref), repository.described, repository.configuration);
    });
  }

  #eventsOf(pullRequest: Ref): Promise<Event[]> {
    return once(this.#events, pullRequest, () => this.#queries.events(this.owner, [pullRequest]));
  }

  /** The commands about links, in the order in which they were given. */
  async linkCommands(ref: Ref): Promise<Event[]> {
    const events = await this.#eventsOf(ref);
    return events.filter(({ type }) => type === "pull-request.linked" || type === "pull-request.unlinked");
  }

  /**
   * The ticket projects that may be named, null when none are known: those configured, else those that Jira listed,
   * and those of this text that tickets were heard of since.
   */
  async knownProjects({ configuration }: RepositoryState, texts: readonly string[]): Promise<ReadonlySet<string> | null> {
    if (configuration.ticketKeys.projects) return configuration.ticketKeys.projects;
    const site = await this.#site();
    if (!site) return null;
    const named = [...new Set(texts.flatMap((text) => findKeys(text, null).map(({ project }) => project)))];
    const heardOf = await Promise.all(named.map((project) => this.#queries.resolve(SHARED, projectAlias(project))));
    return new Set([...site.keys.map((key) => key.toUpperCase()), ...named.filter((_, index) => heardOf[index])]);
  }

  /**
   * From when on Jira's list of projects should be read again, given the links and near misses before and after; null: not
   * now. It never was read; or a name came up that may belong to a project newer than the list.
   */
  async projectsDue(before: readonly StoredLink[], after: readonly StoredLink[], now: Instant): Promise<Instant | null> {
    const site = await this.#site();
    if (!this.jira || after.length === 0) return null;
    if (!site) return now;
    const known = new Set(before.map(({ key }) => key));
    const news = after.some(({ key, refusal }) => refusal !== null && !known.has(key));
    return news ? instant(Math.max(now, site.at + PROJECTS_KEPT)) : null;
  }

  #site(): Promise<EventOf<"site.projects"> | null> {
    return once(this.#sites, siteRef, async () => {
      const events = this.jira ? await this.#queries.events(SHARED, [siteRef]) : [];
      return latest(events, "site.projects") ?? null;
    });
  }

  ticket(key: string): Promise<NamedTicket> {
    return once(this.#tickets, key.toUpperCase(), () => this.#readTicket(key.toUpperCase()));
  }

  async #readTicket(key: string): Promise<NamedTicket> {
    if (!this.jira) return { key, ticket: null, unreadable: null };
    const ref = await this.ticketRefOf(key);
    const ticket = ref ? await this.ticketByRef(ref) : null;
    const failures = await this.#queries.events(SHARED, [keyRef(key)]);
    const unreadable = latest(failures, "ticket.unreadable") ?? null;
    const readSince = ticket?.historyReadAt ?? null;
    return { key, ticket, unreadable: unreadable && (readSince === null || readSince < unreadable.at) ? unreadable : null };
  }

  /** The ticket that has this key now, if this account may use Jira and one is known; never remembered. */
  async ticketRefOf(key: string): Promise<Ref | undefined> {
    return this.jira ? this.#queries.resolve(SHARED, ticketAlias(key)) : undefined;
  }

  async ticketByRef(ref: Ref): Promise<Ticket | null> {
    const own = await this.#queries.events(SHARED, [ref]);
    const parts = own.flatMap((event) => relatedOf(event));
    const related = parts.length > 0 ? await this.#queries.events(SHARED, [...new Set(parts)]) : [];
    return readTicket([...own, ...related]);
  }

  /** All keys a ticket ever had. */
  async keysOf(ticket: Ref): Promise<string[]> {
    const names = await this.#queries.aliases(SHARED, ticket);
    const prefix = ticketAlias("");
    return names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  }

  /** The links to these keys that hold. */
  async linksTo(keys: readonly string[]): Promise<StoredLink[]> {
    return (await this.#queries.linksTo(this.owner, keys)).filter(({ refusal }) => refusal === null);
  }

  /** What names these keys, near misses too. */
  async naming(keys: readonly string[]): Promise<Ref[]> {
    return (await this.#queries.linksTo(this.owner, keys)).map(({ from }) => from);
  }

  linksFrom(refs: readonly Ref[]): Promise<StoredLink[]> {
    return this.#queries.linksFrom(this.owner, refs);
  }

  /** Commits pushed straight to the default branch: those that no pull request brought. */
  async straightCommit(ref: Ref): Promise<EventOf<"commit.pushed"> | null> {
    const events = await this.#queries.events(this.owner, [ref]);
    const traced = only(events, "commit.traced")[0];
    const parts = await this.#queries.wholes(this.owner, [ref]);
    const brought = parts.some((whole) => refKind(whole) === "pull-request");
    return traced?.pullRequests.length === 0 && !brought ? (only(events, "commit.pushed")[0] ?? null) : null;
  }

  /** What happened to a merge commit: CI, the first carriers that contain it. */
  async mergeEntries(merge: MergeCommit): Promise<Entry[]> {
    const repository = await this.repository(merge.repository);
    if (!repository) return [];
    const id = refId(merge.repository);
    const heads = await this.#queries.heads(this.owner, merge.repository, merge.sha);
    const wholes = await this.#queries.wholes(
      this.owner,
      heads.map((head) => commitRef(id, head)),
    );
    const carrying = wholes.filter((ref) => refKind(ref) === "deployment" || refKind(ref) === "release");
    const about = await this.#queries.events(this.owner, [commitRef(id, merge.sha), ...carrying]);
    const known: Containing = { heads: new Set(heads), watchedAt: repository.watchedAt, firsts: repository.firsts };
    const carried = firstContaining(merge, carriersOf(about), known).map((carrier: Carrier) => carrierEntry(carrier, merge));
    return [...ciEntries(about, merge), ...carried];
  }

  /** Events posted by API for a ticket, under any key that it ever had. */
  async postedForTicket({ key, ticket }: NamedTicket): Promise<Entry[]> {
    const keys = ticket ? await this.keysOf(ticket.ref) : [];
    const refs = [...new Set([key, ...keys].map(keyRef))];
    return apiEntries(await this.#queries.events(this.owner, refs), null);
  }

  /** Events posted by API for any of these commits, which are a pull request's or were pushed straight. */
  async postedForCommits(shas: readonly string[], pullRequest: Ref | null): Promise<Entry[]> {
    if (shas.length === 0) return [];
    const posted = await this.#queries.events(this.owner, [...new Set(shas.map(shaRef))]);
    return apiEntries(postedFor(posted, shas), pullRequest);
  }

  /** The org units that a repository belongs to. */
  unitsOf({ described }: RepositoryState): Promise<readonly OrgUnit[]> {
    return once(this.#units, described.ref, async () => unitsOfRepository((await this.defaults()).orgUnits, described.name));
  }

  /** What holds where no repository says otherwise. */
  defaults(): Promise<Configuration> {
    this.#defaults ??= this.#readDefaults();
    return this.#defaults;
  }

  async #readDefaults(): Promise<Configuration> {
    const [read] = only(await this.#queries.events(this.owner, [accountRef(this.owner)]), "configuration.read");
    return resolveConfiguration({ deployment: this.policy.configuration, organisation: read?.content }, "");
  }

  /** The profile of a repository, or of a pull request for which one was chosen by name; and why it is not the one that was asked for. */
  ownProfile(
    configuration: Configuration,
    chosen: string | null = null,
  ): { readonly profile: Profile; readonly notes: readonly string[] } {
    const byDefault = this.jira && this.policy.jira.configured ? "ticket-to-release" : "pull-request";
    const asked = chosen ?? configuration.profile ?? byDefault;
    const found = configuration.profiles.get(asked);
    if (found) return { profile: found, notes: [] };
    const { profile, notes } =
      chosen === null ? { profile: builtIn(configuration, byDefault), notes: [] } : this.ownProfile(configuration);
    return { profile, notes: [`profile ${asked} is not defined: ${plainName(profile.name)} is used`, ...notes] };
  }
}

/** Reads for an account, with nothing read yet; whether it may use Jira is as of now. */
export async function gatheringFor(queries: Queries, policy: Policy, owner: Owner): Promise<Gathering> {
  const jira = policy.jira.configured && jiraOwners(await queries.accounts(), policy.jira.owners).includes(owner);
  return new Gathering(queries, { owner, policy, jira });
}

export const builtIn = ({ profiles }: Pick<Configuration, "profiles">, name: string): Profile => {
  const profile = profiles.get(name);
  if (!profile) throw new TypeError(`no built-in profile is called ${name}`);
  return profile;
};

const relatedOf = (event: Event): Ref[] =>
  partsOf(event).filter((ref) => refKind(ref) === "version" || refKind(ref) === "status");

async function once<Key, Value>(cache: Map<Key, Promise<Value>>, key: Key, read: () => Promise<Value>): Promise<Value> {
  const cached = cache.get(key) ?? read();
  cache.set(key, cached);
  return cached;
}
