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
  for (const rule of RULES) {
    const proposal = proposalOf(on.world, account.owner, rule);
    const [rows, asked] = [await everything(), on.world.github.requests.length + on.world.jira.requests.length];
    const before = await items();
    const preview = await previewed({ queries, policy, clock: { now: () => NOW } }, proposal);
    if (!preview) throw new Error("the repository is known");
    const now = await everything();
    expect(now.filter((row) => !rows.includes(row))).toEqual([]);
    expect(rows.filter((row) => !now.includes(row))).toEqual([]);
    expect(on.world.github.requests.length + on.world.jira.requests.length).toBe(asked);

    await push(on.world, rule.file, rule.content);
    await on.app.idle();
    const after = await items();
    const told = new Map([...preview.items].map(([ref, item]) => [ref, item && JSON.parse(JSON.stringify(item))]));
    for (const [ref, item] of told) expect(item).toEqual(after.get(ref) ?? null);
    const others = [...after].filter(([ref, item]) => JSON.stringify(item) !== JSON.stringify(before.get(ref)));
    const recent = others.filter(([, { finishedAt }]) => finishedAt !== null && finishedAt >= SINCE);
    expect(recent.filter(([ref]) => !told.has(ref))).toEqual([]);
    const stored = [...after.keys()].map((ref) => ({ before: before.get(ref), after: after.get(ref) })).filter(isOf(proposal));
    for (const change of preview.told.comparison.profiles) expectFigures(change, stored);
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

/** The totals under a profile once more, item for item, from what is stored before and after. */
function expectFigures({ kind, profile, items, changed, ofTotals }: ProfileChange, stored: readonly Stored[]): void {
  const pairs = stored.flatMap(({ before, after }) => {
    const [was, is] = [shownOf(before, kind), shownOf(after, kind)];
    const find = (some: readonly LeadTime[], name: string | null) => some.find((one) => one.profile === name);
    const only = (some: readonly LeadTime[], others: readonly LeadTime[]) =>
      some.find((one) => !find(others, one.profile))?.profile ?? null;
    const here = profile.before === profile.after ? true : only(was, is) === profile.before && only(is, was) === profile.after;
    const pair = { was: find(was, profile.before), is: find(is, profile.after) };
    return here && (pair.was || pair.is) ? [pair] : [];
  });
  const [was, is] = [pairs.flatMap((pair) => pair.was?.total ?? []), pairs.flatMap((pair) => pair.is?.total ?? [])];
  expect(pairs).toHaveLength(items);
  expect(ofTotals).toEqual({ before: figures(was), after: figures(is) });
  const others = pairs.filter((pair) => pair.was?.total !== pair.is?.total || pair.was?.rating !== pair.is?.rating);
  expect(changed).toBeGreaterThanOrEqual(others.length);
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
