import type { LeadTime, Rating, StageTime } from "../core/measurement.js";
import { DAY, formatDuration, type Instant, instant, toSeconds, WEEK } from "../core/time.js";
import { clean } from "./markdown.js";

type Entered = Extract<StageTime, { readonly enteredAt: Instant }>;

/** Mermaid's own names for the colours of a bar. */
const COLOURS: Readonly<Record<Rating, string>> = { good: "done, ", acceptable: "active, ", slow: "crit, " };
const MAX_LABEL = 40;
const MAX_BARS = 50;

/**
 * The entered stages as a Mermaid gantt in a code block: a section a stage, its bar the time it took to reach it.
 * Null when no stage was entered. Mermaid reads times as local ones and shows them so: UTC in, UTC out.
 */
export function gantt({ stages }: LeadTime): string | null {
  const entered = stages.filter((stage): stage is Entered => "enteredAt" in stage).slice(0, MAX_BARS);
  if (entered.length === 0) return null;
  const names = uniqueLabels(entered);
  const lines = ["gantt", "    dateFormat YYYY-MM-DD HH:mm:ss", `    axisFormat ${axisOf(entered)}`, "    todayMarker off"];
  return [
    "```mermaid",
    paddingFor(names),
    ...lines,
    ...entered.flatMap((stage, index) => bar(stage, names[index] ?? "")),
    "```",
  ].join("\n");
}

/** Mermaid leaves room for ten letters before the bars, whatever stands there; a letter is about six pixels wide. */
const paddingFor = (names: readonly string[]): string =>
  `%%{init: {"gantt": {"leftPadding": ${20 + 6 * Math.max(...names.map(({ length }) => length))}}}}%%`;

function bar(stage: Entered, name: string): string[] {
  const from = formatLocal(beginningOf(stage));
  const to = formatLocal(stage.enteredAt);
  const colour = stage.rating ? COLOURS[stage.rating] : "";
  const span = from === to ? `milestone, ${from}, 0s` : `${from}, ${to}`;
  return [`    section ${name}`, `    ${formatDuration(stage.leadTime)} :${colour}${span}`];
}

const beginningOf = ({ enteredAt, leadTime }: Entered): Instant => instant(enteredAt - toSeconds(leadTime) * 1000);

const formatLocal = (at: Instant): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

function axisOf(entered: readonly Entered[]): string {
  const span = Math.max(...entered.map(({ enteredAt }) => enteredAt)) - Math.min(...entered.map(beginningOf));
  if (span < DAY) return "%H:%M";
  return span < WEEK ? "%m-%d %H:%M" : "%m-%d";
}

/** Mermaid merges sections of one name, and has no escapes: letters, digits and a few marks stay. */
function uniqueLabels(stages: readonly Entered[]): string[] {
  const seen = new Set<string>();
  return stages.map(({ name }, index) => {
    const plain = clean(name.replace(/[^\p{L}\p{M}\p{N} ()/._-]/gu, " "), MAX_LABEL) || "Stage";
    const label = seen.has(plain) ? `${plain} (${index + 1})` : plain;
    seen.add(label);
    return label;
  });
}
