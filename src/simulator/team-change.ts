import { pick, shuffled } from "./chance.js";
import type { MergeMethod } from "./merge.js";
import type { Step, Team } from "./step.js";
import { HOUR, later, MINUTE } from "./work-time.js";

/** What kinds of change there are, and how many in a hundred. */
const KINDS = [
  ["feature", 62],
  ["bot", 12],
  ["untracked", 8],
  ["ticket-only", 6],
  ["abandoned", 6],
  ["hotfix", 6],
] as const;
type Kind = (typeof KINDS)[number][0];

const SUBJECTS = ["the basket", "sign-in", "search", "the invoice", "refunds", "the price list", "e-mails", "the address book"];
const VERBS = ["Speed up", "Fix rounding in", "Add filters to", "Translate", "Simplify", "Log errors of", "Cache", "Test"];

export interface Plan {
  readonly random: () => number;
  readonly team: Team;
  readonly begins: number;
  readonly index: number;
  /** The version under way at a time. */
  readonly version: (at: number) => string;
}
/** A change as it comes to be: filled in by its steps. */
export interface Change extends Plan {
  readonly kind: Kind;
  readonly title: string;
  readonly author: string;
  readonly reviewer: string;
  readonly method: MergeMethod;
  issue: string;
  branch: string;
  number: number;
  mergeCommit: string;
}

/** The steps of one change, at their times; some of them may lie after the end of the story. */
export function planChange(plan: Plan): Step[] {
  const change = begin(plan);
  switch (change.kind) {
    case "feature":
      return [...ticket(change, later(change.random, change.begins, 20)), ...development(change, change.begins + 22 * HOUR)];
    case "hotfix":
      return [...ticket(change, change.begins + 10 * MINUTE), ...development(change, change.begins + 20 * MINUTE)];
    case "bot":
    case "untracked":
      return development(change, change.begins);
    case "ticket-only": {
      const started = later(change.random, change.begins, 16);
      return [...ticket(change, started), ...finish(change, later(change.random, started, 20))];
    }
    case "abandoned":
      return [...ticket(change, later(change.random, change.begins, 10)), ...giveUp(change)];
  }
}

function begin(plan: Plan): Change {
  const { random, team, index } = plan;
  const kind = drawKind(random);
  const [author = "alice", reviewer = "bob"] = shuffled(random, team.people);
  const subject = `${pick(random, VERBS)} ${pick(random, SUBJECTS)}`;
  const isBot = kind === "bot";
  return {
    ...plan,
    kind,
    author: isBot ? "dependabot[bot]" : author,
    reviewer,
    title: isBot ? `Bump lodash from 4.17.${index} to 4.17.${index + 1}` : subject,
    method: pick(random, ["squash", "squash", "merge", "rebase"] as const),
    issue: "",
    branch: isBot ? `dependabot/npm_and_yarn/lodash-4.17.${index + 1}` : `chore/${slug(subject)}-${index}`,
    number: 0,
    mergeCommit: "",
  };
}

function drawKind(random: () => number): Kind {
  let left = random() * 100;
  for (const [kind, share] of KINDS) {
    left -= share;
    if (left < 0) return kind;
  }
  return "feature";
}

const slug = (text: string): string => text.toLowerCase().replace(/\W+/g, "-");

function ticket(change: Change, started: number): Step[] {
  const { team, begins: at, title: summary, kind, index } = change;
  const type = kind === "hotfix" ? "Bug" : pick(change.random, ["Story", "Story", "Bug", "Task"]);
  return [
    {
      at,
      run: async ({ jira }) => {
        change.issue = await jira.createIssue({ project: team.project, summary, type, at });
        change.branch = `${kind === "hotfix" ? "hotfix" : "feature"}/${change.issue}-${slug(summary)}-${index}`;
      },
    },
    { at: started, run: ({ jira }) => jira.transition({ issue: change.issue, status: "In Progress", at: started }) },
  ];
}

/** From the first commit over reviews, merge, CI and deployment to Done. */
function development(change: Change, from: number): Step[] {
  const { random, kind } = change;
  const hurry = kind === "hotfix" ? 0.1 : 1;
  const committed = later(random, from, 6 * hurry);
  const opened = later(random, committed, 8 * hurry);
  const commented = later(random, opened, 5 * hurry);
  const approved = later(random, commented, 8 * hurry);
  const merged = later(random, approved, 4 * hurry);
  const tested = merged + (5 + Math.floor(random() * 20)) * MINUTE;
  const deployed = later(random, tested, 3 * hurry);
  return [
    ...open(change, committed, opened),
    ...review(change, commented, approved),
    ...merge(change, merged, tested),
    ...deploy(change, deployed),
    ...(change.kind === "feature" || change.kind === "hotfix" ? finish(change, deployed + 10 * MINUTE) : []),
  ];
}

function open(change: Change, committed: number, opened: number): Step[] {
  const { title, author: by, kind } = change;
  const { repository } = change.team;
  const labels = kind === "bot" ? ["dependencies"] : kind === "hotfix" ? ["hotfix"] : [];
  const push = (at: number, message: string): Step => ({
    at,
    run: ({ github }) =>
      github.push({
        repository,
        branch: change.branch,
        by,
        commits: [{ message, files: { [`src/${change.index}.ts`]: message } }],
        at,
      }),
  });
  return [
    push(committed, title),
    ...(opened > committed + 2 * HOUR ? [push(committed + HOUR, `${title}: tests`)] : []),
    {
      at: opened,
      run: async ({ github }) => {
        change.number = await github.openPullRequest({ repository, branch: change.branch, title, labels, by, at: opened });
      },
    },
  ];
}

function review(change: Change, commented: number, approved: number): Step[] {
  const { random, reviewer: by } = change;
  const { repository } = change.team;
  const remark: Step = {
    at: commented,
    run: ({ github }) =>
      github.reviewComment({ repository, number: change.number, body: "Could this be simpler?", by, at: commented }),
  };
  const approval: Step = {
    at: approved,
    run: ({ github }) => github.review({ repository, number: change.number, state: "approved", by, at: approved }),
  };
  return [...(random() < 0.4 ? [remark] : []), ...(random() < 0.9 ? [approval] : [])];
}

function merge(change: Change, merged: number, tested: number): Step[] {
  const { reviewer: by, method, random } = change;
  const { repository } = change.team;
  const conclusion = random() < 0.95 ? "success" : "failure";
  return [
    {
      at: merged,
      run: async ({ github }) => {
        change.mergeCommit = await github.merge({ repository, number: change.number, method, by, at: merged });
      },
    },
    {
      at: tested,
      run: ({ github }) =>
        github.runWorkflow({ repository, sha: change.mergeCommit, conclusion, by, startedAt: merged, at: tested }),
    },
  ];
}

function deploy({ team: { repository }, reviewer: by }: Change, at: number): Step[] {
  const before = at - 5 * MINUTE;
  return [
    { at: before, run: ({ github }) => github.deploy({ repository, sha: "main", environment: "staging", by, at: before }) },
    {
      at,
      run: ({ github }) => github.deploy({ repository, sha: "main", environment: "production", by, startedAt: before, at }),
    },
  ];
}

function finish(change: Change, at: number): Step[] {
  return [
    { at, run: ({ jira }) => jira.setFixVersion({ issue: change.issue, version: change.version(at), at }) },
    { at: at + MINUTE, run: ({ jira }) => jira.transition({ issue: change.issue, status: "Done", at: at + MINUTE }) },
  ];
}

/** Opened, talked about, closed without merge, and not done. */
function giveUp(change: Change): Step[] {
  const { random, team } = change;
  const committed = later(random, change.begins + 24 * HOUR, 8);
  const opened = later(random, committed, 4);
  const closed = later(random, opened, 60);
  return [
    ...open(change, committed, opened),
    {
      at: closed,
      run: ({ github }) =>
        github.closePullRequest({ repository: team.repository, number: change.number, by: change.author, at: closed }),
    },
    {
      at: closed + MINUTE,
      run: ({ jira }) => jira.transition({ issue: change.issue, status: "Done", resolution: "Won't Do", at: closed + MINUTE }),
    },
  ];
}
