import type { World } from "./world.js";

/** Something that happens at a time (milliseconds). */
export interface Step {
  readonly at: number;
  readonly run: (world: World) => Promise<unknown>;
}
export interface Team {
  readonly repository: string;
  readonly project: string;
  readonly people: readonly string[];
}
