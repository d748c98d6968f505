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
    const red = (await isNoticed(campaign, null, tests)) ? 1 : 0;
    const missed: string[] = [];
    for (const bug of bugs) if (!(await isNoticed(campaign, bug, bug.tests))) missed.push(bug.says);
    return [exactly("test runs that are red without a bug", red, 0), noticed(bugs, missed)];
  },
};

function noticed(bugs: readonly PlantedBug[], missed: readonly string[]): Figure {
  const share = (100 * (bugs.length - missed.length)) / bugs.length;
  const list = missed.map((says) => `; not noticed: ${says}`).join("");
  return atLeast(`of ${bugs.length} planted bugs, noticed${list}`, share, 95, " %");
}

const VITEST = ["node_modules/vitest/vitest.mjs", "run", "--bail=1", "--silent", "--reporter=dot"];

/** Whether one of the tests fails with the bug in the code. */
async function isNoticed(campaign: Campaign, bug: PlantedBug | null, tests: readonly string[]): Promise<boolean> {
  const planted = await copy();
  campaign.onEnd(planted.remove);
  if (bug) await plantIn(planted.root, bug);
  const { code } = await runIn(planted.root, [...VITEST, ...tests]);
  await planted.remove();
  return code !== 0;
}
