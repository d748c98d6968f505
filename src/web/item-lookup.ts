import type { MeasuredItem } from "../core/measurement.js";
import { type Owner, pullRequestRef, type Ref, refId, SHARED } from "../core/ref.js";
import { repositoryAlias, ticketAlias } from "../core/relation.js";
import type { Account, Store } from "../ports.js";

export type Items = Pick<Store, "accounts" | "resolve" | "item">;

/** `ambiguous`: several accounts have it, and none was named. */
export type Found =
  | { readonly state: "found"; readonly item: MeasuredItem }
  | { readonly state: "unknown" }
  | { readonly state: "unknown-owner" }
  | { readonly state: "ambiguous"; readonly owners: readonly string[] };

/** Finds a ticket's item by any key it ever had, under the account of that login or under the only one that has it. */
export async function findTicket(items: Items, key: string, login: string | undefined): Promise<Found> {
  const ref = await items.resolve(SHARED, ticketAlias(key));
  return search(items, login, async () => ref);
}

/** Finds a pull request's item by any name that its repository ever had. */
export function findPullRequest(
  items: Items,
  { repository, number }: { readonly repository: string; readonly number: number },
  login: string | undefined,
): Promise<Found> {
  return search(items, login, async (owner) => {
    const ref = await items.resolve(owner, repositoryAlias(repository));
    return ref && pullRequestRef(refId(ref), number);
  });
}

type RefUnder = (owner: Owner) => Promise<Ref | undefined>;

async function search(items: Items, login: string | undefined, refUnder: RefUnder): Promise<Found> {
  const accounts = await items.accounts();
  const among = login === undefined ? orShared(accounts) : accounts.filter((account) => isNamed(account, login));
  if (among.length === 0) return { state: "unknown-owner" };
  const hits = await Promise.all(
    among.map(async ({ owner, login: of }) => {
      const ref = await refUnder(owner);
      const item = ref && (await items.item(owner, ref));
      return item ? [{ of, item }] : [];
    }),
  );
  const [hit, ...others] = hits.flat();
  if (!hit) return { state: "unknown" };
  if (others.length > 0) return { state: "ambiguous", owners: [hit, ...others].map(({ of }) => of) };
  return { state: "found", item: hit.item };
}

const isNamed = (account: Account, login: string): boolean => account.login.toLowerCase() === login.toLowerCase();

/** Before any account is known, tickets may be: from Jira's webhooks alone. */
const orShared = (accounts: readonly Account[]): readonly Pick<Account, "owner" | "login">[] =>
  accounts.length > 0 ? accounts : [{ owner: SHARED, login: "" }];
