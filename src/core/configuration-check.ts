import { describeIssue, type Problem, pathOf, problemsOf } from "./configuration-problem.js";
import {
  type WrittenConfiguration,
  type WrittenProfile,
  type WrittenStage,
  writtenConfiguration,
} from "./configuration-schema.js";
import { sameName } from "./glob.js";
import { didYouMean } from "./nearest.js";
import { BUILT_IN } from "./profile.js";
import { formatDuration } from "./time.js";

/** What a file says, or everything that is wrong with it. No file (null) is good and says nothing. */
export function readWritten(content: unknown): {
  readonly written: WrittenConfiguration;
  readonly problems: readonly Problem[];
} {
  const parsed = writtenConfiguration.safeParse(content ?? {}, { error: describeIssue });
  if (!parsed.success) return { written: {}, problems: problemsOf(parsed.error.issues, content, writtenConfiguration) };
  const { data } = parsed;
  const problems = Object.entries(data.profiles ?? {}).flatMap(([name, profile]) => [
    ...checkProfile(name, profile),
    ...(profile.stages ?? []).flatMap((stage, index, stages) =>
      checkStage(stage, stages.slice(0, index), ["profiles", name, "stages", index]),
    ),
    ...checkCircle(name, data.profiles ?? {}),
    ...checkEdits(name, data.profiles ?? {}),
  ]);
  return problems.length > 0 ? { written: {}, problems } : { written: data, problems };
}

/**
 * Everything that is wrong with a file's content; an empty list: it is good. Null (no file) is good.
 * `inherited`: the profiles that the layers below define; without it, names that another layer may define are not checked.
 */
export function checkConfiguration(content: unknown, inherited?: Iterable<string>): readonly Problem[] {
  const { written, problems } = readWritten(content);
  return problems.length > 0 || !inherited ? problems : checkNames(written, inherited);
}

function checkProfile(name: string, { extends: base, start, stages }: WrittenProfile): Problem[] {
  const path = pathOf(["profiles", name]);
  if (base === "api-event" && !start) {
    return [
      {
        path,
        message: `expected "start: { on: api-event, type: … }", since api-event has no event type of its own, found nothing`,
      },
    ];
  }
  const missing = Object.entries({ start, stages }).filter(([, part]) => !base && !part);
  return missing.map(([key]) => ({
    path,
    message: `expected "${key}", or "extends" with the name of a profile to copy it from, found neither`,
  }));
}

function checkStage(stage: WrittenStage, earlier: readonly WrittenStage[], path: readonly PropertyKey[]): Problem[] {
  const { name, ideal, acceptable } = stage;
  const problems: Problem[] = [];
  if (earlier.some((other) => sameName(other.name, name))) {
    problems.push({ path: pathOf([...path, "name"]), message: `expected every stage's name once, found "${name}" again` });
  }
  if (ideal !== undefined && acceptable !== undefined && acceptable < ideal) {
    const message = `expected an acceptable time of ${formatDuration(ideal)} (the ideal) or more, found ${formatDuration(acceptable)}`;
    problems.push({ path: pathOf([...path, "acceptable"]), message });
  }
  if (stage.on === "ticket.status" && stage.status === undefined && stage.category === undefined) {
    problems.push({ path: pathOf(path), message: `expected "status" or "category": which statuses enter it, found neither` });
  }
  return problems;
}

/** What is left out, and what something is put in behind, has to be there: as far as the extended profile is known here. */
function checkEdits(name: string, profiles: Readonly<Record<string, WrittenProfile>>): Problem[] {
  const stages = stageNames(name, profiles);
  const { without = [], insert = [] } = profiles[name] ?? {};
  if (!stages) return [];
  const wanted = [
    ...without.map((stage, index) => ({ path: ["profiles", name, "without", index], stage })),
    ...insert.map(({ after }, index) => ({ path: ["profiles", name, "insert", index, "after"], stage: after })),
  ];
  const known = [...stages, ...insert.map((insertion) => insertion.name)];
  return wanted
    .filter(({ stage }) => !known.some((one) => sameName(one, stage)))
    .map(({ path, stage }) => ({
      path: pathOf(path),
      message: `expected the name of a stage (${known.join(", ")}), found "${stage}"${didYouMean(stage, known)}`,
    }));
}

/** The stages before they are edited; undefined where another file defines them. */
function stageNames(
  name: string,
  profiles: Readonly<Record<string, WrittenProfile>>,
  seen: readonly string[] = [],
): string[] | undefined {
  const { stages, extends: base = "" } = profiles[name] ?? {};
  if (stages) return stages.map((stage) => stage.name);
  const builtIn = BUILT_IN.find((profile) => profile.name === base)?.stages.map((stage) => stage.name);
  if (!profiles[base] || seen.includes(base) || base === name) return builtIn;
  const { without = [], insert = [] } = profiles[base];
  const below = stageNames(base, profiles, [...seen, name]);
  return below && [...below.filter((stage) => !without.some((out) => sameName(out, stage))), ...insert.map((one) => one.name)];
}

/** A profile may extend the one of its name below it, but two of one file not each other. */
function checkCircle(name: string, profiles: Readonly<Record<string, WrittenProfile>>): Problem[] {
  const seen = [name];
  let next = profiles[name]?.extends;
  while (next !== undefined && profiles[next] && !seen.includes(next)) {
    seen.push(next);
    next = profiles[next]?.extends;
  }
  if (next !== name || seen.length === 1) return [];
  const path = pathOf(["profiles", name, "extends"]);
  return [
    { path, message: `expected profiles that do not extend each other in a circle, found ${[...seen, name].join(" → ")}` },
  ];
}

function checkNames({ profile, profiles = {} }: WrittenConfiguration, inherited: Iterable<string>): Problem[] {
  const below = new Set([...BUILT_IN.map(({ name }) => name), ...inherited]);
  const all = new Set([...below, ...Object.keys(profiles)]);
  const wanted = [
    ...(profile === undefined ? [] : [{ path: "profile", name: profile, names: all }]),
    ...Object.entries(profiles).flatMap(([own, { extends: name }]) =>
      name === undefined ? [] : [{ path: pathOf(["profiles", own, "extends"]), name, names: name === own ? below : all }],
    ),
  ];
  return wanted
    .filter(({ name, names }) => !names.has(name))
    .map(({ path, name, names }) => ({
      path,
      message: `expected the name of a profile (${[...names].join(", ")}), found "${name}"${didYouMean(name, names)}`,
    }));
}
