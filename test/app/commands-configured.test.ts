import { describe, expect, it } from "vitest";
import { GOLDEN_TIMES, playPullRequest } from "../../src/simulator/stories.js";
import type { Stage } from "../support/app.js";
import { ask, OPEN, opened, REPOSITORY } from "../support/asking.js";
import { configured, onTheDay, profilesOf } from "../support/configured.js";

const HOURS = 3_600_000;
const PULL_REQUEST = `pull-requests/${REPOSITORY}/1`;
const MERGED = { ...GOLDEN_TIMES, ci: null, deployed: null, done: null, released: null };
/** Of two days at most three hours. */
const AN_HOUR_A_DAY = 'workingTime: { days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-01:00" }\n';
const ALONE = "Ratings count working time alone";

describe("/leadtime profile", () => {
  it("chooses the profile of this pull request, in the comment too", async () => {
    const on = await configured({
      repository: "profiles:\n  quick:\n    description: Only quick\n    extends: pull-request\n    without: [First review]\n",
    });
    const { comments } = on;
    await opened(on, {}, MERGED);
    expect(comments()[0]).toContain("under the profile `ticket-to-release`");
    expect((await ask(on, "/leadtime profile")).answer).toContain(
      "| `quick` | Only quick | Pull request opened → Approval → Merge |",
    );
    const { answer } = await ask(on, "/leadtime profile QUICK\n/leadtime");
    expect(answer).toContain("From now on this pull request is measured under `quick`.");
    expect(answer).not.toContain("| First review |");
    expect(comments()).toEqual([expect.stringContaining("under the profile `quick`")]);
    expect((await ask(on, "/leadtime profile", "bob")).answer).toContain("### Measured under `quick`, as somebody chose here");
  });

  it("chooses for the pull request and its ticket, beside what their org units ask for", async () => {
    const unit = "payments: { repositories: [acme/web], projects: [PROP], profile: ticket-to-merge }";
    const on = await configured({ organisation: `orgUnits:\n  ${unit}\n` });
    await opened(on, {}, MERGED);
    await ask(on, "/leadtime profile change");
    expect(await profilesOf(on, PULL_REQUEST)).toEqual(["change", "pull-request", "ticket-to-merge"]);
    expect(await profilesOf(on, "work-items/PROP-1460")).toEqual(["change", "ticket-to-merge"]);
    expect(on.comments()).toEqual([expect.stringContaining("under the profile `change`")]);
  });
});

it("explains a deployment by what is production here", async () => {
  const on = await configured({ organisation: 'dora: { production: ["live*"] }\n' });
  const { world, app } = on;
  await opened(on, {}, MERGED);
  const { sha } = world.github.commitOf({ repository: REPOSITORY, ref: "main" });
  for (const [environment, time] of [
    ["production", "10:35"],
    ["live", "10:40"],
    ["live-eu", "10:50"],
  ] as const)
    await world.github.deploy({ repository: REPOSITORY, sha, environment, by: "bob", at: onTheDay(time) });
  await app.idle();
  const { answer = "" } = await ask(on, "/leadtime explain");
  const lines = answer.split("\n");
  const deployed = lines.findIndex((line) => line.startsWith("- **Deployment**"));
  expect(lines[deployed]).toContain("10:40");
  expect(lines[deployed + 1]).toMatch(/Not counted, for it came later: .*10:50/);
  expect(lines[deployed + 2]).not.toContain("Not counted");
});

/** Five pull requests, merged some hours after each other step. */
async function fiveMerged({ world, app }: Stage): Promise<void> {
  const opening = Date.now() - 48 * HOURS;
  for (const [index, hours] of [1, 2, 3, 4, 10].entries()) {
    const times = {
      ...{ commit: opening - HOURS, opened: opening, approved: opening + hours * HOURS, merged: opening + 12 * HOURS },
      ...{ ci: null, deployed: null },
    };
    await playPullRequest(world, times, { repository: REPOSITORY, branch: `work-${index}`, title: "Work" });
  }
  await app.idle();
}

describe("/leadtime report", () => {
  const reported = async (repository: string, visibility: "private" | "public" = "private") => {
    const on = await configured({ repository, visibility });
    await opened(on, { branch: "unrelated", version: null, visibility }, { ...OPEN, inProgress: null });
    await fiveMerged(on);
    if (visibility === "public") on.world.github.setRole({ repository: REPOSITORY, login: "alice", role: "triage" });
    return (await ask(on, "/leadtime report 7d")).answer ?? "";
  };

  it("gives the repository's figures by stage with their counts, a chart, and nobody's name", async () => {
    const answer = await reported("{}\n");
    expect(answer).toContain("5 pull requests merged here in the 7 days before");
    expect(answer).toContain("| 🟢 | First review | 5 | 3h | 7h 36m | 4h / 1d |");
    expect(answer).toContain("| 🟢 | Approval | 5 | 0s | 0s | 8h / 1d |");
    expect(answer).toContain("| 🟡 | Merge | 5 | 9h | 10h 36m | 4h / 1d |");
    expect(answer).toContain("|   | **Whole items** | 5 | 13h | 13h |   |");
    expect(answer).toContain("xychart-beta horizontal");
    expect(answer.split("<sub>")[0]).not.toMatch(/alice|bob/);
    expect(answer).not.toContain(ALONE);
  });

  it("rates working time where that alone counts, and says so, but not to everybody", async () => {
    const answer = await reported(AN_HOUR_A_DAY);
    expect(answer).toContain("| 🟢 | Merge | 5 | 9h | 10h 36m | 4h / 1d |");
    expect(answer).toContain(ALONE);
    const open = await reported(AN_HOUR_A_DAY, "public");
    expect(open).toContain("| 🟢 | Merge | 5 | 9h | 10h 36m | 4h / 1d |");
    expect(open).not.toContain(ALONE);
  });
});

it.each([
  ["all time counts", "", "🔴 slow"],
  ["working time alone counts", AN_HOUR_A_DAY, "🟢 good"],
])("rates how long a stage has been waited for where %s", async (_, repository, rating) => {
  const since = Date.now() - 48 * HOURS;
  const on = await configured({ repository: `profile: pull-request\n${repository}` });
  await opened(on, {}, { ...OPEN, created: since, inProgress: since, commit: since, opened: since });
  const { answer } = await ask(on, "/leadtime");
  expect(answer).toMatch(/Waiting for \*\*First review\*\* since .*: \*\*2d( \d+s)?\*\*, /);
  expect(answer).toContain(`**, ${rating} (ideal 4h`);
});
