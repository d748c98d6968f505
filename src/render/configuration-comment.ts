import type { LocatedProblem } from "../core/configuration-problem.js";
import { mistakes } from "./configuration-check.js";
import { code, text } from "./markdown.js";
import { named } from "./profile-words.js";

/** The first line of what is said on a pull request where no check run may be written. */
export const CONFIGURATION_MARKER = "<!-- leadtime:configuration -->";

/** More than these nobody reads in a comment. */
const LISTED = 50;
const MAX_PATH = 200;
const MAX_MESSAGE = 600;
/** GitHub takes 65,536 characters; what is escaped grows. */
const MAX_LINES = 59_000;

/** What is wrong with the file that a pull request proposes, a line each. `sha`: the commit that was looked at. */
export function renderComplaint(path: string, sha: string, problems: readonly LocatedProblem[]): string {
  const lines = fitting(problems.slice(0, LISTED).map(problemLine));
  const rest = problems.length - lines.length;
  return [
    `${CONFIGURATION_MARKER}\n### ${mistakes(problems.length)} in ${named(path)}`,
    lines.join("\n"),
    ...(rest > 0 ? [`And ${rest} more.`] : []),
    `Found in ${code(sha.slice(0, 7), 7)}. Until the file is good, what was in force before stays in force.`,
  ].join("\n\n");
}

function fitting(lines: readonly string[]): readonly string[] {
  let length = 0;
  const tooLong = lines.findIndex((line) => {
    length += line.length + 1;
    return length > MAX_LINES;
  });
  return tooLong < 0 ? lines : lines.slice(0, tooLong);
}

const problemLine = ({ line, column, path, message }: LocatedProblem): string =>
  `- Line ${line}, column ${column}${path === "" || path.startsWith("line ") ? "" : `, ${code(path, MAX_PATH)}`}: ${text(message, MAX_MESSAGE)}`;

/** What stands there once nothing is wrong any more. */
export const renderMended = (path: string): string =>
  `${CONFIGURATION_MARKER}\n### ${named(path)} is good\n\nWhat was wrong with it in this pull request is mended.`;
