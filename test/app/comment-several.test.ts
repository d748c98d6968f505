import { expect, it } from "vitest";
import { furnish } from "../../src/simulator/stories.js";
import { see } from "../render/gfm.js";
import { type Stage, stage } from "../support/app.js";

const REPOSITORY = "acme/web";
const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);

async function furnished(): Promise<Stage> {
  const on = await stage();
  await furnish(on.world, { repository: REPOSITORY, visibility: "private", at: at("08:00") });
  return on;
}

const ticket = ({ world }: Stage, number: number) =>
  world.jira.createIssue({ project: "PROP", number, summary: `Ticket ${number}`, at: at("08:30") });

/** A pull request in the given hour, merged at its end. */
async function change({ world: { github } }: Stage, title: string, hour: string): Promise<{ number: number; sha: string }> {
  const branch = `at-${hour}`;
  await github.push({
    repository: REPOSITORY,
    branch,
    commits: [{ message: "x", files: { [branch]: "" } }],
    at: at(`${hour}:05`),
  });
  const number = await github.openPullRequest({ repository: REPOSITORY, branch, title, at: at(`${hour}:10`) });
  await github.review({ repository: REPOSITORY, number, state: "approved", by: "carol", at: at(`${hour}:20`) });
  const sha = await github.merge({ repository: REPOSITORY, number, by: "bob", at: at(`${hour}:30`) });
  return { number, sha };
}

it("has a table for each ticket, the first open, the others folded", async () => {
  const on = await furnished();
  for (const number of [1, 2, 3]) await ticket(on, number);
  await on.world.jira.transition({ issue: "PROP-2", status: "In Progress", at: at("08:45") });
  await change(on, "PROP-2 PROP-1 and PROP-3", "10");
  await on.app.idle();
  const [comment = ""] = on.comments();
  const seen = see(comment);
  expect(seen.tables).toHaveLength(3);
  expect(comment).toMatch(/^### Lead time .*\[PROP-2\]/m);
  const summaries = [...comment.matchAll(/<summary>(Lead time.*)<\/summary>/g)].map(([, summary]) => summary);
  expect(summaries).toEqual([expect.stringContaining("<code>PROP-1</code>"), expect.stringContaining("<code>PROP-3</code>")]);
  expect(comment.indexOf("<details>")).toBeGreaterThan(comment.indexOf("| Merge |"));
  await on.world.jira.transition({ issue: "PROP-3", status: "Done", at: at("11:00") });
  await on.app.idle();
  expect(on.comments()).toEqual([expect.stringContaining("2024-05-06 11:00")]);
});

it("shows five tickets at most and counts the rest", async () => {
  const on = await furnished();
  const numbers = [1, 2, 3, 4, 5, 6, 7];
  for (const number of numbers) await ticket(on, number);
  await change(on, numbers.map((number) => `PROP-${number}`).join(" "), "10");
  await on.app.idle();
  const [comment = ""] = on.comments();
  expect(see(comment).tables).toHaveLength(5);
  expect(comment).toContain("2 more tickets are linked and not shown.");
});

it("keeps the comments of all pull requests of a ticket current, and says what came from another one", async () => {
  const on = await furnished();
  await ticket(on, 1);
  const first = await change(on, "PROP-1 First", "10");
  await on.app.idle();
  expect(on.comments(first.number)).toEqual([expect.stringMatching(/\| Merge \| 10m \| 2024-05-06 10:30 \|/)]);
  const second = await change(on, "PROP-1 Second", "12");
  await on.app.idle();
  expect(on.comments(first.number)).toEqual([expect.stringContaining("| 2024-05-06 12:30 · `#2` |")]);
  expect(on.comments(second.number)).toEqual([expect.stringContaining("| 2024-05-06 10:05 · `#1` |")]);
  expect(on.comments(second.number)).toEqual([expect.stringContaining("| 2024-05-06 12:30 |")]);
  await on.world.github.deploy({
    repository: REPOSITORY,
    sha: second.sha,
    environment: "production",
    by: "bob",
    at: at("13:00"),
  });
  await on.app.idle();
  for (const { number } of [first, second]) {
    const [comment = ""] = on.comments(number);
    expect(comment).toMatch(/\| Deployment \| .* \| 2024-05-06 13:00/);
    expect(see(comment).text).not.toMatch(/#\d/);
  }
});

it("moves to another ticket when the title is edited after the merge", async () => {
  const on = await furnished();
  for (const number of [1, 2]) await ticket(on, number);
  const { number } = await change(on, "PROP-1 Work", "10");
  await on.app.idle();
  expect(on.comments()).toEqual([expect.stringContaining("[PROP-1]")]);
  await on.world.github.editTitle({ repository: REPOSITORY, number, title: "PROP-2 Work", at: at("11:00") });
  await on.app.idle();
  expect(on.comments()).toEqual([expect.stringContaining("[PROP-2]")]);
  expect(on.comments()).toEqual([expect.not.stringContaining("PROP-1")]);
});
