import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { checkFile, namesKnown } from "../src/cli-config.js";
import type { EventOf } from "../src/core/event.js";
import { repositoryRef, SHARED, siteRef } from "../src/core/ref.js";
import { instant } from "../src/core/time.js";
import { openStore } from "../src/store/open.js";
import { BROKEN, ORGANISATION } from "./github/broken-files.js";
import { ACME, account, ticket } from "./store/builders.js";
import { silent } from "./store/databases.js";
import { emptyFolder, runCommand, type Variables } from "./support/command.js";

// A process takes seconds to start where many tests share two processors.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(async () => {
  folder = await emptyFolder();
});

async function file(path: string, text: string): Promise<string> {
  const whole = join(folder, path);
  await mkdir(dirname(whole), { recursive: true });
  await writeFile(whole, text);
  return whole;
}
const check = (parameters: readonly string[], variables?: Variables) =>
  runCommand(folder, ["config", "check", ...parameters], variables);
const options = { layer: "repository", jira: false, seen: {}, json: false } as const;

describe("leadtime config check", () => {
  it("says what a good file means, and ends with 0", async () => {
    await file(".github/leadtime.yml", "profile: own\nprofiles: { own: { extends: change, without: [Merge] } }\n");
    const { code, out, err } = await check([]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^Good: this repository is measured under own\n\nThis repository is measured under the profile `own`\./,
    );
    expect(out).toContain("| 1 | Pull request opened | a pull request is opened | 8h / 1d |");
  });

  it("says each mistake where it stands, and ends with 1", async () => {
    await file("x.yml", "bots: 1\ncomment:\n  ratngs: true\n");
    const { code, out } = await check(["x.yml"]);
    expect(code).toBe(1);
    expect(out.trim().split("\n")).toEqual([
      "x.yml:1:7: bots: expected a list, found 1",
      expect.stringMatching(/^x\.yml:3:3: comment\.ratngs: unknown key: .*; did you mean "ratings"\?$/),
    ]);
  });

  it("says it for machines", async () => {
    await file("x.yml", "bots: 1\n");
    const { code, out } = await check(["x.yml", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ...{ file: "x.yml", good: false, title: "1 mistake", warnings: [] },
      problems: [{ line: 1, column: 7, endColumn: 8, path: "bots", expected: "a list", found: "1", nearest: null }],
    });
  });

  it("says in one line that there is no file, or none that can be read, and ends with 1", async () => {
    const missing = await check([]);
    expect([missing.code, missing.out]).toEqual([1, ""]);
    expect(missing.lines).toEqual([
      "leadtime: expected a configuration file at .github/leadtime.yml, but none is there: name another one",
    ]);
    expect((await check(["."])).lines).toEqual([
      "leadtime: expected a configuration file at ., but it cannot be read: name another one",
    ]);
  });

  it("knows whose file it is", async () => {
    await file("x.yml", "orgUnits: { pay: { projects: [PAY], profile: change } }\n");
    expect((await check(["x.yml"])).out).toContain("x.yml:1:1: orgUnits: expected orgUnits only in the organisation's file");
    expect((await check(["x.yml", "--layer", "organisation"])).code).toBe(0);
    expect((await check(["x.yml", "--layer", "somebody"])).code).toBe(2);
  });

  it("knows what the files below define, when it is given them", async () => {
    const path = await file("x.yml", "profile: ours\n");
    const deployment = await file("operator.yml", "profiles: { ours: { extends: change } }\n");
    const organisation = await file("org.yml", "profiles: { ours: { extends: ours } }\n");
    expect(checkFile(path, options).good).toBe(false);
    expect(checkFile(path, { ...options, deployment })).toMatchObject({ good: true });
    expect((await check(["x.yml", "--organisation", "org.yml"], { LEADTIME_CONFIG: deployment })).code).toBe(0);
    expect(() => checkFile(path, { ...options, organisation })).toThrow(/^the file below is not good: .*org\.yml:1:/);
  });

  it("trusts names where the file extends others, which it does not read, and says so", async () => {
    const path = await file("x.yml", "_extends: settings\nprofile: theirs\n");
    const { good, text } = checkFile(path, options);
    expect(good).toBe(true);
    expect(text).toContain("The files that it extends are not read here");
    expect(text).toContain("Profile theirs is not defined here");
  });

  it("hides nothing in a name that a terminal would obey", async () => {
    const path = await file("x.yml", '"a\\e[31mb": 1\n');
    expect(checkFile(path, options).text).not.toContain("\u001b");
  });

  it("says of each broken file the message that its check run has", async () => {
    const organisation = await file("org.yml", JSON.stringify(ORGANISATION));
    for (const [name, place, , message, layer = "repository"] of BROKEN) {
      const path = fileURLToPath(new URL(`github/broken/${name}.yml`, import.meta.url));
      const below = layer === "repository" ? { organisation } : {};
      const { good, text } = checkFile(path, { ...options, ...below, layer });
      expect(good, name).toBe(false);
      const sentence = message.replace(/^(line \d+, column \d+)?: /, "");
      expect(text, name).toBe(`${path}:${place}: ${sentence}`);
    }
  });
});

describe("with a database", () => {
  it("warns of names that never came up in the one account, or in the one that is named", async () => {
    const url = `sqlite:${join(folder, "leadtime.db")}`;
    const store = await openStore(url, { log: silent });
    const projects: EventOf<"site.projects"> = {
      ...{ id: "jira:site:projects", ref: siteRef, at: instant(1), precision: "exact", reader: 1 },
      ...{ type: "site.projects", keys: ["PROP"] },
    };
    await store.transaction(async (tx) => {
      await tx.append(ACME, [account(10)]);
      await tx.append(SHARED, [ticket(1), projects]);
    });
    const ref = repositoryRef(7);
    const repository: EventOf<"repository.described"> = {
      ...{ id: `${ref}:described`, ref, at: instant(1), precision: "exact", reader: 1 },
      ...{ type: "repository.described", name: "acme/web", visibility: "private", defaultBranch: "main" },
      ...{ archived: false, deleted: false },
    };
    await store.transaction((tx) => tx.append(ACME, [repository]));
    await store.close();
    expect(await namesKnown(url, undefined)).toMatchObject({ repositories: ["acme/web"] });
    expect(await namesKnown(url, "ACME")).toMatchObject({ repositories: ["acme/web"] });
    expect(await namesKnown(url, "stranger")).toEqual({});
    expect(await namesKnown(url, undefined)).toHaveProperty("projects");
    expect(await namesKnown(url, undefined, ["Acme"])).toHaveProperty("projects");
    expect(await namesKnown(url, undefined, ["another"])).not.toHaveProperty("projects");
    await file("x.yml", "orgUnits: { web: { repositories: [acme/wbe] } }\n");
    const { code, out } = await check(["x.yml", "--layer", "organisation"], { DATABASE_URL: url });
    expect(code).toBe(0);
    expect(out).toMatch(/^x\.yml:1:\d+: warning: .*expected a repository that was seen.*did you mean "acme\/web"\?/);
  });

  it("that is not there compares none, and makes none", async () => {
    expect(await namesKnown(`sqlite:${join(folder, "none.db")}`, undefined)).toEqual({});
  });
});
