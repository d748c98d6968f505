import { describe, expect, it } from "vitest";
import { GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import { type Stage, stage } from "../support/app.js";
import { ask, giveRole, heard, OPEN, opened, REPOSITORY, say } from "../support/asking.js";
import { onTheDay as at, configured } from "../support/configured.js";

const HOURS = 3_600_000;
const linked = async (on: Stage) => {
  const { links } = Object(await on.get(`/api/v1/pull-requests/${REPOSITORY}/1`));
  return links.map(({ ticket, source }: { ticket?: string; source: string }) => `${ticket ?? ""} ${source}`.trim());
};

describe("/leadtime", () => {
  it("says of an open pull request what it waits for, for how long, against its limits and what is usual", async () => {
    const on = await stage();
    const { world, app } = on;
    const days = (ago: number) => Date.now() - ago * 24 * HOURS;
    for (let index = 1; index <= 5; index++) {
      const times = {
        commit: days(20),
        opened: days(19),
        approved: days(19) + index * HOURS,
        merged: days(18),
        ci: null,
        deployed: null,
      };
      if (index === 1) await opened(on, { branch: "unrelated" }, waitingSince(days(0) - 3 * HOURS));
      await playPullRequest(world, times, { repository: REPOSITORY, branch: `work-${index}`, title: "Work" });
    }
    await app.idle();
    const { answer } = await ask(on, "/leadtime");
    expect(answer).toMatch(
      /Waiting for \*\*First review\*\* since .*: \*\*3h( \d+s)?\*\*, 🟢 good \(ideal 4h, acceptable 1d, usual here 3h\)/,
    );
    expect(answer).toContain("1 of 4 stages are reached");
    expect(answer).toContain("| ⏳ | First review | – pending since");
  });

  it("says that of a merged one too, and lets the comment stand again that somebody deleted", async () => {
    const on = await stage();
    const { world, app, comments } = on;
    await opened(on, {}, { ...GOLDEN_TIMES, ci: null, deployed: null, done: null, released: null });
    const [first] = world.github.commentsOf({ repository: REPOSITORY, number: 1 });
    await world.github.deleteComment({ repository: REPOSITORY, comment: first?.id ?? 0, at: at("12:00") });
    await world.github.editTitle({ repository: REPOSITORY, number: 1, title: "Another", at: at("12:01") });
    await world.jira.transition({ issue: "PROP-1460", status: "Done", at: at("12:02") });
    await app.idle();
    expect(comments()).toEqual([]);
    const { answer } = await ask(on, "/leadtime");
    expect(answer).toMatch(/Waiting for \*\*Release\*\*/);
    expect(comments()).toEqual([expect.stringContaining("| Done |")]);
  });

  it("is answered on a pull request that nobody has told us of", async () => {
    const on = await stage();
    on.world.target(undefined);
    await playTicketLife(on.world, OPEN);
    on.world.collect();
    on.world.target(on.app.url);
    const { answer, reactions } = await ask(on, "/leadtime explain");
    expect(reactions).toEqual(["eyes", "rocket"]);
    expect(answer).toContain("### Lead time so far 20m · 🟢 good · [PROP-1460]");
    expect(answer).toContain("`PROP-1460` is linked");
  });

  it("changes the answer when the same person asks the same again", async () => {
    const on = await stage();
    await opened(on);
    const first = await say(on.world, "/leadtime");
    await on.app.idle();
    await on.world.github.review({ repository: REPOSITORY, number: 1, state: "approved", by: "bob", at: at("10:20") });
    const second = await say(on.world, "  /LEADTIME ");
    await on.app.idle();
    expect(heard(on.world, first).answer).toBeUndefined();
    expect(heard(on.world, second)).toMatchObject({ reactions: ["eyes", "rocket"] });
    expect(heard(on.world, second).answer).toContain("Waiting for **Merge**");
    const written = on.world.github.requests.filter(({ path }) => /\/issues\/(1\/comments|comments\/\d+)$/.test(path));
    expect(written.map(({ method }) => method)).toEqual(["POST", "PATCH"]);
  });
});

describe("/leadtime explain", () => {
  it("tells the event behind each stage, the others that there were, and why each is not counted", async () => {
    const on = await stage();
    const { world, app } = on;
    await opened(on, { branch: "fix-UTF-8-in-PROP-1460" });
    for (const [by, time] of [
      ["bob", "10:20"],
      ["carol", "10:25"],
      ["dave", "10:26"],
    ] as const)
      await world.github.review({ repository: REPOSITORY, number: 1, state: "approved", by, at: at(time) });
    const sha = await world.github.merge({ repository: REPOSITORY, number: 1, by: "bob", at: at("10:30") });
    for (const [environment, time] of [
      ["production", "10:40"],
      ["prod-eu", "10:50"],
    ] as const)
      await world.github.deploy({ repository: REPOSITORY, sha, environment, by: "bob", at: at(time) });
    await app.idle();
    const { answer = "" } = await ask(on, "/leadtime explain");
    const lines = answer.split("\n");
    const of = (stage: string) => {
      const first = lines.findIndex((line) => line.startsWith(`- **${stage}**`));
      const rest = lines.slice(first + 1);
      return [
        lines[first] ?? "",
        ...rest.slice(
          0,
          rest.findIndex((line) => !line.startsWith("  - ")),
        ),
      ];
    };
    expect(of("Approval")).toEqual([
      expect.stringMatching(/\[approved\]\(http.*2024-05-06 10:20 \(UTC\), by `bob`/),
      expect.stringMatching(/^ {2}- Not counted, for it came later: \[approved\]\(http.*10:25 \(UTC\), by `carol`/),
      expect.stringMatching(/^ {2}- Not counted, for it came later: .*10:26 \(UTC\), by `dave`/),
    ]);
    expect(of("Deployment")).toEqual([
      expect.stringContaining("10:40"),
      expect.stringMatching(/Not counted, for it came later: \[deployed\]\(http.*10:50/),
    ]);
    expect(answer).toContain("- `PROP-1460` is linked: in the branch name `fix-UTF-8-in-PROP-1460`");
    expect(answer).toContain("- `UTF-8` is not linked: UTF is not a known ticket project · in the branch name");
  });
});

describe("/leadtime link and unlink", () => {
  it("outrank what is found, in the comment too, and survive whatever is measured anew", async () => {
    const on = await stage();
    const { world, app, comments } = on;
    await opened(on, {}, { ...GOLDEN_TIMES, ci: null, deployed: null, done: null, released: null });
    const issue = await world.jira.createIssue({ project: "PROP", number: 2, summary: "The right one", at: at("09:00") });
    await app.idle();
    const { answer } = await ask(on, `/leadtime unlink PROP-1460\n/leadtime link ${issue.toLowerCase()}\n/leadtime`);
    expect(answer).toContain("- `PROP-1460` is unlinked.");
    expect(answer).toContain("- `PROP-2` is linked.");
    expect(answer).toMatch(/### Lead time .* \[PROP-2\]/);
    expect(comments()).toEqual([expect.stringMatching(/\[PROP-2\][\s\S]*The right one/)]);
    await world.github.editTitle({ repository: REPOSITORY, number: 1, title: "PROP-1460 again", at: at("12:00") });
    await app.idle();
    await on.restart({ PUBLIC_URL: "https://leadtime.example" }); // the operator's rules changed: all is measured anew
    await on.app.idle();
    expect(comments()).toEqual([expect.stringContaining("[PROP-2]")]);
    const { answer: why } = await ask(on, "/leadtime explain");
    expect(why).toContain("- `PROP-2` is linked: by command of `@\u200balice`");
    expect(why).toContain("- `PROP-1460` is not linked: @\u200balice unlinked it");
  });

  it("are carried out in the order in which they are written", async () => {
    const on = await stage();
    await opened(on);
    await ask(on, "/leadtime unlink PROP-1460\n/leadtime link PROP-1460");
    expect((await ask(on, "/leadtime explain")).answer).toContain("`PROP-1460` is linked: by command");
    await ask(on, "/leadtime link PROP-1460\n/leadtime unlink PROP-1460");
    expect((await ask(on, "/leadtime explain", "bob")).answer).toContain("`PROP-1460` is not linked");
  });

  it.each<[what: string, yaml: string, said: string, why: RegExp]>([
    ["another team's project", TEAMS(), "PAY-1", /`PAY-1` is not linked: PAY is a ticket project of another team \(payments\)/],
    [
      "a project that is not the repository's",
      "ticketKeys: { projects: [PROP] }\n",
      "PAY-1",
      /PAY is not a ticket project of this repository \(PROP are\)/,
    ],
    [
      "a ticket that does not exist",
      "profile: change\n",
      "PROP-404",
      /`PROP-404` is not linked: Jira has no such ticket that we may read/,
    ],
    ["a malformed key", "profile: change\n", "PROP_1460", /`PROP\\?_1460` is not linked: expected a ticket key/],
  ])("refuse %s", async (_, yaml, said, why) => {
    const on = await configured(yaml.startsWith("orgUnits") ? { organisation: yaml } : { repository: yaml });
    await on.world.jira.createIssue({ project: "PAY", number: 1, summary: "Pay", at: at("09:00") });
    await opened(on);
    const before = await linked(on);
    const { answer, reactions } = await ask(on, `/leadtime link ${said}`);
    expect(reactions).toEqual(["eyes", "confused"]);
    expect(answer).toMatch(why);
    expect(await linked(on)).toEqual(before);
  });

  it("ask for patience while Jira is away", async () => {
    const on = await stage();
    await opened(on);
    on.world.jira.setMode("down");
    const { answer, reactions } = await ask(on, "/leadtime link PROP-7");
    expect([answer, reactions]).toEqual([expect.stringContaining("Jira could not be asked"), ["eyes", "confused"]]);
  });
});

function TEAMS(): string {
  return 'orgUnits:\n  payments:\n    repositories: ["acme/payments-*"]\n    projects: [PAY]\n';
}

describe("/leadtime refresh", () => {
  it("finds out what no delivery told", async () => {
    const on = await stage();
    const { world, app } = on;
    await opened(on);
    world.target(undefined);
    await world.jira.transition({ issue: "PROP-1460", status: "Done", at: at("11:40") });
    await world.github.editTitle({ repository: REPOSITORY, number: 1, title: "Told to nobody", at: at("11:00") });
    await world.github.merge({ repository: REPOSITORY, number: 1, by: "bob", at: at("11:30") });
    world.collect();
    world.target(app.url);
    expect((await ask(on, "/leadtime")).answer).toContain("Waiting for **Approval**");
    const { answer } = await ask(on, "/leadtime refresh\n/leadtime");
    expect(answer).toContain("- `PROP-1460` was read again.");
    expect(answer).toMatch(/\| Merge \| .* \| 2024-05-06 11:30 \|/);
    expect(answer).toMatch(/\| Done \| .* \| 2024-05-06 11:40 \|/);
  });

  it("says so when Jira is away", async () => {
    const on = await stage();
    await opened(on);
    on.world.jira.setMode("down");
    expect((await ask(on, "/leadtime refresh")).answer).toContain("`PROP-1460` could not be read now");
  });
});

it("leaves a locked conversation in peace, and does what was asked", async () => {
  const on = await stage();
  await opened(on);
  await on.world.github.lockPullRequest({ repository: REPOSITORY, number: 1, at: at("12:00") });
  const { answer } = await ask(on, "/leadtime unlink PROP-1460");
  expect(answer).toBeUndefined();
  expect(await linked(on)).toEqual([]);
});

it("obeys who may write, by what holds when it is answered", async () => {
  const on = await stage();
  await opened(on);
  giveRole(on.world, "mallory", "read");
  expect((await ask(on, "/leadtime unlink PROP-1460", "mallory")).answer).toContain("takes write access");
  giveRole(on.world, "mallory", "maintain");
  expect((await ask(on, "/leadtime unlink PROP-1460 ", "mallory")).answer).toContain("`PROP-1460` is unlinked");
});

/** A pull request that was opened then, and whatever came before. */
function waitingSince(opened: number) {
  return { ...OPEN, created: opened - 4 * HOURS, inProgress: opened - 3 * HOURS, commit: opened - HOURS, opened };
}
