import fc from "fast-check";
import { expect, it } from "vitest";
import type { Entry } from "../../src/core/entry.js";
import type { Event } from "../../src/core/event.js";
import { measure } from "../../src/core/lead-time.js";
import { describeItem } from "../../src/core/measured-item.js";
import { type Profile, TRIGGER_NAMES, type Trigger } from "../../src/core/profile.js";
import { pullRequestRef } from "../../src/core/ref.js";
import { ANOTHER_REPOSITORY, renderComment } from "../../src/render/comment.js";
import { at, commit, deployment, pullRequest, release, run } from "../support/builders.js";
import { life, workItem } from "../support/life.js";
import { input, PULL_REQUEST, table } from "./builders.js";

const CANARY = "canary";
const actor = { login: CANARY, bot: false };
const url = `https://github.com/acme/${CANARY}/pull/8`;
const said = { actor, url };

/** Everything that a pull request of another repository says, each word of it a secret. */
function secrets(conclusion: string, state: "open" | "closed" | "merged", base: string): Event[] {
  const its = pullRequest(8);
  const words = { title: `${CANARY} title`, branch: `${CANARY}/branch`, base, author: actor, labels: [CANARY], state };
  const list = [commit("c8", at("09:59"), { message: CANARY, author: actor, url })];
  return [
    { ...its.described(at("12:00"), words), url },
    { ...its.opened(at("10:01")), ...said },
    its.commits(at("12:00"), list),
    { ...its.labeled(CANARY, at("10:02")), ...said },
    its.reviewed("80", at("10:03"), said),
    its.approved("81", at("10:04"), said),
    ...(state === "merged" ? [its.merged(at("10:05"), { base, ...said })] : []),
    run("8:1", "merge8", at("10:06"), { name: CANARY, conclusion, ...said }),
    run("8:2", "merge8", at("10:07"), { name: `${CANARY} too`, conclusion: "failure", ...said }),
    run("8:3", "merge8", at("10:07"), { name: CANARY, source: "status", conclusion, ...said }),
    deployment("8", "merge8", at("10:08"), { environment: CANARY, production: true, ...said }),
    ...release("8", "merge8", at("10:09"), { tag: CANARY, name: CANARY, ...said }),
  ];
}

/** What a commit straight to that repository brought: nothing says where it belongs but, perhaps, its address. */
const straight = (address: string | null): Entry[] => {
  const shown = { precision: "exact", url: address, actor: CANARY, pullRequest: null, note: CANARY } as const;
  return [
    { ...shown, type: "commit.created", id: "c9", at: at("09:58"), committedAt: at("09:58") },
    { ...shown, type: "deployment.succeeded", id: "d9", at: at("10:00"), environment: CANARY, production: true },
    { ...shown, type: "release.published", id: "r9", at: at("10:00"), prerelease: false },
    { ...shown, type: "api-event", id: "a9", at: at("10:00"), eventType: "accepted" },
  ];
};

const OPTIONS: Partial<Record<Trigger["on"], object>> = {
  "ticket.status": { category: "done" },
  "ticket.field": { field: "severity" },
  "api-event": { type: "accepted" },
};
const triggerOf = (on: Trigger["on"], branches: boolean): Trigger =>
  ({ on, ...OPTIONS[on], ...(branches && on === "pull-request.merged" ? { branches: ["nowhere"] } : {}) }) as Trigger; // each has what it needs

const profiles = fc
  .record({ triggers: fc.shuffledSubarray([...TRIGGER_NAMES], { minLength: 1 }), branches: fc.boolean(), last: fc.boolean() })
  .map(
    ({ triggers, branches, last }): Profile => ({
      ...{ name: "ours", description: "", start: "first-stage", calculation: "wall-clock", overall: "of-totals" },
      ...{ statistic: "median", absentStages: "leave-out" },
      stages: triggers.map((on) => ({ name: on, trigger: triggerOf(on, branches), pick: last ? "last" : "first" })),
    }),
  );

const lives = fc
  .tuple(
    fc.constantFrom("success", "failure"),
    fc.constantFrom("open" as const, "closed" as const, "merged" as const),
    fc.constantFrom("main", `${CANARY}/base`),
  )
  .chain(([conclusion, state, base]) => {
    const [described, opened, ...rest] = secrets(conclusion, state, base);
    const needed = [described, opened].flatMap((event) => event ?? []);
    return fc.subarray(rest).map((some) => [...needed, ...some]);
  });

interface Drawn {
  readonly own: readonly Event[];
  readonly foreign: readonly Event[];
  readonly profile: Profile;
  readonly open: boolean;
  readonly address?: string | null;
}

/** The comment on pull request 7 of a ticket that pull request 8, of another repository, and a commit straight to it belong to. */
function told({ own, foreign, profile, open, address = url }: Drawn): string {
  const base = workItem([...own, ...foreign]);
  const item = { ...base, entries: [...base.entries, ...straight(address)] };
  const leadTime = measure(item, profile, [`profile ${CANARY} is not defined`]);
  const measured = describeItem({
    item,
    leadTimes: [leadTime],
    links: [],
    linked: item.pullRequests,
  });
  const head = { ...PULL_REQUEST, ref: pullRequestRef(1, 7) };
  const others = (ref: string) => (ref === head.ref ? null : open ? "acme/other#8" : ANOTHER_REPOSITORY);
  return renderComment(input({ pullRequest: head, tables: [table({ item: measured, leadTime, open, others })] }));
}

const owns = fc.constantFrom(
  life(),
  life({ ci: null, deployed: null, approved: null }),
  life({ merged: null, released: null }),
);

it("no word of a repository that may not be told of is in a comment, whatever is measured", () => {
  fc.assert(
    fc.property(owns, lives, profiles, fc.constantFrom(url, PULL_REQUEST.url, null), (own, foreign, profile, address) => {
      expect(told({ own, foreign, profile, open: false, address })).not.toContain(CANARY);
    }),
    { numRuns: 500 },
  );
});

it("where it may be told of, it is", () => {
  const own = life({ ci: null, deployed: null, released: null });
  const stages = [{ name: "CI", trigger: { on: "ci.completed" }, pick: "first" }] as const;
  const [profile] = fc.sample(profiles, 1);
  if (!profile) throw new RangeError("no profile");
  const foreign = secrets("failure", "merged", "main");
  const ci: Profile = { ...profile, start: { trigger: { on: "ticket.created" }, pick: "first" }, stages };
  expect(told({ own, foreign, profile: ci, open: true })).toContain("canary, canary too has not");
  expect(told({ own, foreign, profile: ci, open: false })).toContain("a workflow has not");
});
