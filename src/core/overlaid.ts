type Mapping = Readonly<Record<string, unknown>>;
/** What a part gives: never an undefined value. */
type Given<Part> = { [Key in keyof Part]?: Exclude<Part[Key], undefined> };

/** Parts of one kind, each over the one before it: key by key and mapping by mapping; lists and the rest are replaced. */
export const overlaid = <Part extends object>(parts: readonly (Part | undefined)[]): Given<Part> =>
  parts.reduce<Mapping>((below, part) => over(below, Object.entries(part ?? {})), {}) as Given<Part>; // the parts' own keys

function over(below: Mapping, entries: readonly (readonly [string, unknown])[]): Mapping {
  const given = entries.filter(([, value]) => value !== undefined);
  const merged = given.map(([key, value]) => {
    const lower = below[key];
    return [key, isMapping(value) && isMapping(lower) ? over(lower, Object.entries(value)) : value] as const;
  });
  return { ...below, ...Object.fromEntries(merged) };
}

const isMapping = (value: unknown): value is Mapping => typeof value === "object" && value !== null && !Array.isArray(value);
