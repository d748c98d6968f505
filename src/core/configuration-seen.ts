import { readWritten } from "./configuration-check.js";
import { inWords, type Problem, problem, type Steps } from "./configuration-problem.js";
import type {
  WrittenConfiguration,
  WrittenInsertion,
  WrittenProfile,
  WrittenStage,
  WrittenStart,
} from "./configuration-schema.js";
import { matchesGlob } from "./glob.js";
import { nearest } from "./nearest.js";

/** The names that there are, as far as they are known; a kind that is left out is not known, and nothing is said of it. */
export interface SeenNames {
  readonly statuses?: Iterable<string>;
  readonly environments?: Iterable<string>;
  readonly workflows?: Iterable<string>;
  /** Of check suites of other apps, and of commit statuses. */
  readonly checks?: Iterable<string>;
  /** Keys of ticket projects. */
  readonly projects?: Iterable<string>;
  /** `acme/web`. */
  readonly repositories?: Iterable<string>;
}

/** More is not told of one file: whoever reads these looks at it again anyway. */
const MOST_WARNINGS = 50;
/** Globs are compared with names so many times in all; what is not compared by then counts as seen. */
const MOST_COMPARISONS = 100_000;
/** Among so many names the nearest is looked for. */
const MOST_NEAR = 500;

/**
 * What a good file names that nobody has seen: stages that can never be entered, and parts of org units that are not there.
 * It may be new, so these are warnings: the file holds. Anybody may propose a file, so the work that one makes is bounded.
 */
export function checkSeen(content: unknown, seen: SeenNames): readonly Problem[] {
  const warnings: Problem[] = [];
  for (const unseen of unseenIn(readWritten(content).written, knownIn(seen))) {
    warnings.push(warningOf(unseen));
    if (warnings.length === MOST_WARNINGS) break;
  }
  return warnings;
}

/** Names of one kind. */
interface Kind {
  readonly one: string;
  readonly names: readonly string[];
  readonly isSeen: (written: string) => boolean;
}
/** Undefined: not known. */
type Known = { readonly [Each in keyof SeenNames]-?: Kind | undefined };

function knownIn({ statuses, environments, workflows, checks, projects, repositories }: SeenNames): Known {
  const work = { left: MOST_COMPARISONS };
  return {
    statuses: kindOf("status", statuses),
    environments: kindOf("environment", environments, work),
    workflows: kindOf("workflow", workflows, work),
    checks: kindOf("check", checks, work),
    projects: kindOf("project", projects),
    repositories: kindOf("repository", repositories, work),
  };
}

/** `work`: what is written are globs, and so many comparisons are left. */
function kindOf(one: string, seen: Iterable<string> | undefined, work?: { left: number }): Kind | undefined {
  if (!seen) return undefined;
  const names = [...new Set(seen)];
  const same = new Set(names.map((name) => name.toLowerCase()));
  const isMatched = (glob: string) => work && names.some((name) => work.left-- <= 0 || matchesGlob(glob, name));
  const isSeen = (written: string) => same.has(written.toLowerCase()) || (/[*?]/.test(written) && isMatched(written) === true);
  return { one, names, isSeen };
}

interface Unseen {
  readonly steps: Steps;
  readonly name: string;
  readonly kind: Kind;
}

function* unseenIn({ profiles = {}, orgUnits = {}, ticketKeys, dora }: WrittenConfiguration, known: Known): Generator<Unseen> {
  yield* eachUnseen({ written: ticketKeys?.projects, steps: ["ticketKeys", "projects"], kind: known.projects });
  for (const [name, profile] of Object.entries(profiles)) yield* ofProfile(profile, ["profiles", name], known);
  yield* ofProduction(dora, ["dora"], known);
  for (const [name, { repositories, projects }] of Object.entries(orgUnits)) {
    yield* eachUnseen({ written: repositories, steps: ["orgUnits", name, "repositories"], kind: known.repositories });
    yield* eachUnseen({ written: projects, steps: ["orgUnits", name, "projects"], kind: known.projects });
  }
}

function* ofProfile({ start, stages = [], insert = [], dora }: WrittenProfile, steps: Steps, known: Known): Generator<Unseen> {
  if (start !== undefined) yield* ofTrigger(start, [...steps, "start"], known);
  for (const [index, stage] of stages.entries()) yield* ofTrigger(stage, [...steps, "stages", index], known);
  for (const [index, stage] of insert.entries()) yield* ofTrigger(stage, [...steps, "insert", index], known);
  yield* ofProduction(dora, [...steps, "dora"], known);
}

const ofProduction = (dora: WrittenConfiguration["dora"], steps: Steps, known: Known): Unseen[] =>
  allUnseen([{ written: dora?.production, steps: [...steps, "production"], kind: known.environments }]);

function ofTrigger(trigger: WrittenStart | WrittenStage | WrittenInsertion, steps: Steps, known: Known): Unseen[] {
  if (trigger === "first-stage") return [];
  switch (trigger.on) {
    case "ticket.status":
      // A category is entered by other statuses as well.
      if (trigger.category !== undefined) return [];
      return allUnseen([{ written: trigger.status, steps: [...steps, "status"], kind: known.statuses }]);
    case "deployment.succeeded":
      return allUnseen([{ written: trigger.environments, steps: [...steps, "environments"], kind: known.environments }]);
    case "ci.completed":
      return allUnseen([
        { written: trigger.workflows, steps: [...steps, "workflows"], kind: known.workflows },
        { written: trigger.checks, steps: [...steps, "checks"], kind: known.checks },
      ]);
    case "first-stage":
    case "ticket.created":
    case "ticket.field":
    case "ticket.released":
    case "commit.created":
    case "pull-request.opened":
    case "pull-request.labeled":
    case "pull-request.reviewed":
    case "pull-request.approved":
    case "pull-request.merged":
    case "release.published":
    case "api-event":
      return [];
  }
}

interface Names {
  readonly written: readonly string[] | undefined;
  readonly steps: Steps;
  readonly kind: Kind | undefined;
}

/** Of names of which any one is enough: all of them, when none was seen, and none may have been. */
function allUnseen(lists: readonly Names[]): Unseen[] {
  const given = lists.filter(({ written }) => written);
  const never = given.every(({ written = [], kind }) => kind && !written.some(kind.isSeen));
  return never ? given.flatMap((names) => [...eachUnseen(names)]) : [];
}

function* eachUnseen({ written = [], steps, kind }: Names): Generator<Unseen> {
  if (!kind) return;
  for (const [index, name] of written.entries()) if (!kind.isSeen(name)) yield { steps: [...steps, index], name, kind };
}

function warningOf({ steps, name, kind: { one, names } }: Unseen): Problem {
  const expected = `${/^[aeiou]/.test(one) ? "an" : "a"} ${one} that was seen`;
  const meant = nearest(name.replace(/[*?]/g, ""), names.slice(0, MOST_NEAR));
  return problem(steps, { expected, found: inWords(name), ...(meant === undefined ? {} : { name: meant, names: [meant] }) });
}
