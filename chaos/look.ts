import Database from "better-sqlite3";
import pg from "pg";

/** Looks into a database beside the app, read only. `text` is plain SQL that both understand. */
export async function look<Row>(url: string, text: string): Promise<Row[]> {
  return url.startsWith("sqlite:") ? lookIntoSqlite(url.slice("sqlite:".length), text) : lookIntoPostgres(url, text);
}

function lookIntoSqlite<Row>(path: string, text: string): Row[] {
  const database = new Database(path, { readonly: true, timeout: 5000 });
  try {
    return database.prepare(text).all() as Row[]; // the statement's text and `Row` are written together
  } finally {
    database.close();
  }
}

async function lookIntoPostgres<Row>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[]; // the statement's text and `Row` are written together
  } finally {
    await client.end();
  }
}

/** `source id` of every stored delivery. */
export async function storedIds(url: string): Promise<Set<string>> {
  const rows = await look<{ source: string; id: string }>(url, "select source, id from inbox");
  return new Set(rows.map(({ source, id }) => `${source} ${id}`));
}

/** `ok` when the file is whole; for SQLite only. */
export async function integrity(url: string): Promise<string> {
  const [row] = await look<{ integrity_check: string }>(url, "pragma integrity_check");
  return row?.integrity_check ?? "no answer";
}

/** What is still to be done: deliveries to read, changes to measure, effects that are due or failed. Leaves out what is to be asked anew at some later time. */
export async function unfinished(url: string): Promise<number> {
  const now = Date.now();
  const [row] = await look<{ n: number | string }>(
    url,
    `select (select count(*) from inbox where state = 'pending') + (select count(*) from dirty where retry_at is not null)
      + (select count(*) from outbox where state = 'waiting' and (attempts > 0 or retry_at <= ${now + 1000})) as n`,
  );
  return Number(row?.n ?? 0);
}

/** Looks again and again until it is so. Throws when it is not after so many milliseconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, patience = 60_000): Promise<void> {
  const end = Date.now() + patience;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not so after ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until a running app has done all that it was given. */
export const finished = (url: string, patience?: number): Promise<void> =>
  until("all that came in is done", async () => (await unfinished(url)) === 0, patience);

/** Waits until a running app has read what it was given, and measured what that touched; whatever else it still asks for. */
export const handled = (url: string, patience?: number): Promise<void> =>
  until(
    "all that came in is read and measured",
    async () => {
      const waiting =
        "(select count(*) from inbox where state = 'pending') + (select count(*) from dirty where retry_at is not null)";
      const [row] = await look<{ n: number | string }>(url, `select ${waiting} as n`);
      return Number(row?.n ?? 0) === 0;
    },
    patience,
  );
