import { shuffled } from "../../src/simulator/chance.js";
import { BUGS, type PlantedBug } from "../bugs.js";
import { atLeast, type Campaign, type Experiment, exactly, type Figure } from "../experiment.js";
import { copy, plantIn, runIn } from "../plant.js";

/** R22: the tests notice bugs. Its control is its first figure: without a bug the same tests are green. */
export const plantedBugs: Experiment = {
  id: "R22",
  title: "the tests themselves",
  inTests: false,
  controls: [],
  run: async (campaign) => {
    const bugs = campaign.size === "full" ? BUGS : shuffled(campaign.random, BUGS).slice(0, 4);
    const tests = [...new Set(bugs.flatMap((bug) => bug.tests))];
    const healthy: string[] = [];
    for (const test of tests) healthy.push(await outcomeOf(campaign, null, [test]));
    const missed: string[] = [];
    for (const bug of bugs) if ((await outcomeOf(campaign, bug, bug.tests)) !== "red") missed.push(bug.says);
    const others = healthy.filter((outcome) => outcome !== "green").length;
    return [exactly(`test runs that are not green without a bug, of ${tests.length}`, others, 0), noticed(bugs, missed)];
  },
};

function noticed(bugs: readonly PlantedBug[], missed: readonly string[]): Figure {
  const share = (100 * (bugs.length - missed.length)) / bugs.length;
  const list = missed.map((says) => `; not noticed: ${says}`).join("");
  return atLeast(`of ${bugs.length} planted bugs, noticed${list}`, share, 95, " %");
}

const VITEST = ["node_modules/vitest/vitest.mjs", "run", "--bail=1", "--silent", "--reporter=dot"];

type Outcome = "green" | "red" | "took too long";

/** What becomes of the tests, with the bug in the code. */
async function outcomeOf(campaign: Campaign, bug: PlantedBug | null, tests: readonly string[]): Promise<Outcome> {
  const planted = await copy();
  campaign.onEnd(planted.remove);
  if (bug) await plantIn(planted.root, bug);
  const { code } = await runIn(planted.root, [...VITEST, ...tests]);
  await planted.remove();
  if (code === null) return "took too long";
  return code === 0 ? "green" : "red";
}
