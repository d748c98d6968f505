import { accountRef, SHARED, siteRef } from "../core/ref.js";
import type { Store } from "../ports.js";
import { JIRA_OWNERS } from "./concerned.js";
import type { Policy } from "./gather.js";

/**
 * What was stored was measured by the rules of its time: when the operator's settings or the release are others than at the
 * last start, everything is measured anew, from the events that are there; and what could not be handled is tried again.
 */
export async function measureByRules(store: Store, policy: Policy, version: string): Promise<boolean> {
  return store.transaction(async (tx) => {
    const changed = await tx.remember("rules", JSON.stringify([version, policy]));
    if (!changed) return false;
    const [account] = await tx.accounts();
    // Who may use Jira concerns all accounts: it has to be found out anew.
    await tx.remember(JIRA_OWNERS, "");
    await tx.retryDeliveries("all");
    if (account) await tx.markDirty(account.owner, [accountRef(account.owner)]);
    else await tx.markDirty(SHARED, [siteRef]);
    return true;
  });
}
