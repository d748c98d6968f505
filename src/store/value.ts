/** What goes into a statement. A list goes in as one JSON text (`LIST`, `ROWS` in `dialect.ts`), however long it is. */
export type Value = string | number | null | Uint8Array | readonly unknown[];
/** What a database is handed. */
export type Parameter = string | number | null | Uint8Array;

/** A NUL, or half of a surrogate pair: no text to PostgreSQL. What people write may hold either. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** A text without what no database can hold. */
export const storable = (text: string): string => text.replace(UNSTORABLE, "");

/** Every text on its way into a database passes here. */
export function parametersOf(values: readonly Value[]): Parameter[] {
  return values.map((value) => {
    if (typeof value === "string") return storable(value);
    return isList(value) ? JSON.stringify(value, storableTexts) : value;
  });
}

const isList = (value: Value): value is readonly unknown[] => Array.isArray(value);

const storableTexts = (_key: string, value: unknown): unknown => (typeof value === "string" ? storable(value) : value);
