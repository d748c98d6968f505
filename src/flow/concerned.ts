import { only } from "../core/event.js";
import { type Owner, type Ref, refKind, SHARED } from "../core/ref.js";
import { jiraOwners } from "../core/tenancy.js";
import type { Account, Log, TakenDirty, Transaction } from "../ports.js";
import type { Policy } from "./gather.js";

/** Under this name it is remembered which accounts may use Jira. */
export const JIRA_OWNERS = "jira-owners";

/** What has to be measured for one account. */
export interface Concern {
  readonly owner: Owner;
  /** Whether the account may use Jira. */
  readonly jira: boolean;
  readonly refs: ReadonlySet<Ref>;
}

interface Known {
  readonly policy: Policy;
  readonly log: Log;
}

/** Whom the changes concern, in order: what is Jira's, every account that may use it; that another may use it, all of them. */
export async function concernedBy(tx: Transaction, dirty: readonly TakenDirty[], known: Known): Promise<Concern[]> {
  const accounts = await tx.accounts();
  const entitled = jiraOwners(accounts, known.policy.jira.owners);
  const changed = dirty.some(isAccount) && (await tx.remember(JIRA_OWNERS, JSON.stringify(entitled)));
  if (changed) warnOfJiraOwners(accounts, known);
  const everyone = accounts.length > 0 ? accounts.map(({ owner }) => owner) : [SHARED];
  const owners = new Map<Owner, Set<Ref>>();
  for (const one of dirty) {
    const byRight = one.owner === SHARED ? entitled : [one.owner];
    const byAccount = async () => (changed ? everyone : (await hasNewSettings(tx, one)) ? [one.owner] : []);
    for (const owner of isAccount(one) ? await byAccount() : byRight)
      owners.set(owner, (owners.get(owner) ?? new Set()).add(one.ref));
  }
  return [...owners]
    .map(([owner, refs]) => ({ owner, refs, jira: known.policy.jira.configured && entitled.includes(owner) }))
    .sort((one, other) => (one.owner < other.owner ? -1 : 1));
}

const isAccount = ({ ref }: TakenDirty): boolean => refKind(ref) === "account";

/** Of an account, its configuration matters to its own items; its name or its installation to none. */
async function hasNewSettings(tx: Transaction, { owner, ref, attempts }: TakenDirty): Promise<boolean> {
  const [read] = only(await tx.events(owner, [ref]), "configuration.read");
  const news = read !== undefined && (await tx.remember(`configuration of ${ref}`, JSON.stringify(read.content ?? null)));
  return news || attempts > 0;
}

/** With several accounts and none named, none may use Jira: whoever runs this has to be told. */
export function warnOfJiraOwners(accounts: readonly Account[], { policy, log }: Known): void {
  const live = accounts.filter(({ state }) => state !== "deleted").length;
  if (!policy.jira.configured || policy.jira.owners !== null || live < 2) return;
  log.warn({ accounts: live }, "no account may use Jira: there are several, and JIRA_OWNERS does not name those that may");
}
