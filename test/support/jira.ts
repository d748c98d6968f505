import { expect, vi } from "vitest";
import type { Stage } from "./app.js";

/** What an app is not told that knows no Jira. */
export const WITHOUT_JIRA = {
  JIRA_BASE_URL: undefined,
  JIRA_EMAIL: undefined,
  JIRA_API_TOKEN: undefined,
  JIRA_WEBHOOK_SECRET: undefined,
} as const;

/** The lead times of a comment's first table, by stage. */
export const rows = (comment: string | undefined): Record<string, string> =>
  Object.fromEntries(
    [...(comment ?? "").matchAll(/^\| [^|]* \| ([^|]+) \| ([^|]+) \|/gm)]
      .map(([, name = "", time = ""]) => [name, time])
      .filter(([name]) => name !== "Stage"),
  );

/** What the comment says of what is missing or remarkable. */
export const notes = (comment: string | undefined): string[] =>
  (comment ?? "").split("\n").filter((line) => /^- (⚠️|ℹ️)/u.test(line));

/** Jira's webhooks wait for `world.collect()` from now on; GitHub's are heard. */
export const muteJira = ({ world, app }: Stage): void => world.webhooks.target({ github: `${app.url}/api/github/webhooks` });

/** Waits until it holds, at most 12 seconds. */
export const eventually = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 12_000, interval: 20 });

/** Waits until there is one comment that this holds for, and returns it. */
export const commented = (
  stage: Stage,
  check: (comment: string) => void,
  number = 1,
  repository = "acme/web",
): Promise<string> =>
  eventually(() => {
    const [comment = "", ...others] = stage.comments(number, repository);
    expect(others).toEqual([]);
    check(comment);
    return comment;
  });

/** How often Jira was asked for this. */
export const asked = ({ world }: Stage, path: RegExp): number =>
  world.jira.requests.filter((request) => path.test(request.path)).length;
