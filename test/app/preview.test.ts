import { expect, it, onTestFinished, vi } from "vitest";
import type { ProfileChange } from "../../src/core/comparison.js";
import type { LeadTime, MeasuredItem } from "../../src/core/measurement.js";
import { type Owner, type Ref, repositoryRef } from "../../src/core/ref.js";
import { DAY, instant } from "../../src/core/time.js";
import type { Proposal } from "../../src/flow/overlay.js";
import { previewed } from "../../src/flow/preview.js";
import { seededRandom } from "../../src/simulator/chance.js";
import { playSteps, teamHistory } from "../../src/simulator/team.js";
import type { World } from "../../src/simulator/world.js";
import { openDriver } from "../../src/store/open.js";
import { queriesOn } from "../../src/store/transaction.js";
import { silent } from "../store/databases.js";
import { type Stage, stage } from "../support/app.js";

vi.setConfig({ testTimeout: 240_000 });

/** The demo's team, whose months end on this day. */
const TEAM = 1460;
const NOW = instant(Date.parse("2024-05-06T12:00:00Z"));
const SINCE = NOW - 90 * DAY;
const policy = { configuration: null, jira: { configured: true, owners: null } };

/** Plays the demo's months; the webhooks go out afterwards, many at once. */
async function playTeam({ world, app }: Stage): Promise<void> {
  world.target(undefined);
  await playSteps(world, teamHistory({ random: seededRandom(TEAM), until: NOW }));
  await world.github.createRepository({ repository: "acme/.github", visibility: "private", at: NOW - DAY });
  const webhooks = world.collect();
  world.target(app.url);
  while (webhooks.length > 0) await Promise.all(webhooks.splice(0, 40).map((webhook) => world.webhooks.send(webhook)));
  await app.idle();
  await quiet(world);
  await app.idle();
}

/** Nothing more is asked, and what was said has come back to us as webhooks. */
async function quiet(world: World): Promise<void> {
  let sent = -1;
  await vi.waitFor(async () => {
    const before = sent;
    sent = world.webhooks.attempts.length;
    expect(sent).toBe(before);
  });
}

/** All but what webhooks fill, which the simulator may still send of our own comments. */
const TABLES = "events aliases parts containment links items item_pull_requests stage_times dirty outbox memory comments".split(
  " ",
);

/** The database as another process reads it. */
async function reading({ databaseUrl }: Stage) {
  const driver = await openDriver(databaseUrl, { log: silent, existing: true });
  onTestFinished(() => driver.close());
  const everything = async (): Promise<string[]> => {
    const rows = TABLES.map(async (table) =>
      (await driver.query<object>(`select * from ${table}`)).map((row) => `${table} ${JSON.stringify(row)}`),
    );
    return (await Promise.all(rows)).flat();
  };
  const items = async (): Promise<Map<Ref, MeasuredItem>> => {
    const rows = await driver.query<{ ref: Ref; data: string }>("select ref, data from items");
    return new Map(rows.map(({ ref, data }) => [ref, JSON.parse(data) as MeasuredItem])); // as `saveItems` writes them
  };
  return { queries: queriesOn(driver), everything, items };
}

const LIMITS = { name: "Merge", on: "pull-request.merged", ideal: "1m", acceptable: "2m" };
const RULES: readonly { readonly file: "acme/shop" | "acme/.github"; readonly content: object | null }[] = [
  { file: "acme/shop", content: { profile: "ticket-to-merge" } },
  { file: "acme/shop", content: { profile: "own", profiles: { own: { extends: "ticket-to-release", insert: [LIMITS] } } } },
  {
    file: "acme/shop",
    content: { profile: "short", profiles: { short: { extends: "ticket-to-release", without: ["CI", "Approval"] } } },
  },
  { file: "acme/shop", content: { ticketKeys: { from: ["title"] } } },
  { file: "acme/shop", content: { profile: "lone", profiles: { lone: { start: "first-stage", stages: [LIMITS] } } } },
  { file: "acme/shop", content: { profile: "pull-request" } },
  { file: "acme/shop", content: { profile: "change", bots: ["bob"] } },
  { file: "acme/shop", content: null },
  { file: "acme/.github", content: { ticketKeys: { projects: ["PAY"] } } },
  {
    file: "acme/.github",
    content: {
      profile: "own",
      profiles: {
        own: { extends: "ticket-to-release", calculation: "entry-to-entry", absentStages: "zero", start: "first-stage" },
      },
    },
  },
  { file: "acme/.github", content: { profile: "ticket-to-merge", dora: { abandonedResolutions: [] } } },
];

/** The file for real, as whoever merges it. */
const push = ({ github }: World, repository: string, content: object | null) =>
  github.push({
    repository,
    branch: "main",
    commits: [{ message: "Configure", files: { ".github/leadtime.yml": content && JSON.stringify(content) } }],
    at: NOW,
  });

const proposalOf = ({ github }: World, owner: Owner, { file, content }: (typeof RULES)[number]): Proposal => ({
  owner,
  repository: repositoryRef(github.state.names.get(file) ?? 0),
  layer: file === "acme/.github" ? "organisation" : "repository",
  content,
});

it("what a file would change is what it changes, on the demo's data; to find out writes nothing and asks nobody", async () => {
  const on = await stage();
  await playTeam(on);
  const { queries, everything, items } = await reading(on);
  const [account] = await queries.accounts();
  if (!account) throw new Error("the App is installed on acme");
  const changes: number[] = [];
  const files: Files = new Map();
  for (const rule of RULES) {
    const proposal = proposalOf(on.world, account.owner, rule);
    const [rows, requests] = [await everything(), on.world.github.requests.length + on.world.jira.requests.length];
    const before = await items();
    const preview = await previewed({ queries, policy, clock: { now: () => NOW } }, proposal);
    if (!preview) throw new Error("the repository is known");
    const now = await everything();
    expect(now.filter((row) => !rows.includes(row))).toEqual([]);
    expect(rows.filter((row) => !now.includes(row))).toEqual([]);
    expect(on.world.github.requests.length + on.world.jira.requests.length).toBe(requests);

    await push(on.world, rule.file, rule.content);
    await on.app.idle();
    const after = await items();
    const told = new Map([...preview.items].map(([ref, item]) => [ref, item && JSON.parse(JSON.stringify(item))]));
    for (const [ref, item] of told) expect(item).toEqual(after.get(ref) ?? null);
    const others = [...after].filter(([ref, item]) => JSON.stringify(item) !== JSON.stringify(before.get(ref)));
    const recent = others.filter(([, { finishedAt }]) => finishedAt !== null && finishedAt >= SINCE);
    expect(recent.filter(([ref]) => !told.has(ref))).toEqual([]);
    const stored = [...after.keys()].map((ref) => ({ before: before.get(ref), after: after.get(ref) })).filter(isOf(proposal));
    const asked = { before: askedOf(files), after: askedOf(files.set(rule.file, rule.content)) };
    const pairs = stored.flatMap((of) => pairsOf(of, proposal.layer === "repository" ? asked : null));
    expect(preview.told.comparison.profiles.map(nameOf).sort()).toEqual(
      [...new Set(pairs.filter(isAnother).map(nameOf))].sort(),
    );
    for (const change of preview.told.comparison.profiles)
      expectFigures(
        change,
        pairs.filter((pair) => nameOf(pair) === nameOf(change)),
      );
    changes.push(preview.told.comparison.changed);
    expect(preview.told.sample).toBeNull();
  }
  expect(Math.min(...changes)).toBeGreaterThan(10);
});

const isOf =
  ({ layer, repository }: Proposal) =>
  ({ before, after }: Stored): boolean =>
    layer === "organisation" || [before, after].some((item) => item?.pullRequests.some((one) => one.repository === repository));

/** What is stored of an item before and after. */
interface Stored {
  readonly before: MeasuredItem | undefined;
  readonly after: MeasuredItem | undefined;
}

type Files = Map<string, object | null>;

/** The name of the profile that the shop's file asks for, else the organisation's. */
function askedOf(files: Files): string {
  const of = (file: string) => (files.get(file) ?? {}) as { profile?: string; profiles?: object }; // as RULES writes them
  const [own, organisation] = [of("acme/shop"), of("acme/.github")];
  if (own.profile) return own.profile in (own.profiles ?? {}) ? `acme/shop:${own.profile}` : own.profile;
  return organisation.profile ?? "ticket-to-release";
}

interface Pair {
  readonly kind: MeasuredItem["kind"];
  readonly own: boolean;
  readonly profile: { readonly before: string | null; readonly after: string | null };
  readonly was: LeadTime | undefined;
  readonly is: LeadTime | undefined;
}
const nameOf = ({ kind, own, profile }: Pick<Pair, "kind" | "own" | "profile">): string =>
  `${kind} ${own} ${profile.before} ${profile.after}`;

/** Which lead times of an item are compared. `asked`: what its repository asks for, where a repository's file is proposed. */
function pairsOf({ before, after }: Stored, asked: { before: string; after: string } | null): Pair[] {
  const kind = (after ?? before)?.kind ?? "ticket";
  const ownName = (item: MeasuredItem | undefined, side: "before" | "after") =>
    asked && kind === "ticket" ? asked[side] : item?.leadTimes[0]?.profile;
  const names = { was: ownName(before, "before"), is: ownName(after, "after") };
  const told = (item: MeasuredItem | undefined, own: string | undefined) =>
    shownOf(item, kind).filter(({ profile }) => !asked || [own, "pull-request", "change"].includes(profile));
  const [was, is] = [told(before, names.was), told(after, names.is)];
  const find = (some: readonly LeadTime[], name: string | undefined) => some.find(({ profile }) => profile === name);
  const [ownWas, ownIs] = [find(was, names.was), find(is, names.is)];
  const both = ownWas && ownIs;
  const pair = (own: boolean, one: LeadTime | undefined, other: LeadTime | undefined): Pair => ({
    ...{ kind, own, was: one, is: other },
    profile: { before: one?.profile ?? null, after: other?.profile ?? null },
  });
  const rest = new Set<string>();
  for (const one of was) if (!both || one !== ownWas) rest.add(one.profile);
  for (const one of is) if (!both || one !== ownIs) rest.add(one.profile);
  const byName = [...rest].map((name) => {
    const [one, other] = [find(was, name), find(is, name)];
    return pair(!both && ((ownWas && one === ownWas) || (ownIs && other === ownIs)) === true, one, other);
  });
  return both ? [pair(true, ownWas, ownIs), ...byName] : byName;
}

const ratingOf = (stage: LeadTime["stages"][number] | undefined) => (stage && "rating" in stage ? stage.rating : null);
const stageIn = (of: LeadTime | undefined, name: string) =>
  of?.stages.find((stage) => stage.name.toLowerCase() === name.toLowerCase());

const isAnother = ({ was, is }: Pair): boolean => {
  const figuresIn = (of: LeadTime | undefined) =>
    of && [of.status, of.total, of.rating, of.stages.map((one) => [one.name, one.state, one.leadTime, ratingOf(one)])];
  return JSON.stringify(figuresIn(was)) !== JSON.stringify(figuresIn(is));
};

/** What is told under a profile once more, item for item, from what is stored before and after. */
function expectFigures(
  { items, changed, stages, sumOfStages, ofTotals, ratings }: ProfileChange,
  pairs: readonly Pair[],
): void {
  const sides = { before: pairs.flatMap(({ was }) => was ?? []), after: pairs.flatMap(({ is }) => is ?? []) };
  expect([items, changed]).toEqual([pairs.length, pairs.filter(isAnother).length]);
  for (const side of ["before", "after"] as const) {
    expect(ofTotals[side]).toEqual(figures(sides[side].flatMap(({ total }) => total ?? [])));
    const sums = { median: 0, p90: 0 };
    for (const stage of stages) {
      const there = sides[side].flatMap((of) => stageIn(of, stage.name) ?? []);
      const times = there.flatMap(({ leadTime }) => leadTime ?? []);
      expect(stage[side]).toEqual(there.length > 0 ? figures(times) : null);
      sums.median += stage[side]?.median ?? 0;
      sums.p90 += stage[side]?.p90 ?? 0;
    }
    expect(sumOfStages[side].median ?? 0).toBeCloseTo(sums.median, 2);
    expect(sumOfStages[side].p90 ?? 0).toBeCloseTo(sums.p90, 2);
  }
  const rated = pairs.filter(({ was, is }) => was && is && was.rating !== is.rating);
  expect(ratings.reduce((all, one) => all + one.items, 0)).toBe(rated.length);
  for (const { from, to, items: count } of ratings)
    expect(count).toBe(rated.filter(({ was, is }) => was?.rating === from && is?.rating === to).length);
}

const shownOf = (item: MeasuredItem | undefined, kind: MeasuredItem["kind"]): readonly LeadTime[] =>
  item && item.kind === kind && counts(item)
    ? item.leadTimes.filter((one) => one.status !== "abandoned" && isShown(item, one))
    : [];

/** A pull request's time since its ticket was created stands with the ticket. */
const isShown = ({ kind }: MeasuredItem, { start }: LeadTime): boolean =>
  kind === "ticket" || !start?.event.startsWith("ticket.");

const counts = ({ finishedAt }: MeasuredItem): boolean => finishedAt !== null && finishedAt >= SINCE;

function figures(values: readonly number[]): object {
  const sorted = values.toSorted((one, other) => one - other);
  if (sorted.length === 0) return { count: 0, median: null, p90: null };
  const at = (part: number) => {
    const position = part * (sorted.length - 1);
    const [below = 0, above = below] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
    return below + (above - below) * (position % 1);
  };
  return { count: sorted.length, median: expect.closeTo(at(0.5), 3), p90: expect.closeTo(at(0.9), 3) };
}
