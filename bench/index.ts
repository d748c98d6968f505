import { type Judged, judge, type Question } from "./question.js";
import { QUESTIONS } from "./questions.js";

/*
 * How fast it is, in ratios to a yardstick of the same run: `npm run bench`, or `npm run bench -- P1 P12` for some.
 * Ends with 1 when a floor is missed.
 */
const asked = process.argv.slice(2);
const named = ({ goals }: Question) => asked.length === 0 || goals.some(({ id }) => asked.some((name) => isOf(id, name)));
/** `P4` asks for P4a and P4b, `merge-to-comment` for all of its figures. */
const isOf = (id: string, name: string) =>
  id === name || (id.startsWith(name) && /^(?:[a-z]|\..+)$/.test(id.slice(name.length)));

const COLUMNS = ["goal", "what", "median", "[min – max]", "floor", "stretch", ""];
const digits = (figure: number) => figure.toFixed(Math.abs(figure) >= 10 ? 1 : 2);

function cells({ goal, median, least, most, verdict }: Judged): string[] {
  const sign = goal.is === "at-least" ? "≥" : "≤";
  const stretch = goal.stretch === null ? "" : `${sign} ${goal.stretch}`;
  const range = `[${digits(least)} – ${digits(most)}]`;
  return [goal.id, goal.what, digits(median), range, `${sign} ${goal.floor}`, stretch, verdict];
}

function table(judged: readonly Judged[]): string {
  const rows = [COLUMNS, ...judged.map(cells)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const results: Judged[] = [];
for (const question of QUESTIONS.filter(named)) {
  console.log(`\n${question.title}`);
  const { figures, notes } = await question.ask();
  for (const note of notes) console.log(`  ${note}`);
  const judged = question.goals.map((goal) => judge(goal, figures));
  console.log(table(judged).replace(/^/gm, "  "));
  results.push(...judged);
}
if (results.length === 0) throw new Error(`No question is called ${asked.join(", ")}`);
console.log(`\n${table(results)}`);
process.exitCode = results.some(({ verdict }) => verdict === "MISSED") ? 1 : 0;
