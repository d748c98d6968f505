import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { GOLDEN_TIMES, playPullRequest, playTicketLife, type TicketTimes } from "../../src/simulator/stories.js";
import { type Stage, stage } from "../support/app.js";
import { answers, ask, giveRole, heard, OPEN, REPOSITORY, say } from "../support/asking.js";

const at = (time: string) => new Date(`2024-05-06T${time}:00Z`);
const SITES = { githubUrl: "https://github.example", jiraUrl: "https://jira.example" };
const MERGED: TicketTimes = {
  ...GOLDEN_TIMES,
  created: at("08:13"),
  inProgress: at("08:52"),
  done: at("11:34"),
  released: at("13:41"),
};
const WAITING: TicketTimes = { ...OPEN, created: at("08:13"), inProgress: at("08:52") };

/** What only Jira knows: keys, titles, statuses, stages, versions, times; and what another repository or team keeps to itself. */
const CANARIES =
  /ZORRO|YETI|\b[A-Z]{2,10}-\d+\b|canary|browse|jira\.example|08:13|08:52|11:34|13:41|In progress|\*\*Done|\| (?:Done|Release)|begins with|vault|mallory|Merger/i;

/** Everything that can be asked, with what names tickets that are there and that are not. */
const COMMANDS = [
  "/leadtime",
  "/leadtime explain",
  "/leadtime report 90d",
  "/leadtime report",
  "/leadtime profile",
  "/leadtime help",
  "/leadtime refresh",
  "/leadtime link ZORRO-4242",
  "/leadtime link ZORRO-4243",
  "/leadtime link YETI-1",
  "/leadtime link ZORRO_4242",
  "/leadtime unlink ZORRO-4242",
  "/leadtime unlink canary",
  "/leadtime profile canary-merger",
  "/leadtime profile no-canary",
  "/leadtime ZORRO-4242",
  "/leadtime explian ZORRO-4242",
  "/leadtime profile ticket-to-merge",
  "/leadtime\n/leadtime explain",
];
const ROLES = ["admin", "maintain", "write", "triage", "read", "none"] as const;

async function lived(times: TicketTimes, overrides: Record<string, string> = {}): Promise<Stage> {
  const on = await stage(overrides, SITES);
  const { github, jira } = on.world;
  await github.install({ account: "acme", at: at("06:00") });
  const shared = { ".github/leadtime.yml": ORGANISATION };
  await github.createRepository({ repository: "acme/.github", visibility: "private", at: at("06:00"), files: shared });
  await github.createRepository({ repository: REPOSITORY, visibility: "public", at: at("06:00") });
  await github.createRepository({ repository: "acme/vault", visibility: "private", at: at("06:00") });
  await jira.createIssue({ project: "YETI", number: 1, summary: "Another canary", at: at("07:00") });
  const title = "ZORRO-4242 The canary sings";
  await playTicketLife(on.world, times, { project: "ZORRO", number: 4242, title, version: "canary-1", branch: "work" });
  await playPullRequest(on.world, GOLDEN_TIMES, { repository: "acme/vault", branch: "merger", title: "ZORRO-4242 Merger" });
  await on.app.idle();
  return on;
}

const ORGANISATION = `
orgUnits: { mergers: { repositories: [acme/vault], projects: [YETI] } }
profiles: { canary-merger: { description: A canary, extends: ticket-to-release } }
`;

describe.each([
  ["open", WAITING],
  ["merged", MERGED],
])("in a public repository, of a pull request that is %s,", (_, times) => {
  it("nobody is told what only Jira knows, whatever they ask and may", async () => {
    const on = await lived(times);
    for (const role of ROLES) giveRole(on.world, `the-${role}`, role);
    for (const role of ROLES) {
      for (const command of COMMANDS) await say(on.world, command, `the-${role}`);
      await on.app.idle();
    }
    const told = answers(on.world);
    // Three may write and are answered everything, one may ask, two get help alone.
    expect(told).toHaveLength(4 * COMMANDS.length + 2);
    expect(told.map((answer) => answer.replace(/<sub>[\s\S]*/, "")).filter((answer) => CANARIES.test(answer))).toEqual([]);
    expect(told.filter((answer) => answer.includes("| Merge |"))).toHaveLength(8);
  }, 60_000);
});

it("says the same of a ticket that is there, one that is not, and one of another team", async () => {
  const on = await lived(WAITING);
  const heardOf = await Promise.all(
    ["ZORRO-4242", "ZORRO-9", "YETI-1", "YETI-2", "NOBODY-3"].map(async (key) => {
      const comment = await say(on.world, `/leadtime link ${key}`, `asker-${key}`);
      return { comment };
    }),
  );
  await on.app.idle();
  const came = heardOf.map(({ comment }) => heard(on.world, comment));
  expect(came.map(({ reactions }) => reactions.join())).toEqual(came.map(() => "eyes,rocket"));
  expect(new Set(came.map(({ answer }) => answer?.split("\n")[1])).size).toBe(1);
  // Jira is not asked first: what is linked would tell by its consequences.
  const { links, nearMisses } = Object(await on.get(`/api/v1/pull-requests/${REPOSITORY}/1`));
  const text = JSON.stringify([links, nearMisses]);
  expect(["ZORRO-4242", "ZORRO-9", "YETI-1", "YETI-2", "NOBODY-3"].filter((key) => text.includes(`"${key}"`))).toEqual([
    ...["ZORRO-4242", "ZORRO-9", "NOBODY-3"],
  ]);
});

it("tells all where the operator allows it, and to nobody without triage", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const LEADTIME_CONFIG = join(folder, "leadtime.yml");
  await writeFile(LEADTIME_CONFIG, `publicTickets: [${REPOSITORY}]\n`);
  const on = await lived(MERGED, { LEADTIME_CONFIG });
  expect((await ask(on, "/leadtime explain")).answer).toMatch(/ZORRO-4242[\s\S]*`ZORRO-4242` is linked: in the title/);
  giveRole(on.world, "stranger", "read");
  expect(await ask(on, "/leadtime", "stranger")).toEqual({ reactions: ["eyes", "confused"], answer: undefined });
});

it("takes back what it told, and tells less, when the repository becomes public", async () => {
  const on = await lived(WAITING);
  await on.world.github.setVisibility({ repository: REPOSITORY, visibility: "private", at: at("14:00") });
  expect((await ask(on, "/leadtime")).answer).toContain("ZORRO-4242");
  await on.world.github.setVisibility({ repository: REPOSITORY, visibility: "public", at: at("15:00") });
  await on.app.idle();
  expect(answers(on.world)).toEqual([expect.stringContaining("when fewer people could read here")]);
  const { answer = "" } = await ask(on, "/leadtime");
  expect(answer).toContain("| Merge |");
  expect(answer).not.toMatch(CANARIES);
});

it("reports the stages of source control alone, though its tickets are measured", async () => {
  const ago = (hours: number) => Date.now() - hours * 3_600_000;
  const on = await lived({
    ...{ created: ago(30), inProgress: ago(28), commit: ago(27), opened: ago(26), approved: ago(20) },
    ...{ merged: ago(19), ci: ago(18), deployed: ago(17), done: ago(10), released: ago(5) },
  });
  const { answer = "" } = await ask(on, "/leadtime report 7d");
  expect(answer).toContain("1 pull request merged here");
  expect(answer).toMatch(/\| 🟢 \| Approval \| 1 \| 6h \| 6h \|/);
  expect(answer).not.toMatch(CANARIES);
  const { answer: shown } = await ask(on, "/leadtime");
  expect(shown).toMatch(/\| 🟢 \| Approval \| 6h \|/);
});
