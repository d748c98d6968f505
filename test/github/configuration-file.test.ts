import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { checkConfiguration, resolveConfiguration } from "../../src/core/configuration.js";
import { type Event, latest } from "../../src/core/event.js";
import { Unavailable } from "../../src/core/failure.js";
import type { Instant } from "../../src/core/time.js";
import { readBoundedYaml } from "../../src/github/bounded-yaml.js";
import { codeHost } from "../../src/github/history.js";
import { clock, github, keptLog, octokit, web } from "./host.js";
import { RECEIVED } from "./payloads.js";

afterEach(() => nock.cleanAll());

const file = (text: string) => ({
  type: "file",
  encoding: "base64",
  size: text.length,
  sha: "f00",
  content: Buffer.from(text).toString("base64").replace(/.{60}/g, "$&\n"),
});
const missing = { message: "Not Found" };

const OWN = ".github/leadtime.yml";
const answer = (repository: string, body: object, path = OWN) =>
  github()
    .get(`/repos/${repository}/contents/${path}`)
    .reply(body === missing ? 404 : 200, body);

async function read(own: object, organisation: object, of: object = {}) {
  const log = keptLog();
  answer("acme/web", own);
  answer("acme/.github", organisation);
  const events = await codeHost({ octokit, clock, log, check: checkConfiguration, ...of }).configuration(web);
  return { events, lines: log.lines };
}

describe("the configuration", () => {
  test("is read from the repository and from its account's .github", async () => {
    const { events } = await read(file("profile: change\n"), file("bots: [robot]\n"));
    expect(events).toMatchObject([
      {
        id: "github:repo:7:configuration",
        ref: "github:repo:7",
        repository: "github:repo:7",
        at: RECEIVED,
        readAt: RECEIVED,
        type: "configuration.read",
        layer: "repository",
        content: { profile: "change" },
        sha: "f00",
      },
      { id: "github:account:42:configuration", ref: "github:account:42", layer: "organisation", content: { bots: ["robot"] } },
    ]);
  });

  test("that is absent is read as none", async () => {
    const { events } = await read(missing, missing);
    expect(events).toMatchObject([
      { layer: "repository", content: null, sha: null },
      { layer: "organisation", content: null, sha: null },
    ]);
  });

  test.each([
    ["has an unknown key", file("profil: s3cret\n"), "profil"],
    ["is no YAML", file("a: [s3cret\n"), "line 2, column 1"],
    ["is a folder", [{ type: "file", name: "s3cret" }], ""],
    ["is a link to elsewhere", { type: "symlink", target: "/etc/s3cret" }, ""],
  ])("that %s gives no event, and says where it is wrong", async (_, body, path) => {
    const { events, lines } = await read(body, missing);
    expect(events).toMatchObject([{ layer: "organisation" }]);
    expect(lines).toMatchObject([{ fields: { ref: "github:repo:7", layer: "repository", message: expect.any(String) } }]);
    expect(lines[0]?.fields).toHaveProperty("path", expect.stringContaining(path));
    expect(JSON.stringify(lines)).not.toContain("s3cret");
  });

  test("says the line and column of every mistake, from top to bottom", async () => {
    const { lines } = await read(file("comment:\n  ratngs: true\nprofile: [x]\nbots: 1\n"), missing);
    expect(lines.map(({ fields }) => fields)).toMatchObject([
      { line: 2, column: 3, path: "comment.ratngs" },
      { line: 3, column: 10, path: "profile" },
      { line: 4, column: 7, path: "bots" },
    ]);
  });

  test("of the repository .github is the organisation's, and it has none of its own", async () => {
    answer("acme/.github", file("orgUnits: { web: { repositories: [acme/web] } }\n"));
    const log = keptLog();
    const host = codeHost({ octokit, clock, log, check: checkConfiguration });
    expect(await host.configuration({ ...web, name: "acme/.github" })).toMatchObject([
      { layer: "repository", content: null },
      { layer: "organisation", content: { orgUnits: { web: {} } } },
    ]);
    expect(log.lines).toEqual([]);
  });

  test("of the organisation that was read first is the older one, whoever is through first", async () => {
    let now = RECEIVED;
    const ticking = { now: () => now++ as Instant };
    const host = codeHost({ octokit, clock: ticking, log: keptLog(), check: checkConfiguration });
    answer("acme/.github", file("bots: [older]\n"));
    answer("acme/.github", file("bots: [newer]\n"));
    let overtaking: readonly Event[] = [];
    github()
      .get(`/repos/acme/web/contents/${OWN}`)
      .reply(async () => {
        answer("acme/web", missing);
        overtaking = await host.configuration(web);
        return [404, missing];
      });
    const overtaken = await host.configuration(web);
    const all = [...overtaking, ...overtaken].filter((event) => "layer" in event && event.layer === "organisation");
    expect(all).toHaveLength(2);
    expect(latest(all, "configuration.read")).toMatchObject({ content: { bots: ["newer"] } });
  });

  test("of a repository may name what the files below define, once the operator's is known", async () => {
    const organisation = file("profiles: { theirs: { extends: change } }\n");
    const known = { deployment: { profiles: { ours: { extends: "change" } } } };
    for (const name of ["theirs", "ours", "change"]) {
      expect((await read(file(`profile: ${name}\n`), organisation, known)).events).toHaveLength(2);
    }
    const { events, lines } = await read(file("profile: thiers\n"), organisation, known);
    expect(events).toMatchObject([{ layer: "organisation" }]);
    expect(lines).toMatchObject([
      { fields: { line: 1, column: 10, message: expect.stringContaining('did you mean "theirs"?') } },
    ]);
    expect((await read(file("profile: thiers\n"), organisation)).events).toHaveLength(2);
    expect((await read(file("profile: thiers\n"), file("bots: 1\n"), known)).events).toMatchObject([{ layer: "repository" }]);
  });
});

describe("a file that extends others", () => {
  const visible = (repository: string, visibility: "public" | "internal" | "private") =>
    github()
      .get(`/repos/${repository}`)
      .reply(200, { private: visibility !== "public", visibility });
  const told = ({ lines }: Awaited<ReturnType<typeof read>>) => lines.map(({ fields }) => fields);
  const NOT_READABLE = "a file of this repository, of a public one, or of the account's .github where no fewer may read that";

  test("is kept with what they say, the lowest first", async () => {
    visible("acme/settings", "public");
    answer("acme/settings", file("bots: [a]\n_extends: other/base:.github/x.yml\n"));
    visible("other/base", "public");
    answer("other/base", file("profile: change\n"), ".github/x.yml");
    answer("acme/web", file("bots: [b]\n"), "more.yml");
    const { events } = await read(file("_extends: [settings, 'acme/web:more.yml']\ncomment: { tickets: key }\n"), missing);
    const [event] = events;
    const content = event?.type === "configuration.read" ? event.content : undefined;
    expect(content).toEqual({
      _extends: [{ bots: ["a"], _extends: [{ profile: "change" }] }, { bots: ["b"] }],
      comment: { tickets: "key" },
    });
    expect(resolveConfiguration({ repository: content }, "acme/web")).toMatchObject({
      bots: ["b"],
      profile: "change",
      comment: { tickets: "key" },
    });
  });

  test("names what they define", async () => {
    visible("acme/settings", "public");
    answer("acme/settings", file("profiles: { shared: { extends: change } }\n"));
    const { events } = await read(file("_extends: settings\nprofile: shared\n"), missing, { deployment: null });
    expect(events).toHaveLength(2);
  });

  test("has the organisation's below it anyway", async () => {
    const { events } = await read(file("_extends: .github\nprofile: change\n"), file("bots: [a]\n"));
    expect(events).toMatchObject([{ content: { _extends: ".github", profile: "change" } }, { content: { bots: ["a"] } }]);
  });

  test.each([
    ["settings", "public", "public", true],
    ["settings", "private", "public", false],
    ["settings", "internal", "public", false],
    ["settings", "private", "internal", false],
    // Two private repositories have readers of their own, and an internal one has some from outside.
    ["settings", "internal", "private", false],
    ["settings", "internal", "internal", false],
    ["settings", "private", "private", false],
    [".github", "public", "public", true],
    [".github", "private", "private", true],
    [".github", "internal", "private", true],
    [".github", "private", "internal", false],
    [".github", "private", "public", false],
    [".github", "internal", "public", false],
  ] as const)("that are in %s, which is %s, in a repository that is %s: %s", async (repo, theirs, own, allowed) => {
    visible(`acme/${repo}`, theirs);
    if (theirs !== "public" && repo === ".github") visible("acme/web", own);
    if (allowed) answer(`acme/${repo}`, file("bots: [a]\n"), "more.yml");
    const { events, lines } = await read(file(`_extends: ${repo}:more.yml\n`), missing);
    expect(events.map((event) => "layer" in event && event.layer)).toEqual([
      ...(allowed ? ["repository"] : []),
      "organisation",
    ]);
    expect(lines).toHaveLength(allowed ? 0 : 1);
    expect(nock.isDone()).toBe(true);
  });

  test("may not be in the .github of another account, unless that is public", async () => {
    visible("other/.github", "private");
    expect(told(await read(file("_extends: other/.github\n"), missing))).toHaveLength(1);
    expect(nock.isDone()).toBe(true);
  });

  test("is not good where one is missing, or not for us, or for others, and it is the same sentence", async () => {
    const nowhere = {
      line: 1,
      column: 11,
      message: `expected ${NOT_READABLE}, found none at acme/settings:.github/leadtime.yml`,
    };
    github().get("/repos/acme/settings").reply(404, missing);
    expect(told(await read(file("_extends: settings\n"), missing))).toMatchObject([nowhere]);
    visible("acme/settings", "public");
    answer("acme/settings", missing);
    expect(told(await read(file("_extends: settings\n"), missing))).toMatchObject([nowhere]);
    visible("acme/settings", "private");
    expect(told(await read(file("_extends: settings\n"), missing))).toMatchObject([nowhere]);
  });

  test("is not good where one is wrong, and does not tell what stands in that", async () => {
    visible("acme/settings", "public");
    answer("acme/settings", file("s3cret: s3cret\n"));
    const wrong = await read(file("_extends:\n  - settings\n"), missing);
    expect(told(wrong)).toMatchObject([
      { line: 2, column: 5, message: "expected a good file, found one with mistakes: acme/settings:.github/leadtime.yml" },
    ]);
    expect(JSON.stringify(wrong)).not.toContain("s3cret");
  });

  test("in a circle is not good, nor in a row without end", async () => {
    visible("acme/settings", "public");
    answer("acme/settings", file("_extends: web\n"));
    const [circle] = told(await read(file("_extends: settings\n"), missing));
    expect(circle).toMatchObject({
      message: "expected a good file, found one with mistakes: acme/settings:.github/leadtime.yml",
    });
    const [itself] = told(await read(file("_extends: web\n"), missing));
    expect(itself).toMatchObject({
      message: expect.stringContaining("circle, found acme/web:.github/leadtime.yml → acme/web:"),
    });
    for (const n of [1, 2, 3, 4]) {
      visible(`acme/s${n}`, "public");
      answer(`acme/s${n}`, file(`_extends: s${n + 1}\n`));
    }
    expect(told(await read(file("_extends: s1\n"), missing))).toHaveLength(1);
    expect(nock.isDone()).toBe(true);
  });

  test.each(["", "# Nothing is decided here yet.\n"])(
    "says what it says itself although they say nothing: %j",
    async (nothing) => {
      for (const name of ["one", "two"]) {
        visible(`acme/${name}`, "public");
        answer(`acme/${name}`, file(nothing));
      }
      const { events } = await read(file("_extends: [one, two]\nbots: [b]\n"), missing);
      const [event] = events;
      const content = event?.type === "configuration.read" ? event.content : undefined;
      expect(content).toEqual({ _extends: [{}, {}], bots: ["b"] });
      expect(resolveConfiguration({ repository: content }, "acme/web")).toMatchObject({ bots: ["b"] });
    },
  );

  /** Files without end: what each extends, by the name of its repository. How often GitHub was asked is counted. */
  function manyFiles(extendedBy: (name: string) => string): { asked: number } {
    const count = { asked: 0 };
    const counted = (answered: (name: string) => object) => (path: string) => {
      count.asked++;
      return [200, answered(path.split("/")[3] ?? "")] as const;
    };
    github()
      .persist()
      .get(/^\/repos\/acme\/s\w*$/)
      .reply(counted(() => ({ private: false, visibility: "public" })));
    github()
      .persist()
      .get(/^\/repos\/acme\/s\w*\/contents/)
      .reply(counted((name) => file(`_extends: ${extendedBy(name)}\n`)));
    return count;
  }

  test("extends ten in all: one more is not read", async () => {
    const count = manyFiles((name) =>
      name.length < 3 ? `[${[..."abc"].map((letter) => name + letter).join(", ")}]` : ".github",
    );
    const [tooMany, ...others] = told(await read(file("_extends:\n  - s1\n  - s2\n  - s3\n  - s4\n"), missing));
    expect(tooMany).toMatchObject({
      ...{ line: 4, column: 5, path: "_extends[2]" },
      message: "expected at most 10 files in all, extended by this one and by those that it extends, found more",
    });
    expect(others).toEqual([]);
    expect(count.asked).toBe(20);
  });

  test("extends ten in all", async () => {
    manyFiles((name) => (name.length < 3 ? `[${[..."abcd"].map((letter) => name + letter).join(", ")}]` : ".github"));
    expect((await read(file("_extends: [s1, s2]\n"), missing)).lines).toEqual([]);
  });

  test("reads one that is extended on several ways once", async () => {
    visible("acme/one", "public");
    answer("acme/one", file("bots: [a]\n"));
    visible("acme/two", "public");
    answer("acme/two", file("_extends: [one, acme/One]\n"));
    const { events } = await read(file("_extends: [one, two]\n"), missing);
    expect(events).toMatchObject([{ content: { _extends: [{ bots: ["a"] }, {}] } }, { layer: "organisation" }]);
    expect(nock.isDone()).toBe(true);
  });

  test("is no matter of the file when GitHub does not answer", async () => {
    github().get("/repos/acme/settings").reply(502, {});
    await expect(read(file("_extends: settings\n"), missing)).rejects.toThrow(Unavailable);
  });
});

describe("YAML that anybody may have written", () => {
  const problemsOf = (text: string) => readBoundedYaml(new TextEncoder().encode(text)).problems;
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    "b: &b [*a, *a, *a, *a, *a, *a, *a, *a]",
    "c: [*b, *b, *b, *b, *b, *b, *b]",
  ];

  test.each([
    ["above 64 KiB", "#".repeat(65_537)],
    ["that unfolds without end", bomb.join("\n")],
    ["that is deeper than the stack", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
    ["that is deep by dashes", "- ".repeat(30_000)],
    ["that is deep by indentation", Array.from({ length: 300 }, (_, index) => `${" ".repeat(index)}a:\n`).join("")],
    ["that is made of errors", `[${",".repeat(60_000)}]`],
    ["with a duplicate key", "profile: a\nprofile: b\n"],
    ["of several documents", "a: 1\n---\nb: 2\n---\n"],
  ])("%s is refused with one problem", (_, text) => {
    expect(problemsOf(text)).toHaveLength(1);
  });

  test("may be empty, and then says nothing", () => {
    expect(readBoundedYaml(new Uint8Array())).toMatchObject({ content: null, problems: [] });
  });

  test("cannot reach an object's prototype", () => {
    const { content } = readBoundedYaml(new TextEncoder().encode("__proto__: { admin: true }\n"));
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype);
    expect(checkConfiguration(content)).toHaveLength(1);
  });
});
