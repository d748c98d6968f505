import type { Analysis } from "./analysis.js";

/** `1 commit`, `2 commits`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** What git cannot tell, and what was left out, in sentences: nobody should take these figures for more than they are. */
export function limitsOf({ clone, changes, leftOut, straight }: Analysis): string[] {
  const unknown = changes.filter(({ startedAt }) => startedAt === null);
  const squashed = unknown.filter(({ way }) => way !== "merge").length;
  const others = unknown.length - squashed;
  return [
    "Git does not know when a pull request was opened, reviewed, approved, tested or deployed: these stages need the app.",
    clone.tags.length === 0
      ? "There is no tag, so nothing tells of releases."
      : "A release is the first tag, by its time, that contains the merge, whatever the tag is called.",
    squashed > 0
      ? `${counted(squashed, "pull request was", "pull requests were")} squashed into a commit as old as the merge: when work began is not told, so they count from the merge on.`
      : "",
    "A squash commit hides its first commit: where its author date is earlier than the merge, that is the earliest that git tells.",
    others > 0
      ? `Of ${counted(others, "merge")} the first commit is not told: it brought none, is later than its merge, or is not in this clone.`
      : "",
    clone.shallow ? "This clone is shallow: what was before it began is not here. `git fetch --unshallow` gets it." : "",
    leftOut.elsewhere > 0
      ? `${counted(leftOut.elsewhere, "pull request was", "pull requests were")} merged into another branch first and not counted: --branch looks at another one.`
      : "",
    straight.count > 0
      ? `${counted(straight.count, "step")} of the branch ${straight.count === 1 ? "names" : "name"} no pull request (pushed straight, rebased, or merged by hand); ${straight.withTicket} of them ${straight.withTicket === 1 ? "names" : "name"} a ticket.`
      : "",
    leftOut.bots + leftOut.reverts + leftOut.backports > 0
      ? `Left out: ${leftOut.bots} of bots without a ticket, ${counted(leftOut.reverts, "revert")}, ${counted(leftOut.backports, "backport")}.`
      : "",
  ].filter((sentence) => sentence !== "");
}
