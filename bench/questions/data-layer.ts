import Database from "better-sqlite3";
import type { Owner, Ref } from "../../src/core/ref.js";
import type { Store } from "../../src/ports.js";
import { backlog, filled, open, timed, workerOn } from "../backlog.js";
import { product } from "../product.js";
import { type Question, repeated } from "../question.js";

const CALLS = 20_000;

/** What the store adds to a statement that SQLite runs for it: of a record by its key, and of an item, which is JSON. */
export const dataLayer: Question = {
  title: `The store beside prepared statements, ${CALLS.toLocaleString("en")} calls, on SQLite`,
  goals: [
    { id: "P14a", what: "a comment's record by its key ÷ the prepared statement", is: "at-most", floor: 1.5, stretch: 1.1 },
    { id: "P14b", what: "an item by its key ÷ the prepared statement and parsing", is: "at-most", floor: 1.5, stretch: 1.1 },
  ],
  ask: async () => {
    const inbox = await filled(await backlog(5_000));
    const url = await inbox.copy();
    const store = await open(url);
    const raw = new Database(url.replace("sqlite:", ""), { readonly: true });
    try {
      await drain(store);
      const notes: string[] = [];
      const figures = await repeated(async () => {
        const comments = await compared(raw, store, COMMENT);
        const items = await compared(raw, store, ITEM);
        notes.push(`a record ${told(comments)}, an item ${told(items)}`);
        return { P14a: comments.ours / comments.raw, P14b: items.ours / items.raw };
      });
      return { figures, notes };
    } finally {
      raw.close();
      await store.close();
      await inbox.end();
    }
  },
};

async function drain(store: Store): Promise<void> {
  const { work } = await product<typeof import("../../src/flow/worker.js")>("flow/worker.js");
  const worker = await workerOn(store);
  while (await work(worker));
}

interface Key {
  readonly owner: Owner;
  readonly ref: Ref;
}

interface Call {
  readonly keys: string;
  readonly text: string;
  readonly read: (row: unknown) => unknown;
  readonly ask: (store: Store, key: Key) => Promise<unknown>;
}

const COMMENT: Call = {
  keys: "select owner, pull_request as ref from comments limit 200",
  text: "select comment, state, body from comments where owner = ? and pull_request = ?",
  read: (row) => row,
  ask: (store, { owner, ref }) => store.comment(owner, ref),
};

const ITEM: Call = {
  keys: "select owner, ref from items limit 200",
  text: "select data from items where owner = ? and ref = ?",
  read: (row) => JSON.parse((row as { readonly data: string }).data), // what the statement answers with
  ask: (store, { owner, ref }) => store.item(owner, ref),
};

/** Microseconds a call, in turn, a tenth of the calls at a time. */
async function compared(raw: Database.Database, store: Store, { keys, text, read, ask }: Call) {
  const all = raw.prepare<[], Key>(keys).all();
  const statement = raw.prepare<[string, string]>(text);
  const some = Array.from({ length: CALLS / 10 }, (_, index) => all[index % all.length] as Key); // there are some
  const sum = { raw: 0, ours: 0 };
  for (let tenth = 0; tenth < 10; tenth++) {
    sum.raw += await timed(() => some.map(({ owner, ref }) => read(statement.all(owner, ref)[0]) === null));
    sum.ours += await timed(async () => {
      for (const key of some) await ask(store, key);
    });
  }
  return { raw: (1000 * sum.raw) / CALLS, ours: (1000 * sum.ours) / CALLS };
}

const told = ({ raw, ours }: { readonly raw: number; readonly ours: number }) =>
  `${ours.toFixed(1)} µs (raw ${raw.toFixed(1)})`;
