import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, type RunSettings, startApp } from "../../src/app.js";
import { milliseconds } from "../../src/core/time.js";
import { readSettings } from "../../src/settings.js";
import { startWorld, type World, type WorldOptions } from "../../src/simulator/world.js";
import { server } from "../store/databases.js";

export interface Stage {
  readonly world: World;
  readonly app: App;
  readonly databaseUrl: string;
  /** Ends the app and starts it again on the same database, as the same or with other settings. */
  restart(overrides?: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** The comments on a pull request that our App wrote. */
  comments(number?: number, repository?: string): string[];
  get(path: string): Promise<unknown>;
}

/** The settings to run against a world, on a database of the test's own. */
export async function testSettings(
  world: World,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Promise<RunSettings> {
  const settings = readSettings({
    ...world.environment(),
    DATABASE_URL: overrides.DATABASE_URL ?? (await freshDatabase()),
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "fatal",
    ...overrides,
  });
  if (settings.mode !== "run") throw new Error("the settings of a test name an App");
  return settings;
}

/** A database of this test's own: on the server that `DATABASE_URL` names, if any, else a file. */
async function freshDatabase(): Promise<string> {
  const [kind] = server(`app_${randomUUID().slice(0, 8)}`);
  if (kind) {
    await (await kind.fresh()).close();
    onTestFinished(kind.end);
    return kind.url;
  }
  const folder = await mkdtemp(join(tmpdir(), "leadtime-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return `sqlite:${join(folder, "leadtime.db")}`;
}

/** A world of its own for this test. */
export async function testWorld(options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await startWorld({ now: Date.now, ...options });
  onTestFinished(() => world.close());
  return world;
}

/** The simulated GitHub has done what it does when the connection ends. */
const AT_ONCE = { inDoubt: milliseconds(0) };

/** The real app over real HTTP, against a GitHub and a Jira of this test's own; webhooks go to it as things happen. */
export async function stage(
  overrides: Readonly<Record<string, string | undefined>> = {},
  options: Partial<WorldOptions> = {},
): Promise<Stage> {
  const world = await testWorld(options);
  const settings = await testSettings(world, overrides);
  const databaseUrl = settings.databaseUrl.reveal();
  let app = await startApp(settings, AT_ONCE);
  onTestFinished(() => app.close());
  world.target(app.url);
  return {
    world,
    databaseUrl,
    get app() {
      return app;
    },
    restart: async (others = {}) => {
      await app.close();
      const changed = await testSettings(world, { ...overrides, DATABASE_URL: databaseUrl, ...others });
      app = await startApp(changed, AT_ONCE);
      world.target(app.url);
    },
    comments: (number = 1, repository = "acme/web") =>
      world.github
        .commentsOf({ repository, number })
        .filter(({ body }) => body.startsWith("<!-- leadtime:pull-request -->"))
        .map(({ body }) => body),
    get: async (path) => (await fetch(`${app.url}${path}`)).json(),
  };
}
