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
/** So many are extended in all: anybody may propose a file, from a fork as well, and each one costs requests. */
const MOST_FILES = 10;

/** All that is read for one file. Nothing is asked twice. */
interface Tree {
  readonly check: Check;
  readonly readFile: (file: ExtendedFile) => ReturnType<ReadFile>;
  readonly visibilityOf: (file: ExtendedFile) => ReturnType<typeof visibilityOf>;
  /** How many files were extended; one that is extended in two places counts twice. */
  extended: number;
}

/**
 * Reads the files that a file extends, and those that they extend. Of what is wrong in one of them no more is said than that
 * it is not good: whoever may read this file need not be allowed to read that one.
 */
export function readExtended({ client, check, readFile }: Reading, from: ExtendedFile, content: unknown): Promise<Extended> {
  const ofRepository = once(({ owner, repo }) => visibilityOf(client, { owner, repo }));
  const tree: Tree = {
    check,
    readFile: once((file) => readFile(client, file)),
    visibilityOf: (file) => ofRepository({ ...file, path: "" }),
    extended: 0,
  };
  return readAll(tree, [from], content);
}

function once<Answer>(ask: (file: ExtendedFile) => Promise<Answer>): (file: ExtendedFile) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>();
  return (file) => {
    const answer = asked.get(nameOf(file)) ?? ask(file);
    asked.set(nameOf(file), answer);
    return answer;
  };
}

async function readAll(tree: Tree, chain: readonly ExtendedFile[], content: unknown): Promise<Extended> {
  const contents: unknown[] = [];
  const [from] = chain;
  const files = from ? extendedBy(content, from) : [];
  const listed = Array.isArray(fieldOf(content, "_extends"));
  for (const [index, file] of files.entries()) {
    // The organisation's file is below every other one anyway.
    if (isOrganisations(file, chain)) continue;
    const read = await readOne(tree, chain, file);
    if ("wrong" in read) {
      const steps = listed ? ["_extends", index] : ["_extends"];
      return { contents: [], problems: [problem(steps, read.wrong)] };
    }
    contents.push(read.content);
  }
  return { contents, problems: [] };
}

type Wrong = { readonly wrong: { readonly expected: string; readonly found: string } };

const TOO_MANY = {
  expected: `at most ${MOST_FILES} files in all, extended by this one and by those that it extends`,
  found: "more",
};
const READABLE = "a file of this repository, of a public one, or of the account's .github where no fewer may read that";

async function readOne(tree: Tree, chain: readonly ExtendedFile[], file: ExtendedFile): Promise<Wrong | { content: unknown }> {
  const files = [file, ...chain];
  if (chain.some((one) => nameOf(one) === nameOf(file))) {
    const circle = files.map(nameOf).reverse().join(" → ");
    return { wrong: { expected: "files that do not extend each other in a circle", found: circle } };
  }
  if (files.length > LONGEST_CHAIN) return { wrong: { expected: `at most ${LONGEST_CHAIN} files in a row`, found: "more" } };
  if (++tree.extended > MOST_FILES) return { wrong: TOO_MANY };
  const read = (await mayRead(tree, chain, file)) ? await tree.readFile(file) : null;
  // Whether it is there is not for everybody to know: it is the same sentence.
  if (!read) return { wrong: { expected: READABLE, found: `none at ${nameOf(file)}` } };
  const problems = read.problems.length > 0 ? read.problems : tree.check(read.content, {});
  const below = problems.length > 0 ? null : await readAll(tree, files, read.content);
  if (tree.extended > MOST_FILES) return { wrong: TOO_MANY };
  if (!below || below.problems.length > 0) {
    return { wrong: { expected: "a good file", found: `one with mistakes: ${nameOf(file)}` } };
  }
  return { content: withExtended(read.content ?? {}, below.contents) };
}

const nameOf = ({ owner, repo, path }: ExtendedFile): string => `${owner}/${repo}:${path}`.toLowerCase();

function isOrganisations(file: ExtendedFile, chain: readonly ExtendedFile[]): boolean {
  const first = chain.at(-1);
  if (!first || nameOf(first) === nameOf(file)) return false;
  return nameOf(file) === nameOf({ owner: first.owner, repo: ".github", path: CONFIGURATION_FILE });
}

const repositoryShape = z.object({ private: z.boolean(), visibility: z.enum(["public", "internal", "private"]).nullish() });
const SEEN_BY = { private: 0, internal: 1, public: 2 };

/**
 * What a file says is shown where it is extended. Two private repositories may have different readers: so a repository may
 * extend its own files, public ones, and those beside its account's file, which holds for it anyway, if that is no less visible.
 */
async function mayRead(tree: Tree, chain: readonly ExtendedFile[], file: ExtendedFile): Promise<boolean> {
  const [from] = chain;
  const first = chain.at(-1);
  if (!from || !first) return false;
  if (isSame(from.owner, file.owner) && isSame(from.repo, file.repo)) return true;
  const extended = await tree.visibilityOf(file);
  if (extended === null || extended === "public") return extended === "public";
  if (!isSame(file.owner, first.owner) || !isSame(file.repo, ".github")) return false;
  const own = await tree.visibilityOf(from);
  return own !== null && SEEN_BY[extended] >= SEEN_BY[own];
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Null: there is no such repository, or not for us. */
async function visibilityOf(client: Client, { owner, repo }: Omit<ExtendedFile, "path">): Promise<keyof typeof SEEN_BY | null> {
  try {
    const { data }: { readonly data: unknown } = await client.rest.repos.get({ owner, repo });
    const read = parse(repositoryShape, data, "GitHub's answer about a repository");
    return read.visibility ?? (read.private ? "private" : "public");
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
}
