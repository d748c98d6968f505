import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesAny, matchesGlob, matchesLetters, sameName } from "../../src/core/glob.js";

describe("a glob matches whole names, whatever their case", () => {
  test.each([
    ["main", "main"],
    ["MAIN", "main"],
    ["release/*", "release/1.2"],
    ["release/*", "release/"],
    ["prod-*", "Prod-EU"],
    ["*", ""],
    ["*", "anything/at all"],
    ["v?", "v2"],
    ["*-prod-*", "eu-prod-prod-1"],
    ["a*b*c", "aXbbXc"],
    ["?", "😀"],
    ["acme-robot", "acme-robot"],
  ])("%s matches %s", (glob, name) => {
    expect(matchesGlob(glob, name)).toBe(true);
  });

  test.each([
    ["main", "main2"],
    ["main", "xmain"],
    ["release/*", "releases/1"],
    ["prod-*", "prod"],
    ["v?", "v"],
    ["a*b", "abc"],
    ["", "a"],
    ["ma.n", "main"],
    ["[m]ain", "main"],
    ["(a+)+", "aaa"],
  ])("%s does not match %s", (glob, name) => {
    expect(matchesGlob(glob, name)).toBe(false);
  });
});

describe("matching", () => {
  /** Every letter but the two wildcards is itself. */
  const asExpression = (glob: string): RegExp => {
    const parts = [...glob].map((letter) => (letter === "*" ? ".*" : letter === "?" ? "." : letter));
    return new RegExp(`^${parts.join("")}$`, "isu");
  };

  test("agrees with a regular expression of the same meaning", () => {
    const glob = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "B", "😀"), maxLength: 10 });
    fc.assert(
      fc.property(glob, name, (written, of) => {
        expect(matchesGlob(written, of)).toBe(asExpression(written).test(of));
      }),
      { numRuns: 3000 },
    );
  });

  const HOSTILE: readonly (readonly [string, string])[] = [
    ["*a", "a"],
    ["*a?", "a"],
    ["a*", "a"],
    ["*ab", "ab"],
    [`*${"a".repeat(63)}b`, "a"],
    [`*${"a?".repeat(31)}b`, "a"],
    ["?*", "a"],
  ];
  const LENGTHS = [250, 500, 1000];
  const cases = HOSTILE.flatMap(([part, letter]) =>
    LENGTHS.flatMap((glob) => LENGTHS.map((name) => [part.slice(0, 6), glob, name, part, letter] as const)),
  );

  test.each(cases)("%s…, %i characters, and a name of %i: each letter is looked at three times at most", (...of) => {
    const [, globLength, nameLength, part, letter] = of;
    for (const last of ["", "*", "b", "c"]) {
      const counted = counting();
      const glob = [...part.repeat(globLength).slice(0, globLength - last.length), ...last];
      const name = [...letter.repeat(nameLength).slice(0, nameLength)];
      matchesLetters(counted.list(glob), counted.list(name));
      expect(counted.steps()).toBeGreaterThan(0);
      expect(counted.steps()).toBeLessThanOrEqual(3 * (globLength + nameLength));
    }
  });

  test("a part behind a star is not tried again at every place, as it would be by falling back", () => {
    const counted = counting();
    const name = counted.list([..."a".repeat(1000)]);
    expect(matchesLetters([...`*${"a".repeat(500)}b*`], name)).toBe(false);
    expect(counted.steps()).toBeLessThanOrEqual(1000);
  });
});

/** Lists that count how often an element of them is read. */
function counting() {
  let steps = 0;
  const list = (letters: readonly string[]): readonly string[] =>
    new Proxy(letters, {
      get: (target, key, receiver) => {
        if (typeof key === "string" && /^\d+$/.test(key)) steps += 1;
        return Reflect.get(target, key, receiver);
      },
    });
  return { list, steps: () => steps };
}

test("of several, one has to match", () => {
  expect(matchesAny(["main", "release/*"], "release/1")).toBe(true);
  expect(matchesAny([], "main")).toBe(false);
  expect(sameName("In Progress", "in progress")).toBe(true);
});
