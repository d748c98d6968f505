import { pick } from "./chance.js";
import type { Step, Team } from "./step.js";
import { furnish } from "./stories.js";
import { planChange } from "./team-change.js";
import { atWork, DAY, HOUR, later, MINUTE } from "./work-time.js";
import type { World } from "./world.js";

export interface TeamOptions {
  /** Numbers in [0, 1). The same numbers make the same history. */
  readonly random: () => number;
  /** Nothing happens later; what is under way then stays so. */
  readonly until: number;
  /** How many changes are begun; default 120. */
  readonly changes?: number;
  /** Over how many weeks; default 13. */
  readonly weeks?: number;
}

export const TEAMS: readonly Team[] = [
  { repository: "acme/shop", project: "SHOP", people: ["alice", "bob", "carol"] },
  { repository: "acme/payments", project: "PAY", people: ["dave", "erin", "frank"] },
];
const FORTNIGHT = 14 * DAY;

/**
 * Some months of a made-up company, oldest first: tickets with pull requests, reviews and deployments, and what
 * real teams have besides: weekends, rollbacks, hotfixes, bots, tickets without pull request, pull requests without ticket, abandoned ones.
 */
export function* teamHistory({ random, until, changes = 120, weeks = 13 }: TeamOptions): Generator<Step> {
  const from = until - weeks * 7 * DAY;
  const steps: Step[] = TEAMS.flatMap((team) => [...found(team, from), ...releases(team, from, until)]);
  for (let index = 0; index < changes; index++) {
    const team = pick(random, TEAMS);
    const begins = atWork(Math.round(from + DAY + random() * (until - from - DAY)));
    steps.push(...planChange({ random, team, begins, index, version: (at) => versionAt(at, from) }));
  }
  steps.push(...rollbacks(random, from, until));
  yield* steps.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
}

/** Plays a history; the webhooks go out one after the other, until it is stopped. */
export async function playSteps(world: World, steps: Iterable<Step>, isStopped: () => boolean = () => false): Promise<void> {
  for (const { run } of steps) {
    if (isStopped()) return;
    await run(world);
  }
}

function* found({ repository, project }: Team, from: number): Generator<Step> {
  yield { at: from, run: (world) => furnish(world, { repository, visibility: "private", at: from }) };
  yield { at: from, run: ({ jira }) => jira.createVersion({ project, version: "1.1", at: from }) };
}

/** The version that is under way at a time: `1.1`, `1.2` … */
const versionAt = (at: number, from: number): string => `1.${Math.floor((at - from) / FORTNIGHT) + 1}`;

/** Every second week the version is released, tagged, and the next one begun. */
function* releases({ repository, project }: Team, from: number, until: number): Generator<Step> {
  for (let at = from + FORTNIGHT; at <= until; at += FORTNIGHT) {
    const version = versionAt(at - 1, from);
    yield { at, run: ({ jira }) => jira.createVersion({ project, version: versionAt(at, from), at }) };
    yield { at, run: ({ github }) => github.release({ repository, tag: `v${version}`, sha: "main", by: "bob", at }) };
    yield { at: at + HOUR, run: ({ jira }) => jira.releaseVersion({ project, version, at: at + HOUR }) };
  }
}

/** Now and then production goes back to the commit before, and on again some hours later. */
function* rollbacks(random: () => number, from: number, until: number): Generator<Step> {
  for (const { repository } of TEAMS) {
    for (let at = later(random, from + FORTNIGHT, 24); at < until; at = later(random, at + FORTNIGHT, 48)) {
      const again = later(random, at, 2) + MINUTE;
      yield { at, run: (world) => rollBack(world, repository, at) };
      yield {
        at: again,
        run: ({ github }) => github.deploy({ repository, sha: "main", environment: "production", by: "bob", at: again }),
      };
    }
  }
}

async function rollBack({ github }: World, repository: string, at: number): Promise<void> {
  const id = github.state.names.get(repository) ?? 0;
  const deployed = [...(github.state.repositories.get(id)?.deployments.values() ?? [])].filter(({ production }) => production);
  const before = deployed.findLast(({ sha }) => sha !== deployed.at(-1)?.sha);
  if (before) await github.deploy({ repository, sha: before.sha, environment: "production", by: "bob", at });
}
