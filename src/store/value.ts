/** What goes into a statement. A list goes in as one JSON text (`LIST`, `ROWS` in `dialect.ts`), however long it is. */
export type Value = string | number | null | Uint8Array | readonly unknown[];
/** What a database is handed. */
export type Parameter = string | number | null | Uint8Array;

/** A NUL, or half of a surrogate pair: no text to PostgreSQL. What people write may hold either. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** A text without what no database can hold. Hardly any has a NUL or a surrogate, so these are looked for first: that is fast. */
export const storable = (text: string): string =>
  text.includes("\0") || SURROGATE.test(text) ? text.replace(UNSTORABLE, "") : text;

const SURROGATE = /[\ud800-\udfff]/;

/** JSON of a value, without what no database can hold in its texts. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // `JSON.stringify` writes nothing that is unstorable but as \u…
  return json.includes("\\u") ? JSON.stringify(value, storableTexts) : json;
}

const storableTexts = (_key: string, value: unknown): unknown => (typeof value === "string" ? storable(value) : value);

/** Every text on its way into a database passes here. */
export const parametersOf = (values: readonly Value[]): Parameter[] => values.map(parameterOf);

function parameterOf(value: Value): Parameter {
  if (typeof value === "string") return storable(value);
  return isList(value) ? storableJson(value) : value;
}

const isList = (value: Value): value is readonly unknown[] => Array.isArray(value);

/** The rows that a statement for each of many (`EACH` in `dialect.ts`) is given. */
export const rowsOf = ([rows]: readonly Value[]): readonly (readonly Value[])[] => rows as readonly (readonly Value[])[]; // it has one parameter, a list of rows
