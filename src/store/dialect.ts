/**
 * The words in which the two databases differ, in capitals in the statements:
 * `LIST(?)` has a row (`value`, text) for each string of a JSON array, `ROWS(?)` one (`value`, JSON) for each array of a JSON array.
 * `EACH(text, bigint)` stands for the values of a row, of these types: the statement has one parameter, a list of such rows.
 * `DOCUMENT` is the column `data`, as JSON. `WITH_WHOLE_ROWS`: rows of up to 8 kB are stored in one piece, and as they are.
 * Text compares by its bytes on both, so that both order alike.
 */
const WORDS = {
  TEXT: { sqlite: "text", postgres: 'text collate "C"' },
  BYTES: { sqlite: "blob", postgres: "bytea" },
  SERIAL: { sqlite: "integer primary key", postgres: "bigint generated always as identity primary key" },
  WITH_WHOLE_ROWS: { sqlite: "", postgres: "with (toast_tuple_target = 8160)" },
  KEY: { sqlite: "integer", postgres: "bigint" },
  LIST: { sqlite: "json_each", postgres: "json_array_elements_text" },
  ROWS: { sqlite: "json_each", postgres: "jsonb_array_elements" },
  DOCUMENT: { sqlite: "data", postgres: "cast(data as json)" },
  SKIP_LOCKED: { sqlite: "", postgres: "for update skip locked" },
} as const;

type Dialect = "sqlite" | "postgres";
const WORD = new RegExp(`\\b(?:${Object.keys(WORDS).join("|")})\\b`, "g");

const inWordsOf = (dialect: Dialect, text: string): string =>
  text.replace(WORD, (word) => WORDS[word as keyof typeof WORDS][dialect]); // the pattern matches these keys only

const EACH = /EACH\(([^)]*)\)/;

/** Whether a statement is one for each of many rows. */
export const isForEach = (text: string): boolean => EACH.test(text);

const remembered = (translate: (text: string) => string): ((text: string) => string) => {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? translate(text);
    known.set(text, found);
    return found;
  };
};

/** A statement as SQLite understands it. One for each of many rows is to be run for each: that is faster there than to hand in JSON. */
export const forSqlite = remembered((text) =>
  inWordsOf("sqlite", text).replace(EACH, (_each, types: string) => `values (${types.replace(/[^,]+/g, "?")})`),
);

/** A statement as PostgreSQL understands it, its parameters numbered. */
export const forPostgres = remembered((text) => {
  let number = 0;
  const selected = (_each: string, types: string) =>
    `select ${types.split(",").map((type, index) => `cast(value->>${index} as ${type})`)} from jsonb_array_elements(?)`;
  return inWordsOf("postgres", text.replace(EACH, selected)).replace(/\?/g, () => `$${++number}`);
});
