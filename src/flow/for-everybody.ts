import type { RepositoryState } from "./gather.js";

/** Whether everybody reads what is said in the repository, and may not be told of tickets there. */
export function isForEverybody({ described, configuration }: RepositoryState): boolean {
  const mayTell = configuration.publicTickets.some((name) => name.toLowerCase() === described.name.toLowerCase());
  return described.visibility === "public" && !mayTell;
}
