/**
 * The words in which the two databases differ, in capitals in the statements:
 * `LIST(?)` has a row (`value`, text) for each string of a JSON array, `ROWS(?)` one (`value`, JSON) for each array of a JSON array.
 * `DOCUMENT` is the column `data`, as JSON.
 * Text compares by its bytes on both, so that both order alike.
 */
const WORDS = {
  TEXT: { sqlite: "text", postgres: 'text collate "C"' },
  BYTES: { sqlite: "blob", postgres: "bytea" },
  SERIAL: { sqlite: "integer primary key autoincrement", postgres: "bigint generated always as identity primary key" },
  LIST: { sqlite: "json_each", postgres: "json_array_elements_text" },
  ROWS: { sqlite: "json_each", postgres: "json_array_elements" },
  DOCUMENT: { sqlite: "data", postgres: "cast(data as json)" },
  SKIP_LOCKED: { sqlite: "", postgres: "for update skip locked" },
} as const;

type Dialect = "sqlite" | "postgres";
const WORD = new RegExp(`\\b(?:${Object.keys(WORDS).join("|")})\\b`, "g");

const inWordsOf = (dialect: Dialect, text: string): string =>
  text.replace(WORD, (word) => WORDS[word as keyof typeof WORDS][dialect]); // the pattern matches these keys only

const remembered = (translate: (text: string) => string): ((text: string) => string) => {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? translate(text);
    known.set(text, found);
    return found;
  };
};

/** A statement as SQLite understands it. */
export const forSqlite = remembered((text) => inWordsOf("sqlite", text));

/** A statement as PostgreSQL understands it, its parameters numbered. */
export const forPostgres = remembered((text) => {
  let number = 0;
  return inWordsOf("postgres", text).replace(/\?/g, () => `$${++number}`);
});
