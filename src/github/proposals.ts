import { z } from "zod";
import { checkForEverybody } from "../core/configuration-public.js";
import type { Clock, Proposal, ProposalPlace, Proposals, Repository } from "../ports.js";
import type { ConfigurationAccess } from "./configuration-file.js";
import { asking } from "./failure.js";
import { parse } from "./payload.js";
import { CONFIGURATION_FILE } from "./push.js";
import { type Client, type Clients, pathOf } from "./subject.js";

interface Access extends ConfigurationAccess {
  readonly octokit: Clients;
  readonly clock: Clock;
}

/** Reads of configuration files as commits have them. A fork's commits are read as the repository's own: they are data. */
export function proposals(access: Access): Proposals {
  const { octokit, clock } = access;
  const about = <Answer>(what: string, repository: Repository, read: (client: Client) => Promise<Answer>): Promise<Answer> =>
    asking(`${what} of ${repository.name}`, clock, async () => read(await octokit(repository.installation)));
  return {
    touched: (repository, number, branch) =>
      about("list a pull request's files", repository, (client) => isTouched(client, repository, { number, ...branch })),
    differs: (repository, before, sha) =>
      about("compare the configuration", repository, (client) => differs(client, repository, [before, sha])),
    read: (repository, sha, place) =>
      about("read a proposed configuration", repository, (client) => read(access, client, { repository, sha, place })),
  };
}

/** What reads YAML takes long to load: it is, when a file is first read. */
const configurationFile = () => import("./configuration-file.js");

/** With each file comes what changed in it: a short page is enough. */
const LISTED = 30;

const fileShape = z.object({ filename: z.string(), previous_filename: z.string().nullish() });

/**
 * GitHub lists up to 3,000 files of a pull request, in the order of their paths, as far as anybody has seen; it does not
 * promise so. Ours comes early, so that the first page tells. Should it not, the file is compared on the base and on the head.
 */
async function isTouched(
  client: Client,
  repository: Repository,
  { number, base, head }: { readonly number: number; readonly base: string; readonly head: string },
): Promise<boolean> {
  const { data } = await client.rest.pulls.listFiles({ ...pathOf(repository), pull_number: number, per_page: LISTED });
  const files = parse(z.array(fileShape), data, "GitHub's list of a pull request's files");
  if (files.some((file) => file.filename === CONFIGURATION_FILE || file.previous_filename === CONFIGURATION_FILE)) return true;
  return files.length < LISTED || isBehind(files) ? false : differs(client, repository, [base, head]);
}

/** Whether our file would have stood on the page. */
function isBehind(files: readonly { readonly filename: string }[]): boolean {
  const names = files.map(({ filename }) => filename);
  const ordered = names.every((name, index) => index === 0 || (names[index - 1] ?? "") <= name);
  return ordered && (names.at(-1) ?? "") > CONFIGURATION_FILE;
}

async function differs(client: Client, repository: Repository, commits: readonly string[]): Promise<boolean> {
  const { readFile } = await configurationFile();
  const file = { ...pathOf(repository), path: CONFIGURATION_FILE };
  const [one, other] = await Promise.all(commits.map((commit) => readFile(client, file, commit)));
  return one?.sha !== other?.sha;
}

async function read(
  access: ConfigurationAccess,
  client: Client,
  { repository, sha, place }: { readonly repository: Repository; readonly sha: string; readonly place: ProposalPlace },
): Promise<Proposal> {
  const { below, readLayer } = await configurationFile();
  const check = place.public ? checkForEverybody : access.check;
  const path = pathOf(repository);
  const found = await readLayer({ check }, client, {
    layer: place.layer,
    path,
    below: filesBelow(below, access, place),
    at: sha,
  });
  return { ...found, there: found.sha !== null };
}

type Below = Awaited<ReturnType<typeof configurationFile>>["below"];

function filesBelow(below: Below, access: ConfigurationAccess, place: ProposalPlace): readonly unknown[] | undefined {
  if (place.layer === "organisation") return below(access);
  return "organisation" in place ? below(access, place.organisation) : undefined;
}
