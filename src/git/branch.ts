import { didYouMean } from "../core/nearest.js";
import type { Git } from "./run.js";

/** A line of development, and the commit at its end. */
export interface Tip {
  readonly name: string;
  readonly head: string;
}

/** The commit that a name stands for. */
const commitOf = async (git: Git, name: string): Promise<string | null> =>
  (await git.maybe(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]))?.trim() ?? null;

/** The branch that was asked for: here or at `origin`, whichever is ahead; any other name of a commit will do. Throws when there is none. */
export async function findBranch(git: Git, wanted: string): Promise<Tip> {
  const head = (await newestOf(git, wanted)) ?? (await commitOf(git, wanted));
  if (head !== null) return { name: wanted, head };
  const names = (await git.text(["for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin"])).split("\n");
  const branches = names.map((name) => name.replace(/^refs\/(heads|remotes\/origin)\//, ""));
  if (branches.includes(wanted)) throw new Error(`${JSON.stringify(wanted)} names a commit that this clone does not have`);
  throw new Error(`expected a branch of this clone, got ${JSON.stringify(wanted)}${didYouMean(wanted, branches)}`);
}

/** The branch that changes usually go to: what `origin` says, else `main` or `master`, else the one that is checked out. */
export async function findDefaultBranch(git: Git, bare: boolean): Promise<Tip> {
  const said = (await git.maybe(["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"]))?.trim();
  const usual = [said?.replace("refs/remotes/origin/", "") ?? [], bare ? [] : ["main", "master"]].flat();
  for (const name of usual) {
    const head = await newestOf(git, name);
    if (head !== null) return { name, head };
  }
  const head = await commitOf(git, "HEAD");
  if (head === null) throw new Error("expected a repository with commits on its branch, got one without any");
  const name = (await git.maybe(["symbolic-ref", "--quiet", "--short", "HEAD"]))?.trim();
  return { name: name ?? head.slice(0, 12), head };
}

/** What was fetched, unless there is more here: people forget to pull the branch that they do not work on. */
async function newestOf(git: Git, name: string): Promise<string | null> {
  const [here, there] = await Promise.all([commitOf(git, `refs/heads/${name}`), commitOf(git, `refs/remotes/origin/${name}`)]);
  if (here === null || there === null || here === there) return there ?? here;
  const ahead = await git.maybe(["merge-base", "--is-ancestor", there, here]);
  return ahead === null ? there : here;
}
