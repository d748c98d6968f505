import { describe, expect, it, vi } from "vitest";
import { GOLDEN_TIMES, playTicketLife } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import type { WorkItem } from "../../src/web/work-item-schema.js";
import { type Stage, stage } from "../support/app.js";
import { stageRows } from "../support/comment-table.js";

vi.setConfig({ testTimeout: 60_000 });

const repository = "acme/web";
const onTheDay = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);
const read = async ({ get }: Stage, path: string) => (await get(`/api/v1/${path}`)) as WorkItem; // as its schema says
const ticketOf = (on: Stage) => read(on, "work-items/PROP-1460");

describe("leadtime.yml", () => {
  const file = (content: string) => ({ ".github/leadtime.yml": content });
  const commit = ({ github }: World, of: string, content: string) =>
    github.push({
      repository: of,
      branch: "main",
      commits: [{ message: "Configure", files: file(content) }],
      at: onTheDay("09:00"),
    });
  const profileOf = async (on: Stage) =>
    (await ticketOf(on)).leadTimes.map(({ profile, calculation }) => [profile, calculation]);

  /** The golden life, after an account with these files. */
  async function under(files: { readonly organisation?: string; readonly repository?: string }): Promise<Stage> {
    const on = await stage();
    const { github } = on.world;
    const at = onTheDay("08:00");
    await github.install({ account: "acme", at });
    if (files.organisation !== undefined) {
      await github.createRepository({ repository: "acme/.github", files: file(files.organisation), at });
    }
    await github.createRepository({
      repository,
      at,
      ...(files.repository === undefined ? {} : { files: file(files.repository) }),
    });
    await playTicketLife(on.world, GOLDEN_TIMES);
    await on.app.idle();
    return on;
  }
  const entryToEntry = (name: string) =>
    `profile: ${name}\nprofiles:\n  ${name}: { extends: ticket-to-release, calculation: entry-to-entry }\n`;

  it("of the repository chooses the profile, and its copy is edited", async () => {
    const on = await under({ repository: entryToEntry("published") });
    expect(await profileOf(on)).toEqual([["published", "entry-to-entry"]]);
    expect(on.comments()[0]).toContain("under the profile `published`");
  });

  it("of the organisation holds where the repository says nothing", async () => {
    const on = await under({ organisation: entryToEntry("published"), repository: "comment: { ratings: false }" });
    expect(await profileOf(on)).toEqual([["published", "entry-to-entry"]]);
    expect(on.comments()[0]).not.toContain("🟢");
  });

  it("of the repository stands over the organisation's", async () => {
    const on = await under({ organisation: entryToEntry("published"), repository: "profile: ticket-to-merge" });
    expect(await profileOf(on)).toEqual([["ticket-to-merge", "wall-clock"]]);
  });

  it("may give all stages itself", async () => {
    const repository = `
profile: short
profiles:
  short:
    start: { on: pull-request.opened }
    stages:
      - { name: Live, on: deployment.succeeded, environments: ["prod*"], ideal: 5m, acceptable: 6m }
`;
    const on = await under({ repository });
    expect(await ticketOf(on)).toMatchObject({
      leadTimes: [{ totalSeconds: 420, rating: "slow", stages: [{ name: "Live", leadTimeSeconds: 420, rating: "slow" }] }],
    });
  });

  it("of the organisation says which resolutions abandon a ticket", async () => {
    const on = await under({ organisation: "dora: { abandonedResolutions: [Done] }" });
    expect(await ticketOf(on)).toMatchObject({ leadTimes: [{ status: "abandoned" }] });
  });

  it("measures anew when it changes, and keeps the last good file in force", async () => {
    const on = await under({});
    expect(await profileOf(on)).toEqual([["ticket-to-release", "wall-clock"]]);
    await commit(on.world, repository, "profile: ticket-to-merge");
    await on.app.idle();
    expect(await profileOf(on)).toEqual([["ticket-to-merge", "wall-clock"]]);
    expect(stageRows(on.comments()[0]).map(([name]) => name)).toContain("First review");
    for (const broken of ["profile: [", "profle: ticket-to-release", "profiles: { a: {} }"]) {
      await commit(on.world, repository, broken);
      await on.app.idle();
      expect(await profileOf(on)).toEqual([["ticket-to-merge", "wall-clock"]]);
    }
  });

  it("of the organisation that is not good leaves its last good one in force", async () => {
    const on = await under({ organisation: entryToEntry("published") });
    for (const broken of ["profile: [", "profle: change", "profiles: { a: {} }"]) {
      await commit(on.world, "acme/.github", broken);
      await on.app.idle();
      expect(await profileOf(on)).toEqual([["published", "entry-to-entry"]]);
    }
    await commit(on.world, "acme/.github", "profile: ticket-to-merge");
    await on.app.idle();
    expect(await profileOf(on)).toEqual([["ticket-to-merge", "wall-clock"]]);
  });

  it("of the organisation is read again when it changes, for its repositories and for tickets without any", async () => {
    const on = await under({ organisation: "" });
    await on.world.jira.createIssue({ project: "PROP", number: 2, summary: "Nobody's", at: onTheDay("12:00") });
    await commit(on.world, "acme/.github", entryToEntry("published"));
    await on.app.idle();
    expect(await profileOf(on)).toEqual([["published", "entry-to-entry"]]);
    expect((await read(on, "work-items/PROP-2")).leadTimes).toMatchObject([{ profile: "published" }]);
  });
});
