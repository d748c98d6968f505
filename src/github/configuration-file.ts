import { z } from "zod";
import type { LayerName, LocatedProblem, Place, Problem } from "../core/configuration.js";
import { withExtended } from "../core/configuration-extends.js";
import type { Event, EventOf } from "../core/event.js";
import { accountRef, type Ref } from "../core/ref.js";
import type { Log } from "../ports.js";
import { type BoundedYaml, NO_FILE, noYaml, readBoundedYaml } from "./bounded-yaml.js";
import { readExtended } from "./extended-file.js";
import { hasStatus } from "./failure.js";
import { observed } from "./observed.js";
import { parse } from "./payload.js";
import { CONFIGURATION_FILE } from "./push.js";
import type { Client, Subject } from "./subject.js";

/** What is wrong in a configuration file's content, where it stands; nothing: it is good. */
export type Check = (content: unknown, place: Place) => readonly Problem[];

export interface ConfigurationAccess {
  readonly check: Check;
  readonly log: Log;
  /** What the operator's file says, null without one; left out: names that it may define are taken on trust. */
  readonly deployment?: unknown;
}

/** A file, read: what is kept of it, or why it is not good. */
export interface ReadConfiguration {
  readonly content: unknown;
  readonly problems: readonly LocatedProblem[];
}

/** Reads a file's bytes; pure. Problems are in the order of the text. */
export function readConfiguration(bytes: Uint8Array, check: (content: unknown) => readonly Problem[]): ReadConfiguration {
  return checked(readBoundedYaml(bytes), check);
}

function checked(
  { content, problems, locate }: BoundedYaml,
  check: (content: unknown) => readonly Problem[],
): ReadConfiguration {
  const wrong = problems.length > 0 ? problems : check(content).map(locate).sort(byPosition);
  return wrong.length > 0 ? { content: null, problems: wrong } : { content, problems: [] };
}

const byPosition = (one: LocatedProblem, other: LocatedProblem): number => one.line - other.line || one.column - other.column;

/**
 * The repository's own file, and the one in its account's `.github` repository.
 * A file that is not good gives no event, so that what was good stays in force.
 */
export async function readConfigurations(access: ConfigurationAccess, on: Subject): Promise<Event[]> {
  const { ref, owner } = on.repository;
  const path = { ...on.path, repo: ".github" };
  // As of when each was asked for: one that was read first is the older one, however long the rest takes.
  const organisationAt = on.clock.now();
  const organisation = await readLayer(access, on.client, { layer: "organisation", path, below: below(access) });
  const isKnown = organisation.problems.length === 0;
  const under = { below: isKnown ? below(access, organisation.content) : undefined };
  // What stands in `.github` is the organisation's; that repository has no file of its own.
  const ownAt = on.clock.now();
  const own =
    on.path.repo === ".github" ? ABSENT : await readLayer(access, on.client, { layer: "repository", path: on.path, ...under });
  return [
    ...told(access, { layer: "repository", ref, repository: ref, read: own, at: ownAt }),
    ...told(access, { layer: "organisation", ref: accountRef(owner), read: organisation, at: organisationAt }),
  ];
}

/** The contents of the files below one, lowest first; undefined where the operator's is not known. */
export const below = ({ deployment }: ConfigurationAccess, ...others: readonly unknown[]): readonly unknown[] | undefined =>
  deployment === undefined ? undefined : [deployment, ...others];

interface Layer {
  readonly layer: Exclude<LayerName, "deployment">;
  /** Where its file is. */
  readonly path: Subject["path"];
  /** What the files below it say, lowest first; undefined where one of them is not known. */
  readonly below: readonly unknown[] | undefined;
  /** A commit, branch or tag; else the default branch. */
  readonly at?: string;
}
interface ReadLayer extends ReadConfiguration, Pick<BoundedYaml, "locate"> {
  /** What the file says by itself. */
  readonly own: unknown;
  /** Of its bytes; null: there is no file. */
  readonly sha: string | null;
}

const ABSENT: ReadLayer = { content: null, own: null, problems: [], sha: null, locate: NO_FILE.locate };

/** The file of a layer, with those that it extends in it; absent: it says nothing. It throws when GitHub cannot be asked. */
export async function readLayer({ check }: Pick<ConfigurationAccess, "check">, client: Client, of: Layer): Promise<ReadLayer> {
  const file = { ...of.path, path: CONFIGURATION_FILE };
  const read = await readFile(client, file, of.at);
  if (!read) return ABSENT;
  const { sha, locate, content: own } = read;
  if (read.problems.length > 0) return { content: null, own: null, problems: read.problems, sha, locate };
  // What is not well written there names no files.
  const names = check(own, { layer: of.layer }).every(({ steps }) => steps[0] !== "_extends");
  const extended = names ? await readExtended({ client, check, readFile }, file, own) : { contents: [], problems: [] };
  const place = { layer: of.layer, ...(of.below ? { below: [...of.below, ...extended.contents] } : {}) };
  const { content, problems } = checked(read, (given) => [...check(given, place), ...extended.problems]);
  return { content: withExtended(content, extended.contents), own, problems, sha, locate };
}

type Told = Pick<EventOf<"configuration.read">, "layer" | "ref" | "at"> & {
  readonly repository?: Ref;
  readonly read: ReadLayer;
};

function told({ log }: ConfigurationAccess, { layer, ref, repository, read, at }: Told): Event[] {
  const { content, sha, problems } = read;
  for (const { path, line, column, message } of problems) {
    log.warn({ ref, layer, path, line, column, message }, "a configuration file is not good");
  }
  if (problems.length > 0) return [];
  const common = observed({ id: `${ref}:configuration`, ref, at, readAt: at, ...(repository ? { repository } : {}) });
  return [{ ...common, type: "configuration.read", layer, content, sha }];
}

const entryShape = z.union([z.object({ type: z.string() }), z.array(z.unknown())]);
const fileShape = z.object({ type: z.literal("file"), encoding: z.literal("base64"), content: z.string(), sha: z.string() });

/** `{+path}`: the path's slashes stay, as GitHub documents it; `repos.getContent` would encode them. */
const FILE = "GET /repos/{owner}/{repo}/contents/{+path}";

export interface FilePath {
  readonly owner: string;
  readonly repo: string;
  readonly path: string;
}
export type ReadFile = (client: Client, file: FilePath, ref?: string) => Promise<(BoundedYaml & { sha: string }) | null>;

/** Null: there is none, or not for us. `sha`: of its bytes; empty for what is no file. */
export async function readFile(client: Client, file: FilePath, ref?: string): ReturnType<ReadFile> {
  try {
    const { data }: { readonly data: unknown } = await client.request(FILE, { ...file, ...(ref === undefined ? {} : { ref }) });
    parse(entryShape, data, "GitHub's answer about a file");
    const found = fileShape.safeParse(data).data;
    if (!found) return { ...noYaml({ expected: "a file of at most 1 MB", found: "something else" }), sha: "" };
    return { ...readBoundedYaml(Buffer.from(found.content, "base64")), sha: found.sha };
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
}
