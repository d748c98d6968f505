import type { World } from "../src/simulator/world.js";
import { commentsOf } from "./lives.js";
import { look } from "./look.js";

/** What an app has made of its deliveries, as texts: measured items by what they are of, comments by their pull requests. */
export type Outcome = ReadonlyMap<string, string>;

/** Of items those that belong to an account: what was measured before any was known is shown to nobody once there is one. */
export async function outcomeOf(world: World, url: string): Promise<Outcome> {
  const text = "select owner, ref, data from items where owner <> '0'";
  const items = await look<{ owner: string; ref: string; data: string }>(url, text);
  return new Map([
    ...items.map(({ owner, ref, data }) => [`item ${owner} ${ref}`, data] as const),
    ...[...commentsOf(world)].map(([name, texts]) => [`comment ${name}`, texts.join("\n")] as const),
  ]);
}

/** The names of what is not the same in both. */
export const differences = (one: Outcome, other: Outcome): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));

/** How often the simulated GitHub was asked to change something. */
export const writesTo = ({ github }: World): number =>
  github.requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/access_tokens")).length;

export const creationsIn = ({ github }: World): number =>
  github.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/comments")).length;
