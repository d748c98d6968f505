/** Whether a name matches a glob, whatever their case: `*` any text, `?` any one character, the rest itself. */
export const matchesGlob = (glob: string, name: string): boolean =>
  matchesLetters([...glob.toLowerCase()], [...name.toLowerCase()]);

/** Between two stars there are no more letters than this in a glob that a file may contain: one machine word. */
export const LONGEST_BETWEEN_STARS = 64;

/**
 * The same, letter by letter. What stands before the first star and behind the last has one place each; each part between
 * two stars is put as early as it fits, and nothing is ever looked at again. So every letter of the name takes one step.
 */
export function matchesLetters(glob: readonly string[], name: readonly string[]): boolean {
  const [head = [], ...parts] = splitAtStars(glob);
  const tail = parts.pop();
  if (!tail) return head.length === name.length && standsAt(head, name, 0);
  const end = name.length - tail.length;
  if (head.length > end || !standsAt(head, name, 0) || !standsAt(tail, name, end)) return false;
  let from = head.length;
  for (const part of parts.filter(({ length }) => length > 0)) {
    const behind = endOfFirst(part, name, { from, to: end });
    if (behind === undefined) return false;
    from = behind;
  }
  return true;
}

function splitAtStars(glob: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const letter of glob) {
    if (letter === "*") parts.push([]);
    else parts.at(-1)?.push(letter);
  }
  return parts;
}

const standsAt = (part: readonly string[], name: readonly string[], start: number): boolean =>
  part.every((letter, index) => letter === "?" || letter === name[start + index]);

/**
 * Where the first place of a part ends; undefined: it has none (Baeza-Yates and Gonnet's Shift-And).
 * Bit n of `state`: the n + 1 letters up to here are the first n + 1 of the part. All are carried on at once.
 */
function endOfFirst(
  part: readonly string[],
  name: readonly string[],
  { from, to }: { readonly from: number; readonly to: number },
): number | undefined {
  const places = new Map<string, bigint>();
  for (const [index, letter] of part.entries()) places.set(letter, (places.get(letter) ?? 0n) | (1n << BigInt(index)));
  const anywhere = places.get("?") ?? 0n;
  const whole = 1n << BigInt(part.length - 1);
  let state = 0n;
  for (let at = from; at < to; at++) {
    state = ((state << 1n) | 1n) & ((places.get(name[at] ?? "") ?? 0n) | anywhere);
    if (state & whole) return at + 1;
  }
  return undefined;
}

export const matchesAny = (globs: readonly string[], name: string): boolean => globs.some((glob) => matchesGlob(glob, name));

/** Whether two names are the same, whatever their case. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
