import { expect, it } from "vitest";
import { conduct } from "../../chaos/experiment.js";
import { EXPERIMENTS } from "../../chaos/experiments.js";
import { canCompile } from "../../chaos/sync-shim.js";

const PATIENCE = 90_000;

/** A small, seeded part of the campaign's experiments with these ids: `npm run chaos` runs them whole. */
export function smallPartOf(isMine: (id: string) => boolean): void {
  const possible = EXPERIMENTS.filter(({ compiler = false }) => !compiler || canCompile());
  it.each(possible.filter(({ id, inTests }) => inTests && isMine(id)))(
    "$id, in small: $title",
    async (experiment) => {
      const figures = await conduct(experiment, { size: "small", seed: 1, built: false });
      expect(figures.filter(({ holds }) => !holds)).toEqual([]);
      expect(figures.length).toBeGreaterThan(0);
    },
    PATIENCE,
  );
}
