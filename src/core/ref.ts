import { type Instant, instant } from "./time.js";

/** What an event is about. Made of ids that survive renames and moves (docs/lead-time.md, identity). */
export type Ref = string & { readonly names: "what an event is about" };
/** The numeric id of a GitHub account, as text; `SHARED` for what belongs to no account. */
export type Owner = string & { readonly names: "an account" };

const ref = (text: string): Ref => text as Ref; // a brand costs one cast

export const owner = (id: number | string): Owner => String(id) as Owner; // a brand costs one cast
/** Jira's facts are stored once, and read by the accounts that may use Jira. */
export const SHARED = owner(0);

export const accountRef = (id: string | number): Ref => ref(`github:account:${id}`);
export const repositoryRef = (id: string | number): Ref => ref(`github:repo:${id}`);
export const pullRequestRef = (repository: string | number, number: number): Ref => ref(`github:pr:${repository}#${number}`);
export const commitRef = (repository: string | number, sha: string): Ref =>
  ref(`github:commit:${repository}@${sha.toLowerCase()}`);
/** What git's graph says of a commit: which others it contains. */
export const graphRef = (repository: string | number, sha: string): Ref =>
  ref(`github:graph:${repository}@${sha.toLowerCase()}`);
/** The lanes of a repository: its environments and releases. */
export const lanesRef = (repository: string | number): Ref => ref(`github:lanes:${repository}`);
/** Whatever was merged into a repository at a time: no event is about it, but that one became known marks it. */
export const mergesRef = (repository: string | number, at: Instant): Ref => ref(`github:merges:${repository}@${at}`);
export const deploymentRef = (id: string | number): Ref => ref(`github:deployment:${id}`);
export const releaseRef = (id: string | number): Ref => ref(`github:release:${id}`);
export const ticketRef = (id: string | number): Ref => ref(`jira:issue:${id}`);
export const versionRef = (id: string | number): Ref => ref(`jira:version:${id}`);
export const statusRef = (id: string | number): Ref => ref(`jira:status:${id}`);
export const siteRef = ref("jira:site");
/** A ticket as named, for what is known of the name alone. */
export const keyRef = (key: string): Ref => ref(`jira:key:${key.toUpperCase()}`);
/** How much of a commit's name is the least that people write: what GitHub and git show of it. */
export const SHORT_SHA = 7;
/** Commits as named, in whatever repository, by as much as every name of them has. Whoever looks for one compares the rest. */
export const shaRef = (sha: string): Ref => ref(`github:sha:${sha.slice(0, SHORT_SHA).toLowerCase()}`);

export type RefKind =
  | "account"
  | "repository"
  | "pull-request"
  | "commit"
  | "sha"
  | "graph"
  | "lanes"
  | "merges"
  | "deployment"
  | "release"
  | "ticket"
  | "version"
  | "status"
  | "site"
  | "key";

const KINDS: Readonly<Record<string, RefKind>> = {
  "github:account": "account",
  "github:repo": "repository",
  "github:pr": "pull-request",
  "github:commit": "commit",
  "github:sha": "sha",
  "github:graph": "graph",
  "github:lanes": "lanes",
  "github:merges": "merges",
  "github:deployment": "deployment",
  "github:release": "release",
  "jira:issue": "ticket",
  "jira:version": "version",
  "jira:status": "status",
  "jira:site": "site",
  "jira:key": "key",
};

export function refKind(of: Ref): RefKind {
  const kind = KINDS[of.split(":", 2).join(":")];
  if (!kind) throw new TypeError(`no such kind of ref: ${of}`);
  return kind;
}

/** The id a ref ends in: `7` of `github:repo:7`, `PROP-1` of `jira:key:PROP-1`. */
export const refId = (of: Ref): string => of.slice(of.indexOf(":", of.indexOf(":") + 1) + 1);

/** The repository id and number of a pull-request ref. */
export function pullRequestOf(of: Ref): { repository: Ref; number: number } {
  const [repository = "", number = ""] = refId(of).split("#");
  return { repository: repositoryRef(repository), number: Number(number) };
}

/** The repository and sha of a commit or graph ref. */
export function commitOf(of: Ref): { repository: Ref; sha: string } {
  const [repository = "", sha = ""] = refId(of).split("@");
  return { repository: repositoryRef(repository), sha };
}

/** The repository and time of a merges ref. */
export function mergesOf(of: Ref): { repository: Ref; at: Instant } {
  const [repository = "", at = ""] = refId(of).split("@");
  return { repository: repositoryRef(repository), at: instant(Number(at)) };
}
