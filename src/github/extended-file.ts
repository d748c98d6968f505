import { z } from "zod";
import { type ExtendedFile, extendedBy, withExtended } from "../core/configuration-extends.js";
import { fieldOf, type Problem, problem } from "../core/configuration-problem.js";
import type { Check, ReadFile } from "./configuration-file.js";
import { hasStatus } from "./failure.js";
import { parse } from "./payload.js";
import { CONFIGURATION_FILE } from "./push.js";
import type { Client } from "./subject.js";

interface Reading {
  readonly client: Client;
  readonly check: Check;
  readonly readFile: ReadFile;
}

/** What the extended files say, as it is kept, lowest first; or what is wrong with `_extends`. */
interface Extended {
  readonly contents: readonly unknown[];
  readonly problems: readonly Problem[];
}

/** So many files stand in a row at most, each extending the next. */
const LONGEST_CHAIN = 5;

/**
 * Reads the files that a file extends, and those that they extend. Of what is wrong in one of them no more is said than that
 * it is not good: whoever may read this file need not be allowed to read that one.
 */
export function readExtended(reading: Reading, from: ExtendedFile, content: unknown): Promise<Extended> {
  return readAll(reading, [from], content);
}

async function readAll(reading: Reading, chain: readonly ExtendedFile[], content: unknown): Promise<Extended> {
  const contents: unknown[] = [];
  const [from] = chain;
  const files = from ? extendedBy(content, from) : [];
  const listed = Array.isArray(fieldOf(content, "_extends"));
  for (const [index, file] of files.entries()) {
    // The organisation's file is below every other one anyway.
    if (isOrganisations(file, chain)) continue;
    const read = await readOne(reading, chain, file);
    if ("wrong" in read) {
      const steps = listed ? ["_extends", index] : ["_extends"];
      return { contents: [], problems: [problem(steps, read.wrong)] };
    }
    contents.push(read.content);
  }
  return { contents, problems: [] };
}

type Wrong = { readonly wrong: { readonly expected: string; readonly found: string } };

async function readOne(
  reading: Reading,
  chain: readonly ExtendedFile[],
  file: ExtendedFile,
): Promise<Wrong | { content: unknown }> {
  const files = [file, ...chain];
  if (chain.some((one) => nameOf(one) === nameOf(file))) {
    const circle = files.map(nameOf).reverse().join(" → ");
    return { wrong: { expected: "files that do not extend each other in a circle", found: circle } };
  }
  if (files.length > LONGEST_CHAIN) return { wrong: { expected: `at most ${LONGEST_CHAIN} files in a row`, found: "more" } };
  const read = (await mayRead(reading.client, chain, file)) ? await reading.readFile(reading.client, file) : null;
  if (!read)
    return { wrong: { expected: "a file that everybody who may read this one may read", found: `none at ${nameOf(file)}` } };
  const problems = read.problems.length > 0 ? read.problems : reading.check(read.content, {});
  const below = problems.length > 0 ? null : await readAll(reading, files, read.content);
  if (!below || below.problems.length > 0) {
    return { wrong: { expected: "a good file", found: `one with mistakes: ${nameOf(file)}` } };
  }
  return { content: withExtended(read.content, below.contents) };
}

const nameOf = ({ owner, repo, path }: ExtendedFile): string => `${owner}/${repo}:${path}`.toLowerCase();

function isOrganisations(file: ExtendedFile, chain: readonly ExtendedFile[]): boolean {
  const first = chain.at(-1);
  if (!first || nameOf(first) === nameOf(file)) return false;
  return nameOf(file) === nameOf({ owner: first.owner, repo: ".github", path: CONFIGURATION_FILE });
}

const repositoryShape = z.object({ private: z.boolean(), visibility: z.enum(["public", "internal", "private"]).nullish() });
const SEEN_BY = { private: 0, internal: 1, public: 2 };

/** What a file says is shown where it is extended: so a repository may extend those that are no less visible. */
async function mayRead(client: Client, [from]: readonly ExtendedFile[], file: ExtendedFile): Promise<boolean> {
  if (!from) return false;
  if (from.owner.toLowerCase() === file.owner.toLowerCase() && from.repo.toLowerCase() === file.repo.toLowerCase()) return true;
  const extended = await visibilityOf(client, file);
  const own = extended === null || extended === "public" ? "public" : await visibilityOf(client, from);
  return extended !== null && own !== null && SEEN_BY[extended] >= SEEN_BY[own];
}

/** Null: there is no such repository, or not for us. */
async function visibilityOf(client: Client, { owner, repo }: ExtendedFile): Promise<keyof typeof SEEN_BY | null> {
  try {
    const { data }: { readonly data: unknown } = await client.rest.repos.get({ owner, repo });
    const read = parse(repositoryShape, data, "GitHub's answer about a repository");
    return read.visibility ?? (read.private ? "private" : "public");
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
}
