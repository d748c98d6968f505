import { describe, expect, it } from "vitest";
import { see } from "../render/gfm.js";
import { type Stage, stage } from "../support/app.js";

const REPOSITORY = "acme/web";
const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);

/** What GitHub would act on in text. */
const LIVE = /@[a-z\d]|#\d|\bgh-\d|https?:\/\/|\bwww\.|:[a-z]+:|[\da-f]{7}/i;
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const NODES = new Set(
  "root html heading paragraph text table tableRow tableCell link inlineCode list listItem strong code".split(" "),
);
const MARKUP = [
  "<!-- leadtime:pull-request -->",
  "<details>\n<summary>Timeline</summary>",
  "<details>\n<summary>Evidence</summary>",
];

const NAMES: readonly (readonly [string, string])[] = [
  ["a mention", "@octocat please, cc @acme/team"],
  ["references", "fixes #1, GH-1 and acme/web#12, 0123456789abcdef0123456789abcdef01234567"],
  ["pipes", "a | b | c |\\| d \\"],
  ["backticks", "`code` ``` ```mermaid `|` ````"],
  ["HTML", "<script>alert(1)</script><img src=https://evil.example/p.png><!-- -->"],
  ["ends of what is folded", "</summary></details></td></table><h1>Mine</h1>"],
  ["links", "[click](https://evil.example) https://evil.example www.evil.example mallory@evil.example"],
  ["entities", "&lt;b&gt; &#64;octocat &commat;octocat &#35;1"],
  ["marks from right to left", "\u202e@octocat\u202c \u2067#1\u2069 \u200fabc"],
  ["line feeds", "one\n\n| x |\n|---|\n\n</details>\r\n# Mine\u2028# Yours"],
  ["what nobody sees", "@\u200boctocat #\u200b1 ht\u2060tps://evil.example"],
  ["Mermaid", "end\n    click x call y()\n%%{init: {}}%%; section b"],
  ["ten thousand characters", "@a|`<".repeat(2000)],
];

/** A whole life in which everything that people name is named so. */
async function named(name: string): Promise<Stage & { readonly stages: number }> {
  const on = await stage();
  const { github, jira } = on.world;
  const short = name.slice(0, 70);
  const called = short.trim().replaceAll(":", ";");
  const stages = [
    { name: called, on: "ticket.status", category: "in-progress" },
    { name: `${called} 2`, on: "commit.created" },
    { name: `${called} 3`, on: "pull-request.approved" },
    { name: `${called} 4`, on: "pull-request.merged" },
    { name: `${called} 5`, on: "deployment.succeeded", environments: [short] },
    { name: `${called} 6`, on: "ci.completed", workflows: [short] },
    { name: `${called} 7`, on: "ticket.released" },
    { name: `${called} 8`, on: "ticket.field", field: short },
  ];
  const profile = { start: { on: "ticket.created" }, stages };
  const configuration = JSON.stringify({ profile: called, profiles: { [called]: profile } });
  await github.install({ account: "acme", at: at("09:00") });
  await github.createRepository({ repository: REPOSITORY, at: at("09:00"), files: { ".github/leadtime.yml": configuration } });
  await jira.createVersion({ project: "PROP", version: name, at: at("09:40") });
  const by = name;
  const issue = await jira.createIssue({ project: "PROP", number: 1, summary: name, fixVersions: [name], by, at: at("09:50") });
  await jira.transition({ issue, status: "In Progress", by, at: at("10:00") });
  const branch = `PROP-1-${name}`;
  await github.push({ repository: REPOSITORY, branch, by, commits: [{ message: name, files: { a: "" } }], at: at("10:05") });
  const number = await github.openPullRequest({ repository: REPOSITORY, branch, by, title: `PROP-1 ${name}`, at: at("10:10") });
  await github.review({ repository: REPOSITORY, number, by: `${name} 2`, state: "approved", at: at("10:11") });
  const sha = await github.merge({ repository: REPOSITORY, number, by: `${name} 2`, at: at("10:15") });
  await github.runWorkflow({ repository: REPOSITORY, sha, name: short, conclusion: "failure", at: at("10:16") });
  await github.deploy({ repository: REPOSITORY, sha, environment: short, at: at("10:17") });
  await on.app.idle();
  return Object.assign(on, { stages: stages.length });
}

describe("names from the world", () => {
  it.each(NAMES)("harm nothing in a comment: %s", async (_, name) => {
    const { comments, stages } = await named(name);
    const [comment = "", ...others] = comments();
    expect(others).toEqual([]);
    expect(comment.length).toBeLessThanOrEqual(60_000);
    const seen = see(comment);
    expect(seen.text.replaceAll(/PROP-1\b/g, "")).not.toMatch(LIVE);
    expect(comment.replaceAll("\n", "")).not.toMatch(CONTROLS);
    expect(Object.keys(seen.counts).filter((type) => !NODES.has(type))).toEqual([]);
    expect(seen.html.filter((html) => !MARKUP.includes(html) && html !== "</details>")).toEqual([]);
    expect(seen.tables).toHaveLength(1);
    expect(seen.tables[0]?.map((row) => row.length)).toEqual(Array.from({ length: stages + 1 }, () => 6));
    expect(seen.links.filter((url) => !url.startsWith("http://127.0.0.1:"))).toEqual([]);
  });
});
