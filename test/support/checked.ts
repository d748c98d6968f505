import type { CheckRun } from "../../src/simulator/github-state.js";
import { type Stage, stage } from "./app.js";

export const PATH = ".github/leadtime.yml";
export const REPOSITORY = "acme/web";
export const at = (time: string): Date => new Date(`2024-05-06T${time}:00Z`);

/** A stage on which files of configuration are proposed and pushed, each at a time of its own. */
export interface Desk {
  readonly on: Stage;
  /** Pushes a file (null: none) to a branch. Returns the commit. */
  push(branch: string, content: string | null, of?: { readonly repository?: string; readonly path?: string }): Promise<string>;
  /** Pushes it to the branch and opens a pull request. Returns its number. */
  propose(
    branch: string,
    content: string | null,
    of?: { readonly repository?: string; readonly path?: string },
  ): Promise<number>;
  runs(ref: string, repository?: string): readonly CheckRun[];
  /** What our comments on the pull request say, but for those on lead times. */
  comments(number: number): string[];
  /** How many requests of a method fit. */
  asked(method: string, path: RegExp): number;
}

export interface Furniture {
  /** The repository's file and the organisation's. */
  readonly own?: string;
  readonly organisation?: string;
  readonly visibility?: "public" | "private";
  readonly options?: Parameters<typeof stage>[1];
}

/** The App on an account with a repository, and with nothing left to do. */
export async function desk({ own, organisation, visibility = "private", options = {} }: Furniture = {}): Promise<Desk> {
  const on = await stage({}, options);
  const { github } = on.world;
  await github.install({ account: "acme", at: at("07:00") });
  const files = (content: string | undefined) => ({ files: content === undefined ? { "a.md": "a" } : { [PATH]: content } });
  await github.createRepository({ repository: "acme/.github", ...files(organisation), at: at("07:01") });
  await github.createRepository({ repository: REPOSITORY, visibility, ...files(own), at: at("07:01") });
  await on.app.idle();
  github.requests.splice(0);
  let minute = 0;
  const next = () => new Date(at("08:00").getTime() + ++minute * 60_000);
  const push: Desk["push"] = (branch, content, { repository = REPOSITORY, path = PATH } = {}) =>
    github.putFile({ repository, branch, path, content, at: next() });
  return {
    on,
    push,
    propose: async (branch, content, of = {}) => {
      await push(branch, content, of);
      return github.openPullRequest({ repository: of.repository ?? REPOSITORY, branch, title: branch, at: next() });
    },
    runs: (ref, repository = REPOSITORY) => github.checkRunsOf({ repository, ref }),
    comments: (number) => github.commentsOf({ repository: REPOSITORY, number }).map(({ body }) => body),
    asked: (method, path) => github.requests.filter((request) => request.method === method && path.test(request.path)).length,
  };
}
