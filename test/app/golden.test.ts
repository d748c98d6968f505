import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatDuration, MINUTE, milliseconds } from "../../src/core/time.js";
import {
  furnish,
  type LifeOptions,
  type PullRequestTimes,
  playTicketLife,
  type TicketTimes,
} from "../../src/simulator/stories.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { type Stage, stage } from "../support/app.js";
import { stageRows } from "../support/comment-table.js";

interface Result {
  readonly stages: readonly (number | null)[];
  readonly total: number;
  readonly absentStages?: "zero";
}
interface Golden {
  readonly examples: readonly {
    readonly id: string;
    readonly situation: string;
    readonly events: readonly (string | null)[];
    readonly entryToEntry: Result;
    readonly wallClock: Result;
  }[];
  readonly pullRequestOnly: { readonly events: readonly string[]; readonly stages: readonly number[]; readonly total: number };
}
type Example = Golden["examples"][number];

const golden: Golden = JSON.parse(readFileSync(new URL("../golden/lead-time.json", import.meta.url), "utf8"));

const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
const words = (minutes: number): string => formatDuration(milliseconds(minutes * MINUTE));

function timesOf(events: Example["events"]): TicketTimes {
  const [created, inProgress, commit, opened, approved, merged, ci, deployed, done, released] = events.map((time) =>
    time === null ? null : onTheDay(time),
  );
  if (!created) throw new TypeError("an example begins with its ticket");
  const of = (time: Date | null | undefined) => time ?? null;
  return {
    created,
    inProgress: of(inProgress),
    commit: of(commit),
    opened: of(opened),
    approved: of(approved),
    merged: of(merged),
    ci: of(ci),
    deployed: of(deployed),
    done: of(done),
    released: of(released),
  };
}

/** In the second example the last merge is that of another pull request: CI and deployment follow the merge of the first. */
const FIRST_MERGE = onTheDay("10:15");
const secondPullRequest = (merged: PullRequestTimes["merged"]): PullRequestTimes => ({
  commit: onTheDay("10:30"),
  opened: onTheDay("10:35"),
  approved: onTheDay("10:40"),
  merged,
  ci: null,
  deployed: null,
});

function storyOf({ id, events }: Example): [TicketTimes, LifeOptions] {
  const times = timesOf(events);
  if (id !== "2") return [times, {}];
  return [{ ...times, merged: FIRST_MERGE }, { morePullRequests: [secondPullRequest(times.merged)] }];
}

/** The organisation's file, which holds for a ticket without pull requests as well. */
async function configure({ world: { github } }: Stage, content: string): Promise<void> {
  const at = onTheDay("08:00");
  await github.install({ account: "acme", at });
  await github.createRepository({ repository: "acme/.github", at });
  const commits = [{ message: "Measure as published", files: { ".github/leadtime.yml": content } }];
  await github.push({ repository: "acme/.github", branch: "main", commits, at });
}

const ruled = (calculation: string, absentStages = "leave-out"): string => `
profile: published
profiles:
  published:
    extends: ticket-to-release
    calculation: ${calculation}
    absentStages: ${absentStages}
`;

const read = async ({ get }: Stage, path: string) => (await get(`/api/v1/${path}`)) as WorkItem; // as its schema says
const minutesOf = ({ stages }: WorkItem["leadTimes"][number]) =>
  stages.map((one) => ("leadTimeSeconds" in one && one.leadTimeSeconds !== undefined ? one.leadTimeSeconds / 60 : null));

/** What the API and, where there is a pull request, each comment say of the example. */
async function expectResult(on: Stage, example: Example, { stages, total }: Result): Promise<void> {
  const { leadTimes, links } = await read(on, "work-items/PROP-1460");
  const story = storyOf(example);
  expect(links).toHaveLength((story[0].opened === null ? 0 : 1) + (story[1].morePullRequests ?? []).length);
  const [leadTime] = leadTimes;
  expect(leadTime && minutesOf(leadTime)).toEqual(stages);
  expect(leadTime?.totalSeconds).toBe(total * 60);
  for (const number of links.keys()) {
    const [comment] = on.comments(number + 1);
    expect(comment).toContain(`### Lead time ${words(total)} · 🟢 good`);
    const told = stageRows(comment).map(([, time]) => time.replace(" · out of order", ""));
    expect(told).toEqual(stages.map((minutes) => words(minutes ?? Number.NaN)));
  }
}

describe.each(golden.examples)("worked example $id through deliveries: $situation", (example) => {
  it("gives the wall-clock figures", { timeout: 60_000 }, async () => {
    const on = await stage();
    await playTicketLife(on.world, ...storyOf(example));
    await on.app.idle();
    await expectResult(on, example, example.wallClock);
  });

  it.each([
    ["entry-to-entry", example.entryToEntry],
    ["wall-clock", example.wallClock],
  ])("gives its figures where leadtime.yml asks for %s", { timeout: 60_000 }, async (calculation, expected) => {
    const on = await stage();
    await configure(on, ruled(calculation, expected.absentStages));
    await playTicketLife(on.world, ...storyOf(example));
    await on.app.idle();
    await expectResult(on, example, expected);
    expect((await read(on, "work-items/PROP-1460")).leadTimes[0]).toMatchObject({ profile: "published", calculation });
  });
});

describe("the worked example of a pull request alone", () => {
  it.each([
    [
      "without Jira",
      { JIRA_BASE_URL: undefined, JIRA_EMAIL: undefined, JIRA_API_TOKEN: undefined, JIRA_WEBHOOK_SECRET: undefined },
    ],
    ["with Jira, but no ticket", {}],
  ])("%s gives the published figures", { timeout: 60_000 }, async (_, overrides) => {
    const { events, stages, total } = golden.pullRequestOnly;
    const [commit = "", opened = "", reviewed = "", approved = "", merged = ""] = events;
    const on = await stage(overrides);
    const { github } = on.world;
    const repository = "acme/web";
    await furnish(on.world, { repository, visibility: "private", at: onTheDay("09:00") });
    await github.push({ repository, branch: "tidy", commits: [{ message: "Tidy up" }], at: onTheDay(commit) });
    const number = await github.openPullRequest({ repository, branch: "tidy", title: "Tidy up", at: onTheDay(opened) });
    await github.review({ repository, number, by: "bob", state: "commented", at: onTheDay(reviewed) });
    await github.review({ repository, number, by: "bob", state: "approved", at: onTheDay(approved) });
    await github.merge({ repository, number, by: "bob", at: onTheDay(merged) });
    await on.app.idle();

    const { leadTimes } = await read(on, "pull-requests/acme/web/1");
    const [leadTime] = leadTimes;
    expect(leadTime).toMatchObject({ profile: "pull-request", status: "complete", totalSeconds: total * 60 });
    expect(leadTime && minutesOf(leadTime)).toEqual(stages);
    expect(on.comments()[0]).toContain(`### Lead time ${words(total)} · 🟢 good`);
    expect(stageRows(on.comments()[0]).map(([, time]) => time)).toEqual(stages.map(words));
  });
});
