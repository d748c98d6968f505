import { describe, expect, it } from "vitest";
import { GOLDEN_TIMES } from "../../src/simulator/stories.js";
import { stage } from "../support/app.js";
import {
  answers,
  ask,
  deliverChanged,
  giveRole,
  type Heard,
  heard,
  opened,
  type Payload,
  REPOSITORY,
  say,
} from "../support/asking.js";

/** What must come of a comment: an answer and 🚀, an answer and 😕, 😕 alone, or nothing at all. */
type Outcome = "answer" | "refusal" | "frown" | "nothing";

const LONG = "All of this is only text, again and again. ".repeat(1400);
const fence = "```";

const OF_WRITERS: readonly [body: string, outcome: Outcome, says?: RegExp][] = [
  ["/leadtime", "answer", /### Lead time so far 20m/],
  ["/LEADTIME", "answer", /### Lead time so far/],
  ["/LeadTime Explain", "answer", /#### Tickets/],
  ["/leadtime explain", "answer", /in the branch name/],
  ["/leadtime help", "answer", /### Commands/],
  ["/LEADTIME HELP", "answer", /### Commands/],
  ["/leadtime report", "answer", /last 30 days/],
  ["/leadtime report 7d", "answer", /last 7 days/],
  ["/leadtime report 90D", "answer", /last 90 days/],
  ["/leadtime profile", "answer", /### Measured under `ticket-to-release`/],
  ["/leadtime refresh", "answer", /were read again/],
  ["/leadtime link PROP-1460", "answer", /`PROP-1460` is linked/],
  ["/leadtime link prop-1460", "answer", /`PROP-1460` is linked/],
  ["/leadtime link PROP-\u200b1460", "answer", /`PROP-1460` is linked/],
  ["/leadtime unlink PROP-77", "answer", /`PROP-77` is unlinked/],
  ["/leadtime unlink PROP-77, PROP-78", "answer", /`PROP-78` is unlinked/],
  ["/leadtime profile ticket-to-release", "answer", /From now on .* `ticket-to-release`/],
  ["/leadtime profile TICKET-to-release", "answer", /From now on .* `ticket-to-release`/],
  ["/leadtime   ", "answer"],
  ["/leadtime\t", "answer"],
  ["   /leadtime", "answer"],
  ["Please\r\n/leadtime explain\r\nThanks\r\n", "answer", /#### Tickets/],
  ["Please\n/leadtime\nThanks", "answer"],
  ["/leadtime\n/leadtime help", "answer", /### Lead time so far[\s\S]*---[\s\S]*### Commands/],
  ["/leadtime help\n/leadtime help", "answer", /### Commands/],
  ["@bob look\n/leadtime\n@carol too", "answer"],
  [`${LONG}\n\n/leadtime`, "answer"],
  ["/leadtime explain <!-- for the audit -->", "answer", /#### Tickets/],
  ["\u200f/leadtime", "answer"],
  ["\u202e/leadtime explain\u202c", "answer", /#### Tickets/],
  ["/leadtime\u200b", "answer"],
  ["\ufeff/leadtime", "answer"],
  ["/leadtime\u00a0explain", "answer", /#### Tickets/],
  ["شكرا\n/leadtime\nשלום", "answer"],
  ["> quoted\n\n/leadtime", "answer"],
  [`${fence}\ncode\n${fence}\n/leadtime`, "answer"],
  ["/lgtm\n/leadtime\n/approve", "answer", /^(?![\s\S]*lgtm)/],
  ["/leadtime explian", "refusal", /Did you mean `\/leadtime explain`/],
  ["/leadtime reports", "refusal", /Did you mean `\/leadtime report \[7d\|30d\|90d\]`/],
  ["/leadtime report 45d", "refusal", /Did you mean `\/leadtime report/],
  ["/leadtime is great", "refusal", /`\/leadtime help` lists them/],
  ["/leadtime @bob", "refusal", /@\u200bbob/],
  ["/leadtime link", "refusal", /Did you mean `\/leadtime link KEY…`/],
  ["/leadtime link PROP", "refusal", /`PROP` is not linked: expected a ticket key/],
  ["/leadtime link PROP-0", "refusal", /expected a ticket key/],
  ["/leadtime link PROP-1460;drop", "refusal", /`drop` is not linked/],
  ["/leadtime link PROP-99999", "refusal", /Jira has no such ticket/],
  ["/leadtime unlink everything", "refusal", /expected a ticket key/],
  ["/leadtime profile ticket-to-relaese", "refusal", /Did you mean `ticket-to-release`/],
  ["/leadtime profile api-event", "refusal", /There is no profile `api-event`/],
  ["/leadtime [evil](https://evil.example)", "refusal", /`\/leadtime \[evil\]\(https:\/\/evil\.example\)`/],
  ["/leadtime help\n/leadtime nonsense", "refusal", /### Commands[\s\S]*none of the commands/],
  ["> /leadtime", "nothing"],
  ["> said\n/leadtime", "nothing"],
  [">> /leadtime", "nothing"],
  [`${fence}\n/leadtime\n${fence}`, "nothing"],
  [`${fence}sh\n/leadtime`, "nothing"],
  ["~~~\n/leadtime\n~~~", "nothing"],
  ["    /leadtime", "nothing"],
  ["\t/leadtime", "nothing"],
  ["`/leadtime`", "nothing"],
  ["<!-- /leadtime -->", "nothing"],
  ["<!--\n/leadtime\n-->", "nothing"],
  ["<pre>\n/leadtime\n</pre>", "nothing"],
  ["Use /leadtime for that", "nothing"],
  ["/leadtimes", "nothing"],
  ["/leadtime-bot", "nothing"],
  ["/lead\u200btime", "nothing"],
  ["／leadtime", "nothing"],
  ["- /leadtime", "nothing"],
  ["/lgtm", "nothing"],
  ["/retest\n/approve\n/hold", "nothing"],
  [LONG, "nothing"],
  ["Thanks!", "nothing"],
];

const OF_READERS: readonly [body: string, outcome: Outcome, says?: RegExp][] = [
  ["/leadtime", "answer"],
  ["/leadtime report", "answer"],
  ["/leadtime profile", "answer"],
  ["/leadtime link PROP-1460", "refusal", /takes write access/],
  ["/leadtime unlink PROP-1460", "refusal", /takes write access/],
  ["/leadtime profile change", "refusal", /takes write access/],
  ["/leadtime refresh", "refusal", /takes write access/],
];

/** In a public repository. */
const OF_STRANGERS: readonly [body: string, outcome: Outcome, says?: RegExp][] = [
  ["/leadtime", "frown"],
  ["/leadtime explain", "frown"],
  ["/leadtime report", "frown"],
  ["/leadtime profile", "frown"],
  ["/leadtime link PROP-1460", "frown"],
  ["/leadtime refresh", "frown"],
  ["/leadtime nonsense", "frown"],
  ["/leadtime help", "answer", /### Commands/],
  ["/lgtm", "nothing"],
];
const OF_TRIAGERS: readonly [body: string, outcome: Outcome, says?: RegExp][] = [
  ["/leadtime", "answer"],
  ["/leadtime report", "answer"],
  ["/leadtime nonsense", "refusal"],
  ["/leadtime link PROP-1460", "refusal", /takes write access/],
];

/** Everybody says one thing, so that nobody is answered for another. */
describe("comments on a pull request", () => {
  it.each([
    ["people who may write", "private", "write", OF_WRITERS],
    ["people who may read", "private", "read", OF_READERS],
    ["strangers", "public", "read", OF_STRANGERS],
    ["nobody in particular", "public", "none", OF_STRANGERS],
    ["triagers", "public", "triage", OF_TRIAGERS],
  ] as const)(
    "of %s in a repository that is %s get what they should",
    async (who, visibility, role, cases) => {
      const on = await stage();
      await opened(on, { visibility });
      const comments: number[] = [];
      for (const [index, [body]] of cases.entries()) {
        const by = `${who.replaceAll(" ", "-")}-${index}`;
        giveRole(on.world, by, role);
        comments.push(await say(on.world, body, by));
      }
      await on.app.idle();
      const all = comments.map((comment) => heard(on.world, comment));
      const came = cases.map(([body], index) => `${outcomeOf(all[index])}: ${shortened(body)}`);
      expect(came).toEqual(cases.map(([body, outcome]) => `${outcome}: ${shortened(body)}`));
      for (const [index, [body, , says]] of cases.entries()) if (says) expect(all[index]?.answer, body).toMatch(says);
    },
    60_000,
  );
});

const shortened = (body: string): string =>
  JSON.stringify(body.length > 80 ? `${body.slice(0, 40)} … ${body.slice(-30)}` : body);

function outcomeOf({ reactions, answer }: Heard = { reactions: [], answer: undefined }): string {
  const answered = answer === undefined ? "" : " and an answer";
  const [seen, done, ...more] = reactions;
  if (seen === undefined && !answered) return "nothing";
  if (seen === "eyes" && done === "rocket" && answered && more.length === 0) return "answer";
  if (seen === "eyes" && done === "confused" && more.length === 0) return answered ? "refusal" : "frown";
  return `${reactions.join(", ")}${answered}`;
}

describe("nothing is said and done", () => {
  const spoiled: readonly [what: string, change: (payload: Payload) => void][] = [
    ["in an issue", ({ issue }) => void delete issue.pull_request],
    ["when a comment is edited", (payload) => void Object.assign(payload, { action: "edited" })],
    ["when a comment is deleted", (payload) => void Object.assign(payload, { action: "deleted" })],
    ["for a bot", ({ comment }) => void Object.assign(comment, { user: { ...comment.user, login: "ci[bot]" } })],
    ["for an account of type Bot", ({ comment }) => void Object.assign(comment, { user: { ...comment.user, type: "Bot" } })],
    ["for an account that is gone", ({ comment }) => void Object.assign(comment, { user: null })],
  ];

  it.each(spoiled)("%s", async (_, change) => {
    const on = await stage();
    await opened(on);
    const before = on.world.github.requests.length;
    expect(await deliverChanged(on, "/leadtime", change)).toBeLessThan(300);
    await on.app.idle();
    expect(answers(on.world)).toEqual([]);
    expect(on.world.github.requests.slice(before).filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("for a bot by configuration", async () => {
    const on = await stage();
    await on.world.github.install({ account: "acme", at: GOLDEN_TIMES.created });
    const files = { ".github/leadtime.yml": "bots: [acme-*]\n" };
    await on.world.github.createRepository({ repository: REPOSITORY, at: GOLDEN_TIMES.created, files });
    await opened(on);
    expect(await ask(on, "/leadtime", "acme-robot")).toEqual({ reactions: [], answer: undefined });
    expect(await ask(on, "/leadtime", "robot-acme")).toMatchObject({ reactions: ["eyes", "rocket"] });
  });

  it("for a comment whose delivery is forged", async () => {
    const on = await stage();
    await opened(on);
    on.world.target(undefined);
    await say(on.world, "/leadtime");
    const [webhook] = on.world.collect();
    const headers = { ...webhook?.headers, "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
    const { status } = await fetch(`${on.app.url}/api/github/webhooks`, { method: "POST", headers, body: webhook?.body ?? "" });
    await on.app.idle();
    expect([status, answers(on.world)]).toEqual([401, []]);
  });
});

it("answers a comment once, whatever delivers it how often", async () => {
  const on = await stage();
  await opened(on);
  on.world.target(undefined);
  const comment = await say(on.world, "/leadtime");
  const [webhook] = on.world.collect();
  for (const copy of ["a", "b", "b", "c"]) {
    const headers = { ...webhook?.headers, "x-github-delivery": copy };
    await fetch(`${on.app.url}/api/github/webhooks`, { method: "POST", headers, body: webhook?.body ?? "" });
    await on.app.idle();
  }
  expect(answers(on.world)).toHaveLength(1);
  expect(heard(on.world, comment).reactions).toEqual(["eyes", "rocket"]);
  const path = /\/issues\/(1\/comments|comments\/\d+)$/;
  expect(on.world.github.requests.filter((request) => path.test(request.path))).toHaveLength(1);
});
