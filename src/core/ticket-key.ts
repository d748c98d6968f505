/** A text that looks like a ticket key, and whether it is one. */
export interface KeyMatch {
  /** `PROP-1460`, in upper case. */
  readonly key: string;
  readonly project: string;
  /** Null: it counts. Else why it does not, in words. */
  readonly refusal: string | null;
}

/** Names that look like a project but are none: standards, versions, tools, the words branches are made of. */
const NOT_PROJECTS: ReadonlySet<string> = new Set(
  `AES ALPINE ANGULAR ARM AXIOS B7 BACKPORT BASE BATCH BETA BUG BUILD BUMP CHORE CI CODEX CONDUCT COPILOT CVE CWE DAY DEBIAN
   DEPENDABOT DOCS DRAFT EC ECMA ES ESLINT EXPRESS FEAT FEATURE FIX GCC GH GHSA GITHUB GMT GO GPT HOTFIX HTTP HTTPS IEC
   IEEE IPV ISO ISSUE ITERATION JAVA JDK JEST JQUERY LATIN LEVEL LICENSE LODASH MD MERGE MILESTONE NEXT NODE NPM PART PATCH
   PEP PHASE PHP POSTGRES PR PSR PULL PYTHON RAILS RC REACT RELEASE RENOVATE REV REVERT RFC ROUND RSA RUBY SECTION SHA SPRINT SSL
   STAGE STEP SVELTE TASK TICKET TLS TYPES TYPESCRIPT UBUNTU UCS UPDATE UTC UTF V1 V2 V3 V4 V5 VERSION VITE VUE WEBPACK WEEK WIN
   WINDOWS WIP X1 X86 YEAR`.split(/\s+/),
);

/** What a word before it makes a key of. Only these places are looked at, so that time stays linear; most texts have none. */
const MAY_NUMBER = /-[1-9]/;
const NUMBERED = /-([0-9]+)(?![\p{L}\p{M}\p{N}])/gu;
const NUMBER = /^[1-9][0-9]{0,8}$/;
const PROJECT = /^[A-Z][A-Z0-9]{1,9}$/;
const WORD_CHARACTER = /[\p{L}\p{M}\p{N}]$/u;
/** No project key is longer, at any site. */
const LONGEST_PROJECT = 255;

/**
 * Finds ticket keys and near misses, each key once, in the order of the text (docs/lead-time.md).
 * `projects`: the known project keys in upper case; null when none are known.
 */
export function findKeys(text: string, projects: ReadonlySet<string> | null): KeyMatch[] {
  if (!MAY_NUMBER.test(text)) return [];
  const found = new Map<string, KeyMatch>();
  let behind = 0;
  for (const match of text.matchAll(NUMBERED)) {
    const [whole, number = ""] = match;
    const start = wordStart(text, behind, match.index);
    if (start === match.index) continue;
    behind = match.index + whole.length;
    if (!NUMBER.test(number)) continue;
    const word = text.slice(start, match.index);
    const inWord = WORD_CHARACTER.test(text.slice(Math.max(0, start - 2), start));
    const project = pickProject(wordTails(word.slice(-LONGEST_PROJECT - 1).toUpperCase(), inWord), projects);
    if (!project) continue;
    const key = `${project}-${number}`;
    if (!found.has(key)) found.set(key, { key, project, refusal: refuse(project, projects) });
  }
  return [...found.values()];
}

const isWordLetter = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);

/** Where the letters (ASCII), digits and underscores begin that end at `end`, but not before `from`. */
function wordStart(text: string, from: number, end: number): number {
  let start = end;
  while (start > from && isWordLetter(text.charCodeAt(start - 1))) start--;
  return start;
}

/** `A_B_C` → `A_B_C`, `B_C`, `C`: an underscore may belong to the project or part it from what is before. */
function wordTails(word: string, inWord: boolean): string[] {
  const parts = word.split("_");
  return parts.map((_, index) => parts.slice(index).join("_")).slice(inWord ? 1 : 0);
}

/** The longest known project, else the shortest tail that could be one. */
function pickProject(tails: readonly string[], projects: ReadonlySet<string> | null): string | undefined {
  const known = tails.find((tail) => projects?.has(tail));
  const last = tails.at(-1);
  return known ?? (last !== undefined && PROJECT.test(last) ? last : undefined);
}

function refuse(project: string, projects: ReadonlySet<string> | null): string | null {
  if (projects) return projects.has(project) ? null : `${project} is not a known ticket project`;
  return NOT_PROJECTS.has(project) ? `${project} is a common name and no ticket project` : null;
}

/** No project key is longer at Jira's own sites; underscores count, since a person named it on purpose. */
const WHOLE_KEY = /^[A-Z][A-Z0-9_]{1,9}-[1-9][0-9]{0,8}$/;

/** A text that is one key and nothing else, in upper case; undefined for any other. */
export const wholeKey = (text: string): { readonly key: string; readonly project: string } | undefined => {
  const key = /^[\w-]+$/.test(text) ? text.toUpperCase() : "";
  return WHOLE_KEY.test(key) ? { key, project: key.slice(0, key.lastIndexOf("-")) } : undefined;
};
