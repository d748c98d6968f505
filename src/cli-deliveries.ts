import { table } from "./cli-table.js";
import { formatInstant } from "./core/time.js";
import type { DeliveryKey } from "./ports.js";
import type { Inbox, StoredDelivery } from "./store/deliveries.js";
import { visible } from "./visible.js";

export interface ListOptions {
  readonly parked: boolean;
  readonly limit: number;
  readonly json: boolean;
}

/** What `leadtime deliveries` prints: the newest deliveries, and how many there are in each state. */
export async function listDeliveries(inbox: Inbox, { parked, limit, json }: ListOptions): Promise<string> {
  const deliveries = await inbox.deliveries(parked ? "parked" : "all", limit);
  const counts = await inbox.counts();
  if (json) return JSON.stringify({ deliveries: deliveries.map(inJson), counts });
  const all = parked ? counts.parked : counts.pending + counts.parked + counts.done;
  const more = all > deliveries.length ? [`The newest ${deliveries.length} of ${all}: --limit shows more.`] : [];
  const sum = `${counts.pending} pending, ${counts.parked} parked, ${counts.done} done`;
  return [...table(HEAD, deliveries.map(cells)), ...more, sum].join("\n");
}

const inJson = ({ receivedAt, size, ...delivery }: StoredDelivery) => ({
  ...delivery,
  receivedAt: formatInstant(receivedAt),
  sizeBytes: size,
});

const HEAD = ["RECEIVED", "STATE", "EVENT", "SIZE", "ATTEMPTS", "ID", "REASON"];

const cells = ({ receivedAt, state, event, size, attempts, reason, ...key }: StoredDelivery): string[] => [
  formatInstant(receivedAt),
  state,
  visible(event) || "–",
  `${(size / 1000).toFixed(1)} kB`,
  String(attempts),
  visible(nameOf(key)),
  visible(reason ?? ""),
];

const nameOf = ({ source, id }: DeliveryKey): string => `${source}:${id}`;

/**
 * Makes parked deliveries due again, so that a running app, or the next one, tries them anew. Returns what to print.
 * `names`: ids, or `github:ID`, `jira:ID`. Throws when one is not a parked delivery; then none is due.
 */
export async function retryDeliveries(inbox: Inbox, names: readonly string[] | "all", json: boolean): Promise<string> {
  const retried = await inbox.retryDeliveries(names === "all" ? "all" : await parkedOnes(inbox, [...new Set(names)]));
  if (json) return JSON.stringify({ retried: retried.map(({ source, id }) => ({ source, id })) });
  if (retried.length === 0) return "No delivery is parked.";
  return `${retried.length === 1 ? "1 delivery is" : `${retried.length} deliveries are`} due again.`;
}

async function parkedOnes(inbox: Inbox, names: readonly string[]): Promise<DeliveryKey[]> {
  const found = await inbox.withIds(names.flatMap((name) => [name, name.slice(name.indexOf(":") + 1)]));
  const resolved = names.map((name) => resolve(name, found));
  const problems = resolved.flatMap((one) => (typeof one === "string" ? [one] : []));
  if (problems.length > 0) throw new Error(`${problems.join("; ")}. Nothing was changed`);
  return resolved.filter((one) => typeof one !== "string");
}

/** The parked delivery of that name, or what is wrong. */
function resolve(name: string, found: readonly StoredDelivery[]): DeliveryKey | string {
  const meant = found.filter((one) => one.id === name || nameOf(one) === name);
  const [one, other] = meant;
  if (!one) return `no delivery has the id ${visible(name)}`;
  if (other) return `${visible(name)} may be ${meant.map(nameOf).join(" or ")}: say which`;
  return one.state === "parked" ? one : `${visible(nameOf(one))} is not parked: it is ${one.state}`;
}
