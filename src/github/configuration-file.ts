import { z } from "zod";
import type { Event, EventOf } from "../core/event.js";
import { accountRef, type Ref } from "../core/ref.js";
import type { Log } from "../ports.js";
import { type Problem, readBoundedYaml } from "./bounded-yaml.js";
import { hasStatus } from "./failure.js";
import { observed } from "./observed.js";
import { parse } from "./payload.js";
import { CONFIGURATION_FILE } from "./push.js";
import type { Subject } from "./subject.js";

export interface ConfigurationAccess {
  /** What is wrong in a configuration file's content; nothing: it is good. */
  readonly check: (content: unknown) => readonly Problem[];
  readonly log: Log;
}

interface Layer {
  readonly layer: EventOf<"configuration.read">["layer"];
  readonly ref: Ref;
  readonly repository?: Ref;
  /** Where its file is. */
  readonly path: Subject["path"];
}

/**
 * The repository's own file, and the one in its account's `.github` repository.
 * A file that is not good gives no event, so that what was good stays in force.
 */
export async function readConfigurations(access: ConfigurationAccess, on: Subject): Promise<Event[]> {
  const { ref, owner } = on.repository;
  const layers: readonly Layer[] = [
    { layer: "repository", ref, repository: ref, path: on.path },
    { layer: "organisation", ref: accountRef(owner), path: { ...on.path, repo: ".github" } },
  ];
  const read = await Promise.all(layers.map((layer) => readLayer(access, on, layer)));
  return read.filter((event) => event !== null);
}

async function readLayer({ check, log }: ConfigurationAccess, on: Subject, from: Layer): Promise<Event | null> {
  const { path, ...at } = from;
  const file = await readFile(on, path);
  const { content, problems } = file ? file.read : ABSENT;
  const wrong = problems.length > 0 ? problems : check(content);
  for (const problem of wrong) log.warn({ ref: at.ref, layer: at.layer, ...problem }, "a configuration file is not good");
  return wrong.length > 0 ? null : configurationRead(on, at, { content, sha: file?.sha ?? null });
}

const ABSENT = { content: null, problems: [] };

function configurationRead(
  { clock }: Subject,
  { ref, repository, layer }: Omit<Layer, "path">,
  file: Pick<EventOf<"configuration.read">, "content" | "sha">,
): EventOf<"configuration.read"> {
  const now = clock.now();
  const id = `${ref}:configuration`;
  const common = observed({ id, ref, at: now, readAt: now, ...(repository ? { repository } : {}) });
  return { ...common, type: "configuration.read", layer, ...file };
}

const entryShape = z.union([z.object({ type: z.string() }), z.array(z.unknown())]);
const fileShape = z.object({ type: z.literal("file"), encoding: z.literal("base64"), content: z.string(), sha: z.string() });
const NO_FILE = { content: null, problems: [{ path: "", message: "expected a file of at most 1 MB, found something else" }] };

/** `{+path}`: the path's slashes stay, as GitHub documents it; `repos.getContent` would encode them. */
const FILE = "GET /repos/{owner}/{repo}/contents/{+path}";

/** Null: there is none, or not for us. */
async function readFile({ client }: Subject, path: Layer["path"]) {
  try {
    const { data }: { readonly data: unknown } = await client.request(FILE, { ...path, path: CONFIGURATION_FILE });
    parse(entryShape, data, "GitHub's answer about a file");
    const file = fileShape.safeParse(data).data;
    if (!file) return { read: NO_FILE, sha: null };
    return { read: readBoundedYaml(Buffer.from(file.content, "base64")), sha: file.sha };
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
}
