import type { MeasuredItem } from "../../src/core/measurement.js";
import { at, inHistory } from "./github.js";
import { type Odd, oddity } from "./oddity.js";
import { type CommitRow, distinct, type PullRequestRow, type Recording } from "./rows.js";

/** Each pull request once, as the last row has it. */
const once = (rows: readonly PullRequestRow[]): PullRequestRow[] => [...new Map(rows.map((row) => [row.number, row])).values()];
const own = (commits: readonly CommitRow[], number: number): CommitRow[] =>
  distinct(commits).filter(({ pull_number, parents }) => pull_number === number && parents.length < 2);
const name = ({ number }: PullRequestRow): string => `#${number}`;
const earliest = (rows: readonly CommitRow[], date: "author" | "committer"): number =>
  Math.min(...rows.map(({ commit }) => at(commit[date].date)));

/** Pull requests whose commits were all made after the opening, by that date. */
function replaced({ pullRequests, commits }: Recording, date: "author" | "committer"): string[] {
  const rows = once(pullRequests).map((row) => ({ row, commits: own(commits, row.number) }));
  return rows
    .filter(({ row, commits: its }) => its.length > 0 && earliest(its, date) > at(row.created_at))
    .map(({ row }) => name(row));
}

const listed = ({ pullRequests, commits }: Recording): PullRequestRow[] =>
  once(pullRequests).filter(({ number }) => own(commits, number).length > 0);

const noted = (items: readonly MeasuredItem[], text: string): string[] =>
  items.filter(({ leadTimes }) => leadTimes.some(({ start }) => start?.note?.includes(text))).map(({ name: of }) => of);

export const GITHUB: readonly Odd[] = [
  (recording) => {
    const lists = Object.entries(recording).filter(([, rows]) => distinct(rows as readonly object[]).length < rows.length); // lists all
    const found = lists.map(([list, rows]) => `${list}: ${rows.length - distinct(rows as readonly object[]).length}`); // as above
    return oddity("lists with rows that come twice", found, Object.keys(recording).length, "one event: its id is the fact's");
  },
  (recording, { pullRequests }) =>
    oddity(
      "pull requests whose commits are all later than the opening (author dates)",
      replaced(recording, "author"),
      listed(recording).length,
      `the opening counts as first commit, and the stage says so: ${noted(pullRequests, "the opening counts").length} items`,
    ),
  (recording) =>
    oddity(
      "the same by committer dates, which rebasing renews",
      replaced(recording, "committer"),
      listed(recording).length,
      "author dates count; committer dates only in stages that ask for them",
    ),
  ({ issueEvents }) => {
    const pushes = distinct(issueEvents).filter(({ event }) => event === "head_ref_force_pushed");
    const numbers = pushes.map(({ issue_number, created_at }) => `#${issue_number} ${created_at}`);
    return oddity("force pushes", numbers, issueEvents.length, "nothing of their own: the commits listed afterwards count");
  },
  ({ pullRequests, commits }) => {
    const rows = once(pullRequests);
    const found = rows.filter(({ number }) => own(commits, number).length === 0).map(name);
    return oddity(
      "pull requests whose commits were not recorded",
      found,
      rows.length,
      "not started: its commits have not been read",
    );
  },
  ({ pullRequests, commits }) => {
    const found = once(pullRequests).filter(({ number, head }) => {
      const last = inHistory(distinct(commits).filter(({ pull_number }) => pull_number === number)).at(-1);
      return last !== undefined && last.sha !== head.sha;
    });
    return oddity(
      "commit lists that do not end in the pull request's head",
      found.map(name),
      pullRequests.length,
      "the latest list counts",
    );
  },
  ({ commits }) => {
    const merges = distinct(commits).filter(({ parents }) => parents.length > 1);
    const found = merges.map(({ pull_number, sha }) => `#${pull_number} ${sha.slice(0, 7)}`);
    return oddity("merge commits in a pull request", found, distinct(commits).length, "left out");
  },
  ({ pullRequests, commits }) => {
    const rows = once(pullRequests);
    const found = distinct(commits).filter(({ author, parents, pull_number }) => {
      const login = rows.find(({ number }) => number === pull_number)?.user?.login;
      return author !== null && parents.length < 2 && login !== undefined && author.login !== login;
    });
    const text = found.map(({ pull_number, sha, author }) => `#${pull_number} ${sha.slice(0, 7)} by ${author?.login}`);
    return oddity(
      "commits by another account than the pull request's",
      text,
      distinct(commits).length,
      "they count: a pull request may have several authors",
    );
  },
  ({ pullRequests }) => {
    const found = once(pullRequests).filter(({ base }) => base.ref !== base.repo.default_branch);
    return oddity(
      "pull requests to another branch than the default",
      found.map((row) => `${name(row)} to ${row.base.ref}`),
      once(pullRequests).length,
      "the merge stage does not count them, and says so",
    );
  },
  ({ pullRequests }) => {
    const rows = once(pullRequests);
    const found = rows.filter(({ state, merged_at }) => state === "closed" && !merged_at).map(name);
    return oddity(
      "closed without merge, though each names a merge commit",
      found,
      rows.length,
      "abandoned; the merge commit counts for nothing",
    );
  },
  ({ pullRequests }) => {
    const found = once(pullRequests).filter(({ merged_at, closed_at }) => merged_at && closed_at && merged_at !== closed_at);
    return oddity("closed at another second than merged", found.map(name), pullRequests.length, "the merge counts");
  },
  ({ issueEvents }) => {
    const found = distinct(issueEvents).filter(({ event }) => event === "ready_for_review" || event === "converted_to_draft");
    return oddity(
      "changes of a draft",
      found.map(({ issue_number, event }) => `#${issue_number} ${event}`),
      distinct(issueEvents).length,
      "reactions count from when it was first ready",
    );
  },
  ({ issueComments, reviews, reviewComments }) => {
    const all = [...distinct(issueComments), ...distinct(reviews), ...distinct(reviewComments)];
    const found = all.filter(({ user }) => user?.type === "Bot").map(({ id, user }) => `${user?.login} ${id}`);
    return oddity("comments and reviews by bots", found, all.length, "never a review");
  },
  ({ pullRequests, reviews, reviewComments, issueComments }) => {
    const author = new Map(pullRequests.map(({ number, user }) => [number, user?.login]));
    const said = [
      ...distinct(reviews).map(({ pull_number, user, id }) => ({ number: pull_number, user, id })),
      ...distinct(reviewComments).map(({ pull_number, user, id }) => ({ number: pull_number, user, id })),
      ...distinct(issueComments).map(({ issue_number, user, id }) => ({ number: issue_number, user, id })),
    ].filter(({ number }) => author.has(number));
    const found = said
      .filter(({ number, user }) => user?.login === author.get(number))
      .map(({ number, id }) => `#${number} ${id}`);
    return oddity("reviews and comments by the author", found, said.length, "never a review (answering a review makes one)");
  },
  ({ reviewComments, reviews }) => {
    const submitted = new Set(reviews.map(({ id }) => id));
    const found = distinct(reviewComments).filter(({ pull_request_review_id: review }) => !submitted.has(review));
    return oddity(
      "review comments whose review was not recorded",
      found.map(({ pull_number, id }) => `#${pull_number} ${id}`),
      distinct(reviewComments).length,
      "they count when they were written; else their review counts, when it was submitted",
    );
  },
  ({ issueComments }) => {
    const found = distinct(issueComments).filter(({ is_listed_pull_request }) => !is_listed_pull_request);
    return oddity(
      "comments on issues and on pull requests that were not recorded",
      found.map(({ issue_number }) => `#${issue_number}`),
      distinct(issueComments).length,
      "left out",
    );
  },
  ({ runs }) => {
    const found = runs.filter(({ run_attempt }) => run_attempt > 1);
    return oddity(
      "re-runs, which keep the first attempt's creation",
      found.map(({ id, run_attempt }) => `${id} attempt ${run_attempt}`),
      runs.length,
      "each attempt is a run of its own, from when it was started",
    );
  },
  ({ runs }) => {
    const found = runs.filter(({ conclusion }) => !conclusion).map(({ id, status }) => `${id} ${status}`);
    return oddity("runs without a conclusion", found, runs.length, "left out: they have not completed");
  },
  ({ runs }) => {
    const found = runs
      .filter(({ event }) => event !== "push" && event !== "merge_group")
      .map(({ id, event }) => `${id} ${event}`);
    return oddity("runs by schedule or for a pull request", found, runs.length, "no CI of a merge");
  },
  ({ runs, pullRequests }) => {
    const merges = new Set(pullRequests.filter(({ merged_at }) => merged_at).map(({ merge_commit_sha }) => merge_commit_sha));
    const found = runs.filter(({ head_sha }) => merges.has(head_sha)).map(({ id }) => String(id));
    return oddity(
      "runs on the merge commit of a recorded pull request",
      found,
      runs.length,
      "the CI stage: pending where there is none",
    );
  },
  (_, { pullRequests }) => {
    const links = pullRequests.flatMap((item) =>
      item.links.map(({ key, refusal }) => `${item.name}: ${key}, ${refusal ?? "linked"}`),
    );
    return oddity(
      "branches and titles that look like a ticket key",
      links,
      pullRequests.length,
      "a near miss, with its reason",
    );
  },
];
