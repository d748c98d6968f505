import { fieldOf, isMapping } from "./configuration-problem.js";

/** A file that another one is laid over. */
export interface ExtendedFile {
  readonly owner: string;
  readonly repo: string;
  readonly path: string;
}

const NAMED = /^(?:([^/:]+)\/)?([^/:]+)(?::(.+))?$/;

/** The files that a file says it extends, lowest first: `settings`, `acme/settings`, `acme/settings:.github/other.yml`. */
export function extendedBy(content: unknown, from: ExtendedFile): readonly ExtendedFile[] {
  const named = [fieldOf(content, "_extends")].flat();
  return named.flatMap((one) => {
    const [, owner = from.owner, repo, path = from.path] = (typeof one === "string" ? NAMED.exec(one) : null) ?? [];
    return repo === undefined ? [] : [{ owner, repo, path }];
  });
}

/** How a file that extends others is kept: with what they say in the place of their names. */
export const withExtended = (content: unknown, extended: readonly unknown[]): unknown =>
  isMapping(content) && extended.length > 0 ? { ...content, _extends: extended } : content;

/** The files that a kept one is made of, lowest first, itself at the end. One that says nothing may be kept as null. */
export function filesOf(kept: unknown): readonly unknown[] {
  const extended = fieldOf(kept, "_extends");
  if (!isMapping(kept) || !Array.isArray(extended) || !extended.some(isContent)) return [kept];
  const { _extends, ...own } = kept;
  return [...extended.flatMap(filesOf), own];
}

/** What a file says, not the name of one. */
const isContent = (entry: unknown): boolean => entry === null || isMapping(entry);
