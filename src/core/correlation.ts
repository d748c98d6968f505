import { byTime } from "./entry.js";
import type { Event } from "./event.js";
import type { Link, LinkSource } from "./link.js";
import { findKeys } from "./ticket-key.js";

export type KeySource = Exclude<LinkSource, "command">;
export interface KeyRules {
  readonly projects: ReadonlySet<string> | null;
  /** The sources in the order in which they are asked. */
  readonly from: readonly KeySource[];
}
export interface NamedIn {
  readonly branch: string;
  readonly title: string;
  readonly commits: readonly string[];
}

/** Branches that tools name: what looks like a key there is a package or a number. */
const TOOL_BRANCH = /^(dependabot|renovate|gh-readonly-queue)\//i;
const MATCHED_LENGTH = 255;
/** Half of a character outside of the basic plane: what a cut may leave. */
const CUT_IN_HALF = /[\uD800-\uDBFF]$/;

/**
 * The tickets that a pull request or commit names, and the near misses, each with its reason (docs/lead-time.md):
 * all keys of the first source that has any; what people linked and unlinked by command outranks that.
 */
export function correlate(named: NamedIn, rules: KeyRules, commands: readonly Event[] = []): Link[] {
  const found = rules.from.map((source) => ({ source, links: linksIn(source, named, rules) }));
  const winner = found.find(({ links }) => links.some(({ refusal }) => refusal === null))?.source;
  const links = new Map<string, Link>();
  for (const link of found.flatMap((of) => of.links)) {
    const refusal =
      link.refusal ?? (link.source === winner ? null : `the ${SOURCE_WORDS[winner ?? "branch"]} already named a ticket`);
    const before = links.get(link.key);
    // A key that is refused in one source may still count in the next.
    if (!before || (before.refusal !== null && refusal === null))
      links.set(link.key, refusal === link.refusal ? link : { ...link, refusal });
  }
  return [...obey(links, commands).values()];
}
const SOURCE_WORDS = { branch: "branch", title: "title", commits: "commit messages" } as const;

function linksIn(source: KeySource, named: NamedIn, { projects }: KeyRules): Link[] {
  const texts = source === "commits" ? named.commits : [named[source]];
  return texts.flatMap((text) =>
    findKeys(text, projects).map(({ key, refusal }) => ({
      key,
      source,
      matched: text.slice(0, MATCHED_LENGTH).replace(CUT_IN_HALF, ""),
      refusal: refusal ?? (source === "branch" && TOOL_BRANCH.test(text) ? "the branch was named by a tool" : null),
    })),
  );
}

/** Commands in the order in which they were given: the last one about a key holds. */
function obey(links: Map<string, Link>, commands: readonly Event[]): Map<string, Link> {
  for (const event of [...commands].sort(byTime)) {
    if (event.type !== "pull-request.linked" && event.type !== "pull-request.unlinked") continue;
    const who = event.actor ? `@${event.actor.login}` : "somebody";
    const refusal = event.type === "pull-request.unlinked" ? `${who} unlinked it` : null;
    links.set(event.key, { key: event.key, source: "command", matched: who, refusal });
  }
  return links;
}

export type Relation = "change" | "revert" | "backport";

/** Whether a pull request is a change of its ticket, or takes one back, or carries one to another branch. */
export function relationOf(of: NamedIn & { readonly base: string; readonly defaultBranch: string }): Relation {
  if (/^revert "/i.test(of.title) || /^revert-\d+-/i.test(of.branch)) return "revert";
  const copied = of.commits.some((message) => message.includes("(cherry picked from commit "));
  const named = /\bback-?port\b|\bcherry-?pick/i.test(`${of.title} ${of.branch}`);
  return of.base !== of.defaultBranch && (copied || named) ? "backport" : "change";
}
