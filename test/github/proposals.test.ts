import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { checkConfiguration } from "../../src/core/configuration.js";
import { Unavailable } from "../../src/core/failure.js";
import { proposals } from "../../src/github/proposals.js";
import { clock, github, keptLog, octokit, web } from "./host.js";

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  expect(pending).toEqual([]);
});

const PATH = ".github/leadtime.yml";
const host = () => proposals({ octokit, clock, log: keptLog(), check: checkConfiguration, deployment: null });
const branch = { base: "main", head: "a".repeat(40) };
const touched = () => host().touched(web, 3, branch);
const files = (names: readonly string[], over: object = {}) =>
  github()
    .get("/repos/acme/web/pulls/3/files")
    .query({ per_page: 30 })
    .reply(
      200,
      names.map((filename) => ({ filename, status: "modified", ...over })),
    );
const content = (ref: string, text: string | null) =>
  github()
    .get(`/repos/acme/web/contents/${PATH}`)
    .query({ ref })
    .reply(text === null ? 404 : 200, {
      ...{ type: "file", encoding: "base64", sha: `sha of ${text}` },
      content: Buffer.from(text ?? "").toString("base64"),
    });
const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, "0")}`);

describe("a pull request touches the configuration", () => {
  test("when it is among its files, or was before it was renamed", async () => {
    files(["a.md", PATH]);
    expect(await touched()).toBe(true);
    files(["elsewhere.yml"], { previous_filename: PATH });
    expect(await touched()).toBe(true);
  });

  test("not when all its files are others", async () => {
    files(["a.md", ".github/other.yml", "x/.github/leadtime.yml"]);
    expect(await touched()).toBe(false);
  });

  test("not when the first of very many are behind it", async () => {
    files([...many(10, ".changeset/"), ...many(20, "src/")]);
    expect(await touched()).toBe(false);
  });

  test.each([
    ["are all before it", many(30, ".changeset/")],
    ["are in no order", [...many(29, "src/"), "a.md"]],
  ])("as the file tells when the first of very many %s", async (_, names) => {
    for (const [before, after, expected] of [
      ["x", "y", true],
      ["x", "x", false],
      [null, "x", true],
      ["x", null, true],
      [null, null, false],
    ] as const) {
      files(names);
      content("main", before);
      content(branch.head, after);
      expect(await touched(), `${before} ${after}`).toBe(expected);
    }
  });

  test("is no answer when GitHub gives none", async () => {
    github().get("/repos/acme/web/pulls/3/files").query(true).reply(502, {});
    await expect(touched()).rejects.toThrow(Unavailable);
  });
});

describe("a proposed file", () => {
  const place = { layer: "repository", organisation: { profiles: { theirs: { extends: "change" } } } } as const;
  const read = (text: string | null, over: object = {}) => {
    content("f00", text);
    return host().read(web, "f00", { ...place, public: false, ...over });
  };

  test("is read as the commit has it, over the organisation's", async () => {
    expect(await read("profile: theirs\n")).toMatchObject({ there: true, content: { profile: "theirs" }, problems: [] });
    expect(await read("profile: thiers\n")).toMatchObject({
      ...{ there: true, content: null },
      problems: [{ line: 1, column: 10, message: expect.stringContaining('did you mean "theirs"?') }],
    });
    expect(await read(null)).toMatchObject({ there: false, content: null, problems: [] });
  });

  test("that everybody reads is told in no words of the organisation's", async () => {
    const { problems } = await read("profile: thiers\n", { public: true });
    expect(problems).toMatchObject([{ line: 1, column: 10 }]);
    expect(JSON.stringify(problems)).not.toContain("theirs");
    const edit = "profiles: { own: { extends: theirs, without: [Mrge] } }\n";
    expect((await read(edit)).problems).toMatchObject([{ message: expect.stringContaining('did you mean "Merge"?') }]);
    const [problem, ...others] = (await read(edit, { public: true })).problems;
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ column: 47, message: "expected what fits the organisation's file, found what does not" });
    expect((await read("profile: theirs\n", { public: true })).problems).toEqual([]);
  });
});
