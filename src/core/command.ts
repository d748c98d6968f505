import { nearest } from "./nearest.js";
import { openLines } from "./open-lines.js";

export const REPORT_DAYS = [7, 30, 90] as const;
export type ReportDays = (typeof REPORT_DAYS)[number];

/** What a person asked for in a comment. */
export type Command =
  | { readonly name: "show" | "explain" | "refresh" | "help" }
  | { readonly name: "link" | "unlink"; readonly keys: readonly string[] }
  /** Null: only shown. */
  | { readonly name: "profile"; readonly profile: string | null }
  | { readonly name: "report"; readonly days: ReportDays }
  /** Said to us, but not understood. `usage`: of the command that was probably meant. */
  | { readonly name: "unclear"; readonly said: string; readonly usage: string | null };

/** What it takes: nothing; to be asked for in a public repository, triage; write access. */
export type Right = "help" | "ask" | "change";

export interface CommandRow {
  readonly name: Exclude<Command["name"], "unclear">;
  /** What stands behind `/leadtime`. */
  readonly word: string;
  readonly usage: string;
  readonly who: string;
  readonly what: string;
  /** Reads the words behind its own; null when they make no sense. */
  readonly read: (words: readonly string[]) => Command | null;
}

const ASKING = "who may comment; in a public repository triage or more";
const CHANGING = "write access";
const MOST_KEYS = 10;

const alone =
  (name: "show" | "explain" | "refresh" | "help"): CommandRow["read"] =>
  (words) =>
    words.length === 0 ? { name } : null;

const withKeys =
  (name: "link" | "unlink"): CommandRow["read"] =>
  (words) => {
    const keys = words.flatMap((word) => word.split(/[,;]/)).filter(Boolean);
    return keys.length > 0 && keys.length <= MOST_KEYS ? { name, keys } : null;
  };

function readReport([asked = "30d", ...more]: readonly string[]): Command | null {
  const days = REPORT_DAYS.find((one) => `${one}d` === asked.toLowerCase());
  return days === undefined || more.length > 0 ? null : { name: "report", days };
}

/** Every command, in the order in which `help` tells of them. */
export const COMMANDS: readonly CommandRow[] = [
  {
    ...{ name: "show", word: "", usage: "/leadtime", who: ASKING, read: alone("show") },
    what: "the breakdown as it is now, of an open pull request as well: what it waits for, and for how long",
  },
  {
    ...{ name: "explain", word: "explain", usage: "/leadtime explain", who: ASKING, read: alone("explain") },
    what: "the event behind each stage and what else it might have been; why each ticket is linked, or is not",
  },
  {
    ...{ name: "link", word: "link", usage: "/leadtime link KEY…", who: CHANGING, read: withKeys("link") },
    what: "ties the pull request to tickets, whatever its branch, title and commits name",
  },
  {
    ...{ name: "unlink", word: "unlink", usage: "/leadtime unlink KEY…", who: CHANGING, read: withKeys("unlink") },
    what: "cuts the tie to tickets",
  },
  {
    ...{ name: "profile", word: "profile", usage: "/leadtime profile [NAME]", who: `${ASKING}; to choose, ${CHANGING}` },
    what: "shows the profile of this pull request, and which there are, or chooses another",
    read: (words) => ({ name: "profile", profile: words.length > 0 ? words.join(" ") : null }),
  },
  {
    ...{ name: "report", word: "report", usage: "/leadtime report [7d|30d|90d]", who: ASKING, read: readReport },
    what: "the repository's lead time by stage over the last days, 30 unless told",
  },
  {
    ...{ name: "refresh", word: "refresh", usage: "/leadtime refresh", who: CHANGING, read: alone("refresh") },
    what: "reads GitHub and Jira again for this pull request",
  },
  {
    ...{ name: "help", word: "help", usage: "/leadtime help", who: "anyone", read: alone("help") },
    what: "the commands",
  },
];

/** What a command takes. One that is not understood tells no more than `help`, but is no more welcome than a question. */
export function rightFor(command: Command): Right {
  switch (command.name) {
    case "help":
      return "help";
    case "show":
    case "explain":
    case "report":
    case "unclear":
      return "ask";
    case "profile":
      return command.profile === null ? "ask" : "change";
    case "link":
    case "unlink":
    case "refresh":
      return "change";
  }
}

/** More in one comment are not looked at. */
export const MOST_COMMANDS = 10;
const LONGEST_LINE = 500;
/** At most three spaces before it, else it is code; what nobody sees (byte order, direction) does not count. */
const LINE = /^([\p{Cf} ]{0,16})\/leadtime(?=\p{Cf}*(?:\s|$))(.*)$/iu;

/**
 * The commands to us in a comment, in order, those that only ask once each: at the start of a line, in any case, outside quotes,
 * code and HTML comments. Commands of other apps, whose names may begin like ours, are passed over.
 */
export function readCommands(comment: string): Command[] {
  const read = new Map<string, Command>();
  for (const line of openLines(comment)) {
    const match = LINE.exec(line.slice(0, LONGEST_LINE));
    if (!match || (match[1] ?? "").replace(/\p{Cf}/gu, "").length > 3) continue;
    const command = readCommand(match[2] ?? "");
    const once = rightFor(command) === "change" ? `${read.size} ` : "";
    const asked = once + JSON.stringify(command);
    if (!read.has(asked)) read.set(asked, command);
    if (read.size === MOST_COMMANDS) break;
  }
  return [...read.values()];
}

function readCommand(rest: string): Command {
  const [word = "", ...words] = rest
    .replace(/\p{Cf}/gu, "")
    .split(/\s+/)
    .filter(Boolean);
  const named = COMMANDS.find((row) => row.word === word.toLowerCase());
  const meant = named ?? COMMANDS.find((row) => row.word === nearest(word, NAMES));
  const command = named?.read(words);
  return command ?? { name: "unclear", said: ["/leadtime", word, ...words].join(" "), usage: meant?.usage ?? null };
}

const NAMES = COMMANDS.map(({ word }) => word).filter(Boolean);
