/** No glob is longer; a longer one is not looked into. */
export const LONGEST_GLOB = 255;

/** What makes a pattern look like a regular expression, or like a glob of another kind. None of it is known here. */
const SIGNS: readonly RegExp[] = [
  /^\^/,
  /\$$/,
  /\\[dDwWsSbBpP./+*?()[\]{}^$-]/,
  /^\/.*\/[dgimsuvy]*$/,
  // Behind a digit or a wildcard it is the dot of a version: release/1.*, v*.*
  /(?<![\d*?])\.\*/,
  /\.\+/,
  /\(\?/,
  /\w\|\w/,
  /\][*+?{]|\)[+?{]/,
  // After a space they may be a part of a name, all of which is meant: CI (Linux)*
  /(?:^|\S)\([^()]*\)\*|\([^()]*[*+?[\\][^()]*\)\*/,
  /\[[!^]/,
  /\{[^{},]*,[^{}]*\}|\{\d+\}/,
];
/** In parentheses a bar parts alternatives, with or without spaces: `(main | master)`. A workflow may be called `CI (Linux)`. */
const ALTERNATIVES = /\((?:\?:)?([^()]*\|[^()]*)\)/;

export const looksLikeExpression = (glob: string): boolean =>
  glob.length <= LONGEST_GLOB && ([...SIGNS, ALTERNATIVES].some((sign) => sign.test(glob)) || hasRange(glob));

/** `[a-z]`, and not `[v-next]`, which runs backwards, nor `[pre-release]`, which is two words. */
function hasRange(glob: string): boolean {
  const brackets = [...glob.matchAll(/\[([^\]]*)\]/g)].map(([, inside = ""]) => inside);
  const hyphens = brackets.flatMap((inside) => [
    ...inside.matchAll(/(?<=([A-Za-z\d]*))([A-Za-z\d])-(?=([A-Za-z\d])([A-Za-z\d]*))/g),
  ]);
  return hyphens.some(([, before, from = "", to = "", after]) => isAscending(from, to) && !(before && after));
}

const isAscending = (from: string, to: string): boolean =>
  from < to && [/\d/, /[a-z]/, /[A-Z]/].some((kind) => kind.test(from) && kind.test(to));

/** The globs that say what a regular expression probably means: `^release/.*$` is `release/*`; none where that is not plain. */
export function globsInstead(expression: string): readonly string[] {
  const [, literal] = /^\/(.*)\/[dgimsuvy]*$/.exec(expression) ?? [];
  const bare = literal ?? expression;
  const fromStart = bare.startsWith("^") || (literal === undefined && !bare.endsWith("$"));
  const toEnd = bare.endsWith("$") || (literal === undefined && !bare.startsWith("^"));
  const globs = alternativesOf(bare.replace(/^\^/, "").replace(/\$$/, "")).map((one) =>
    `${fromStart ? "" : "*"}${withoutClasses(one)}${toEnd ? "" : "*"}`.replace(/\*{2,}/g, "*"),
  );
  return globs.every((glob) => glob !== "" && !looksLikeExpression(glob)) ? globs : [];
}

/** `v(1|2)` and `v{1,2}` are `v1` and `v2`. */
function alternativesOf(expression: string): readonly string[] {
  const group = ALTERNATIVES.exec(expression);
  const braces = /\{([^{}]*,[^{}]*)\}/.exec(expression);
  const [whole, list, mark] = group ? [group[0], group[1], "|"] : braces ? [braces[0], braces[1], ","] : ["", expression, "|"];
  return (list ?? "").split(mark).map((one) => (whole === "" ? one : expression.replace(whole, () => one.trim())));
}

const withoutClasses = (expression: string): string =>
  expression
    .replace(/(?:\\[dDwWsS]|\[[^\]]*\]|\.)(?:[*+]|\{[^}]*\})/g, "*")
    .replace(/\\[dDwWsS]|\[[^\]]*\]/g, "?")
    .replace(/\\(.)/g, "$1");
