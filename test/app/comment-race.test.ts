import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { startApp } from "../../src/app.js";
import { instant, MINUTE } from "../../src/core/time.js";
import { EffectRunner } from "../../src/flow/effects.js";
import type { Checks, Clock, CodeHost, Discussion, Proposals } from "../../src/ports.js";
import { furnish, GOLDEN_TIMES, playPullRequest, playTicketLife } from "../../src/simulator/stories.js";
import type { World } from "../../src/simulator/world.js";
import { openStore } from "../../src/store/open.js";
import { server, silent } from "../store/databases.js";
import { testSettings, testWorld } from "../support/app.js";

const COMMENTS = /\/issues\/\d+\/comments$/;
const MERGED = { ...GOLDEN_TIMES, ci: null, deployed: null, done: null, released: null };
const PULL_REQUESTS = 6;

/** Pull requests that are merged, with their webhooks still to be delivered. */
async function lived(world: World) {
  await furnish(world, { repository: "acme/web", visibility: "private", at: GOLDEN_TIMES.created });
  for (let index = 1; index <= PULL_REQUESTS; index++) {
    await playPullRequest(world, GOLDEN_TIMES, { repository: "acme/web", branch: `work-${index}`, title: `Work ${index}` });
  }
  return world.collect();
}

const counts = ({ github }: World) => ({
  comments: Array.from(
    { length: PULL_REQUESTS },
    (_, index) => github.commentsOf({ repository: "acme/web", number: index + 1 }).length,
  ),
  posts: github.requests.filter(({ method, path }) => method === "POST" && COMMENTS.test(path)).length,
});
const ONE_EACH = { comments: Array.from({ length: PULL_REQUESTS }, () => 1), posts: PULL_REQUESTS };

describe.each(server("race"))("two apps on one $name", (kind) => {
  beforeAll(async () => (await kind.fresh()).close());
  afterAll(() => kind.end());

  it("create one comment for each pull request", async () => {
    const world = await testWorld();
    const webhooks = await lived(world);
    const settings = await testSettings(world, { DATABASE_URL: kind.url });
    const apps = [await startApp(settings), await startApp(settings)];
    onTestFinished(async () => void (await Promise.all(apps.map((app) => app.close()))));
    // Every delivery goes to both, as when a proxy tries again.
    const sent = apps.map(async ({ url }) => {
      for (const { source, headers, body } of webhooks) {
        const answer = await fetch(`${url}/api/${source}/webhooks`, { method: "POST", headers, body });
        expect(answer.ok).toBe(true);
      }
    });
    await Promise.all(sent);
    // What the one wants the other may carry out.
    await vi.waitFor(() => expect(counts(world)).toEqual(ONE_EACH), { timeout: 30_000 });
    await Promise.all(apps.map((app) => app.idle()));
    expect(counts(world)).toEqual(ONE_EACH);
  }, 60_000);
});

interface Said {
  readonly discussion: Discussion;
  readonly created: string[];
}

/** Comments that are nowhere but here. Listing them waits until it is let go. */
function conversation(hold: (call: number) => Promise<void>): Said {
  const created: string[] = [];
  let calls = 0;
  return {
    created,
    discussion: {
      find: async () => {
        const seen = created[0];
        await hold(++calls);
        return seen && "1";
      },
      create: async (_, __, body) => String(created.push(body)),
      update: async () => undefined,
      standing: async () => "open",
      react: async () => undefined,
      permission: async () => "none",
    },
  };
}

const unasked = async () => [];
const codeHost: CodeHost = {
  pullRequest: unasked,
  commits: unasked,
  trace: unasked,
  compare: unasked,
  release: unasked,
  configuration: unasked,
};

const untouched = { touched: async () => false, differs: async () => false } as Partial<Proposals> as Proposals; // no more is asked

describe("two runners on one store", () => {
  it("never both create", async () => {
    const { app, database } = await waiting();
    await app.close();
    const store = await openStore(database, { log: silent });
    onTestFinished(() => store.close());
    let now = instant(Date.now() + MINUTE);
    const clock: Clock = { now: () => now };
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const said = conversation((call) => (call === 1 ? held : Promise.resolve()));
    const policy = { configuration: null, jira: { configured: true, owners: null } };
    const asked = { codeHost, proposals: untouched, checks: {} as Checks, discussion: said.discussion, tracker: null };
    const parts = { store, ...asked, policy, publicUrl: null, clock, log: silent };
    const [slow, quick] = [new EffectRunner(parts), new EffectRunner(parts)];
    expect(await Promise.all([slow.look(), quick.look()])).toEqual([true, false]);
    // The first dawdles over its question until its claim has run out.
    now = instant(now + 3 * MINUTE);
    await quick.look();
    await quick.settled();
    letGo();
    await slow.settled();
    expect(said.created).toHaveLength(1);
  });
});

/** An app whose comment could not be posted yet. */
async function waiting() {
  const world = await testWorld();
  const settings = await testSettings(world);
  const app = await startApp(settings);
  onTestFinished(() => app.close());
  world.target(app.url);
  world.github.faults.next({ path: COMMENTS, times: 9, answer: { status: 503, headers: { "retry-after": "30" } } });
  await playTicketLife(world, MERGED);
  await app.idle();
  expect(world.github.requests.filter(({ path }) => COMMENTS.test(path))).toHaveLength(1);
  return { app, database: settings.databaseUrl.reveal() };
}
