import type { EventOf } from "../core/event.js";
import type { StoredLink } from "../core/link.js";
import type { MeasuredItem } from "../core/measurement.js";
import { accountRef, type Owner, type Ref } from "../core/ref.js";
import type { Instant } from "../core/time.js";
import type { Queries } from "../ports.js";
import type { Measuring } from "./measure.js";

/** A configuration file as somebody would have it. */
export interface Proposal {
  readonly owner: Owner;
  /** Where the file is, and where people read what it would change. */
  readonly repository: Ref;
  readonly layer: "repository" | "organisation";
  /** What it would say: good, with what it extends in it; null: it would be gone. */
  readonly content: unknown;
}

/** Where an account's items are measured without anything being stored. */
export interface Overlay extends Measuring {
  /** The links of each pull request and commit that has others than are stored. */
  readonly links: ReadonlyMap<Ref, readonly StoredLink[]>;
  /** What was measured. */
  readonly items: ReadonlyMap<Ref, MeasuredItem | null>;
}

/**
 * What is stored, with a configuration file as it is proposed in the place of the one that holds; what is written stays
 * here, and is what is read next. It locks nothing: nobody waits for it, and it waits for nobody.
 */
export function overlayOn(queries: Queries, proposal: Proposal, now: Instant): Overlay {
  const proposed = readingOf(proposal, now);
  const links = new Map<Ref, readonly StoredLink[]>();
  const items = new Map<Ref, MeasuredItem | null>();
  return {
    ...queries,
    links,
    items,
    events: async (owner, refs) => {
      const stored = await queries.events(owner, refs);
      if (!refs.includes(proposed.ref)) return stored;
      return [...stored.filter(({ ref, type }) => ref !== proposed.ref || type !== proposed.type), proposed];
    },
    ...linksOver(queries, links),
    item: async (owner, ref) => {
      const item = items.get(ref);
      return item === undefined ? queries.item(owner, ref) : (item ?? undefined);
    },
    saveItems: async (_owner, saved) => {
      for (const { ref, item } of saved) items.set(ref, item);
      // Nothing changed for anybody who could be told.
      return [];
    },
    lock: async () => undefined,
  };
}

/** As if the file had been read. */
function readingOf({ owner, repository, layer, content }: Proposal, now: Instant): EventOf<"configuration.read"> {
  const ref = layer === "repository" ? repository : accountRef(owner);
  const read = { id: `${ref}:configuration`, ref, at: now, precision: "exact", reader: 1 } as const;
  return { ...read, type: "configuration.read", layer, content: content ?? null, sha: null };
}

function linksOver(
  queries: Queries,
  links: Map<Ref, readonly StoredLink[]>,
): Pick<Measuring, "linksFrom" | "linksTo" | "saveLinks"> {
  const naming = new Map<string, Set<Ref>>();
  const over = (stored: readonly StoredLink[], kept: readonly StoredLink[]): StoredLink[] =>
    [...stored.filter(({ from }) => !links.has(from)), ...kept].sort(byOrigin);
  return {
    linksFrom: async (owner, from) =>
      over(
        await queries.linksFrom(owner, from),
        [...new Set(from)].flatMap((ref) => links.get(ref) ?? []),
      ),
    linksTo: async (owner, keys) => {
      const wanted = new Set(keys.map((key) => key.toUpperCase()));
      const origins = new Set([...wanted].flatMap((key) => [...(naming.get(key) ?? [])]));
      const kept = [...origins].flatMap((ref) => links.get(ref) ?? []).filter(({ key }) => wanted.has(key.toUpperCase()));
      return over(await queries.linksTo(owner, keys), kept);
    },
    saveLinks: async (_owner, linked) => {
      for (const { from, links: found } of linked) {
        links.set(
          from,
          found.map((link) => ({ ...link, from })),
        );
        for (const key of found.map((link) => link.key.toUpperCase()))
          naming.set(key, (naming.get(key) ?? new Set()).add(from));
      }
    },
  };
}

/** As they are stored: those of one origin stay in their order. */
const byOrigin = (one: StoredLink, other: StoredLink): number => (one.from === other.from ? 0 : one.from < other.from ? -1 : 1);
