import { evidenceOf, type Rules } from "./lead-time.js";
import type { Evidence } from "./measurement.js";
import type { Pick, Profile, Trigger } from "./profile.js";
import { candidates } from "./trigger.js";
import type { WorkItem } from "./work-item.js";

/** What might have entered a stage as well, and which of all was to be picked. */
export interface Choice {
  readonly pick: Pick;
  readonly others: readonly Evidence[];
}

export interface Choices {
  /** Null: the clock starts with the first stage. */
  readonly start: Choice | null;
  /** By the stage's name. */
  readonly stages: ReadonlyMap<string, Choice>;
}

/** The events that the profile accepted but did not pick. */
export const choicesOf = (item: WorkItem, { start, stages }: Profile, rules: Rules): Choices => ({
  start: start === "first-stage" ? null : choice(item, start, rules),
  stages: new Map(stages.map((stage) => [stage.name, choice(item, stage, rules)])),
});

interface Picking {
  readonly trigger: Trigger;
  readonly pick: Pick;
}

function choice(item: WorkItem, { trigger, pick }: Picking, { production }: Rules): Choice {
  const found = [...candidates(trigger, item, production)].sort((a, b) => a.at - b.at);
  const others = pick === "first" ? found.slice(1) : found.slice(0, -1);
  return { pick, others: others.map(evidenceOf) };
}
