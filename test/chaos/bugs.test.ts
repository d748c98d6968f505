import { expect, it } from "vitest";
import { BUGS } from "../../chaos/bugs.js";
import { EXPERIMENTS } from "../../chaos/experiments.js";
import { spoilt } from "../../chaos/plant.js";

const bugs = [...EXPERIMENTS.flatMap(({ controls }) => controls), ...BUGS];

it.each(bugs.map((bug) => [bug.says, bug] as const))("fits the code: %s", async (_, bug) => {
  expect(await spoilt(bug)).toContain(bug.after);
});
