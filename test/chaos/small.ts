import { expect, it } from "vitest";
import { conduct, type Experiment } from "../../chaos/experiment.js";
import { EXPERIMENTS } from "../../chaos/experiments.js";
import { canCompile } from "../../chaos/sync-shim.js";

const PATIENCE = 90_000;

/** A small, seeded part of some of the campaign's experiments: `npm run chaos` runs them whole. */
export function smallPartOf(isMine: (experiment: Experiment) => boolean): void {
  const possible = EXPERIMENTS.filter(({ compiler = false }) => !compiler || canCompile());
  it.each(possible.filter((one) => one.inTests && isMine(one)))(
    "$id, in small: $title",
    async (experiment) => {
      const figures = await conduct(experiment, { size: "small", seed: 1, built: false });
      expect(figures.filter(({ holds }) => !holds)).toEqual([]);
      expect(figures.length).toBeGreaterThan(0);
    },
    PATIENCE,
  );
}
