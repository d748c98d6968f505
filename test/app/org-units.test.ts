import { describe, expect, it, vi } from "vitest";
import { GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import {
  change,
  configured,
  leadTimeOf,
  onTheDay,
  operatorsFile,
  profilesOf,
  REPOSITORY,
  read,
} from "../support/configured.js";

vi.setConfig({ testTimeout: 60_000 });

const PULL_REQUEST = "pull-requests/acme/web/1";
const TICKET = "work-items/PROP-1460";
const QUICK = "profiles:\n  quick: { extends: ticket-to-merge, without: [Approval] }\n";
const unit = (parts: string, profile = "quick") => `${QUICK}orgUnits:\n  payments: { ${parts}, profile: ${profile} }\n`;
const OWN = ["ticket-to-release", "pull-request", "change"];

describe("an item is measured under the profiles of its org units besides its repository's own", () => {
  async function lived(organisation: string, visibility: "public" | "private" = "private") {
    const on = await configured({ organisation, visibility });
    await playTicketLife(on.world, GOLDEN_TIMES);
    await on.app.idle();
    return on;
  }

  it.each([
    ["of its repository a pull request", 'repositories: ["acme/w*"]', [...OWN, "quick"], ["ticket-to-release"]],
    ["of its project a ticket", "projects: [prop]", OWN, ["ticket-to-release", "quick"]],
    ["of both, both", "repositories: [ACME/web], projects: [PROP]", [...OWN, "quick"], ["ticket-to-release", "quick"]],
    ["of others neither", 'repositories: ["acme/api-*"], projects: [PAY]', OWN, ["ticket-to-release"]],
  ])("%s", async (_what, parts, ofPullRequest, ofTicket) => {
    const on = await lived(unit(parts));
    expect([await profilesOf(on, PULL_REQUEST), await profilesOf(on, TICKET)]).toEqual([ofPullRequest, ofTicket]);
    expect(on.comments()[0]).toContain("under the profile `ticket-to-release`");
    expect(on.comments()[0]).not.toContain("quick");
  });

  it("with exact figures", async () => {
    const on = await lived(unit("repositories: [acme/web], projects: [PROP]"));
    for (const path of [PULL_REQUEST, TICKET]) {
      expect(await leadTimeOf(on, path, "quick")).toMatchObject({
        ...{ totalSeconds: 25 * 60, startedAt: "2024-05-06T09:50:00Z", notes: [] },
        stages: [{ leadTimeSeconds: 900 }, { leadTimeSeconds: 300 }, { leadTimeSeconds: 60 }, { leadTimeSeconds: 240 }],
      });
    }
  });

  it("of its project a ticket without any pull request as well, and after it was moved there", async () => {
    const on = await lived(unit("projects: [PAY]"));
    const at = onTheDay("12:00");
    await on.world.jira.createIssue({ project: "PAY", number: 2, summary: "Nobody's", at });
    await on.world.jira.createIssue({ project: "PROP", number: 3, summary: "Moved", at });
    await on.app.idle();
    expect(await profilesOf(on, "work-items/PAY-2")).toEqual(["ticket-to-release", "quick"]);
    expect(await profilesOf(on, "work-items/PROP-3")).toEqual(["ticket-to-release"]);
    const key = await on.world.jira.moveIssue({ issue: "PROP-3", project: "PAY", at: onTheDay("12:10") });
    await on.app.idle();
    expect(await profilesOf(on, `work-items/${key}`)).toEqual(["ticket-to-release", "quick"]);
  });

  it("of several once, and of one that only groups under none", async () => {
    const both = `${QUICK}orgUnits:
  one: { repositories: [acme/web], profile: quick }
  two: { repositories: ["*/web"], profile: change }
  three: { repositories: ["acme/*"], profile: quick }
  four: { repositories: ["acme/*"] }
`;
    expect(await profilesOf(await lived(both), PULL_REQUEST)).toEqual([...OWN, "quick"]);
  });

  it("after its repository was renamed into it", async () => {
    const on = await lived(unit("repositories: [acme/payments]"));
    expect(await profilesOf(on, PULL_REQUEST)).toEqual(OWN);
    await on.world.github.renameRepository({ repository: REPOSITORY, name: "payments", at: onTheDay("12:00") });
    await on.app.idle();
    expect(await profilesOf(on, "pull-requests/acme/payments/1")).toEqual([...OWN, "quick"]);
  });

  it("under the account's profile of that name, also where the repository has one of its own that is called so", async () => {
    const on = await configured({
      organisation: unit("repositories: [acme/web]"),
      repository: "profile: quick\nprofiles:\n  quick: { extends: pull-request, without: [Merge] }\n",
    });
    await playTicketLife(on.world, GOLDEN_TIMES);
    await on.app.idle();
    const { leadTimes } = await read(on, PULL_REQUEST);
    expect(leadTimes.map(({ profile, stages }) => [profile, stages.length])).toEqual([
      ["acme/web:quick", 3],
      ["pull-request", 4],
      ["change", 5],
      ["quick", 4],
    ]);
  });

  it("and nobody who reads a comment is told, whatever is wrong with them", async () => {
    const plain = await lived(QUICK, "public");
    const with_ = await lived(unit("repositories: [acme/web], projects: [PROP]"), "public");
    expect(await profilesOf(with_, PULL_REQUEST)).toContain("quick");
    const addressless = (comment: string | undefined) => comment?.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "");
    expect(plain.comments()).toHaveLength(1);
    expect(addressless(with_.comments()[0])).toBe(addressless(plain.comments()[0]));
  });
});

describe("where a unit's profile cannot be used, the API says so, and no comment", () => {
  const withoutTicket = { repository: REPOSITORY, branch: "tidy", title: "Tidy up" };

  it.each(["public", "private"] as const)(
    "for the ticket that it begins with is missing, in a %s repository",
    async (visibility) => {
      const on = await configured({ organisation: `profile: pull-request\n${unit("repositories: [acme/web]")}`, visibility });
      await playPullRequest(on.world, GOLDEN_TIMES, withoutTicket);
      await on.app.idle();
      expect(await profilesOf(on, PULL_REQUEST)).toEqual(["pull-request", "change"]);
      const { notes } = await leadTimeOf(on, PULL_REQUEST, "pull-request");
      expect(notes).toEqual(["org unit payments: quick begins with a ticket: no ticket linked"]);
      expect(on.comments()[0]).toContain("under the profile `pull-request`");
      expect(on.comments()[0]).not.toMatch(/payments|quick|begins/);
    },
  );

  it("for it is not defined any more", async () => {
    const operators = await operatorsFile(QUICK);
    const organisation = "orgUnits:\n  payments: { repositories: [acme/web], projects: [PROP], profile: quick }\n";
    const on = await configured({ organisation, repository: "profile: change" }, { LEADTIME_CONFIG: operators });
    await playTicketLife(on.world, GOLDEN_TIMES);
    await on.app.idle();
    expect(await profilesOf(on, PULL_REQUEST)).toEqual(["change", "pull-request", "quick"]);
    await on.restart({ LEADTIME_CONFIG: undefined });
    await on.app.idle();
    const said = ["org unit payments: profile quick is not defined: ticket-to-release is used"];
    for (const path of [PULL_REQUEST, TICKET]) {
      expect((await leadTimeOf(on, path, "ticket-to-release")).notes).toEqual(said);
      expect((await leadTimeOf(on, path, "change")).notes).toEqual([]);
    }
    expect(on.comments()[0]).not.toContain("payments");
    await change(on, "acme/.github", "");
    expect(await profilesOf(on, TICKET)).toEqual(["change"]);
  });
});
