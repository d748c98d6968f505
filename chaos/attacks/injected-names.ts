import { startWorld, type World } from "../../src/simulator/world.js";
import { CORPUS } from "../../test/render/corpus.js";
import { see } from "../../test/render/gfm.js";
import { atLeast, type Experiment, exactly } from "../experiment.js";
import { commentsOf } from "../lives.js";
import { finished } from "../look.js";

/** Besides the corpus, which is of single tricks: several at once, and what is long. */
const NAMES: readonly string[] = [
  "@octocat please, cc @acme/team",
  "fixes #1, GH-1 and acme/web#12, 0123456789abcdef0123456789abcdef01234567",
  "a | b | c |\\| d \\",
  "`code` ``` ```mermaid `|` ````",
  "<script>alert(1)</script><img src=https://evil.example/p.png><!-- -->",
  "</summary></details></td></table><h1>Mine</h1>",
  "[click](https://evil.example) https://evil.example www.evil.example mallory@evil.example",
  "&lt;b&gt; &#64;octocat &commat;octocat &#35;1",
  "\u202e@octocat\u202c \u2067#1\u2069 \u200fabc",
  "one\n\n| x |\n|---|\n\n</details>\r\n# Mine\u2028# Yours",
  "@\u200boctocat #\u200b1 ht\u2060tps://evil.example",
  "end\n    click x call y()\n%%{init: {}}%%; section b",
  "\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link",
  "@a|`<".repeat(2000),
];

/** S7: whatever people call things, a comment shows it as text. */
export const injectedNames: Experiment = {
  id: "S7",
  title: "names that are markup",
  inTests: true,
  controls: [
    {
      says: "a name notifies people",
      file: "src/render/markdown.ts",
      before: "/@|#(?=",
      after: "/#(?=",
    },
    {
      says: "a pipe ends a table's cell",
      file: "src/render/markdown.ts",
      before: "#$<>&|]/g",
      after: "#$<>&]/g",
    },
  ],
  run: async (campaign) => {
    const world = await startWorld({ now: Date.now });
    campaign.onEnd(() => world.close());
    const url = `sqlite:${await campaign.folder()}/leadtime.db`;
    const app = await campaign.start({ ...world.environment(), DATABASE_URL: url });
    world.target(app.url);
    await world.github.install({ account: "acme", at: at("08:00") });
    const names = [...NAMES, ...(campaign.size === "full" ? CORPUS : [])];
    for (const [index, name] of names.entries()) await playNamed(world, name, index + 1);
    await finished(url, 120_000);
    const comments = [...commentsOf(world)];
    const found = comments.flatMap(([, bodies]) => bodies.map(findingsIn));
    const count = (of: (one: Findings) => number) => found.reduce((sum, one) => sum + of(one), 0);
    return [
      exactly(
        `pull requests with one comment, of ${names.length}`,
        comments.filter(([, bodies]) => bodies.length === 1).length,
        names.length,
      ),
      atLeast(
        "tricks tried, each in titles, branches, people, stages, environments, workflows and versions",
        names.length,
        campaign.of(60, 13),
      ),
      exactly(
        "mentions, references and addresses that GitHub would act on",
        count(({ live }) => live),
        0,
      ),
      exactly(
        "links to elsewhere",
        count(({ links }) => links),
        0,
      ),
      exactly(
        "images and other nodes that are none of ours",
        count(({ nodes }) => nodes),
        0,
      ),
      exactly(
        "HTML that is none of ours",
        count(({ html }) => html),
        0,
      ),
      exactly(
        "control characters",
        count(({ controls }) => controls),
        0,
      ),
      exactly(
        "tables that are broken",
        count(({ tables }) => tables),
        0,
      ),
    ];
  },
};

const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);

/** What GitHub would act on in text. */
const LIVE = /@[a-z\d]|#\d|\bgh-\d|https?:\/\/|\bwww\.|:[a-z]+:|[\da-f]{7}/gi;
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const NODES = new Set(
  "root html heading paragraph text table tableRow tableCell link inlineCode list listItem strong code".split(" "),
);
const OURS = new Set([
  "<!-- leadtime:pull-request -->",
  "<details>\n<summary>Timeline</summary>",
  "<details>\n<summary>Evidence</summary>",
  "</details>",
]);
const COLUMNS = 6;

interface Findings {
  readonly live: number;
  readonly links: number;
  readonly nodes: number;
  readonly html: number;
  readonly controls: number;
  readonly tables: number;
}

function findingsIn(comment: string): Findings {
  const seen = see(comment);
  const rows = seen.tables.flat();
  return {
    live: [...seen.text.replaceAll(/PROP-\d+\b/g, "").matchAll(LIVE)].length,
    links: seen.links.filter((link) => !link.startsWith("http://127.0.0.1:")).length,
    nodes: Object.keys(seen.counts).filter((type) => !NODES.has(type)).length,
    html: seen.html.filter((html) => !OURS.has(html)).length,
    controls: [...comment.replaceAll("\n", "").matchAll(CONTROLS)].length,
    tables: Number(seen.tables.length !== 1 || rows.length !== STAGES + 1 || rows.some(({ length }) => length !== COLUMNS)),
  };
}

const STAGES = 8;

/** A whole life, in a repository of its own, in which everything that people name is named so. */
async function playNamed({ github, jira }: World, name: string, index: number): Promise<void> {
  const repository = `acme/web-${index}`;
  const short = name.slice(0, 70);
  const called = short.trim().replaceAll(":", ";") || "-";
  await github.createRepository({
    repository,
    at: at("09:00"),
    files: { ".github/leadtime.yml": configuration(called, short) },
  });
  const version = `${name} ${index}`;
  await jira.createVersion({ project: "PROP", version, at: at("09:40") });
  const by = name;
  const issue = await jira.createIssue({
    project: "PROP",
    number: index,
    summary: name,
    fixVersions: [version],
    by,
    at: at("09:50"),
  });
  await jira.transition({ issue, status: "In Progress", by, at: at("10:00") });
  const branch = `${issue}-${name}`;
  await github.push({ repository, branch, by, commits: [{ message: name, files: { a: "" } }], at: at("10:05") });
  const number = await github.openPullRequest({ repository, branch, by, title: `${issue} ${name}`, at: at("10:10") });
  await github.review({ repository, number, by: `${name} 2`, state: "approved", at: at("10:11") });
  const sha = await github.merge({ repository, number, by: `${name} 2`, at: at("10:15") });
  await github.runWorkflow({ repository, sha, name: short, conclusion: "failure", at: at("10:16") });
  await github.deploy({ repository, sha, environment: short, at: at("10:17") });
}

/** Stages called so. Where a glob belongs, it takes anything: most of these names are no good globs. */
function configuration(called: string, short: string): string {
  const stages = [
    { name: called, on: "ticket.status", category: "in-progress" },
    { name: `${called} 2`, on: "commit.created" },
    { name: `${called} 3`, on: "pull-request.approved" },
    { name: `${called} 4`, on: "pull-request.merged" },
    { name: `${called} 5`, on: "deployment.succeeded", environments: ["*"] },
    { name: `${called} 6`, on: "ci.completed", workflows: ["*"] },
    { name: `${called} 7`, on: "ticket.released" },
    { name: `${called} 8`, on: "ticket.field", field: short || "-" },
  ];
  return JSON.stringify({ profile: called, profiles: { [called]: { start: { on: "ticket.created" }, stages } } });
}
