import type { Choice, Choices } from "../core/explanation.js";
import type { Evidence, LeadTime, StageTime } from "../core/measurement.js";
import { code, link, text } from "./markdown.js";
import type { Room } from "./room.js";
import { evidenceOf, leadTimeWords, momentInUtc, triggerWords } from "./words.js";

/** Which pull request a proof came from, in safe Markdown: `` `#12` ``; empty for the one at hand. */
export type Origin = (evidence: Evidence) => string;

const MAX_ACTOR = 60;

/** What proves the start and each stage entry, a list item each; what is absent says why. */
export function evidenceList(leadTime: LeadTime, origin: Origin, { rows, letters }: Room, choices?: Choices): string {
  const context = { leadTime, origin, max: letters };
  const start = leadTime.start ? [`- **Start** · ${proof(leadTime.start, context)}`] : [];
  const lines = [
    ...[...start, ...uncounted(choices?.start, context)],
    ...leadTime.stages
      .slice(0, rows)
      .flatMap((stage) => [item(stage, context), ...uncounted(choices?.stages.get(stage.name), context)]),
  ];
  return lines.join("\n");
}

const MOST_OTHERS = 5;

/** What might have counted as well, and why it does not. */
function uncounted(choice: Choice | null | undefined, context: Context): string[] {
  if (!choice) return [];
  const why = choice.pick === "first" ? "Not counted, for it came later" : "Not counted, for it came earlier";
  const told = choice.others.slice(0, MOST_OTHERS).map((one) => `  - ${why}: ${proof(one, context)}`);
  const rest = choice.others.length - told.length;
  return rest > 0 ? [...told, `  - And ${rest} more.`] : told;
}

interface Context {
  readonly leadTime: LeadTime;
  readonly origin: Origin;
  readonly max: number;
}

function item(stage: StageTime, context: Context): string {
  const { leadTime, max } = context;
  const evidence = evidenceOf(stage);
  const rating = "rating" in stage && stage.rating && stage.state === "reached" ? `, ${stage.rating}` : "";
  // The dash that fills a cell of the table says nothing in a list.
  const time = `${leadTimeWords(stage, leadTime).replace(/^– /, "")}${rating}`;
  const why = stage.state === "pending" && stage.reason ? `: ${stage.reason}` : "";
  const parts = [`**${text(stage.name, max) || "–"}**`, text(`${time}${why}`, max)];
  return `- ${[...parts, ...(evidence ? [proof(evidence, context)] : [])].join(" · ")}`;
}

function proof(evidence: Evidence, { origin, max }: Context): string {
  const by = evidence.actor && code(evidence.actor, MAX_ACTOR);
  const from = origin(evidence);
  const what = `${link(triggerWords(evidence.event), evidence.url)}, ${momentInUtc(evidence)}`;
  const note = evidence.note && text(evidence.note, max);
  return `${what}${by ? `, by ${by}` : ""}${from ? `, from ${from}` : ""}${note ? ` · ${note}` : ""}`;
}
