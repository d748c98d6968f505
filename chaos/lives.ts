import { seededRandom } from "../src/simulator/chance.js";
import { playSteps, teamHistory } from "../src/simulator/team.js";
import type { Webhook } from "../src/simulator/webhook.js";
import { startWorld, type World } from "../src/simulator/world.js";
import type { Campaign } from "./experiment.js";

/** A GitHub and a Jira in which a team has worked for some weeks, and the webhooks of all that, not delivered yet. */
export interface Lived {
  readonly world: World;
  readonly webhooks: readonly Webhook[];
}

/** The comments of our App begin so. */
const MARKER = "<!-- leadtime:";

/** `changes`: pull requests and tickets that are begun; each brings some fifteen webhooks. */
export async function liveSomeWeeks(campaign: Campaign, changes: number): Promise<Lived> {
  const world = await startWorld({ now: Date.now });
  campaign.onEnd(() => world.close());
  const random = seededRandom(Math.floor(campaign.random() * 2 ** 31));
  await playSteps(world, teamHistory({ random, until: Date.now(), changes, weeks: 4 }));
  return { world, webhooks: world.collect() };
}

/** The texts of our comments by pull request; more than one of one pull request is one too many. */
export function commentsOf({ github }: World): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const repository of github.state.repositories.values()) {
    for (const number of repository.pullRequests.keys()) {
      const name = `${repository.owner.login}/${repository.name}`;
      const ours = github.commentsOf({ repository: name, number }).filter(({ body }) => body.startsWith(MARKER));
      if (ours.length > 0)
        all.set(
          `${name}#${number}`,
          ours.map(({ body }) => body),
        );
    }
  }
  return all;
}
