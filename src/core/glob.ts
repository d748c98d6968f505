/**
 * Whether a name matches a glob, whatever their case: `*` any text, `?` any one character, the rest itself.
 * Work grows with the product of their lengths at worst: one fall-back point, no backtracking tree.
 */
export function matchesGlob(glob: string, name: string): boolean {
  const pattern = [...glob.toLowerCase()];
  const text = [...name.toLowerCase()];
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  return pattern.slice(p).every((rest) => rest === "*");
}

export const matchesAny = (globs: readonly string[], name: string): boolean => globs.some((glob) => matchesGlob(glob, name));

/** Whether two names are the same, whatever their case. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
