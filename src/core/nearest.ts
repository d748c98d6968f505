/** Longer names are not compared: nobody mistypes one of these. */
const LONGEST = 80;

/** The name that was probably meant, whatever its case: at most a third of it, or two letters, differ. Undefined when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const written = name.toLowerCase();
  const far = name.length < 4 ? 2 : Math.max(2, Math.floor(name.length / 3)) + 1;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const one of name.length > LONGEST ? [] : names) {
    if (Math.abs(one.length - name.length) > far) continue;
    const distance = editDistance(written, one.toLowerCase());
    if (distance < (best?.distance ?? far)) best = { name: one, distance };
  }
  return best?.name;
}

/** `; did you mean "stages"?`, or nothing. */
export function didYouMean(name: unknown, names: Iterable<string>): string {
  const near = typeof name === "string" ? nearest(name, names) : undefined;
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

/** How many letters have to be put in, left out or changed (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [above, letter] of [...one].entries()) {
    const next = [above + 1];
    for (let at = 0; at < other.length; at++) {
      const changed = (row[at] ?? 0) + (other[at] === letter ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
