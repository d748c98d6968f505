import { readWritten } from "./configuration-check.js";
import { inWords, type Problem, problem, type Steps } from "./configuration-problem.js";
import type {
  WrittenConfiguration,
  WrittenInsertion,
  WrittenProfile,
  WrittenStage,
  WrittenStart,
} from "./configuration-schema.js";
import { matchesGlob, sameName } from "./glob.js";
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

/**
 * What a good file names that nobody has seen: stages that can never be entered, and parts of org units that are not there.
 * It may be new, so these are warnings: the file holds.
 */
export function checkSeen(content: unknown, seen: SeenNames): readonly Problem[] {
  const { written } = readWritten(content);
  const { profiles = {}, orgUnits = {}, ticketKeys, dora } = written;
  return [
    ...eachUnseen(ticketKeys?.projects, ["ticketKeys", "projects"], projectsIn(seen)),
    ...Object.entries(profiles).flatMap(([name, profile]) => ofProfile(profile, ["profiles", name], seen)),
    ...ofProduction(dora, ["dora"], seen),
    ...Object.entries(orgUnits).flatMap(([name, { repositories, projects }]) => [
      ...eachUnseen(repositories, ["orgUnits", name, "repositories"], repositoriesIn(seen)),
      ...eachUnseen(projects, ["orgUnits", name, "projects"], projectsIn(seen)),
    ]),
  ];
}

interface Kind {
  readonly one: string;
  /** Undefined: not known. */
  readonly names: Iterable<string> | undefined;
  readonly matches: (written: string, name: string) => boolean;
}
const statusesIn = ({ statuses }: SeenNames): Kind => ({ one: "status", names: statuses, matches: sameName });
const environmentsIn = ({ environments }: SeenNames): Kind => ({
  one: "environment",
  names: environments,
  matches: matchesGlob,
});
const workflowsIn = ({ workflows }: SeenNames): Kind => ({ one: "workflow", names: workflows, matches: matchesGlob });
const checksIn = ({ checks }: SeenNames): Kind => ({ one: "check", names: checks, matches: matchesGlob });
const projectsIn = ({ projects }: SeenNames): Kind => ({ one: "project", names: projects, matches: sameName });
const repositoriesIn = ({ repositories }: SeenNames): Kind => ({
  one: "repository",
  names: repositories,
  matches: matchesGlob,
});

function ofProfile({ start, stages = [], insert = [], dora }: WrittenProfile, steps: Steps, seen: SeenNames): Problem[] {
  return [
    ...(start === undefined ? [] : ofTrigger(start, [...steps, "start"], seen)),
    ...stages.flatMap((stage, index) => ofTrigger(stage, [...steps, "stages", index], seen)),
    ...insert.flatMap((stage, index) => ofTrigger(stage, [...steps, "insert", index], seen)),
    ...ofProduction(dora, [...steps, "dora"], seen),
  ];
}

const ofProduction = (dora: WrittenConfiguration["dora"], steps: Steps, seen: SeenNames): Problem[] =>
  allUnseen([{ written: dora?.production, steps: [...steps, "production"], kind: environmentsIn(seen) }]);

function ofTrigger(trigger: WrittenStart | WrittenStage | WrittenInsertion, steps: Steps, seen: SeenNames): Problem[] {
  if (trigger === "first-stage") return [];
  switch (trigger.on) {
    case "ticket.status":
      // A category is entered by other statuses as well.
      if (trigger.category !== undefined) return [];
      return allUnseen([{ written: trigger.status, steps: [...steps, "status"], kind: statusesIn(seen) }]);
    case "deployment.succeeded":
      return allUnseen([{ written: trigger.environments, steps: [...steps, "environments"], kind: environmentsIn(seen) }]);
    case "ci.completed":
      return allUnseen([
        { written: trigger.workflows, steps: [...steps, "workflows"], kind: workflowsIn(seen) },
        { written: trigger.checks, steps: [...steps, "checks"], kind: checksIn(seen) },
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
  readonly kind: Kind;
}

/** Of names of which any one is enough: all of them, when none was seen, and none may have been. */
function allUnseen(lists: readonly Names[]): Problem[] {
  const given = lists.filter(({ written }) => written);
  const unseen = given.map(({ written, steps, kind }) => eachUnseen(written, steps, kind));
  const never = unseen.every((problems, index) => problems.length > 0 && problems.length === given[index]?.written?.length);
  return never ? unseen.flat() : [];
}

function eachUnseen(written: readonly string[] | undefined, steps: Steps, { one, names, matches }: Kind): Problem[] {
  if (!names) return [];
  const all = [...new Set(names)];
  return (written ?? []).flatMap((name, index) =>
    all.some((seen) => matches(name, seen)) ? [] : [unseenName([...steps, index], one, { name, all })],
  );
}

function unseenName(
  steps: Steps,
  one: string,
  { name, all }: { readonly name: string; readonly all: readonly string[] },
): Problem {
  const expected = `${/^[aeiou]/.test(one) ? "an" : "a"} ${one} that was seen`;
  const meant = nearest(name.replace(/[*?]/g, ""), all);
  return problem(steps, { expected, found: inWords(name), ...(meant === undefined ? {} : { name: meant, names: [meant] }) });
}
