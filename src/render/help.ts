import { COMMANDS, type Command } from "../core/command.js";
import { code } from "./markdown.js";

/** In a table a pipe has to be escaped, in code as well. */
const usageIn = (usage: string): string => `\`${usage.replaceAll("|", "\\|")}\``;

/** The table of commands, as `help` and docs/commands.md show it. */
export const commandTable = (): string =>
  [
    "| command | who | what |",
    "|---|---|---|",
    ...COMMANDS.map(({ usage, who, what }) => `| ${usageIn(usage)} | ${who} | ${what} |`),
  ].join("\n");

export const renderHelp = (): string =>
  ["### Commands", commandTable(), "In a comment on a pull request, at the start of a line, outside quotes and code."].join(
    "\n\n",
  );

const MAX_SAID = 80;

/** `secretive`: what was said may name a ticket, and is not said again. */
export function renderUnclear({ said, usage }: Extract<Command, { name: "unclear" }>, secretive: boolean): string {
  const what = secretive ? "That" : code(said, MAX_SAID) || "That";
  const instead =
    usage === null ? "`/leadtime help` lists them." : `Did you mean \`${usage}\`? \`/leadtime help\` lists them all.`;
  return `${what} is none of the commands. ${instead}`;
}

export const renderNotAllowed = (usage: string): string =>
  `\`${usage}\` takes write access to this repository, which you do not have. \`/leadtime\` and \`/leadtime explain\` only ask, and \`/leadtime help\` says who may what.`;
