import type { RepositoryState } from "./gather.js";

/** Whether everybody reads what is said in the repository. */
export const isOpen = ({ described }: RepositoryState): boolean => described.visibility === "public";

/** Whether everybody reads it, and may not be told of tickets there: the operator may open these, and nothing else. */
export function isForEverybody(state: RepositoryState): boolean {
  const { described, configuration } = state;
  const mayTell = configuration.publicTickets.some((name) => name.toLowerCase() === described.name.toLowerCase());
  return isOpen(state) && !mayTell;
}
