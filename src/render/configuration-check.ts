import type { Annotation, Check } from "../core/check.js";
import type { Configuration } from "../core/configuration.js";
import type { LocatedProblem } from "../core/configuration-problem.js";
import type { SayableProfile } from "../core/configuration-sayable.js";
import { plainName } from "../core/profile.js";
import { orgUnitSection, otherSettings } from "./configuration-words.js";
import { clean, row, text } from "./markdown.js";
import { calculationWords, entryWords, named, startSentence } from "./profile-words.js";
import { limitsWords } from "./words.js";

/** GitHub takes 65,535. */
const MAX_SUMMARY = 60_000;
const MAX_NAME = 60;
const MAX_MESSAGE = 1000;

/** What the file that a commit has says, found good or not. */
export interface CheckedFile {
  readonly path: string;
  readonly layer: "repository" | "organisation";
  /** Whether there is one. */
  readonly there: boolean;
  readonly problems: readonly LocatedProblem[];
  /** Names in it that nobody has seen: it holds all the same. */
  readonly warnings: readonly LocatedProblem[];
}

/** What a good file means. */
export interface Meaning {
  readonly configuration: Configuration;
  /** What a repository is measured under that this file is for; `notes`: why it is not the one that was asked for. */
  readonly own: SayableProfile & { readonly notes: readonly string[] };
  /** The other profiles that it defines. */
  readonly defined: readonly SayableProfile[];
  /** Whether everybody reads this: then it tells nothing but profiles. */
  readonly public: boolean;
  /** Whether stages of tickets may be told; else it tells of source control alone. */
  readonly tickets: boolean;
  /** What would change under it, as Markdown; null: that is not told. */
  readonly change: string | null;
}

/** What the check run on a commit says of the configuration file. `meaning`: null when it is not good. */
export function renderCheck(file: CheckedFile, meaning: Meaning | null): Check {
  const { problems, warnings } = file;
  const annotations = [
    ...problems.map((problem) => annotation(file.path, problem, "failure")),
    ...warnings.map((problem) => annotation(file.path, problem, "warning")),
  ];
  if (problems.length > 0 || !meaning) {
    return { conclusion: "failure", title: mistakes(problems.length), summary: failure(file), annotations };
  }
  return { conclusion: "success", title: goodTitle(file, meaning), summary: summaryOf(file, meaning), annotations };
}

function annotation(path: string, problem: LocatedProblem, level: Annotation["level"]): Annotation {
  const { line, column, endColumn } = problem;
  return {
    path,
    startLine: line,
    endLine: line,
    columns: { start: column, end: Math.max(column, endColumn - 1) },
    level,
    title: clean(problem.path, 200) || path,
    message: clean(problem.message, MAX_MESSAGE),
  };
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
export const mistakes = (count: number): string => counted(count, "mistake");

const failure = ({ path, problems }: CheckedFile): string =>
  [
    `There ${problems.length === 1 ? "is" : "are"} ${mistakes(problems.length)} in ${named(path)}, marked below.`,
    "Until the file is good, what was in force before stays in force, and everything goes on being measured under that.",
  ].join("\n\n");

function goodTitle({ there, layer, warnings }: CheckedFile, { own }: Meaning): string {
  const name = clean(plainName(own.profile.name), MAX_NAME);
  const whose = layer === "organisation" ? "repositories are" : "this repository is";
  const unseen = warnings.length > 0 ? ` · ${counted(warnings.length, "name")} not seen yet` : "";
  return `${there ? "Good" : "No file"}: ${whose} measured under ${name}${unseen}`;
}

function summaryOf(file: CheckedFile, meaning: Meaning): string {
  const head = [...opening(file, meaning), ...(meaning.change ? [meaning.change] : [])];
  const rest = [
    ...[meaning.own, ...meaning.defined].map((profile) => profileSection(profile, meaning)),
    ...(meaning.public ? [] : [...orgUnitSection(meaning.configuration), ...otherSettings(meaning.configuration)]),
  ];
  return fitting(head, rest);
}

/** As many of the blocks as there is room for, the first ones first. */
function fitting(head: readonly string[], rest: readonly string[]): string {
  const shown = [...head];
  let room = MAX_SUMMARY - head.join("\n\n").length;
  for (const [index, block] of rest.entries()) {
    room -= block.length + 2;
    if (room < 0) return [...shown, `And ${counted(rest.length - index, "part")} more.`].join("\n\n");
    shown.push(block);
  }
  return shown.join("\n\n");
}

function opening(file: CheckedFile, { own, tickets }: Meaning): string[] {
  const ofAll = file.layer === "organisation";
  const absent = ofAll ? "the built-in settings hold" : "what the organisation's file says holds, else the built-in settings";
  const whose = ofAll ? "A repository whose own file says nothing else" : "This repository";
  const under = `${whose} is measured under the profile ${named(plainName(own.profile.name))}.`;
  const { length: unseen } = file.warnings;
  return [
    ...(file.there ? [] : [`There is no ${named(file.path)}: ${absent}.`]),
    [under, ...own.notes.map((note) => `${text(note, MAX_MESSAGE)}.`)].join(" "),
    ...(unseen > 0 ? [`⚠️ ${counted(unseen, "name")} not seen yet, marked below: the file holds all the same.`] : []),
    ...(tickets ? [] : ["Everybody can read this, so it tells only of what source control shows."]),
  ];
}

const HEADER = ["|   | Stage | Entered when | Ideal / acceptable |", "|---|---|---|---|"];

function profileSection({ profile, whole }: SayableProfile, { public: isPublic }: Meaning): string {
  // It may be that of the profile below, which is for fewer eyes.
  const description = isPublic || !whole ? "" : text(profile.description, MAX_MESSAGE);
  const rows = profile.stages.map((stage, index) =>
    row([String(index + 1), text(stage.name, MAX_NAME), entryWords(stage), limitsWords(stage)]),
  );
  return [
    `### Profile ${named(plainName(profile.name))}`,
    ...(description ? [description] : []),
    ...(whole
      ? [startSentence(profile.start)]
      : ["It goes back to a file that fewer people may read: only what this file says of it is told here."]),
    rows.length > 0 ? [...HEADER, ...rows].join("\n") : "None of its stages is told here.",
    ...(whole ? [calculationWords(profile)] : []),
  ].join("\n\n");
}
