import type { LeadTime, MeasuredItem, TicketHead } from "../core/measurement.js";
import { findKeys } from "../core/ticket-key.js";
import { ofTicket } from "./scm-stages.js";

/** Words as they may be told; null when they may not. */
export type Words = (words: string) => string | null;

interface Known {
  readonly item: MeasuredItem;
  readonly leadTime: LeadTime;
  readonly ticket: TicketHead | null;
}

/** What may be told of notes and reasons around these tables: in public nothing that speaks of tickets, elsewhere perhaps no key. */
export function censor(audience: { readonly public: boolean; readonly tickets: string }, tables: readonly Known[]): Words {
  const keys = tables.flatMap(keysOf);
  if (audience.public) {
    const secrets = [...keys, ...tables.flatMap(titlesOf), ...tables.flatMap(ticketStagesOf)].map((secret) =>
      secret.toLowerCase(),
    );
    return (words) => (speaksOfTickets(words, secrets) ? null : words);
  }
  return (words) => (audience.tickets === "hidden" ? withoutKeys(words, keys) : words);
}

const SPEAKING = /\b(?:jira|tickets?|fix versions?)\b/i;

function speaksOfTickets(words: string, secrets: readonly string[]): boolean {
  const lower = words.toLowerCase();
  return SPEAKING.test(words) || foundKeys(words).length > 0 || secrets.some((secret) => secret && lower.includes(secret));
}

/** Keys that only look like ones go as well: better a word too few than a key too many. */
function withoutKeys(words: string, known: readonly string[]): string {
  const keys = [...known, ...foundKeys(words)].map((key) => key.replace(/[^\w-]/g, "\\$&"));
  return keys.length === 0 ? words : words.replace(new RegExp(`(?:${keys.join("|")})(?!\\d)`, "gi"), "the ticket");
}

const foundKeys = (words: string): string[] =>
  findKeys(words, null).flatMap(({ key, refusal }) => (refusal === null ? [key] : []));

const heads = ({ item, ticket }: Known): readonly TicketHead[] => (ticket ? [ticket, ...item.tickets] : item.tickets);
const keysOf = (known: Known): string[] => [
  ...heads(known).map(({ key }) => key),
  ...known.item.links.map(({ key }) => key),
  ...(known.item.kind === "ticket" ? [known.item.name] : []),
];
const titlesOf = (known: Known): string[] => heads(known).map(({ title }) => title);
const ticketStagesOf = ({ leadTime }: Known): string[] =>
  leadTime.stages.filter(({ on }) => ofTicket(on)).map(({ name }) => name);
