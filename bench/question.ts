import { median } from "../src/core/statistics.js";

/** What a measured figure, most often a ratio within one run, has to be: `floor` is asked for, `stretch` is as good as was ever seen. */
export interface Goal {
  /** `P1`; where a goal has several figures, `P4a`, `P4b`. */
  readonly id: string;
  readonly what: string;
  readonly is: "at-least" | "at-most";
  readonly floor: number;
  readonly stretch: number | null;
}

/** The figures of each repetition, by the goal's id. */
export type Figures = Readonly<Record<string, readonly number[]>>;

export interface Answer {
  readonly figures: Figures;
  /** Absolute figures, for who wants to know: they belong to this machine alone. */
  readonly notes: readonly string[];
}

/** One or more goals that one series of runs answers. A file each in `questions/`, all of them listed in `questions.ts`. */
export interface Question {
  readonly title: string;
  readonly goals: readonly Goal[];
  /** Sets up, measures the yardstick and the product in turn, `REPETITIONS` times where that is affordable, and clears away. */
  ask(): Promise<Answer>;
}

export const REPETITIONS = 5;

/** Asks so many times for a figure of each goal, one after another. */
export async function repeated(once: () => Promise<Readonly<Record<string, number>>>, times = REPETITIONS): Promise<Figures> {
  const figures: Record<string, number[]> = {};
  for (let repetition = 0; repetition < times; repetition++) {
    for (const [id, figure] of Object.entries(await once())) figures[id] = [...(figures[id] ?? []), figure];
  }
  return figures;
}

export interface Judged {
  readonly goal: Goal;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly verdict: "stretch" | "met" | "MISSED";
}

/** Judges by the median. Throws when a goal was not measured. */
export function judge(goal: Goal, figures: Figures): Judged {
  const measured = figures[goal.id] ?? [];
  const middle = median(measured);
  if (middle === undefined) throw new Error(`${goal.id} was not measured`);
  const reaches = (bound: number) => (goal.is === "at-least" ? middle >= bound : middle <= bound);
  const met = reaches(goal.floor) ? "met" : "MISSED";
  const verdict = goal.stretch !== null && reaches(goal.stretch) ? "stretch" : met;
  return { goal, median: middle, least: Math.min(...measured), most: Math.max(...measured), verdict };
}
