import type { Bug } from "./experiment.js";

/** A bug, and the tests of which at least one must notice it. */
export interface PlantedBug extends Bug {
  readonly tests: readonly string[];
}

interface Place {
  readonly file: string;
  readonly tests: readonly string[];
}

/** `[what was got wrong, the code, the wrong code]` in one file. */
const inFile = ({ file, tests }: Place, bugs: readonly (readonly [string, string, string])[]): PlantedBug[] =>
  bugs.map(([says, before, after]) => ({ says, file, before, after, tests }));

/** Mistakes of one line, as people make them, all over the program: those that a test of its own has to notice. */
export const BUGS: readonly PlantedBug[] = [
  ...inFile({ file: "src/core/lead-time.ts", tests: ["test/core"] }, [
    ["a lead time of exactly the ideal is not good", "if (duration <= ideal)", "if (duration < ideal)"],
    ["a lead time of exactly the acceptable time is slow", "duration <= acceptable ?", "duration < acceptable ?"],
    ["on a tie the later stage is the slowest", "(one.leadTime ?? 0) >= (other", "(one.leadTime ?? 0) > (other"],
    ["the clock runs backwards", "|| entry.at > clock ?", "|| entry.at !== clock ?"],
    ["a lead time is negative", "Math.max(0, at - clock)", "at - clock"],
    ["what is entered at the same moment is out of order", "entry.at < clock ?", "entry.at <= clock ?"],
    ["pick: last takes the first", "entry.at >= picked.at)) picked", "entry.at < picked.at)) picked"],
    ["absent stages count as zero unless told", '=== "zero" ?', '=== "leave-out" ?'],
  ]),
  ...inFile({ file: "src/core/statistics.ts", tests: ["test/core"] }, [
    ["a percentile is taken of one rank too many", "p * (sorted.length - 1)", "p * sorted.length"],
  ]),
  ...inFile({ file: "src/core/ticket-key.ts", tests: ["test/core"] }, [
    ["the shortest known project wins", "tails.find((tail)", "tails.findLast((tail)"],
    ["a number may begin with a zero", "/^[1-9][0-9]{0,8}$/", "/^[0-9][0-9]{0,8}$/"],
  ]),
  ...inFile({ file: "src/core/correlation.ts", tests: ["test/core"] }, [
    ["a refused key keeps the later sources out", "links.some(({ refusal }) => refusal === null)", "links.length > 0"],
    ["renovate's branches name tickets", "dependabot|renovate|", "dependabot|"],
    ["a revert is a change of its ticket", '/^revert "/i.test(of.title) ||', '/^reverts "/i.test(of.title) ||'],
  ]),
  ...inFile({ file: "src/core/trigger.ts", tests: ["test/core"] }, [
    ["any branch is the default branch", ": onDefaultBranch,", ': onDefaultBranch || base !== "",'],
    [
      "every deployment is one to production",
      "return isProduction(entry, production);",
      'return isProduction(entry, production) || entry.environment !== "";',
    ],
    [
      "CI that failed is completed",
      '(conclusion === "any" || run.conclusion === "success") &&',
      "run.conclusion !== conclusion.repeat(2) &&",
    ],
  ]),
  ...inFile({ file: "src/core/pull-request.ts", tests: ["test/core"] }, [
    ["an approval after the merge counts", "at <= mergedAt && !dismissed", "at <= mergedAt + DAY && !dismissed"],
    ["a dismissed approval counts", "!dismissed.has(review))", "!dismissed.has(review.repeat(2)))"],
    ["a bot's review counts", "!isBot(actor, rules) &&", "!isBot(actor, { bots: [] }) &&"],
    ["merge commits are commits of the change", "parents < 2", "parents < 3"],
  ]),
  ...inFile({ file: "src/core/ticket.ts", tests: ["test/core"] }, [
    ["a release that was taken back counts", 'precision === "exact" && at > takenBack', 'precision === "exact" && at > 0'],
  ]),
  ...inFile({ file: "src/core/event.ts", tests: ["test/core", "test/store"] }, [
    ["of two states the earlier holds", "if (isState(type)) return [at,", "if (isState(type)) return [-at,"],
    ["of two sightings of a fact the later holds", "1 : 0, -at];", "1 : 0, at];"],
  ]),
  ...inFile({ file: "src/core/tenancy.ts", tests: ["test/app/tenancy.test.ts"] }, [
    ["unnamed, all of several accounts may use Jira", "live.length === 1 ?", "live.length >= 1 ?"],
  ]),
  ...inFile({ file: "src/web/signature.ts", tests: ["test/web"] }, [
    ["any signature will do", "matches.includes(true)", "matches.length > 0"],
    ["only the first secret is tried", "secrets.map((secret)", "secrets.slice(0, 1).map((secret)"],
    ["a signature in upper case is one", "([0-9a-f]{64})$/", "([0-9a-f]{64})$/i"],
  ]),
  ...inFile({ file: "src/web/access.ts", tests: ["test/web"] }, [
    ["what a proxy forwarded is let in", "x-forwarded-)/i", "x-forwarded-for-)/i"],
  ]),
  ...inFile({ file: "src/web/backlog.ts", tests: ["test/web"] }, [
    ["a place in the queue is never given back", "requests -= 1;", "requests -= 0;"],
  ]),
  ...inFile({ file: "src/render/markdown.ts", tests: ["test/render"] }, [
    ["a name in a title notifies people", "/@|#(?=", "/#(?="],
    ["a title breaks out of its table", "#$<>&|]/g", "#$<>&]/g"],
  ]),
  ...inFile({ file: "src/render/censor.ts", tests: ["test/render"] }, [
    ["in public a reason may name a ticket's title", "...tables.flatMap(titlesOf), ", ""],
  ]),
  ...inFile({ file: "src/flow/effects.ts", tests: ["test/flow/effects.test.ts"] }, [
    ["Retry-After is not obeyed", "retryAt ?? backOff(", "backOff("],
  ]),
  ...inFile({ file: "src/flow/comment.ts", tests: ["test/flow/comment.test.ts", "test/app/comment-faults.test.ts"] }, [
    [
      "a comment that was created and not noted is created again",
      "?? (await discussion.find(repository, number, MARKER))",
      "?? undefined",
    ],
    [
      "a comment that a person deleted comes back",
      'return { ...record, state: "deleted" }',
      'return { ...record, comment: null, state: "kept" }',
    ],
  ]),
  ...inFile({ file: "src/flow/visibility.ts", tests: ["test/app/visibility.test.ts"] }, [
    ["a more private pull request is named", ">= OPENNESS[here.visibility]", ">= OPENNESS[here.visibility] || true"],
  ]),
  ...inFile({ file: "src/store/readiness.ts", tests: ["test/store/reserve.test.ts"] }, [
    ["readiness does not look at the disk", "    reserve.assertKept();\n    if (!asking) {", "    if (!asking) {"],
  ]),
  ...inFile({ file: "src/flow/shown.ts", tests: ["test/app/commands-public.test.ts"] }, [
    [
      "in public an answer tells of tickets",
      'hidden || state.configuration.comment.tickets === "hidden"',
      'state.configuration.comment.tickets === "hidden"',
    ],
  ]),
  ...inFile({ file: "src/flow/answer.ts", tests: ["test/flow/answer.test.ts"] }, [
    [
      "an answer that was created and not noted is created again",
      "{ record: own, again: true }",
      "{ record: own, again: false }",
    ],
    ["an answer that may have been posted is not looked for", "if (noted !== null ||", "if (record.answer !== null ||"],
    ["the same is answered again at once", "one.asker === asker.id && one.asked", "one.asker !== asker.id && one.asked"],
  ]),
  ...inFile({ file: "src/store/outbox.ts", tests: ["test/store"] }, [
    [
      "what is wanted again while it is carried out is forgotten",
      'subject = ? and generation = ? returning subject");',
      'subject = ? and generation >= ? returning subject");',
    ],
    [
      "what is leased is claimed by another",
      "(leased_until is null or leased_until <= ?)",
      "(leased_until is null or leased_until <> ?)",
    ],
  ]),
  ...inFile({ file: "src/store/migrations.ts", tests: ["test/store"] }, [
    ["a database of a newer release is used", "if (version <= known) return;", "if (version <= known + 1000) return;"],
  ]),
  ...inFile({ file: "src/github/client.ts", tests: ["test/github"] }, [
    [
      "a redirect leads anywhere, with our token",
      "const sameOrigin = to.origin === new URL(url).origin",
      'const sameOrigin = to.origin !== "" ',
    ],
  ]),
  ...inFile({ file: "src/github/payload.ts", tests: ["test/github"] }, [
    ["long ids are rounded", "!Number.isSafeInteger(Number(token))", "Number.isNaN(Number(token))"],
  ]),
  ...inFile({ file: "src/setting-rules.ts", tests: ["test/settings.test.ts"] }, [
    ["a short secret will do", "Buffer.byteLength(text) < 16", "Buffer.byteLength(text) < 6"],
  ]),
];
