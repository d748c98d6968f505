import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import type { Log } from "../../src/ports.js";
import { acceptance } from "../../src/store/acceptance.js";
import { openPostgres, postgresSql } from "../../src/store/postgres.js";
import { postgresFailure } from "../../src/store/postgres-failure.js";
import type { Driver } from "../../src/store/sql.js";
import { openSqlite } from "../../src/store/sqlite.js";

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A kind of database the store runs on. `fresh` answers with an empty one and ends what it gave before. */
export interface Kind {
  readonly name: string;
  /** Whether one process at a time uses it. */
  readonly alone: boolean;
  begin(): Promise<void>;
  fresh(): Promise<Driver>;
  end(): Promise<void>;
}

export function sqlite(): Kind {
  const folders: string[] = [];
  return {
    name: "SQLite",
    alone: true,
    begin: async () => undefined,
    fresh: async () => {
      const folder = await mkdtemp(join(tmpdir(), "leadtime-store-"));
      folders.push(folder);
      return openSqlite(join(folder, "data", "leadtime.db"), silent);
    },
    end: async () => {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
    },
  };
}

type Query = { query(text: string, values: unknown[]): Promise<{ rows: unknown[] }> };

/** PostgreSQL in this process: one connection, so that transactions take turns. */
export function pglite(): Kind {
  let database: PGlite | undefined;
  const sqlOn = (on: Query) =>
    postgresSql(async (text, values) => {
      try {
        return (await on.query(text, [...values])).rows;
      } catch (error) {
        throw postgresFailure(error, false);
      }
    });
  return {
    name: "PGlite",
    alone: true,
    begin: async () => {
      database = await PGlite.create();
    },
    fresh: async () => {
      const on = database;
      if (!on) throw new Error("PGlite has not begun");
      await on.exec("drop schema public cascade; create schema public");
      const transaction: Driver["transaction"] = (work) => on.transaction((tx) => work(sqlOn(tx)));
      return {
        alone: true,
        ...sqlOn(on),
        accept: acceptance(sqlOn(on)),
        transaction,
        migration: transaction,
        close: async () => undefined,
      };
    },
    end: async () => database?.close(),
  };
}

/** A server, in a schema of its own that goes again. */
export function postgres(url: string, schema: string): Kind & { readonly url: string } {
  const own = new URL(url);
  own.searchParams.set("options", `-c search_path=${schema}`);
  const admin = async (text: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  return {
    name: "PostgreSQL",
    alone: false,
    url: own.href,
    begin: async () => undefined,
    fresh: async () => {
      await admin(`drop schema if exists ${schema} cascade; create schema ${schema}`);
      return openPostgres(own.href, silent);
    },
    end: () => admin(`drop schema if exists ${schema} cascade`),
  };
}

/** The server that `DATABASE_URL` names, if any. */
export function server(schema: string): ReturnType<typeof postgres>[] {
  const url = process.env.DATABASE_URL;
  return url?.startsWith("postgres") ? [postgres(url, `leadtime_test_${schema}`)] : [];
}

/** The databases that every contract is held to. */
export const kinds = (): Kind[] => [sqlite(), pglite(), ...server("contract")];
