import { look } from "./look.js";

/** A text in a table, with where it is: `inbox.reason`. */
export interface StoredText {
  readonly where: string;
  readonly text: string;
}

/** Every text in every table. The bodies of deliveries, which are kept as they came, are left out. */
export async function textsIn(url: string): Promise<StoredText[]> {
  const tables = await look<{ name: string }>(url, url.startsWith("sqlite:") ? SQLITE : POSTGRES);
  const all: StoredText[] = [];
  for (const { name } of tables.filter((table) => table.name !== "bodies")) {
    const rows = await look<Record<string, unknown>>(url, `select * from "${name}"`);
    all.push(...rows.flatMap((row) => textsOf(name, row)));
  }
  return all;
}

const SQLITE = "select name from sqlite_master where type = 'table'";
const POSTGRES = "select table_name as name from information_schema.tables where table_schema = current_schema()";

const textsOf = (table: string, row: Readonly<Record<string, unknown>>): StoredText[] =>
  Object.entries(row).flatMap(([column, value]) => {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
    return typeof text === "string" ? [{ where: `${table}.${column}`, text }] : [];
  });
