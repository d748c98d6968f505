import { type Owner, SHARED } from "./ref.js";

/** An account as stored, from its latest `account.described`. */
export interface Account {
  readonly owner: Owner;
  readonly login: string;
  readonly installation: string | null;
  readonly state: "installed" | "suspended" | "deleted";
}

/**
 * The accounts that may use Jira (`JIRA_OWNERS`): those named; unnamed, the one account while there is one only, and none
 * when there are several. Before any account is known, tickets are measured for nobody in particular (`SHARED`).
 */
export function jiraOwners(
  accounts: readonly Omit<Account, "installation">[],
  named: readonly string[] | null,
): readonly Owner[] {
  const live = accounts.filter(({ state }) => state !== "deleted");
  if (live.length === 0) return [SHARED];
  if (named === null) return live.length === 1 ? live.map(({ owner }) => owner) : [];
  const logins = new Set(named.map((login) => login.toLowerCase()));
  return live.filter(({ login }) => logins.has(login.toLowerCase())).map(({ owner }) => owner);
}
