import type { StageTime } from "../core/measurement.js";
import { plainName } from "../core/profile.js";
import { formatDuration } from "../core/time.js";
import { formatHours, type WorkingTime } from "../core/working-time.js";
import { ANOTHER_REPOSITORY, type ToldTable } from "./audience.js";
import { code, row, text } from "./markdown.js";
import type { Room } from "./room.js";
import { evidenceOf, leadTimeWords, limitsWords, listed, momentInUtc, momentWords, stageMark, triggerWords } from "./words.js";

const MAX_NAME = 60;
const HEADER = ["|    | Stage | Lead time | Reached (UTC) | Ideal / acceptable | Usual |", "|----|---|---|---|---|---|"];

/** A row a stage, with every fact; what had to be left out is counted. */
export function stageTable(table: ToldTable, room: Room): string {
  const { stages } = table.leadTime;
  const rows = stages.slice(0, room.rows).map((stage) => stageRow(stage, table, room.letters));
  const rest = stages.length - rows.length;
  return [...HEADER, ...rows, ...(rest > 0 ? ["", `And ${rest} more stages.`] : [])].join("\n");
}

function stageRow(stage: StageTime, table: ToldTable, letters: number): string {
  const usual = table.usual.get(stage.name);
  return row([
    stageMark(stage),
    text(stage.name, Math.min(letters, MAX_NAME)),
    text(leadTimeWords(stage, table.leadTime), letters),
    reached(stage, table),
    limitsWords(stage.limits),
    usual === undefined ? "–" : formatDuration(usual),
  ]);
}

function reached(stage: StageTime, table: ToldTable): string {
  const evidence = evidenceOf(stage);
  if (!evidence || !("enteredAt" in stage)) return "–";
  const origin = originMarkdown(table.origin(evidence));
  return `${momentWords(stage.enteredAt, evidence.precision)}${origin && ` · ${origin}`}`;
}

/** In a code span, so that nothing is cross-referenced. */
export const originMarkdown = (name: string | null): string =>
  name === null || name === ANOTHER_REPOSITORY ? (name ?? "") : code(name, MAX_NAME);

/** Which stages are still to come, why the first of them is not there, from when under which profile it is counted, and what is rated. */
export function sentences({ leadTime }: ToldTable, { rows, letters }: Room): string {
  const short = (name: string) => text(name, Math.min(letters, MAX_NAME)) || "–";
  const { start, profile, status, workingTime } = leadTime;
  const pending = leadTime.stages.slice(0, rows).filter((stage) => stage.state === "pending");
  const names = pending.map(({ name, reason }, index) =>
    index === 0 && reason ? `${short(name)} (${text(reason, letters)})` : short(name),
  );
  const coming = status === "abandoned" ? "Not reached" : "Still to come";
  const counted = start ? `Counted from ${momentInUtc(start)}, ${triggerWords(start.event)}, under` : "Under";
  return [
    ...(names.length > 0 ? [`${coming}: ${listed(names)}.`] : []),
    `${counted} the profile ${code(plainName(profile), MAX_NAME) || "–"}.`,
    ...(workingTime ? [`Ratings count working time alone: ${workingTimeWords(workingTime)}.`] : []),
  ].join(" ");
}

/** `mon, tue, 09:00-18:00, Europe/Berlin`. */
const workingTimeWords = ({ days, hours, timeZone }: WorkingTime): string =>
  [...days, formatHours(hours), text(timeZone, MAX_NAME)].join(", ");
