import type { MeasuredItem } from "../core/measurement.js";
import { type Owner, pullRequestRef, type Ref, refId, SHARED, siteRef } from "../core/ref.js";
import { repositoryAlias, ticketAlias } from "../core/relation.js";
import type { Account, Store } from "../ports.js";
import type { Reader } from "./access.js";

export type Items = Pick<Store, "accounts" | "resolve" | "item">;

/** Where an item is looked for. */
export interface Asked {
  readonly items: Items;
  readonly reader: Reader;
  /** The account's, if one was named. */
  readonly login: string | undefined;
}

/** `ambiguous`: several accounts have it, and none was named. */
export type Found =
  | { readonly state: "found"; readonly item: MeasuredItem }
  | { readonly state: "unknown" }
  | { readonly state: "unknown-owner" }
  | { readonly state: "ambiguous"; readonly owners: readonly string[] };

/** Finds a ticket's item by any key it ever had, under the account of that login or under the only one that has it. */
export async function findTicket(asked: Asked, key: string): Promise<Found> {
  const ref = await asked.items.resolve(SHARED, ticketAlias(key));
  return search(asked, async () => ref);
}

/** Finds a pull request's item by any name that its repository ever had. */
export function findPullRequest(
  asked: Asked,
  { repository, number }: { readonly repository: string; readonly number: number },
): Promise<Found> {
  return search(asked, async (owner) => {
    const ref = await asked.items.resolve(owner, repositoryAlias(repository));
    return ref && pullRequestRef(refId(ref), number);
  });
}

type RefUnder = (owner: Owner) => Promise<Ref | undefined>;

async function search({ items, reader, login }: Asked, refUnder: RefUnder): Promise<Found> {
  const among = await readableAccounts({ items, reader, login });
  if (among.length === 0 && login !== undefined) return { state: "unknown-owner" };
  const hits = await Promise.all(
    among.map(async ({ owner, login: of }) => {
      // Also asked when nothing has that name, so that the time does not tell of what belongs to others.
      const item = await items.item(owner, (await refUnder(owner)) ?? siteRef);
      return item ? [{ of, item }] : [];
    }),
  );
  const [hit, ...others] = hits.flat();
  if (!hit) return { state: "unknown" };
  if (others.length > 0) return { state: "ambiguous", owners: [hit, ...others].map(({ of }) => of) };
  return { state: "found", item: hit.item };
}

export type Named = Pick<Account, "owner" | "login">;
const isNamed = (account: Named, login: string): boolean => account.login.toLowerCase() === login.toLowerCase();

/** The accounts that somebody may read, or of these the one with that login. */
export async function readableAccounts({ items, reader, login }: Whose): Promise<readonly Named[]> {
  const readable = await readableBy(reader, items);
  return login === undefined ? readable : readable.filter((account) => isNamed(account, login));
}

interface Whose extends Pick<Asked, "reader" | "login"> {
  readonly items: Pick<Store, "accounts">;
}

async function readableBy(reader: Reader, items: Whose["items"]): Promise<readonly Named[]> {
  const accounts = await items.accounts();
  if (reader !== "all") return accounts.filter(({ owner }) => owner === reader.account);
  // Before any account is known, tickets may be: from Jira's webhooks alone.
  return accounts.length > 0 ? accounts : [{ owner: SHARED, login: "" }];
}
