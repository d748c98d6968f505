import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A commit to be written into a real repository. */
export interface WrittenCommit {
  /** What others call it by. */
  readonly key: string;
  readonly parents?: readonly string[];
  /** ISO 8601; also of the committer, unless that says otherwise. */
  readonly at: string;
  readonly committed?: string;
  readonly message: string;
  /** `Ann <ann@example.com>`, or the bytes of it. */
  readonly author?: string | Buffer;
}

export interface WrittenTag {
  readonly name: string;
  readonly of: string;
  /** When an annotated tag was made; without it, the tag is a light one. */
  readonly at?: string;
}

export interface WrittenHistory {
  readonly commits: readonly WrittenCommit[];
  readonly tags?: readonly WrittenTag[];
  /** Of each branch the commit at its end. The first one is checked out. */
  readonly branches: Readonly<Record<string, string>>;
  readonly format?: "sha1" | "sha256";
  readonly bare?: boolean;
}

export interface WrittenClone {
  readonly path: string;
  sha(key: string): string;
  git(...parameters: string[]): string;
}

const ENVIRONMENT = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.com",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.com",
};
/** What of the environment the product is given in tests. */
export const GIT_ENVIRONMENT = { PATH: process.env.PATH, HOME: "/nowhere" };

export const gitAt =
  (path: string) =>
  (...parameters: string[]): string =>
    execFileSync("git", ["-C", path, ...parameters], { env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"] })
      .toString()
      .trim();

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "leadtime-git-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a history into a repository of its own, by `git fast-import`. It goes with the test. */
export async function writeClone({
  commits,
  tags = [],
  branches,
  format = "sha1",
  bare = false,
}: WrittenHistory): Promise<WrittenClone> {
  const path = await temporaryFolder();
  const git = gitAt(path);
  const [first = "main"] = Object.keys(branches);
  git("init", "--quiet", `--object-format=${format}`, "--initial-branch", first, ...(bare ? ["--bare"] : []));
  const marks = new Map(commits.map(({ key }, index) => [key, index + 1]));
  const markOf = (key: string) => {
    const mark = marks.get(key);
    if (mark === undefined) throw new Error(`No commit is called ${key}`);
    return `:${mark}`;
  };
  const file = join(bare ? path : join(path, ".git"), "written-marks");
  const input = Buffer.concat([
    ...commits.flatMap((commit) => [commitLines(commit, markOf), Buffer.from("\n")]),
    ...Object.entries(branches).map(([name, key]) => Buffer.from(`reset refs/heads/${name}\nfrom ${markOf(key)}\n\n`)),
    ...tags.map((tag) => Buffer.from(tagLines(tag, markOf(tag.of)))),
    Buffer.from(
      "reset refs/written\nfrom 0000000000000000000000000000000000000000\n\n".replace(
        /0+\n/,
        `${"0".repeat(format === "sha256" ? 64 : 40)}\n`,
      ),
    ),
  ]);
  execFileSync("git", ["-C", path, "fast-import", "--quiet", "--force", `--export-marks=${file}`], { env: ENVIRONMENT, input });
  const shas = new Map(
    readFileSync(file, "utf8")
      .split("\n")
      .map((line): [string, string] => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]),
  );
  return { path, git, sha: (key) => shas.get(markOf(key)) ?? "" };
}

const seconds = (at: string): number => Math.round(Date.parse(at) / 1000);

function commitLines(
  { key, parents = [], at, committed = at, message, author = "Ann <ann@example.com>" }: WrittenCommit,
  markOf: (key: string) => string,
) {
  const [from, ...merged] = parents.map(markOf);
  return Buffer.concat([
    Buffer.from(`commit refs/written\nmark ${markOf(key)}\nauthor `),
    Buffer.from(author),
    Buffer.from(` ${seconds(at)} +0000\ncommitter Ann <ann@example.com> ${seconds(committed)} +0000\n`),
    Buffer.from(`data ${Buffer.byteLength(message)}\n${message}\n`),
    // Without a parent it would take the commit before as one.
    Buffer.from(from ? `from ${from}\n` : "deleteall\n"),
    Buffer.from(merged.map((parent) => `merge ${parent}\n`).join("")),
  ]);
}

const tagLines = ({ name, at }: WrittenTag, of: string): string =>
  at === undefined
    ? `reset refs/tags/${name}\nfrom ${of}\n\n`
    : `tag ${name}\nfrom ${of}\ntagger Ann <ann@example.com> ${seconds(at)} +0000\ndata 0\n\n`;
