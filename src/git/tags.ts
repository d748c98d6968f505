import type { CloneTag } from "../core/clone.js";
import { secondsIn } from "./commits.js";
import type { Git } from "./run.js";

const PREFIX = "refs/tags/";
const DATES = "--format=%(refname)%00%(creatordate:unix)%00%(*committerdate:unix)";

/** All tags that name a commit, by time and then by name. */
export async function readTags(git: Git): Promise<CloneTag[]> {
  const [dates, names] = await Promise.all([
    git.text(["for-each-ref", DATES, PREFIX]),
    // It fails when there is no tag.
    git.maybe(["show-ref", "--tags", "--dereference"]),
  ]);
  const shas = commitsOf(names ?? "");
  return dates
    .split("\n")
    .map((line) => line.split("\0"))
    .flatMap(([ref = "", made = "", committed = ""]): CloneTag[] => {
      // Tags of long ago do not say when they were made.
      const at = secondsIn(made) ?? secondsIn(committed);
      const sha = shas.get(ref);
      return at === null || sha === undefined ? [] : [{ name: ref.slice(PREFIX.length), sha, at }];
    })
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
}

/** `SHA refs/tags/v1`, and for a tag that is an object of its own `SHA refs/tags/v1^{}`: what it names in the end. */
function commitsOf(lines: string): ReadonlyMap<string, string> {
  const shas = new Map<string, string>();
  for (const line of lines.split("\n")) {
    const space = line.indexOf(" ");
    shas.set(line.slice(space + 1).replace(/\^\{\}$/, ""), line.slice(0, space));
  }
  return shas;
}
