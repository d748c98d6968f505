import { type Kind, server, sqlite } from "../../test/store/databases.js";

/** A schema of its own on the PostgreSQL server, if one is named; else SQLite in a temporary folder. */
export const kindNamed = (url: string | undefined): Kind =>
  (url?.startsWith("postgres") ? server("recorded")[0] : undefined) ?? sqlite();
