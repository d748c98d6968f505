import type { Experiment } from "./experiment.js";
import { killing } from "./faults/killing.js";
import { plantedBugs } from "./faults/planted-bugs.js";

/** All of the campaign, in the order in which it runs. */
export const EXPERIMENTS: readonly Experiment[] = [killing, plantedBugs];
