import { MOST } from "./configuration-issue.js";
import { type Problem, problem, type Steps, unknownName } from "./configuration-problem.js";
import { type Profiles, stageOf, type WrittenProfiles, withProfiles } from "./configuration-profiles.js";
import type { WrittenInsertion, WrittenProfile, WrittenStage } from "./configuration-schema.js";
import { sameName } from "./glob.js";
import type { Stage, Trigger } from "./profile.js";
import { formatDuration } from "./time.js";

/** What is wrong with the profiles of a file, over those below it; null: they are not known, nor what is a copy of them. */
export function checkProfiles(written: WrittenProfiles, below: Profiles | null): Problem[] {
  const all = below && withProfiles(below, written);
  const problems: Problem[] = [];
  for (const [name, profile] of Object.entries(written)) {
    const circle = circleFrom(name, written);
    const known = profile.extends === name ? below : all;
    const base = profile.extends === undefined || circle ? undefined : known?.get(profile.extends);
    problems.push(...checkParts(name, profile));
    if (circle && isFirst(name, circle, written)) problems.push(inCircle(name, circle));
    problems.push(...checkStages(["profiles", name], profile, base?.stages));
    if (problems.length >= MOST) break;
  }
  return problems;
}

function checkParts(name: string, { extends: base, start, stages }: WrittenProfile): Problem[] {
  const steps = ["profiles", name];
  if (base === "api-event" && !start) {
    const expected = `"start: { on: api-event, type: … }", since api-event has no event type of its own`;
    return [problem(steps, { marks: "key", expected, found: "nothing" })];
  }
  const missing = Object.entries({ start, stages }).filter(([, part]) => !base && !part);
  return missing.map(([key]) =>
    problem(steps, {
      marks: "key",
      expected: `"${key}", or "extends" with the name of a profile to copy it from`,
      found: "neither",
    }),
  );
}

/** A profile may extend the one of its name below it, but two of one file not each other. */
function circleFrom(name: string, profiles: WrittenProfiles): readonly string[] | undefined {
  const seen = new Set([name]);
  let next = profiles[name]?.extends;
  while (next !== undefined && profiles[next] && !seen.has(next)) {
    seen.add(next);
    next = profiles[next]?.extends;
  }
  return next === name && seen.size > 1 ? [...seen, name] : undefined;
}

/** A circle is one mistake, and told where it begins. */
const isFirst = (name: string, circle: readonly string[], profiles: WrittenProfiles): boolean =>
  Object.keys(profiles).find((one) => circle.includes(one)) === name;

const inCircle = (name: string, circle: readonly string[]): Problem =>
  problem(["profiles", name, "extends"], {
    expected: "profiles that do not extend each other in a circle",
    found: circle.join(" → "),
  });

interface Own {
  readonly steps: Steps;
  readonly written: WrittenStage | WrittenInsertion;
}

/** The stages of one profile by themselves, against each other, and against those they are put between. */
function checkStages(steps: Steps, profile: WrittenProfile, base: readonly Stage[] | undefined): Problem[] {
  const { stages, insert = [], without = [] } = profile;
  const own: Own[] = [
    ...(stages ?? []).map((written, index) => ({ steps: [...steps, "stages", index], written })),
    ...insert.map((written, index) => ({ steps: [...steps, "insert", index], written })),
  ];
  const replaced = insert.filter(({ after }) => after === undefined).map(({ name }) => name);
  const earlier: Earlier = { names: new Set(), byEvents: new Map() };
  for (const stage of stages ? [] : (base ?? [])) {
    if (!isNamed(stage.name, [...without, ...replaced])) keep(stage, earlier);
  }
  return [
    ...own.flatMap(({ steps: at, written }) => [
      ...checkLimits(at, written),
      ...checkStatus(at, written),
      ...checkOnce(at, stageOf(written), earlier),
    ]),
    ...checkEdits(steps, profile, stages?.map(stageOf) ?? base),
  ];
}

const isNamed = (name: string, names: readonly string[]): boolean => names.some((one) => sameName(one, name));

function checkLimits(steps: Steps, { ideal, acceptable }: Own["written"]): Problem[] {
  if (ideal === undefined || acceptable === undefined || acceptable >= ideal) return [];
  const expected = `an acceptable time of ${formatDuration(ideal)} (the ideal) or more`;
  return [problem([...steps, "acceptable"], { expected, found: formatDuration(acceptable) })];
}

function checkStatus(steps: Steps, stage: Own["written"]): Problem[] {
  if (stage.on !== "ticket.status" || stage.status !== undefined || stage.category !== undefined) return [];
  return [problem(steps, { expected: `"status" or "category": which statuses enter it`, found: "neither" })];
}

/** The stages before one, by their names and by the events that enter them. */
interface Earlier {
  readonly names: Set<string>;
  readonly byEvents: Map<string, string>;
}

/** A name twice could not be told apart; the same events twice would give a stage that never takes any time. */
function checkOnce(steps: Steps, stage: Stage, earlier: Earlier): Problem[] {
  const isAgain = earlier.names.has(stage.name.toLowerCase());
  const same = earlier.byEvents.get(eventsOf(stage));
  keep(stage, earlier);
  if (isAgain) return [problem([...steps, "name"], { expected: "every stage's name once", found: `"${stage.name}" again` })];
  if (same === undefined) return [];
  const expected = `stages that different events enter, or another "pick"`;
  return [problem([...steps, "on"], { expected, found: `what enters "${same}" already` })];
}

function keep(stage: Stage, { names, byEvents }: Earlier): void {
  names.add(stage.name.toLowerCase());
  const events = eventsOf(stage);
  if (!byEvents.has(events)) byEvents.set(events, stage.name);
}

/** What the options are when they are left out. */
const PRESETS = {
  "commit.created": { time: "authored" },
  "pull-request.opened": { drafts: true },
  "pull-request.reviewed": { comments: true },
  "ci.completed": { conclusion: "success" },
  "release.published": { prereleases: false },
};

/** The events that enter a stage, as a text: the same for two that can never differ. */
function eventsOf({ trigger, pick }: Stage): string {
  const presets: Partial<Record<Trigger["on"], object>> = PRESETS;
  const options = Object.entries({ ...presets[trigger.on], ...trigger }).map(([key, value]) => `${key}: ${normal(value)}`);
  return [`pick: ${pick}`, ...options.sort()].join("; ");
}

const normal = (value: unknown): string =>
  JSON.stringify([...new Set([value].flat().map((one) => String(one).toLowerCase()))].sort());

/** What is left out, and what something is put in behind, has to be there: as far as the extended profile is known here. */
function checkEdits(
  steps: Steps,
  { without = [], insert = [] }: WrittenProfile,
  base: readonly Stage[] | undefined,
): Problem[] {
  if (!base) return [];
  const all = base.map(({ name }) => name);
  const kept = all.filter((name) => !isNamed(name, without));
  const wanted = [
    ...without.map((name, index) => ({ at: ["without", index], name, names: all })),
    ...insert.flatMap(({ after: name }, index) => {
      const names = [...kept, ...insert.slice(0, index).map((one) => one.name)];
      return name === undefined ? [] : [{ at: ["insert", index, "after"], name, names }];
    }),
  ];
  return wanted
    .filter(({ name, names }) => !isNamed(name, names))
    .map(({ at, name, names }) => unknownName([...steps, ...at], "the name of a stage", name, names));
}
