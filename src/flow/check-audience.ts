import { repositoryAlias } from "../core/relation.js";
import type { Queries } from "../ports.js";
import { isForEverybody, isOpen } from "./for-everybody.js";
import type { Gathering, RepositoryState } from "./gather.js";
import type { Tellable } from "./names-seen.js";
import { isSeenFrom } from "./visibility.js";

/** Who reads what is said of a file where it is, and what follows from that. */
export interface CheckAudience {
  /** Everybody does. */
  readonly open: boolean;
  /** Stages of tickets may be told. */
  readonly tickets: boolean;
  /** There are people among them who may not read the organisation's file. */
  readonly narrow: boolean;
  readonly names: Tellable;
}

/** `organisation`: the content of its file. Where nothing is known of the repository, everybody may read it. */
export async function audienceOf(
  state: RepositoryState | null,
  organisation: unknown,
  gathering: Gathering,
  queries: Pick<Queries, "resolve">,
): Promise<CheckAudience> {
  const open = state === null || isOpen(state);
  const tickets = state !== null && !isForEverybody(state);
  const isPrivate = state?.described.visibility === "private";
  const narrow = !isPrivate && organisation != null && !(await isOrganisationSeen(state, gathering, queries));
  return { open, tickets, narrow, names: { only: isPrivate ? null : (state?.described.ref ?? null), tickets: !open } };
}

async function isOrganisationSeen(
  state: RepositoryState | null,
  gathering: Gathering,
  queries: Pick<Queries, "resolve">,
): Promise<boolean> {
  if (!state) return false;
  const [login] = state.described.name.split("/");
  const ref = await queries.resolve(gathering.owner, repositoryAlias(`${login}/.github`));
  const its = ref && (await gathering.repository(ref));
  return its ? isSeenFrom(state.described, its.described) : false;
}
