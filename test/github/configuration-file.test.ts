import nock from "nock";
import { afterEach, describe, expect, test } from "vitest";
import { checkConfiguration } from "../../src/core/configuration.js";
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

async function read(own: object, organisation: object) {
  const log = keptLog();
  const answer = (path: string, body: object) =>
    github()
      .get(`/repos/acme/${path}/contents/.github/leadtime.yml`)
      .reply(body === missing ? 404 : 200, body);
  answer("web", own);
  answer(".github", organisation);
  const events = await codeHost({ octokit, clock, log, check: checkConfiguration }).configuration(web);
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
    expect(readBoundedYaml(new Uint8Array())).toEqual({ content: null, problems: [] });
  });

  test("cannot reach an object's prototype", () => {
    const { content } = readBoundedYaml(new TextEncoder().encode("__proto__: { admin: true }\n"));
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype);
    expect(checkConfiguration(content)).toHaveLength(1);
  });
});
