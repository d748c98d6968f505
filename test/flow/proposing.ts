import type { Event, EventOf } from "../../src/core/event.js";
import type { MeasuredItem } from "../../src/core/measurement.js";
import { accountRef, type Owner, type Ref, repositoryRef, SHARED } from "../../src/core/ref.js";
import { DAY, type Instant } from "../../src/core/time.js";
import { absorb } from "../../src/flow/absorb.js";
import type { Proposal } from "../../src/flow/overlay.js";
import type { PreviewParts } from "../../src/flow/preview.js";
import { work } from "../../src/flow/worker.js";
import type { Store } from "../../src/ports.js";
import { account } from "../store/builders.js";
import { category, at as clockAt, commit, later, pullRequest, repository, ticket } from "../support/builders.js";
import { clockFrom, OWNER, partsOn, watchedStore } from "./told.js";

/** What is looked at is looked at now. */
export const NOW = clockAt("12:00");
/** So many days before now. */
export const ago = (days: number): Instant => later(NOW, -days * DAY);

const moved = <E extends Event>(events: readonly E[], from: string, to: string): E[] =>
  JSON.parse(JSON.stringify(events).replaceAll(from, to)) as E[]; // other ids, the same shape

/** A repository of acme: its id is its number. */
export const place = (id: number, name: string, visibility: EventOf<"repository.described">["visibility"] = "private") =>
  moved([repository({ name, visibility })], "github:repo:1", `github:repo:${id}`);

export interface Change {
  readonly number: number;
  readonly repository?: number;
  readonly branch?: string;
  readonly title?: string;
  readonly message?: string;
  /** Days ago. */
  readonly opened: number;
  readonly merged?: number | null;
}

/** A pull request, reviewed half of the way to its merge. */
export function change({
  number,
  repository: of = 1,
  branch = "work",
  title = "Work",
  message = "Work",
  ...times
}: Change): Event[] {
  const its = pullRequest(number);
  const { opened, merged = null } = times;
  const state = merged === null ? "open" : "merged";
  const events = [
    its.described(ago(opened), { branch, title, state, head: `head${of}-${number}` }),
    its.opened(ago(opened)),
    its.commits(ago(opened), [commit(`c${of}-${number}`, ago(opened + 1), { message })], `head${of}-${number}`),
    its.approved(`${of}-${number}`, ago((opened + (merged ?? 0)) / 2)),
    ...(merged === null ? [] : [its.merged(ago(merged), { mergeCommit: `merge${of}-${number}` })]),
  ];
  return moved(moved(events, "github:pr:1#", `github:pr:${of}#`), "github:repo:1", `github:repo:${of}`);
}

export interface Task {
  readonly number: number;
  readonly created: number;
  readonly done?: number | null;
  readonly resolution?: string | null;
}

/** The ticket PROP-1, and so on. */
export function task({ number, created, done = null, resolution = null }: Task): Event[] {
  const events = [
    ticket.described(NOW, { key: `PROP-${number}`, title: "The canary sings", resolution }),
    ticket.history(NOW),
    ticket.created(ago(created)),
    ticket.status("initial", "To Do", ago(created)),
    ticket.status("1", "In Progress", ago((created + (done ?? 0)) / 2)),
    ...(done === null ? [] : [ticket.status("2", "Done", ago(done))]),
  ];
  return moved(events, "jira:issue:1460", `jira:issue:${number}`);
}

export type Rules = Pick<Proposal, "layer" | "content">;

/** As it is read from GitHub. */
function reading(id: number, { layer, content }: Rules, at: Instant): Event {
  const ref = layer === "repository" ? repositoryRef(id) : accountRef(OWNER);
  const read = { id: `${ref}:configuration`, ref, at, precision: "exact", reader: 1, sha: null } as const;
  return { ...read, type: "configuration.read", layer, content };
}

/** An account's store in which everything that it is told is measured. */
export async function measured() {
  const store = await watchedStore();
  const clock = clockFrom("12:00");
  const learn = async (owner: Owner, events: readonly Event[]) => {
    await store.transaction((tx) => absorb(tx, owner, events, clock.now()));
    while (await work(partsOn(store, clock)));
  };
  const categories = [category("To Do", "to-do"), category("In Progress", "in-progress"), category("Done", "done")];
  await learn(OWNER, [account(10), ...place(1, "acme/web")]);
  await learn(SHARED, categories);
  let read = 0;
  return {
    store,
    learn: (...events: Event[]) => learn(OWNER, events),
    learnTickets: (...events: Event[]) => learn(SHARED, events),
    /** The file for real; what depends on it is measured anew. */
    apply: (rules: Rules, id = 1) => learn(OWNER, [reading(id, rules, later(NOW, ++read))]),
    parts: { queries: store, policy: partsOn(store, clock).policy, clock: { now: () => NOW } } satisfies PreviewParts,
    propose: (rules: Rules, id = 1): Proposal => ({ owner: OWNER, repository: repositoryRef(id), ...rules }),
    items: () => itemsOf(store),
  };
}

async function itemsOf(store: Store): Promise<Map<Ref, MeasuredItem>> {
  const refs = [...(await store.subjects(OWNER, "pull-request")), ...(await store.subjects(SHARED, "ticket"))];
  const found = await Promise.all(refs.map((ref) => store.item(OWNER, ref)));
  return new Map(found.flatMap((item) => (item ? [[item.ref, item] as const] : [])));
}
