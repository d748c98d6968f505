import type { LeadTime, MeasuredItem, StageTime } from "../core/measurement.js";
import { clean } from "./markdown.js";
import { evidenceOf, headline, leadTimeWords, limitsWords, momentWords } from "./words.js";

const MAX_LETTERS = 200;
const MAX_NAME = 40;

/** An item's lead time for a terminal: a headline, a line a stage, the notes. Ends with a line feed. */
export function renderText(item: MeasuredItem, leadTime: LeadTime): string {
  const head = `${clean(item.name, MAX_NAME)} · ${headline(leadTime)}`;
  const rows = [["Stage", "Lead time", "Rating", "Reached (UTC)", "Ideal / acceptable"], ...leadTime.stages.map(cells)];
  function cells(stage: StageTime): string[] {
    return [
      clean(stage.name, MAX_NAME),
      clean(leadTimeWords(stage, leadTime), MAX_LETTERS),
      ("rating" in stage && stage.rating) || "–",
      reached(stage),
      limitsWords(stage.limits),
    ];
  }
  const notes = leadTime.notes.map((note) => `Note: ${clean(note, MAX_LETTERS)}`);
  const blocks = [[head, clean(item.title, MAX_LETTERS)].filter(Boolean), aligned(rows), notes];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function reached(stage: StageTime): string {
  const evidence = evidenceOf(stage);
  return evidence ? momentWords(evidence.at, evidence.precision) : "–";
}

/** Columns as wide as their widest cell, two spaces apart. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column]))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - lengthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

const lengthOf = (cell = ""): number => Array.from(cell).length;
