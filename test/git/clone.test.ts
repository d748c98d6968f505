import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { openClone, remoteOf } from "../../src/git/clone.js";
import { analysisAt, openAt, stepsAt } from "../support/analyze.js";
import {
  GIT_ENVIRONMENT,
  gitAt,
  temporaryFolder,
  type WrittenCommit,
  type WrittenHistory,
  writeClone,
} from "../support/clone.js";

vi.setConfig({ testTimeout: 60_000 });

const COMMITS: readonly WrittenCommit[] = [
  { key: "begin", at: "2024-05-01T08:00:00Z", message: "begin" },
  { key: "work", parents: ["begin"], at: "2024-05-02T08:00:00Z", message: "work" },
  {
    ...{ key: "merge", parents: ["begin", "work"], at: "2024-05-02T10:00:00Z" },
    message: "Merge pull request #1 from acme/PROP-1\n\nLog in",
  },
];
const simple = (more: Partial<WrittenHistory> = {}) => writeClone({ commits: COMMITS, branches: { main: "merge" }, ...more });
const found = async (path: string) => (await analysisAt(path)).changes.map(({ number, commits }) => [number, commits]);
const ONE = [[1, 1]];

describe("what is no clone with commits", () => {
  it.each([
    [
      "a folder that is none",
      async () => temporaryFolder(),
      /^expected a git repository at \/.*: git says: not a git repository/,
    ],
    [
      "a path that is not there",
      async () => "/nowhere/at/all",
      /^expected a git repository at \/nowhere\/at\/all: git says: cannot change to/,
    ],
    ["a file", async () => import.meta.filename, /^expected a git repository at /],
  ])("is told of %s", async (_what, path, message) => {
    await expect(openAt(await path())).rejects.toThrow(message);
  });

  it("is told of a repository without commits", async () => {
    const path = await temporaryFolder();
    gitAt(path)("init", "--quiet", "--initial-branch=main");
    await expect(openAt(path)).rejects.toThrow("expected a repository with commits on its branch, got one without any");
    await expect(openAt(path, { branch: "main" })).rejects.toThrow('expected a branch of this clone, got "main"');
  });

  it("is told of a branch that is not there, with the nearest that is", async () => {
    const { path } = await simple();
    await expect(openAt(path, { branch: "mian" })).rejects.toThrow('got "mian"; did you mean "main"?');
    await expect(openAt(path, { branch: "--all" })).rejects.toThrow('expected a branch of this clone, got "--all"');
  });

  it("is told where git is not installed", async () => {
    const { path } = await simple();
    const opened = openClone({ path, branch: null, since: null }, { PATH: "/nowhere" });
    await expect(opened).rejects.toThrow("git cannot be started: expected it to be installed and on the PATH");
  });

  it("is told of a history that is damaged", async () => {
    const { path, sha } = await simple();
    const begin = sha("begin");
    await rm(join(path, ".git/objects", begin.slice(0, 2), begin.slice(2)));
    await expect(found(path)).rejects.toThrow(/^git says: /);
  });
});

describe("a clone of any kind", () => {
  it("is read from a folder within it", async () => {
    const { path } = await simple();
    await mkdir(join(path, "src"));
    expect(await found(join(path, "src"))).toEqual(ONE);
  });

  it("is read where it is bare", async () => {
    const { path } = await simple({ bare: true, branches: { trunk: "merge" } });
    expect(await openAt(path)).toMatchObject({ branch: "trunk", shallow: false });
    expect(await found(path)).toEqual(ONE);
  });

  it("is read where its names are SHA-256", async () => {
    const { path, sha } = await simple({ format: "sha256", tags: [{ name: "v1", of: "merge" }] });
    expect((await openAt(path)).head).toHaveLength(64);
    expect((await analysisAt(path)).changes).toMatchObject([{ mergeCommit: sha("merge"), tag: { name: "v1" } }]);
  });

  it("is read where its head is detached, at the branch that changes usually go to", async () => {
    const { path, git, sha } = await simple();
    git("checkout", "--quiet", "--detach", sha("begin"));
    expect(await openAt(path)).toMatchObject({ branch: "main", head: sha("merge") });
    git("branch", "--quiet", "-D", "main");
    expect(await openAt(path)).toMatchObject({ branch: sha("begin").slice(0, 12), head: sha("begin") });
  });

  it("is not taken at its word where it is shallow: what began before it is not told", async () => {
    const [begin, ...others] = COMMITS;
    const earlier: WrittenCommit = { key: "earlier", parents: ["begin"], at: "2024-05-01T12:00:00Z", message: "earlier work" };
    const commits = [
      begin ?? earlier,
      earlier,
      ...others.map((one) => (one.key === "work" ? { ...one, parents: ["earlier"] } : one)),
    ];
    const { path } = await simple({ commits });
    expect((await analysisAt(path)).changes).toMatchObject([{ number: 1, startedAt: Date.parse(earlier.at), commits: 2 }]);
    for (const depth of [1, 2]) {
      const shallow = await temporaryFolder();
      gitAt(shallow)("clone", "--quiet", `--depth=${depth}`, `file://${path}`, ".");
      const analysis = await analysisAt(shallow);
      expect(analysis.clone.shallow).toBe(true);
      expect(analysis.changes).toMatchObject([{ number: 1, startedAt: null }]);
    }
  });

  it("is read for itself where it is a submodule, and without its submodules", async () => {
    const inner = await simple();
    const outer = await simple();
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.path, "inner");
    outer.git("commit", "--quiet", "--message=Add inner (#2)");
    expect((await found(outer.path)).map(([number]) => number)).toEqual([2, 1]);
    expect(await found(join(outer.path, "inner"))).toEqual(ONE);
  });

  it("is read the same whatever the configuration and the surroundings say", async () => {
    const { path, git } = await simple();
    const other = await simple({ commits: COMMITS.slice(0, 1), branches: { main: "begin" } });
    for (const [key, value] of [
      ...[
        ["log.showSignature", "true"],
        ["log.date", "relative"],
        ["color.ui", "always"],
        ["core.pager", "false"],
      ],
      ...[
        ["i18n.logOutputEncoding", "UTF-16"],
        ["log.decorate", "full"],
        ["format.pretty", "oneline"],
        ["alias.rev-list", "!false"],
      ],
    ] as const) {
      git("config", key, value);
    }
    const environment = { ...GIT_ENVIRONMENT, GIT_DIR: join(other.path, ".git"), GIT_PAGER: "false", GIT_TRACE: "1" };
    const clone = await openClone({ path, branch: null, since: null }, environment);
    const messages: string[] = [];
    for await (const commits of clone.commits("by-date")) messages.push(...commits.map(({ message }) => message));
    expect(messages).toEqual(["Merge pull request #1 from acme/PROP-1\n\nLog in", "work", "begin"]);
  });

  it("asks nobody on the network for what a partial clone lacks", async () => {
    const { path, git } = await simple();
    git("config", "remote.origin.url", "ext::sh -c touch% asked");
    git("config", "protocol.ext.allow", "always");
    git("config", "extensions.partialClone", "origin");
    git("config", "remote.origin.promisor", "true");
    await writeFile(join(path, ".git/refs/heads/main"), `${"1".repeat(40)}\n`);
    const asked = () => existsSync(join(path, "asked"));
    await expect(stepsAt(path, { branch: "main" })).rejects.toThrow('"main" names a commit that this clone does not have');
    expect(asked()).toBe(false);
    expect(() => execFileSync("git", ["cat-file", "-p", "main"], { cwd: path, stdio: "ignore" })).toThrow();
    expect(asked()).toBe(true);
  });
});

describe("the branch that is looked at", () => {
  const two = () => simple({ branches: { feature: "work", develop: "merge" } });

  it("is what origin says, and what was fetched of it, unless there is more here", async () => {
    const { path } = await two();
    const folder = await temporaryFolder();
    const git = gitAt(folder);
    git("clone", "--quiet", "--branch=develop", path, ".");
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop");
    const fetched = git("rev-parse", "origin/develop");
    git("reset", "--quiet", "--hard", "HEAD^");
    expect(await openAt(folder)).toMatchObject({ branch: "develop", head: fetched });
    git("reset", "--quiet", "--hard", "origin/develop");
    git("commit", "--quiet", "--allow-empty", "--message=more");
    expect(await openAt(folder)).toMatchObject({ branch: "develop", head: git("rev-parse", "HEAD") });
  });

  it("is main or master where nothing is said, else the one that is checked out, else the one that is asked for", async () => {
    const { path, git, sha } = await two();
    expect(await openAt(path)).toMatchObject({ branch: "feature", head: sha("work") });
    expect(await openAt(path, { branch: "develop" })).toMatchObject({ branch: "develop", head: sha("merge") });
    git("branch", "master", "develop");
    expect(await openAt(path)).toMatchObject({ branch: "master", head: sha("merge") });
  });
});

describe("tags", () => {
  it("are of the time at which they were made, or else of their commit; what names no commit is none", async () => {
    const { path, git, sha } = await simple({
      tags: [
        { name: "annotated", of: "merge", at: "2024-05-09T00:00:00Z" },
        { name: "light", of: "work" },
      ],
    });
    git("-c", "user.name=A", "-c", "user.email=a@b.c", "tag", "--annotate", "--message=x", "nested", "annotated");
    const blob = execFileSync("git", ["-C", path, "hash-object", "-w", "--stdin"], { input: "x" }).toString().trim();
    git("tag", "blob", blob);
    const { tags } = await openAt(path);
    expect(tags.slice(0, 2)).toEqual([
      { name: "light", sha: sha("work"), at: Date.parse("2024-05-02T08:00:00Z") },
      { name: "annotated", sha: sha("merge"), at: Date.parse("2024-05-09T00:00:00Z") },
    ]);
    expect(tags.slice(2)).toMatchObject([{ name: "nested", sha: sha("merge") }]);
  });
});

describe("an author whose name is no UTF-8", () => {
  it("does not keep the rest from being read", async () => {
    const { path } = await writeClone({
      commits: [
        {
          key: "a",
          at: "2024-05-01T08:00:00Z",
          message: "One (#1)",
          author: Buffer.from("Ren\xe9e <r@example.com>", "latin1"),
        },
      ],
      branches: { main: "a" },
    });
    expect(await found(path)).toEqual(ONE);
  });
});

describe("the name of a clone", () => {
  it.each([
    ["https://github.com/acme/web.git", { host: "github.com", path: "acme/web" }],
    ["https://ann:secret@github.com/acme/web", { host: "github.com", path: "acme/web" }],
    ["git@github.com:acme/web.git", { host: "github.com", path: "acme/web" }],
    ["ssh://git@gitlab.example.com:2222/group/sub/web.git", { host: "gitlab.example.com", path: "group/sub/web" }],
    ["/home/ann/web", undefined],
    ["../web", undefined],
    ["C:/Users/ann/web", undefined],
    ['https://github.com/acme/web"><script>', undefined],
  ])("is read from %s", (url, expected) => {
    expect(remoteOf(url)).toEqual(expected);
  });

  it("never shows what its address says of passwords", async () => {
    const { path, git } = await simple();
    git("remote", "add", "origin", "https://ann:canary@github.com/acme/web.git");
    const { name, url } = await openAt(path);
    expect({ name, url }).toEqual({ name: "acme/web", url: "https://github.com/acme/web" });
  });
});
