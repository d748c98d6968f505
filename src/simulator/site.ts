import type { Announcer } from "./announce.js";
import type { View } from "./commit-json.js";
import { type Account, accountOf, type Repository, repositoryNamed } from "./github-state.js";
import { type Json, toMs, type When } from "./ids.js";

/** What actions and routes work on: the state, how to show it, and how to tell the App. */
export interface Site extends View, Announcer {
  readonly now: () => number;
}

/** When an action happens, and who does it (default: `alice`). */
export interface Deed {
  readonly at: When;
  readonly by?: string;
}
/** An action in a repository, named `acme/web`. */
export interface RepositoryDeed extends Deed {
  readonly repository: string;
}
export interface Scene {
  readonly repository: Repository;
  readonly by: Account;
  readonly at: number;
}

/** Looks up what an action names, and notes that the repository changed. */
export function sceneOf({ state }: Site, { repository: name, by = "alice", at }: RepositoryDeed): Scene {
  const repository = repositoryNamed(state, name);
  repository.updatedAt = Math.max(repository.updatedAt, toMs(at));
  return { repository, by: accountOf(state, by), at: toMs(at) };
}

/** Tells the App of an event in the scene. */
export const tell = (site: Site, { repository, by }: Scene, event: string, payload: Json): Promise<void> =>
  site.announce({ event, repository, sender: by, payload });

type Action<On> = (site: On, deed: never) => unknown;
type Bound<Actions> = {
  readonly [Name in keyof Actions]: Actions[Name] extends (site: never, deed: infer Given) => infer Result
    ? (deed: Given) => Result
    : never;
};

/** Actions without their first parameter. */
export const bind = <On, Actions extends Readonly<Record<string, Action<On>>>>(site: On, actions: Actions): Bound<Actions> =>
  Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [name, (deed: never) => action(site, deed)]),
  ) as Bound<Actions>; // the compiler does not follow entries
